// SPDX-License-Identifier: Apache-2.0
/* What libcrypto loads: the tables of algorithms, the provider's own parameters, teardown. */
#include "algorithms.h"
#include "capabilities.h"
#include "context.h"
#include "key.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

static OSSL_FUNC_provider_teardown_fn teardown;
static OSSL_FUNC_provider_gettable_params_fn gettable_params;
static OSSL_FUNC_provider_get_params_fn get_params;
static OSSL_FUNC_provider_query_operation_fn query_operation;
static OSSL_FUNC_provider_get_reason_strings_fn get_reason_strings;
static OSSL_FUNC_provider_get_capabilities_fn get_capabilities;
OSSL_provider_init_fn OSSL_provider_init;

static void teardown(void *provctx)
{
    ss_key_forget_all(provctx);
    ss_context_free(provctx);
}

static const OSSL_PARAM *gettable_params(void *provctx)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, NULL, 0),
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, NULL, 0),
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_BUILDINFO, NULL, 0),
        OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, NULL),
        OSSL_PARAM_END,
    };

    (void)provctx;
    return params;
}

static int get_params(void *provctx, OSSL_PARAM params[])
{
    const struct ss_context *context = provctx;
    OSSL_PARAM *name = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_NAME);
    OSSL_PARAM *version = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_VERSION);
    OSSL_PARAM *build = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_BUILDINFO);
    OSSL_PARAM *status = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);
    /* `openssl list -providers` shows 0 as inactive: the one place where a wrong setting can be
     * seen before a key is opened. */
    bool is_usable = context->settings.error.reason == SS_R_NONE && !context->is_foreign;

    return (name == NULL || OSSL_PARAM_set_utf8_ptr(name, "SignServer provider")) &&
           (version == NULL || OSSL_PARAM_set_utf8_ptr(version, PROJECT_VERSION)) &&
           (build == NULL || OSSL_PARAM_set_utf8_ptr(build, PROJECT_VERSION)) &&
           (status == NULL || OSSL_PARAM_set_int(status, is_usable));
}

static const OSSL_ALGORITHM *query_operation(void *provctx, int operation, int *no_cache)
{
    const struct ss_context *context = provctx;

    *no_cache = 0;
    if (context->is_foreign)
        return NULL;
    switch (operation) {
    case OSSL_OP_KEYMGMT:
        return ss_keymgmt_algorithms;
    case OSSL_OP_SIGNATURE:
        return ss_signature_algorithms;
    case OSSL_OP_ASYM_CIPHER:
        return ss_cipher_algorithms;
    case OSSL_OP_STORE:
        return ss_store_algorithms;
    case OSSL_OP_ENCODER:
        return ss_encoder_algorithms;
    case OSSL_OP_DECODER:
        return ss_decoder_algorithms;
    default:
        return NULL;
    }
}

static const OSSL_ITEM *get_reason_strings(void *provctx)
{
    (void)provctx;
    return ss_reason_strings();
}

static int get_capabilities(void *provctx, const char *capability, OSSL_CALLBACK *callback,
                            void *argument)
{
    struct ss_context *context = provctx;

    return context->is_foreign || ss_capabilities_announce(context, capability, callback, argument);
}

static const OSSL_DISPATCH provider_functions[] = {
    {OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown},
    {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable_params},
    {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params},
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query_operation},
    {OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, (void (*)(void))get_reason_strings},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities},
    {0, NULL},
};

/* Succeeds whatever the settings are: libcrypto hides a failure here, and the store could then not
 * say what is wrong. */
__attribute__((visibility("default"))) int OSSL_provider_init(const OSSL_CORE_HANDLE *handle,
                                                              const OSSL_DISPATCH *in,
                                                              const OSSL_DISPATCH **out,
                                                              void **provctx)
{
    struct ss_context *context = ss_context_new(handle, in);

    if (context == NULL)
        return 0;
    *provctx = context;
    *out = provider_functions;
    return 1;
}
