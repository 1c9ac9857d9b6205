// SPDX-License-Identifier: Apache-2.0
#include "host.h"
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

/* The longest of FIPS 205 has 49856. */
enum { SIGNATURE_MAX_BYTES = 1 << 16 };

bool host_complain(const char *what)
{
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    return false;
}

OSSL_STORE_INFO *host_open(OSSL_LIB_CTX *libctx, const char *uri, int expected)
{
    OSSL_STORE_CTX *store = OSSL_STORE_open_ex(uri, libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    OSSL_STORE_INFO *info = NULL;

    if (store != NULL && OSSL_STORE_expect(store, expected) == 1 && !OSSL_STORE_eof(store))
        info = OSSL_STORE_load(store);
    OSSL_STORE_close(store);
    return info;
}

EVP_PKEY *host_load(OSSL_LIB_CTX *libctx, const char *uri)
{
    OSSL_STORE_INFO *info = host_open(libctx, uri, OSSL_STORE_INFO_PKEY);
    EVP_PKEY *key = info == NULL ? NULL : OSSL_STORE_INFO_get1_PKEY(info);

    OSSL_STORE_INFO_free(info);
    if (key == NULL)
        host_complain(uri);
    return key;
}

/* A padding of 0 is the key's own. */
static bool start(EVP_MD_CTX *ctx, bool is_signing, OSSL_LIB_CTX *libctx, EVP_PKEY *key,
                  int padding)
{
    bool takes_digest =
        EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS") || EVP_PKEY_is_a(key, "EC");
    const char *digest = takes_digest ? "SHA256" : NULL;
    EVP_PKEY_CTX *parameters = NULL;

    return (is_signing ? EVP_DigestSignInit_ex(ctx, &parameters, digest, libctx, NULL, key, NULL)
                       : EVP_DigestVerifyInit_ex(ctx, &parameters, digest, libctx, NULL, key,
                                                 NULL)) == 1 &&
           (padding == 0 || EVP_PKEY_CTX_set_rsa_padding(parameters, padding) == 1);
}

static bool sign(OSSL_LIB_CTX *libctx, EVP_PKEY *key, int padding)
{
    static const unsigned char message[] = "a message";
    unsigned char signature[SIGNATURE_MAX_BYTES];
    size_t length = sizeof signature;
    EVP_MD_CTX *signer = EVP_MD_CTX_new(), *verifier = EVP_MD_CTX_new();
    bool ok = start(signer, true, libctx, key, padding) &&
              EVP_DigestSign(signer, signature, &length, message, sizeof message) == 1 &&
              start(verifier, false, libctx, key, padding) &&
              EVP_DigestVerify(verifier, signature, length, message, sizeof message) == 1;

    EVP_MD_CTX_free(signer);
    EVP_MD_CTX_free(verifier);
    return ok;
}

static bool is_refused_by_worker(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    return reason != NULL && strcmp(reason, "unsupported by the worker") == 0;
}

bool host_sign(OSSL_LIB_CTX *libctx, EVP_PKEY *key)
{
    if (sign(libctx, key, 0))
        return true;
    if (!EVP_PKEY_is_a(key, "RSA") || !is_refused_by_worker())
        return false;
    ERR_clear_error();
    return sign(libctx, key, RSA_PKCS1_PSS_PADDING);
}
