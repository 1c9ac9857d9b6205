// SPDX-License-Identifier: Apache-2.0
#include "capabilities.h"
#include "types.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>

struct listener {
    const char *capability;
    bool (*is_ours)(const OSSL_PARAM params[]);
    OSSL_CALLBACK *callback;
    void *argument;
};

static const char *text_of(const OSSL_PARAM params[], const char *name)
{
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, name);
    const char *text = NULL;

    return param != NULL && OSSL_PARAM_get_utf8_string_ptr(param, &text) ? text : "";
}

/* EC is the one type of ours that libssl makes ephemeral keys of. */
static bool is_group_of_ours(const OSSL_PARAM params[])
{
    return OPENSSL_strcasecmp(text_of(params, OSSL_CAPABILITY_TLS_GROUP_ALG), "EC") == 0;
}

#ifdef OSSL_CAPABILITY_TLS_SIGALG_NAME
/* The algorithms that are announced at all are named like their keys. */
static bool is_sigalg_of_ours(const OSSL_PARAM params[])
{
    const char *name = text_of(params, OSSL_CAPABILITY_TLS_SIGALG_NAME);

    for (size_t i = 0; i < SS_TYPE_COUNT; i++) {
        if (OPENSSL_strcasecmp(name, ss_types[i].name) == 0)
            return true;
    }
    return false;
}
#endif

static int pass_on(const OSSL_PARAM params[], void *user)
{
    const struct listener *listener = user;

    return !listener->is_ours(params) || listener->callback(params, listener->argument);
}

static int capabilities_of(OSSL_PROVIDER *provider, void *user)
{
    const struct listener *listener = user;

    return OSSL_PROVIDER_get_capabilities(provider, listener->capability, pass_on, user);
}

bool ss_capabilities_announce(struct ss_context *context, const char *capability,
                              OSSL_CALLBACK *callback, void *argument)
{
    struct listener listener = {capability, NULL, callback, argument};
    struct ss_error error = {0};
    OSSL_LIB_CTX *inner = NULL;

    if (OPENSSL_strcasecmp(capability, "TLS-GROUP") == 0)
        listener.is_ours = is_group_of_ours;
#ifdef OSSL_CAPABILITY_TLS_SIGALG_NAME
    else if (OPENSSL_strcasecmp(capability, "TLS-SIGALG") == 0)
        listener.is_ours = is_sigalg_of_ours;
#endif
    if (listener.is_ours == NULL)
        return true;
    inner = ss_context_get0_inner(context, &error);
    return inner == NULL || OSSL_PROVIDER_do_all(inner, capabilities_of, &listener);
}
