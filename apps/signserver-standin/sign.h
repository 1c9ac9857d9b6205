// SPDX-License-Identifier: Apache-2.0
/* What PlainSigner's SIGNATUREALGORITHM and digest names mean, and the signing itself. */
#ifndef STANDIN_SIGN_H
#define STANDIN_SIGN_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- Digests, by the names that a request or a worker may use ---- */

struct digest {
    const char *name;      /* as the server finds it; case matters */
    const char *canonical; /* the same for SHA-256 and SHA256; libcrypto's name */
    size_t bytes;          /* 0: found, but unknown to the check of the length */
};

/* NULL when the server does not find the name. A dotted OID is found; its canonical name is NULL.
 */
const struct digest *digest_find(const char *name, size_t length);

/* ---- Signature algorithms ---- */

enum padding { PADDING_PKCS1, PADDING_PSS, PADDING_ECDSA, PADDING_PURE };

struct scheme {
    enum padding padding;
    const char *digest;   /* libcrypto's name of what the worker hashes with; NULL: NONEwith... */
    const char *key_type; /* libcrypto's name of the key's type */
};

/* False when the name is none that the server knows. NULL asks for the default of the key's type.
 */
bool scheme_find(struct scheme *scheme, const char *algorithm, const EVP_PKEY *key);

/* Whether keys of this type sign so. An RSA-PSS key is an RSA key that signs nothing else. */
bool scheme_takes_key(const struct scheme *scheme, const EVP_PKEY *key);

/* Whether this worker signs what it is given, without a hash of its own. */
bool scheme_is_bare(const struct scheme *scheme);

/* ---- Signing ---- */

enum signing_result {
    SIGNING_DONE,
    SIGNING_NOT_INITIALISED, /* key, algorithm and input do not fit together */
    SIGNING_CRASHED,         /* what the real server has no words for */
};

/*
 * Signs with `key`, which is of scheme->key_type. `digest` names what the client hashed with; NULL
 * says that `data` is no digest. `*signature` is for free().
 */
enum signing_result sign(unsigned char **signature, size_t *signature_length,
                         const struct scheme *scheme, EVP_PKEY *key, const struct digest *digest,
                         const unsigned char *data, size_t length);

#endif
