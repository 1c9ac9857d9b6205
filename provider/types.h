// SPDX-License-Identifier: Apache-2.0
/*
 * The types of keys that a worker may hold. One key manager and one signature serve them all, so
 * that a new type is a new row. Names are libcrypto's own, with aliases and OIDs: TLS, CMS and
 * X.509 choose their code by them.
 */
#ifndef SS_TYPES_H
#define SS_TYPES_H

#include <openssl/evp.h>
#include <stdbool.h>

/* Those of FIPS 204 and 205, which OpenSSL has from 3.5 on. */
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
#define SS_ML_DSA(ROW, bits, oid)                                                                  \
    ROW(ML_DSA_##bits, "ML-DSA-" #bits,                                                            \
        "ML-DSA-" #bits ":MLDSA" #bits ":2.16.840.1.101.3.4.3." oid ":id-ml-dsa-" #bits,           \
        "ML-DSA-" #bits, NULL, seeded_parameters)
#define SS_SLH_DSA(ROW, id, name, lower, oid)                                                      \
    ROW(SLH_DSA_##id, "SLH-DSA-" name,                                                             \
        "SLH-DSA-" name ":id-slh-dsa-" lower ":2.16.840.1.101.3.4.3." oid, "SLH-DSA-" name, NULL,  \
        raw_parameters)
#define SS_ML_DSA_TYPES(ROW)                                                                       \
    SS_ML_DSA(ROW, 44, "17")                                                                       \
    SS_ML_DSA(ROW, 65, "18")                                                                       \
    SS_ML_DSA(ROW, 87, "19")
#define SS_SLH_DSA_TYPES(ROW)                                                                      \
    SS_SLH_DSA(ROW, SHA2_128s, "SHA2-128s", "sha2-128s", "20")                                     \
    SS_SLH_DSA(ROW, SHA2_128f, "SHA2-128f", "sha2-128f", "21")                                     \
    SS_SLH_DSA(ROW, SHA2_192s, "SHA2-192s", "sha2-192s", "22")                                     \
    SS_SLH_DSA(ROW, SHA2_192f, "SHA2-192f", "sha2-192f", "23")                                     \
    SS_SLH_DSA(ROW, SHA2_256s, "SHA2-256s", "sha2-256s", "24")                                     \
    SS_SLH_DSA(ROW, SHA2_256f, "SHA2-256f", "sha2-256f", "25")                                     \
    SS_SLH_DSA(ROW, SHAKE_128s, "SHAKE-128s", "shake-128s", "26")                                  \
    SS_SLH_DSA(ROW, SHAKE_128f, "SHAKE-128f", "shake-128f", "27")                                  \
    SS_SLH_DSA(ROW, SHAKE_192s, "SHAKE-192s", "shake-192s", "28")                                  \
    SS_SLH_DSA(ROW, SHAKE_192f, "SHAKE-192f", "shake-192f", "29")                                  \
    SS_SLH_DSA(ROW, SHAKE_256s, "SHAKE-256s", "shake-256s", "30")                                  \
    SS_SLH_DSA(ROW, SHAKE_256f, "SHAKE-256f", "shake-256f", "31")
#else
#define SS_ML_DSA_TYPES(ROW)
#define SS_SLH_DSA_TYPES(ROW)
#endif

/* Types whose signatures are over the message as it is: these, and those above. */
#define SS_EDDSA_TYPES(ROW)                                                                        \
    ROW(ED25519, "ED25519", "ED25519:1.3.101.112", "ED25519", NULL, raw_parameters)                \
    ROW(ED448, "ED448", "ED448:1.3.101.113", "ED448", NULL, raw_parameters)

/* ROW(identifier, and the members of struct ss_type) */
#define SS_TYPES(ROW)                                                                              \
    ROW(RSA, "RSA", "RSA:rsaEncryption:1.2.840.113549.1.1.1", "RSA", NULL, rsa_parameters)         \
    ROW(RSA_PSS, "RSA-PSS", "RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", "RSA", NULL,               \
        rsa_parameters)                                                                            \
    ROW(EC, "EC", "EC:id-ecPublicKey:1.2.840.10045.2.1", "ECDSA", "ECDH", ec_parameters)           \
    SS_EDDSA_TYPES(ROW)                                                                            \
    SS_ML_DSA_TYPES(ROW)                                                                           \
    SS_SLH_DSA_TYPES(ROW)

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

/* Whether both have the same public half. Unlike EVP_PKEY_eq(3) it leaves nothing in the error
 * queue when their types differ. */
bool ss_type_is_same_key(const EVP_PKEY *one, const EVP_PKEY *other);

#endif
