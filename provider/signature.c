// SPDX-License-Identifier: Apache-2.0
/*
 * The signature of every type. All that a public half or a local key can do goes to the default
 * provider, through a context of the inner library context; signing.c does the rest.
 */
#include "algorithms.h"
#include "composites.h"
#include "signature_ctx.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

/* ---- Over a digest ---- */

static int sign_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    struct ss_signature *signature = ctx;
    struct ss_error error = {0};

    if (!ss_signature_take_key(signature, keydata))
        return 0;
    if (!ss_key_is_remote(signature->key))
        return ss_signature_delegate_raw(signature, EVP_PKEY_sign_init_ex, params);
    ss_signature_reset(signature);
    signature->signing = ss_signing_new(signature->key, false, NULL, params, &error);
    return SS_SIGNATURE_RESULT(signature, signature->signing != NULL, &error);
}

static int verify_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    return ss_signature_take_key(ctx, keydata) &&
           ss_signature_delegate_raw(ctx, EVP_PKEY_verify_init_ex, params);
}

static int verify_recover_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    return ss_signature_take_key(ctx, keydata) &&
           ss_signature_delegate_raw(ctx, EVP_PKEY_verify_recover_init_ex, params);
}

static int sign(void *ctx, unsigned char *sig, size_t *length, size_t size,
                const unsigned char *digest, size_t digest_length)
{
    struct ss_signature *signature = ctx;
    struct ss_error error = {0};

    if (signature->is_over_message)
        return ss_signature_sign_message(signature, sig, length, size, digest, digest_length);
    if (signature->signing != NULL)
        return SS_SIGNATURE_RESULT(
            signature,
            ss_signing_sign(signature->signing, sig, length, size, digest, digest_length, &error),
            &error);
    *length = size;
    return EVP_PKEY_sign(signature->raw, sig, length, digest, digest_length) > 0;
}

static int verify(void *ctx, const unsigned char *sig, size_t length, const unsigned char *digest,
                  size_t digest_length)
{
    const struct ss_signature *signature = ctx;

    if (signature->is_over_message)
        return ss_signature_verify_message(signature, sig, length, digest, digest_length);
    return EVP_PKEY_verify(signature->raw, sig, length, digest, digest_length);
}

static int verify_recover(void *ctx, unsigned char *out, size_t *length, size_t size,
                          const unsigned char *sig, size_t sig_length)
{
    const struct ss_signature *signature = ctx;

    *length = size;
    return EVP_PKEY_verify_recover(signature->raw, out, length, sig, sig_length) > 0;
}

/* ---- Over a message ---- */

/* "" and NULL both leave the digest open. */
static const char *named(const char *md_name)
{
    return md_name == NULL || *md_name == '\0' ? NULL : md_name;
}

static bool start_signing(struct ss_signature *signature, const char *md_name,
                          const OSSL_PARAM params[], struct ss_error *error)
{
    const struct ss_digest *before =
        signature->signing == NULL ? NULL : ss_signing_get0_digest(signature->signing);

    if (md_name == NULL && before != NULL)
        md_name = before->name;
    ss_signature_reset(signature);
    signature->signing = ss_signing_new(signature->key, true, md_name, params, error);
    return signature->signing != NULL;
}

static int digest_sign_init(void *ctx, const char *md_name, void *keydata,
                            const OSSL_PARAM params[])
{
    struct ss_signature *signature = ctx;
    struct ss_error error = {0};

    if (!ss_signature_take_key(signature, keydata))
        return 0;
    if (!ss_key_is_remote(signature->key))
        return ss_signature_delegate_stream(signature, EVP_DigestSignInit_ex, named(md_name),
                                            keydata == NULL, params);
    return SS_SIGNATURE_RESULT(signature, start_signing(signature, named(md_name), params, &error),
                               &error);
}

static int digest_sign_update(void *ctx, const unsigned char *data, size_t length)
{
    struct ss_signature *signature = ctx;
    struct ss_error error = {0};

    if (signature->signing != NULL)
        return SS_SIGNATURE_RESULT(
            signature, ss_signing_update(signature->signing, data, length, &error), &error);
    return signature->stream != NULL && EVP_DigestSignUpdate(signature->stream, data, length) > 0;
}

