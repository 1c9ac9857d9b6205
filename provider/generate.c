// SPDX-License-Identifier: Apache-2.0
#include "generate.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

struct ss_generation {
    OSSL_LIB_CTX *inner;
    bool makes_key; /* otherwise parameters */
    EVP_PKEY_CTX *ctx;
    OSSL_PARAM *params; /* all that were set so far, because a template comes after them */
};

static bool take_ctx(struct ss_generation *generation, EVP_PKEY_CTX *ctx)
{
    int ok = 0;

    if (ctx != NULL)
        ok = generation->makes_key ? EVP_PKEY_keygen_init(ctx) : EVP_PKEY_paramgen_init(ctx);
    if (ok <= 0) {
        EVP_PKEY_CTX_free(ctx);
        return false;
    }
    EVP_PKEY_CTX_free(generation->ctx);
    generation->ctx = ctx;
    return true;
}

struct ss_generation *ss_generation_new(OSSL_LIB_CTX *inner, const struct ss_type *type,
                                        int selection)
{
    struct ss_generation *generation = OPENSSL_zalloc(sizeof *generation);

    if (generation == NULL)
        return NULL;
    generation->inner = inner;
    generation->makes_key = (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0;
    if (take_ctx(generation, EVP_PKEY_CTX_new_from_name(inner, type->name, NULL)))
        return generation;
    ss_generation_free(generation);
    return NULL;
}

void ss_generation_free(struct ss_generation *generation)
{
    if (generation == NULL)
        return;
    EVP_PKEY_CTX_free(generation->ctx);
    OSSL_PARAM_free(generation->params);
    OPENSSL_free(generation);
}

static bool remember(struct ss_generation *generation, const OSSL_PARAM *params)
{
    OSSL_PARAM *merged = OSSL_PARAM_merge(generation->params, params);
    OSSL_PARAM *copied = merged == NULL ? NULL : OSSL_PARAM_dup(merged);

    OPENSSL_free(merged);
    if (copied == NULL)
        return false;
    OSSL_PARAM_free(generation->params);
    generation->params = copied;
    return true;
}

bool ss_generation_set_params(struct ss_generation *generation, const OSSL_PARAM *params)
{
    if (params == NULL || params->key == NULL)
        return true;
    return EVP_PKEY_CTX_set_params(generation->ctx, params) > 0 && remember(generation, params);
}

bool ss_generation_set_template(struct ss_generation *generation, EVP_PKEY *template)
{
    return take_ctx(generation, EVP_PKEY_CTX_new_from_pkey(generation->inner, template, NULL)) &&
           (generation->params == NULL ||
            EVP_PKEY_CTX_set_params(generation->ctx, generation->params) > 0);
}

struct listener {
    OSSL_CALLBACK *callback;
    void *argument;
};

static int report_progress(EVP_PKEY_CTX *ctx)
{
    const struct listener *listener = EVP_PKEY_CTX_get_app_data(ctx);
    int potential = EVP_PKEY_CTX_get_keygen_info(ctx, 0);
    int iteration = EVP_PKEY_CTX_get_keygen_info(ctx, 1);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_GEN_PARAM_POTENTIAL, &potential),
        OSSL_PARAM_construct_int(OSSL_GEN_PARAM_ITERATION, &iteration),
        OSSL_PARAM_END,
    };

    return listener->callback(params, listener->argument);
}

EVP_PKEY *ss_generation_run(struct ss_generation *generation, OSSL_CALLBACK *callback,
                            void *argument)
{
    struct listener listener = {callback, argument};
    EVP_PKEY *key = NULL;

    if (callback != NULL) {
        EVP_PKEY_CTX_set_app_data(generation->ctx, &listener);
        EVP_PKEY_CTX_set_cb(generation->ctx, report_progress);
    }
    if (EVP_PKEY_generate(generation->ctx, &key) <= 0)
        key = NULL;
    EVP_PKEY_CTX_set_cb(generation->ctx, NULL);
    EVP_PKEY_CTX_set_app_data(generation->ctx, NULL);
    return key;
}
