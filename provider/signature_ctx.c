// SPDX-License-Identifier: Apache-2.0
#include "signature_ctx.h"

void ss_signature_reset(struct ss_signature *signature)
{
    OPENSSL_free(signature->to_verify);
    signature->to_verify = NULL;
    ss_buffer_clear(&signature->pieces);
    signature->is_over_message = false;
    ss_signing_free(signature->signing);
    EVP_PKEY_CTX_free(signature->raw);
    EVP_MD_CTX_free(signature->stream);
    signature->signing = NULL;
    signature->raw = NULL;
    signature->stream = NULL;
}

void *ss_signature_newctx(void *provctx, const char *property_query)
{
    struct ss_signature *signature = OPENSSL_zalloc(sizeof *signature);

    /* A query chooses among the application's providers; inside there are others. */
    (void)property_query;
    if (signature != NULL) {
        signature->context = provctx;
        ss_buffer_init(&signature->pieces, SIZE_MAX);
    }
    return signature;
}

void ss_signature_freectx(void *ctx)
{
    struct ss_signature *signature = ctx;

    if (signature == NULL)
        return;
    ss_signature_reset(signature);
    ss_key_free(signature->key);
    OPENSSL_free(signature);
}

void *ss_signature_dupctx(void *ctx)
{
    const struct ss_signature *from = ctx;
    struct ss_signature *copy = ss_signature_newctx(from->context, NULL);
    bool ok;

    if (copy == NULL)
        return NULL;
    copy->md_name = from->md_name;
    copy->is_over_message = from->is_over_message;
    if (from->key != NULL) {
        ss_key_up_ref(from->key);
        copy->key = from->key;
    }
    if (from->to_verify != NULL) {
        copy->to_verify = OPENSSL_memdup(from->to_verify, from->to_verify_length);
        copy->to_verify_length = from->to_verify_length;
    }
    if (from->signing != NULL)
        copy->signing = ss_signing_dup(from->signing);
    if (from->raw != NULL)
        copy->raw = EVP_PKEY_CTX_dup(from->raw);
    if (from->stream != NULL)
        copy->stream = EVP_MD_CTX_new();
    ok = (from->to_verify == NULL || copy->to_verify != NULL) &&
         ss_buffer_append(&copy->pieces, from->pieces.bytes, from->pieces.length) &&
         (from->signing == NULL || copy->signing != NULL) &&
         (from->raw == NULL || copy->raw != NULL) &&
         (from->stream == NULL ||
          (copy->stream != NULL && EVP_MD_CTX_copy_ex(copy->stream, from->stream) == 1));
    if (ok)
        return copy;
    ss_signature_freectx(copy);
    return NULL;
}

int ss_signature_result(const struct ss_signature *signature, bool ok, const struct ss_error *error,
                        const char *file, int line, const char *function)
{
    if (!ok)
        ss_raise(&signature->context->core, error, file, line, function);
    return ok;
}

bool ss_signature_take_key(struct ss_signature *signature, struct ss_key *key)
{
    if (key == NULL || key == signature->key)
        return signature->key != NULL;
    if (ss_key_get0_inner(key) == NULL)
        return false;
    ss_key_up_ref(key);
    ss_signature_reset(signature);
    ss_key_free(signature->key);
    signature->key = key;
    return true;
}

/* ---- To the default provider ---- */

int ss_signature_delegate_raw(struct ss_signature *signature, ss_raw_init *init,
                              const OSSL_PARAM *params)
{
    struct ss_error error = {0};
    OSSL_LIB_CTX *inner = ss_context_get0_inner(signature->context, &error);

    if (inner == NULL)
        return SS_SIGNATURE_RESULT(signature, false, &error);
    ss_signature_reset(signature);
    signature->raw = EVP_PKEY_CTX_new_from_pkey(inner, ss_key_get0_inner(signature->key), NULL);
    return signature->raw != NULL && init(signature->raw, params) > 0;
}

int ss_signature_delegate_stream(struct ss_signature *signature, ss_stream_init *init,
                                 const char *md_name, bool is_again, const OSSL_PARAM params[])
{
    struct ss_error error = {0};
    OSSL_LIB_CTX *inner = ss_context_get0_inner(signature->context, &error);

    if (inner == NULL)
        return SS_SIGNATURE_RESULT(signature, false, &error);
    if (is_again && signature->stream != NULL)
        return init(signature->stream, NULL, md_name, inner, NULL, NULL, params) > 0;
    ss_signature_reset(signature);
    signature->stream = EVP_MD_CTX_new();
    return signature->stream != NULL && init(signature->stream, NULL, md_name, inner, NULL,
                                             ss_key_get0_inner(signature->key), params) > 0;
}

/* ---- A whole message at once ---- */

/* libcrypto lets such a context be used once, and the one of EVP_PKEY_sign(3) and
 * EVP_PKEY_verify(3) again and again. NULL: memory is short, or an init has failed. */
static EVP_MD_CTX *copy_stream(const struct ss_signature *signature)
{
    EVP_MD_CTX *copy = signature->stream == NULL ? NULL : EVP_MD_CTX_new();

    if (copy != NULL && EVP_MD_CTX_copy_ex(copy, signature->stream) == 1)
        return copy;
    EVP_MD_CTX_free(copy);
    return NULL;
}

int ss_signature_sign_message(struct ss_signature *signature, unsigned char *sig, size_t *length,
                              size_t size, const unsigned char *data, size_t data_length)
{
    const struct ss_signing *signing = signature->signing;
    struct ss_error error = {0};

    if (signing == NULL) {
        EVP_MD_CTX *stream = copy_stream(signature);
        bool ok;

        *length = size;
        ok = stream != NULL && EVP_DigestSign(stream, sig, length, data, data_length) > 0;
        EVP_MD_CTX_free(stream);
        return ok;
    }
    return SS_SIGNATURE_RESULT(
        signature, ss_signing_sign_message(signing, sig, length, size, data, data_length, &error),
        &error);
}

int ss_signature_verify_message(const struct ss_signature *signature, const unsigned char *sig,
                                size_t length, const unsigned char *data, size_t data_length)
{
    EVP_MD_CTX *stream = copy_stream(signature);
    int result = stream == NULL ? 0 : EVP_DigestVerify(stream, sig, length, data, data_length);

    EVP_MD_CTX_free(stream);
    return result;
}
