// SPDX-License-Identifier: Apache-2.0
/*
 * The signature algorithms that name their digest, for EVP_PKEY_sign_message_init(3) and its
 * relatives. Only from OpenSSL 3.4 on: before, some of their names are names of digests.
 */
#ifndef SS_COMPOSITES_H
#define SS_COMPOSITES_H

#include <openssl/core_dispatch.h>

#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
/* ROW(identifier, key type, digest, names as the default provider has them) */
#define SS_RSA_COMPOSITES(ROW)                                                                     \
    ROW(RSA_SHA1, "RSA", "SHA1", "RSA-SHA1:RSA-SHA-1:sha1WithRSAEncryption:1.2.840.113549.1.1.5")  \
    ROW(RSA_SHA224, "RSA", "SHA224",                                                               \
        "RSA-SHA2-224:RSA-SHA224:sha224WithRSAEncryption:1.2.840.113549.1.1.14")                   \
    ROW(RSA_SHA256, "RSA", "SHA256",                                                               \
        "RSA-SHA2-256:RSA-SHA256:sha256WithRSAEncryption:1.2.840.113549.1.1.11")                   \
    ROW(RSA_SHA384, "RSA", "SHA384",                                                               \
        "RSA-SHA2-384:RSA-SHA384:sha384WithRSAEncryption:1.2.840.113549.1.1.12")                   \
    ROW(RSA_SHA512, "RSA", "SHA512",                                                               \
        "RSA-SHA2-512:RSA-SHA512:sha512WithRSAEncryption:1.2.840.113549.1.1.13")                   \
    ROW(RSA_SHA3_256, "RSA", "SHA3-256",                                                           \
        "RSA-SHA3-256:id-rsassa-pkcs1-v1_5-with-sha3-256:2.16.840.1.101.3.4.3.14")                 \
    ROW(RSA_SHA3_384, "RSA", "SHA3-384",                                                           \
        "RSA-SHA3-384:id-rsassa-pkcs1-v1_5-with-sha3-384:2.16.840.1.101.3.4.3.15")                 \
    ROW(RSA_SHA3_512, "RSA", "SHA3-512",                                                           \
        "RSA-SHA3-512:id-rsassa-pkcs1-v1_5-with-sha3-512:2.16.840.1.101.3.4.3.16")
#define SS_ECDSA_COMPOSITES(ROW)                                                                   \
    ROW(ECDSA_SHA1, "EC", "SHA1", "ECDSA-SHA1:ECDSA-SHA-1:ecdsa-with-SHA1:1.2.840.10045.4.1")      \
    ROW(ECDSA_SHA224, "EC", "SHA224",                                                              \
        "ECDSA-SHA2-224:ECDSA-SHA224:ecdsa-with-SHA224:1.2.840.10045.4.3.1")                       \
    ROW(ECDSA_SHA256, "EC", "SHA256",                                                              \
        "ECDSA-SHA2-256:ECDSA-SHA256:ecdsa-with-SHA256:1.2.840.10045.4.3.2")                       \
    ROW(ECDSA_SHA384, "EC", "SHA384",                                                              \
        "ECDSA-SHA2-384:ECDSA-SHA384:ecdsa-with-SHA384:1.2.840.10045.4.3.3")                       \
    ROW(ECDSA_SHA512, "EC", "SHA512",                                                              \
        "ECDSA-SHA2-512:ECDSA-SHA512:ecdsa-with-SHA512:1.2.840.10045.4.3.4")                       \
    ROW(ECDSA_SHA3_256, "EC", "SHA3-256",                                                          \
        "ECDSA-SHA3-256:ecdsa_with_SHA3-256:id-ecdsa-with-sha3-256:2.16.840.1.101.3.4.3.10")       \
    ROW(ECDSA_SHA3_384, "EC", "SHA3-384",                                                          \
        "ECDSA-SHA3-384:ecdsa_with_SHA3-384:id-ecdsa-with-sha3-384:2.16.840.1.101.3.4.3.11")       \
    ROW(ECDSA_SHA3_512, "EC", "SHA3-512",                                                          \
        "ECDSA-SHA3-512:ecdsa_with_SHA3-512:id-ecdsa-with-sha3-512:2.16.840.1.101.3.4.3.12")
#else
#define SS_RSA_COMPOSITES(ROW)
#define SS_ECDSA_COMPOSITES(ROW)
#endif

#endif