static int digest_sign_final(void *ctx, unsigned char *sig, size_t *length, size_t size)
{
    struct ss_signature *signature = ctx;
    struct ss_error error = {0};

    if (signature->signing != NULL)
        return SS_SIGNATURE_RESULT(
            signature, ss_signing_finish(signature->signing, sig, length, size, &error), &error);
    *length = size;
    return signature->stream != NULL && EVP_DigestSignFinal(signature->stream, sig, length) > 0;
}

/* The one-shot form, which is the only one of types that are not hashed for. */
static int digest_sign(void *ctx, unsigned char *sig, size_t *length, size_t size,
                       const unsigned char *data, size_t data_length)
{
    return ss_signature_sign_message(ctx, sig, length, size, data, data_length);
}

static int digest_verify_init(void *ctx, const char *md_name, void *keydata,
                              const OSSL_PARAM params[])
{
    return ss_signature_take_key(ctx, keydata) &&
           ss_signature_delegate_stream(ctx, EVP_DigestVerifyInit_ex, named(md_name),
                                        keydata == NULL, params);
}

static int digest_verify_update(void *ctx, const unsigned char *data, size_t length)
{
    const struct ss_signature *signature = ctx;

    return signature->stream != NULL && EVP_DigestVerifyUpdate(signature->stream, data, length) > 0;
}

static int digest_verify_final(void *ctx, const unsigned char *sig, size_t length)
{
    const struct ss_signature *signature = ctx;

    return signature->stream == NULL ? 0 : EVP_DigestVerifyFinal(signature->stream, sig, length);
}

static int digest_verify(void *ctx, const unsigned char *sig, size_t length,
                         const unsigned char *data, size_t data_length)
{
    const struct ss_signature *signature = ctx;

    return signature->stream == NULL
               ? 0
               : EVP_DigestVerify(signature->stream, sig, length, data, data_length);
}

/* ---- Parameters ---- */

/* The inner context that has them; NULL before an init. */
static EVP_PKEY_CTX *parameters(const struct ss_signature *signature)
{
    if (signature->signing != NULL)
        return ss_signing_get0_parameters(signature->signing);
    if (signature->raw != NULL)
        return signature->raw;
    return signature->stream == NULL ? NULL : EVP_MD_CTX_get_pkey_ctx(signature->stream);
}

static int get_ctx_params(void *ctx, OSSL_PARAM params[])
{
    EVP_PKEY_CTX *inner = parameters(ctx);

    return inner != NULL && EVP_PKEY_CTX_get_params(inner, params) > 0;
}

/* The signature of a message that is yet to come. */
static bool take_signature(struct ss_signature *signature, const OSSL_PARAM params[])
{
#ifdef OSSL_SIGNATURE_PARAM_SIGNATURE
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_SIGNATURE);
    void *copy = NULL;

    if (param == NULL)
        return true;
    if (!OSSL_PARAM_get_octet_string(param, &copy, 0, &signature->to_verify_length))
        return false;
    OPENSSL_free(signature->to_verify);
    signature->to_verify = copy;
#else
    (void)signature;
    (void)params;
#endif
    return true;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
    struct ss_signature *signature = ctx;
    EVP_PKEY_CTX *inner = parameters(signature);
    struct ss_error error = {0};

    if (params == NULL || params->key == NULL)
        return 1;
    if (signature->is_over_message && signature->signing == NULL &&
        !take_signature(signature, params))
        return 0;
    if (signature->signing != NULL)
        return SS_SIGNATURE_RESULT(
            signature, ss_signing_set_params(signature->signing, params, &error), &error);
    return inner != NULL && EVP_PKEY_CTX_set_params(inner, params) > 0;
}

/* What a signature of any type may have, for who asks without a context. */
static const OSSL_PARAM *common_params(void)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
        OSSL_PARAM_END,
    };

    return params;
}

static const OSSL_PARAM *gettable_ctx_params(void *ctx, void *provctx)
{
    EVP_PKEY_CTX *inner = ctx == NULL ? NULL : parameters(ctx);

    (void)provctx;
    return inner == NULL ? common_params() : EVP_PKEY_CTX_gettable_params(inner);
}

static const OSSL_PARAM *settable_ctx_params(void *ctx, void *provctx)
{
    EVP_PKEY_CTX *inner = ctx == NULL ? NULL : parameters(ctx);

    (void)provctx;
    return inner == NULL ? common_params() : EVP_PKEY_CTX_settable_params(inner);
}

