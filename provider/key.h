// SPDX-License-Identifier: Apache-2.0
/*
 * A key as libcrypto sees it through us. Either remote: the public half as an EVP_PKEY of the inner
 * library context, and a worker that signs; or local: an EVP_PKEY held whole, because we were asked
 * to import or to generate one. Reference counted. A remote key never changes once it is handed
 * out, but for one thing: how its worker signs may be learnt later (ss_key_learn).
 */
#ifndef SS_KEY_H
#define SS_KEY_H

#include "context.h"
#include "scheme.h"
#include "types.h"
#include "uri.h"
#include "worker.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

struct ss_key;

/* Whether keys can be opened at all. A wrong setting shows itself here, with the first key, because
 * libcrypto would hide it when the provider is loaded. */
bool ss_key_may_open(const struct ss_context *context, struct ss_error *error);

/*
 * The key that a URI names: from the pin (no request), from the keys known already, or from one
 * probe that the worker signs. `public_half` is what came with the URI, and pins it too; NULL:
 * nothing did. A new reference, or NULL with an error. Thread-safe: two threads that open the same
 * key may both probe.
 */
struct ss_key *ss_key_open(struct ss_context *context, const struct ss_uri *uri,
                           EVP_PKEY *public_half, struct ss_error *error);

/* The same remote key for another EVP_PKEY: with a public half of its own, so that the way in which
 * it is written can be chosen for one and not for the other. NULL when memory is short. */
struct ss_key *ss_key_new_view(struct ss_key *key);

/* Frees the list of known keys, at teardown. */
void ss_key_forget_all(struct ss_context *context);

/* A local key, empty until ss_key_take_local gives it its EVP_PKEY (the one it held is freed). NULL
 * when memory is short. */
struct ss_key *ss_key_new_local(struct ss_context *context, const struct ss_type *type);
void ss_key_take_local(struct ss_key *key, EVP_PKEY *whole);

void ss_key_up_ref(struct ss_key *key);
void ss_key_free(struct ss_key *key);

bool ss_key_is_remote(const struct ss_key *key);
/* Public half or whole key; NULL: still empty, or no key at all. Borrowed. */
EVP_PKEY *ss_key_get0_inner(const struct ss_key *key);
X509 *ss_key_get0_certificate(const struct ss_key *key); /* NULL when none is known. Borrowed */
struct ss_context *ss_key_get0_context(const struct ss_key *key);
const struct ss_type *ss_key_get0_type(const struct ss_key *key);
/* NULL for a local key; borrowed. */
struct ss_worker *ss_key_get0_worker(const struct ss_key *key);

/*
 * Hands a key, whose reference it takes, to libcrypto's callback: as an object that the load
 * function of our key manager takes over. What the callback returned.
 */
int ss_key_give(struct ss_key *key, OSSL_CALLBACK *callback, void *argument);

struct ss_scheme ss_key_get_scheme(const struct ss_key *key);
/* Remembers how the worker signs. Thread-safe. */
void ss_key_learn(struct ss_key *key, const struct ss_scheme *scheme);

#endif
