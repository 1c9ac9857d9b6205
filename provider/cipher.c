// SPDX-License-Identifier: Apache-2.0
/*
 * RSA encryption. A remote key encrypts with its public half, as the default provider does it; no
 * worker decrypts. With a local key both go to the default provider.
 */
#include "algorithms.h"
#include "key.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

struct cipher {
    struct ss_context *context;
    EVP_PKEY_CTX *inner; /* NULL before an init */
};

static void *newctx(void *provctx)
{
    struct cipher *cipher = OPENSSL_zalloc(sizeof *cipher);

    if (cipher != NULL)
        cipher->context = provctx;
    return cipher;
}

static void freectx(void *ctx)
{
    struct cipher *cipher = ctx;

    if (cipher == NULL)
        return;
    EVP_PKEY_CTX_free(cipher->inner);
    OPENSSL_free(cipher);
}

static void *dupctx(void *ctx)
{
    const struct cipher *from = ctx;
    struct cipher *copy = newctx(from->context);

    if (copy == NULL || from->inner == NULL)
        return copy;
    copy->inner = EVP_PKEY_CTX_dup(from->inner);
    if (copy->inner != NULL)
        return copy;
    freectx(copy);
    return NULL;
}

typedef int cipher_init(EVP_PKEY_CTX *ctx, const OSSL_PARAM *params);

static int init_with(struct cipher *cipher, const struct ss_key *key, cipher_init *init,
                     const OSSL_PARAM params[])
{
    struct ss_error error = {0};
    OSSL_LIB_CTX *inner = ss_context_get0_inner(cipher->context, &error);

    if (inner == NULL) {
        SS_RAISE(&cipher->context->core, &error);
        return 0;
    }
    if (ss_key_get0_inner(key) == NULL)
        return 0;
    EVP_PKEY_CTX_free(cipher->inner);
    cipher->inner = EVP_PKEY_CTX_new_from_pkey(inner, ss_key_get0_inner(key), NULL);
    return cipher->inner != NULL && init(cipher->inner, params) > 0;
}

static int encrypt_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    return init_with(ctx, keydata, EVP_PKEY_encrypt_init_ex, params);
}

static int decrypt_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    const struct cipher *cipher = ctx;
    const struct ss_key *key = keydata;
    struct ss_error error = {0};

    if (key == NULL || !ss_key_is_remote(key))
        return init_with(ctx, key, EVP_PKEY_decrypt_init_ex, params);
    ss_fail(&error, SS_R_UNSUPPORTED,
            "%s signs and does not decrypt; a TLS server with this key needs cipher suites with "
            "ECDHE",
            ss_worker_get0_name(ss_key_get0_worker(key)));
    SS_RAISE(&cipher->context->core, &error);
    return 0;
}

static int encrypt(void *ctx, unsigned char *out, size_t *length, size_t size,
                   const unsigned char *in, size_t in_length)
{
    const struct cipher *cipher = ctx;

    *length = size;
    return EVP_PKEY_encrypt(cipher->inner, out, length, in, in_length) > 0;
}

static int decrypt(void *ctx, unsigned char *out, size_t *length, size_t size,
                   const unsigned char *in, size_t in_length)
{
    const struct cipher *cipher = ctx;

    *length = size;
    return EVP_PKEY_decrypt(cipher->inner, out, length, in, in_length) > 0;
}

static int get_ctx_params(void *ctx, OSSL_PARAM params[])
{
    const struct cipher *cipher = ctx;

    return cipher->inner != NULL && EVP_PKEY_CTX_get_params(cipher->inner, params) > 0;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
    const struct cipher *cipher = ctx;

    if (params == NULL || params->key == NULL)
        return 1;
    return cipher->inner != NULL && EVP_PKEY_CTX_set_params(cipher->inner, params) > 0;
}

/* What an encryption may have, for who asks without a context. */
static const OSSL_PARAM common_params[] = {
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, NULL, 0),
    OSSL_PARAM_END,
};

static const OSSL_PARAM *gettable_ctx_params(void *ctx, void *provctx)
{
    const struct cipher *cipher = ctx;

    (void)provctx;
    return cipher == NULL || cipher->inner == NULL ? common_params
                                                   : EVP_PKEY_CTX_gettable_params(cipher->inner);
}

static const OSSL_PARAM *settable_ctx_params(void *ctx, void *provctx)
{
    const struct cipher *cipher = ctx;

    (void)provctx;
    return cipher == NULL || cipher->inner == NULL ? common_params
                                                   : EVP_PKEY_CTX_settable_params(cipher->inner);
}

static const OSSL_DISPATCH functions[] = {
    {OSSL_FUNC_ASYM_CIPHER_NEWCTX, (void (*)(void))newctx},
    {OSSL_FUNC_ASYM_CIPHER_FREECTX, (void (*)(void))freectx},
    {OSSL_FUNC_ASYM_CIPHER_DUPCTX, (void (*)(void))dupctx},
    {OSSL_FUNC_ASYM_CIPHER_ENCRYPT_INIT, (void (*)(void))encrypt_init},
    {OSSL_FUNC_ASYM_CIPHER_ENCRYPT, (void (*)(void))encrypt},
    {OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, (void (*)(void))decrypt_init},
    {OSSL_FUNC_ASYM_CIPHER_DECRYPT, (void (*)(void))decrypt},
    {OSSL_FUNC_ASYM_CIPHER_GET_CTX_PARAMS, (void (*)(void))get_ctx_params},
    {OSSL_FUNC_ASYM_CIPHER_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params},
    {OSSL_FUNC_ASYM_CIPHER_SET_CTX_PARAMS, (void (*)(void))set_ctx_params},
    {OSSL_FUNC_ASYM_CIPHER_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params},
    {0, NULL},
};

const OSSL_ALGORITHM ss_cipher_algorithms[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", SS_PROPERTIES, functions,
     "RSA encryption with a public half or a local key"},
    {NULL, NULL, NULL, NULL},
};
