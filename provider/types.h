// SPDX-License-Identifier: Apache-2.0
/*
 * The types of keys that a worker may hold. One key manager and one signature serve them all, so
 * that a new type is a new row. Names are libcrypto's own, with aliases and OIDs: TLS, CMS and
 * X.509 choose their code by them.
 */
#ifndef SS_TYPES_H
#define SS_TYPES_H

#include <openssl/evp.h>

/* ROW(identifier, and the members of struct ss_type) */
#define SS_TYPES(ROW)                                                                              \
    ROW(RSA, "RSA", "RSA:rsaEncryption:1.2.840.113549.1.1.1", "RSA", NULL, rsa_parameters)         \
    ROW(RSA_PSS, "RSA-PSS", "RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", "RSA", NULL,               \
        rsa_parameters)                                                                            \
    ROW(EC, "EC", "EC:id-ecPublicKey:1.2.840.10045.2.1", "ECDSA", "ECDH", ec_parameters)           \
    ROW(ED25519, "ED25519", "ED25519:1.3.101.112", "ED25519", NULL, raw_parameters)                \
    ROW(ED448, "ED448", "ED448:1.3.101.113", "ED448", NULL, raw_parameters)

struct ss_type {
    const char *name;
    const char *names;            /* with aliases, as libcrypto registers them */
    const char *signature;        /* name of its signature algorithm */
    const char *exchange;         /* name of its key exchange; NULL: it has none */
    const OSSL_PARAM *parameters; /* what a key of this type is imported and exported as */
};

#define SS_TYPE_INDEX(id, ...) SS_TYPE_##id,
enum { SS_TYPES(SS_TYPE_INDEX) SS_TYPE_COUNT };
#undef SS_TYPE_INDEX

extern const struct ss_type ss_types[SS_TYPE_COUNT];

/* NULL for a key of another type. */
const struct ss_type *ss_type_find(const EVP_PKEY *key);

#endif
