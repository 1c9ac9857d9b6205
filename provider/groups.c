// SPDX-License-Identifier: Apache-2.0
#include "groups.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>

struct listener {
    OSSL_CALLBACK *callback;
    void *argument;
};

/* Passes on the groups of the one type of ours that libssl makes ephemeral keys of. */
static int pass_on_ec(const OSSL_PARAM params[], void *user)
{
    const struct listener *listener = user;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, OSSL_CAPABILITY_TLS_GROUP_ALG);
    const char *algorithm = NULL;

    if (param == NULL || !OSSL_PARAM_get_utf8_string_ptr(param, &algorithm) ||
        OPENSSL_strcasecmp(algorithm, "EC") != 0)
        return 1;
    return listener->callback(params, listener->argument);
}

static int groups_of(OSSL_PROVIDER *provider, void *user)
{
    return OSSL_PROVIDER_get_capabilities(provider, "TLS-GROUP", pass_on_ec, user);
}

bool ss_groups_announce(struct ss_context *context, OSSL_CALLBACK *callback, void *argument)
{
    struct listener listener = {callback, argument};
    struct ss_error error = {0};
    OSSL_LIB_CTX *inner = ss_context_get0_inner(context, &error);

    return inner == NULL || OSSL_PROVIDER_do_all(inner, groups_of, &listener);
}
