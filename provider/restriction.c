// SPDX-License-Identifier: Apache-2.0
#include "restriction.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

bool ss_restriction_read(struct ss_restriction *restriction, EVP_PKEY_CTX *begun)
{
    int padding = 0;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PAD_MODE, &padding),
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &restriction->salt_length),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, restriction->digest,
                                         sizeof restriction->digest),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, restriction->mgf1_digest,
                                         sizeof restriction->mgf1_digest),
        OSSL_PARAM_END,
    };

    *restriction = (struct ss_restriction){0};
    if (!EVP_PKEY_is_a(EVP_PKEY_CTX_get0_pkey(begun), "RSA-PSS"))
        return true;
    if (EVP_PKEY_CTX_get_params(begun, params) <= 0)
        return false;
    /* Without one the length is not a number of bytes yet. */
    if (padding == RSA_PKCS1_PSS_PADDING && restriction->salt_length >= 0)
        restriction->is_set = true;
    else
        *restriction = (struct ss_restriction){0};
    return true;
}

bool ss_restriction_of(struct ss_restriction *restriction, EVP_PKEY *key, OSSL_LIB_CTX *inner)
{
    EVP_PKEY_CTX *ctx = NULL;
    bool ok;

    *restriction = (struct ss_restriction){0};
    if (!EVP_PKEY_is_a(key, "RSA-PSS"))
        return true;
    ERR_set_mark();
    ctx = EVP_PKEY_CTX_new_from_pkey(inner, key, NULL);
    ok = ctx != NULL && EVP_PKEY_verify_init_ex(ctx, NULL) == 1 &&
         ss_restriction_read(restriction, ctx);
    EVP_PKEY_CTX_free(ctx);
    ERR_pop_to_mark();
    return ok;
}

bool ss_restriction_allows_mgf1(const struct ss_restriction *restriction, OSSL_LIB_CTX *inner,
                                const char *worker, struct ss_error *error)
{
    const struct ss_digest *digest, *mgf1_digest;

    if (!restriction->is_set)
        return true;
    digest = ss_digest_find(inner, restriction->digest);
    mgf1_digest = ss_digest_find(inner, restriction->mgf1_digest);
    return digest == mgf1_digest ||
           ss_fail(error, SS_R_UNSUPPORTED,
                   "the key of %s is restricted to MGF1 with %s, and the worker uses the digest "
                   "for MGF1 as well (its SIGNATUREALGORITHM), here %s; give it a key without that "
                   "restriction",
                   worker, mgf1_digest == NULL ? restriction->mgf1_digest : mgf1_digest->name,
                   digest == NULL ? restriction->digest : digest->name);
}
