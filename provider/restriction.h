// SPDX-License-Identifier: Apache-2.0
/*
 * What an RSA-PSS key says of the signatures that it may make (RFC 4055, 3.1). It stands in the
 * certificate only: the token of a worker knows an RSA key, and signs with any digest.
 */
#ifndef SS_RESTRICTION_H
#define SS_RESTRICTION_H

#include "digests.h"
#include "error.h"
#include <openssl/evp.h>

struct ss_restriction {
    bool is_set; /* otherwise the key has none, and the rest is empty */
    char digest[SS_NAME_SIZE];
    char mgf1_digest[SS_NAME_SIZE];
    int salt_length; /* the shortest that is allowed, and the one of who asks for none */
};

/* Reads it from a context that EVP_PKEY_verify_init_ex(3) has just begun, which begins with it.
 * False: libcrypto cannot tell. */
bool ss_restriction_read(struct ss_restriction *restriction, EVP_PKEY_CTX *begun);

/* The same of a key. Leaves nothing in OpenSSL's error queue. */
bool ss_restriction_of(struct ss_restriction *restriction, EVP_PKEY *key, OSSL_LIB_CTX *inner);

/* Whether it leaves MGF1 with the digest, as every worker makes it. `worker` is "worker NAME". */
bool ss_restriction_allows_mgf1(const struct ss_restriction *restriction, OSSL_LIB_CTX *inner,
                                const char *worker, struct ss_error *error);

#endif