/* The context that the message goes through, whose digest may have parameters of its own. */
static EVP_MD_CTX *message_ctx(const struct ss_signature *signature)
{
    return signature->signing == NULL ? signature->stream
                                      : ss_signing_get0_hash(signature->signing);
}

static int get_ctx_md_params(void *ctx, OSSL_PARAM params[])
{
    EVP_MD_CTX *inner = message_ctx(ctx);

    return inner != NULL && EVP_MD_CTX_get_params(inner, params) > 0;
}

static int set_ctx_md_params(void *ctx, const OSSL_PARAM params[])
{
    EVP_MD_CTX *inner = message_ctx(ctx);

    return inner != NULL && EVP_MD_CTX_set_params(inner, params) > 0;
}

static const OSSL_PARAM *gettable_ctx_md_params(void *ctx)
{
    EVP_MD_CTX *inner = message_ctx(ctx);

    return inner == NULL ? NULL : EVP_MD_CTX_gettable_params(inner);
}

static const OSSL_PARAM *settable_ctx_md_params(void *ctx)
{
    EVP_MD_CTX *inner = message_ctx(ctx);

    return inner == NULL ? NULL : EVP_MD_CTX_settable_params(inner);
}

/* ---- The message functions of OpenSSL 3.4, and algorithms that name their digest ---- */

#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT

static int sign_message_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    struct ss_signature *signature = ctx;

    signature->is_over_message = digest_sign_init(ctx, signature->md_name, keydata, params);
    return signature->is_over_message;
}

static int verify_message_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    struct ss_signature *signature = ctx;

    signature->is_over_message = digest_verify_init(ctx, signature->md_name, keydata, params) &&
                                 take_signature(signature, params);
    return signature->is_over_message;
}

/* The signature was set as a parameter. */
static int verify_message_final(void *ctx)
{
    const struct ss_signature *signature = ctx;

    return signature->to_verify == NULL
               ? 0
               : digest_verify_final(ctx, signature->to_verify, signature->to_verify_length);
}

static const OSSL_PARAM *settable_composite_params(void *ctx, void *provctx)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_SIGNATURE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)ctx;
    (void)provctx;
    return params;
}

/* The digest that the algorithm names, for one that the caller has computed. */
static int name_digest(const struct ss_signature *signature, int is_started)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
                                         (char *)(uintptr_t)signature->md_name, 0),
        OSSL_PARAM_END,
    };

    return is_started && set_ctx_params((void *)(uintptr_t)signature, params);
}

static int composite_sign_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    return name_digest(ctx, sign_init(ctx, keydata, NULL)) && set_ctx_params(ctx, params);
}

static int composite_verify_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    return name_digest(ctx, verify_init(ctx, keydata, NULL)) && set_ctx_params(ctx, params);
}

static int composite_verify_recover_init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    return name_digest(ctx, verify_recover_init(ctx, keydata, NULL)) && set_ctx_params(ctx, params);
}

#define COMPOSITE_FUNCTIONS(id, key_type, digest, ...)                                             \
    static void *newctx_##id(void *provctx, const char *property_query)                            \
    {                                                                                              \
        struct ss_signature *signature = ss_signature_newctx(provctx, property_query);             \
        if (signature != NULL)                                                                     \
            signature->md_name = digest;                                                           \
        return signature;                                                                          \
    }                                                                                              \
    static const char **query_key_types_##id(void)                                                 \
    {                                                                                              \
        static const char *types[] = {key_type, NULL};                                             \
        return types;                                                                              \
    }                                                                                              \
    static const OSSL_DISPATCH functions_##id[] = {                                                \
        {OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))newctx_##id},                                 \
        {OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))ss_signature_freectx},                       \
        {OSSL_FUNC_SIGNATURE_DUPCTX, (void (*)(void))ss_signature_dupctx},                         \
        {OSSL_FUNC_SIGNATURE_QUERY_KEY_TYPES, (void (*)(void))query_key_types_##id},               \
        {OSSL_FUNC_SIGNATURE_SIGN_INIT, (void (*)(void))composite_sign_init},                      \
        {OSSL_FUNC_SIGNATURE_SIGN, (void (*)(void))sign},                                          \
        {OSSL_FUNC_SIGNATURE_VERIFY_INIT, (void (*)(void))composite_verify_init},                  \
        {OSSL_FUNC_SIGNATURE_VERIFY, (void (*)(void))verify},                                      \
        {OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT, (void (*)(void))sign_message_init},                \
        {OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_UPDATE, (void (*)(void))digest_sign_update},             \
        {OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_FINAL, (void (*)(void))digest_sign_final},               \
        {OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_INIT, (void (*)(void))verify_message_init},            \
        {OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_UPDATE, (void (*)(void))digest_verify_update},         \
        {OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_FINAL, (void (*)(void))verify_message_final},          \
        {OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, (void (*)(void))get_ctx_params},                      \
        {OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params},            \
        {OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (void (*)(void))set_ctx_params},                      \
        {OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_composite_params},      \
        __VA_ARGS__{0, NULL},                                                                      \
    };
