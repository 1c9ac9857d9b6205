// SPDX-License-Identifier: Apache-2.0
/*
 * How a worker signs: what it wants to be sent and what it makes of it. No server announces that;
 * it is recognised by the way in which a signature verifies.
 */
#ifndef SS_SCHEME_H
#define SS_SCHEME_H

#include "digests.h"
#include "error.h"
#include "worker.h"
#include <openssl/evp.h>

/* What a worker wants to be sent. */
enum ss_input {
    SS_INPUT_UNKNOWN,     /* pinned, never asked: a digest is tried first */
    SS_INPUT_DIGEST,      /* the digest, named */
    SS_INPUT_MESSAGE,     /* the message: the worker hashes */
    SS_INPUT_DIGEST_INFO, /* RSA, no client-side hashing: the DigestInfo as data */
    SS_INPUT_RAW_DIGEST,  /* ECDSA, no client-side hashing: the digest as data */
};

enum ss_padding {
    SS_PADDING_UNKNOWN,
    SS_PADDING_NONE, /* not RSA */
    SS_PADDING_PKCS1,
    SS_PADDING_PSS, /* salt as long as the digest, MGF1 with the same digest */
};

struct ss_scheme {
    enum ss_input input;
    enum ss_padding padding;
    const struct ss_digest *digest; /* of a worker that hashes for itself; NULL otherwise */
};

/* What is known of a public key's worker before it signed anything. */
struct ss_scheme ss_scheme_unknown(EVP_PKEY *public_half);

/* Whether keys of this type are hashed for (RSA, EC), or sign the message as it is (EdDSA). */
bool ss_scheme_takes_digest(EVP_PKEY *public_half);

/* Whether an RSA signature has a padding. */
bool ss_scheme_is_rsa(EVP_PKEY *public_half);

/* What was sent to a worker, and what came back. */
struct ss_exchange {
    const struct ss_digest *digest; /* `data` is this digest; NULL: `data` is a message */
    const unsigned char *data;
    size_t data_length;
    const unsigned char *signature;
    size_t signature_length;
};

/* Recognises the scheme that explains an exchange; false: the signature is of no kind that we know,
 * or of another key. Leaves nothing in OpenSSL's error queue. */
bool ss_scheme_identify(struct ss_scheme *scheme, EVP_PKEY *public_half, OSSL_LIB_CTX *inner,
                        const struct ss_exchange *exchange);

/*
 * Asks the worker to sign a random probe. `digests_are_refused`: it is known to take none.
 * `public_half` NULL: it is taken from the certificate in the answer, which is believed only
 * because the probe's signature verifies under it; that certificate goes to the caller (NULL, where
 * there is none). Usually one request, see provider-signserver(7) for the worker properties that
 * need more.
 */
bool ss_scheme_probe(struct ss_scheme *scheme, X509 **certificate, struct ss_worker *worker,
                     EVP_PKEY *public_half, bool digests_are_refused, OSSL_LIB_CTX *inner,
                     struct ss_error *error);

#endif
