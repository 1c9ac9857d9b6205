// SPDX-License-Identifier: Apache-2.0
/*
 * Signing at a worker: the private operation, and all that is not delegated. The message is hashed
 * here, the worker is asked, and what it answers is checked under the known public half before the
 * caller gets it. An inner verify context holds the caller's parameters: the default provider
 * checks them and makes the AlgorithmIdentifier of them.
 *
 * A PSS salt is as long as the digest, because a worker makes it so: where the caller leaves the
 * length open it becomes that, and another one is refused.
 */
#ifndef SS_SIGNING_H
#define SS_SIGNING_H

#include "key.h"

struct ss_signing;

/*
 * Over a digest that the caller has made, or, `over_message`, over a message that is hashed here
 * with the digest `md_name` (NULL: the key's default; types that are not hashed for must have
 * none). Holds a reference to the key. No network. NULL with an error; one whose reason is
 * SS_R_NONE means that libcrypto has said why.
 */
struct ss_signing *ss_signing_new(struct ss_key *key, bool over_message, const char *md_name,
                                  const OSSL_PARAM *params, struct ss_error *error);
void ss_signing_free(struct ss_signing *signing);
struct ss_signing *ss_signing_dup(const struct ss_signing *signing);

/* NULL where none was named. Borrowed. */
const struct ss_digest *ss_signing_get0_digest(const struct ss_signing *signing);

/* Refuses what the worker cannot do. */
bool ss_signing_set_params(struct ss_signing *signing, const OSSL_PARAM *params,
                           struct ss_error *error);

/* The inner context that parameters are read from. Borrowed. */
EVP_PKEY_CTX *ss_signing_get0_parameters(const struct ss_signing *signing);

/* The running hash of a message; NULL: there is none. Borrowed. */
EVP_MD_CTX *ss_signing_get0_hash(const struct ss_signing *signing);

/* A further piece of the message. */
bool ss_signing_update(struct ss_signing *signing, const unsigned char *data, size_t length,
                       struct ss_error *error);

/* Whether `length` bytes may follow the `before` of a message that the caller collects to have it
 * signed by ss_signing_sign_message. */
bool ss_signing_may_add(const struct ss_signing *signing, size_t before, size_t length,
                        struct ss_error *error);

/*
 * Signs what was given by ss_signing_update, or the digest, or the whole message of a type that is
 * not hashed for. `signature` NULL asks for the largest length, without network; otherwise it has
 * room for `size` bytes.
 */
bool ss_signing_finish(struct ss_signing *signing, unsigned char *signature, size_t *length,
                       size_t size, struct ss_error *error);
bool ss_signing_sign(const struct ss_signing *signing, unsigned char *signature, size_t *length,
                     size_t size, const unsigned char *data, size_t data_length,
                     struct ss_error *error);

/* Signs a whole message of any type. It leaves no trace in the running hash, so that a caller may
 * try again, or sign another message. */
bool ss_signing_sign_message(const struct ss_signing *signing, unsigned char *signature,
                             size_t *length, size_t size, const unsigned char *data,
                             size_t data_length, struct ss_error *error);

#endif