#define RECOVER_FUNCTIONS                                                                          \
    {OSSL_FUNC_SIGNATURE_VERIFY_RECOVER_INIT, (void (*)(void))composite_verify_recover_init},      \
        {OSSL_FUNC_SIGNATURE_VERIFY_RECOVER, (void (*)(void))verify_recover},
#define RSA_COMPOSITE_FUNCTIONS(id, key_type, digest, names)                                       \
    COMPOSITE_FUNCTIONS(id, key_type, digest, RECOVER_FUNCTIONS)
#define ECDSA_COMPOSITE_FUNCTIONS(id, key_type, digest, names)                                     \
    COMPOSITE_FUNCTIONS(id, key_type, digest, )
SS_RSA_COMPOSITES(RSA_COMPOSITE_FUNCTIONS)
SS_ECDSA_COMPOSITES(ECDSA_COMPOSITE_FUNCTIONS)

/* ---- The same of types that are not hashed for: the message is collected ---- */

#if OPENSSL_VERSION_NUMBER >= 0x30600000L

/* The bytes of an empty message; NULL would be none at all. */
static const unsigned char *collected(const struct ss_signature *signature)
{
    static const unsigned char nothing[1];

    return signature->pieces.length == 0 ? nothing : signature->pieces.bytes;
}

static int collect(void *ctx, const unsigned char *data, size_t length)
{
    struct ss_signature *signature = ctx;
    struct ss_error error = {0};

    if (signature->signing != NULL &&
        !ss_signing_may_add(signature->signing, signature->pieces.length, length, &error))
        return SS_SIGNATURE_RESULT(signature, false, &error);
    return ss_buffer_append(&signature->pieces, data, length);
}

static int sign_collected(void *ctx, unsigned char *sig, size_t *length, size_t size)
{
    struct ss_signature *signature = ctx;

    return ss_signature_sign_message(signature, sig, length, size, collected(signature),
                                     signature->pieces.length);
}

static int verify_collected(void *ctx)
{
    const struct ss_signature *signature = ctx;

    return signature->to_verify == NULL
               ? 0
               : ss_signature_verify_message(signature, signature->to_verify,
                                             signature->to_verify_length, collected(signature),
                                             signature->pieces.length);
}

#define COLLECTING_FUNCTIONS                                                                       \
    {OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_UPDATE, (void (*)(void))collect},                            \
        {OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_FINAL, (void (*)(void))sign_collected},                  \
        {OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_UPDATE, (void (*)(void))collect},                      \
        {OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_FINAL, (void (*)(void))verify_collected},
#else
#define COLLECTING_FUNCTIONS
#endif

#define MESSAGE_FUNCTIONS                                                                          \
    {OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT, (void (*)(void))sign_message_init},                    \
        {OSSL_FUNC_SIGNATURE_SIGN, (void (*)(void))sign},                                          \
        {OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_INIT, (void (*)(void))verify_message_init},            \
        {OSSL_FUNC_SIGNATURE_VERIFY, (void (*)(void))verify},
/* Over a digest of the message: Ed25519ph, Ed448ph. */
#define PREHASH_FUNCTIONS                                                                          \
    {OSSL_FUNC_SIGNATURE_SIGN_INIT, (void (*)(void))sign_init},                                    \
        {OSSL_FUNC_SIGNATURE_VERIFY_INIT, (void (*)(void))verify_init},
#else
#define MESSAGE_FUNCTIONS
#define PREHASH_FUNCTIONS
#endif

/* ---- Tables ---- */

#define COMMON_FUNCTIONS                                                                           \
    {OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))ss_signature_newctx},                             \
        {OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))ss_signature_freectx},                       \
        {OSSL_FUNC_SIGNATURE_DUPCTX, (void (*)(void))ss_signature_dupctx},                         \
        {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (void (*)(void))digest_sign_init},                  \
        {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, (void (*)(void))digest_verify_init},              \
        {OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, (void (*)(void))get_ctx_params},                      \
        {OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params},            \
        {OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (void (*)(void))set_ctx_params},                      \
    {                                                                                              \
        OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params               \
    }

/* Digests, and messages piece by piece: as in the default provider not at once as well, for which
 * libcrypto returns other values. */
#define DIGEST_FUNCTIONS                                                                           \
    COMMON_FUNCTIONS, {OSSL_FUNC_SIGNATURE_SIGN_INIT, (void (*)(void))sign_init},                  \
        {OSSL_FUNC_SIGNATURE_SIGN, (void (*)(void))sign},                                          \
        {OSSL_FUNC_SIGNATURE_VERIFY_INIT, (void (*)(void))verify_init},                            \
        {OSSL_FUNC_SIGNATURE_VERIFY, (void (*)(void))verify},                                      \
        {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, (void (*)(void))digest_sign_update},              \
        {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, (void (*)(void))digest_sign_final},                \
        {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, (void (*)(void))digest_verify_update},          \
        {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, (void (*)(void))digest_verify_final},            \
        {OSSL_FUNC_SIGNATURE_GET_CTX_MD_PARAMS, (void (*)(void))get_ctx_md_params},                \
        {OSSL_FUNC_SIGNATURE_GETTABLE_CTX_MD_PARAMS, (void (*)(void))gettable_ctx_md_params},      \
        {OSSL_FUNC_SIGNATURE_SET_CTX_MD_PARAMS, (void (*)(void))set_ctx_md_params},                \
    {                                                                                              \
        OSSL_FUNC_SIGNATURE_SETTABLE_CTX_MD_PARAMS, (void (*)(void))settable_ctx_md_params         \
    }

static const OSSL_DISPATCH rsa_functions[] = {
    DIGEST_FUNCTIONS,
    {OSSL_FUNC_SIGNATURE_VERIFY_RECOVER_INIT, (void (*)(void))verify_recover_init},
    {OSSL_FUNC_SIGNATURE_VERIFY_RECOVER, (void (*)(void))verify_recover},
    {0, NULL},
};

static const OSSL_DISPATCH ecdsa_functions[] = {DIGEST_FUNCTIONS, {0, NULL}};

/* EdDSA and its successors: a message at once. */
#define PURE_FUNCTIONS                                                                             \
    COMMON_FUNCTIONS, {OSSL_FUNC_SIGNATURE_DIGEST_SIGN, (void (*)(void))digest_sign},              \
        {OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, (void (*)(void))digest_verify}, MESSAGE_FUNCTIONS

static const OSSL_DISPATCH eddsa_functions[] = {PURE_FUNCTIONS PREHASH_FUNCTIONS{0, NULL}};

#if OPENSSL_VERSION_NUMBER >= 0x30500000L
static const OSSL_DISPATCH ml_dsa_functions[] = {PURE_FUNCTIONS COLLECTING_FUNCTIONS{0, NULL}};
static const OSSL_DISPATCH slh_dsa_functions[] = {PURE_FUNCTIONS{0, NULL}};
#endif

static const char description[] = "Signed by a SignServer worker, or with a local key";

#define EDDSA_ALGORITHM(id, name, names, ...) {names, SS_PROPERTIES, eddsa_functions, description},
#define ML_DSA_ALGORITHM(id, name, names, ...)                                                     \
    {names, SS_PROPERTIES, ml_dsa_functions, description},
#define SLH_DSA_ALGORITHM(id, name, names, ...)                                                    \
    {names, SS_PROPERTIES, slh_dsa_functions, description},
#define COMPOSITE_ALGORITHM(id, key_type, digest, names)                                           \
    {names, SS_PROPERTIES, functions_##id, description},

const OSSL_ALGORITHM ss_signature_algorithms[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", SS_PROPERTIES, rsa_functions, description},
    {"ECDSA", SS_PROPERTIES, ecdsa_functions, description},
    SS_EDDSA_TYPES(EDDSA_ALGORITHM) SS_ML_DSA_TYPES(ML_DSA_ALGORITHM)
        SS_SLH_DSA_TYPES(SLH_DSA_ALGORITHM) SS_RSA_COMPOSITES(COMPOSITE_ALGORITHM)
            SS_ECDSA_COMPOSITES(COMPOSITE_ALGORITHM){NULL, NULL, NULL, NULL},
};
