// SPDX-License-Identifier: Apache-2.0
#include "context.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <string.h>

/* Where the values of the provider's section of openssl.cnf come from. */
struct section {
    OSSL_FUNC_core_get_params_fn *get_params;
    const OSSL_CORE_HANDLE *handle;
};

static const char *section_get(void *user, const char *key)
{
    const struct section *section = user;
    char *value = NULL;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_ptr(key, &value, 0), OSSL_PARAM_END};

    if (section->get_params == NULL || !section->get_params(section->handle, params))
        return NULL;
    return value;
}

static void take_core_functions(struct ss_context *context, struct section *section,
                                const OSSL_DISPATCH *function)
{
    for (; function->function_id != 0; function++) {
        switch (function->function_id) {
        case OSSL_FUNC_CORE_GET_PARAMS:
            section->get_params = OSSL_FUNC_core_get_params(function);
            break;
        case OSSL_FUNC_CORE_NEW_ERROR:
            context->core.new_error = OSSL_FUNC_core_new_error(function);
            break;
        case OSSL_FUNC_CORE_SET_ERROR_DEBUG:
            context->core.set_error_debug = OSSL_FUNC_core_set_error_debug(function);
            break;
        case OSSL_FUNC_CORE_VSET_ERROR:
            context->core.vset_error = OSSL_FUNC_core_vset_error(function);
            break;
        case OSSL_FUNC_BIO_READ_EX:
            context->bio_read_ex = OSSL_FUNC_BIO_read_ex(function);
            break;
        case OSSL_FUNC_BIO_GETS:
            context->bio_gets = OSSL_FUNC_BIO_gets(function);
            break;
        case OSSL_FUNC_BIO_WRITE_EX:
            context->bio_write_ex = OSSL_FUNC_BIO_write_ex(function);
            break;
        default:
            break;
        }
    }
}

/*
 * A program that brings a libcrypto of its own (the wheel of Python's cryptography) may read the
 * system's openssl.cnf and load us, who call the system's libcrypto: what one of the two has made
 * is not for the other.
 */
static bool is_foreign(struct section *section)
{
    const char *version = section_get(section, OSSL_PROV_PARAM_CORE_VERSION);

    return version != NULL && strcmp(version, OpenSSL_version(OPENSSL_VERSION_STRING)) != 0;
}

struct ss_context *ss_context_new(const OSSL_CORE_HANDLE *handle,
                                  const OSSL_DISPATCH *core_functions)
{
    struct ss_context *context = OPENSSL_zalloc(sizeof *context);
    struct section section = {.handle = handle};

    if (context == NULL)
        return NULL;
    context->core.handle = handle;
    take_core_functions(context, &section, core_functions);
    context->is_foreign = is_foreign(&section);
    ss_settings_init(&context->settings, section_get, &section);
    return context;
}

/* Loads each of the blank-separated `names`. */
static bool load_providers(OSSL_LIB_CTX *inner, const char *names, struct ss_error *error)
{
    static const char blanks[] = " \t";

    for (names += strspn(names, blanks); *names != '\0'; names += strspn(names, blanks)) {
        size_t length = strcspn(names, blanks);
        char *name = OPENSSL_strndup(names, length);
        bool is_loaded = name != NULL && OSSL_PROVIDER_load(inner, name) != NULL;

        OPENSSL_free(name);
        if (!is_loaded)
            return ss_fail(error, SS_R_CONFIGURATION,
                           "inner-providers: the provider \"%.*s\" cannot be loaded", (int)length,
                           names);
        names += length;
    }
    return true;
}

static int unload(OSSL_PROVIDER *provider, void *user)
{
    (void)user;
    return OSSL_PROVIDER_unload(provider);
}

/* A library context does not let go of providers that were loaded by name. */
static void free_inner(OSSL_LIB_CTX *inner)
{
    if (inner == NULL)
        return;
    OSSL_PROVIDER_do_all(inner, unload, NULL);
    OSSL_LIB_CTX_free(inner);
}

static OSSL_LIB_CTX *make_inner(const struct ss_context *context, struct ss_error *error)
{
    OSSL_LIB_CTX *inner = OSSL_LIB_CTX_new();

    if (inner == NULL) {
        ss_fail_internal(error, "making a library context");
        return NULL;
    }
    if (!load_providers(inner, context->settings.inner_providers, error)) {
        free_inner(inner);
        return NULL;
    }
    return inner;
}

OSSL_LIB_CTX *ss_context_get0_inner(struct ss_context *context, struct ss_error *error)
{
    OSSL_LIB_CTX *published = atomic_load(&context->inner);
    OSSL_LIB_CTX *made;

    if (published != NULL)
        return published;
    made = make_inner(context, error);
    if (made == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&context->inner, &published, made))
        return made;
    /* Another thread was first; its context is in `published`. */
    free_inner(made);
    return published;
}

struct ss_transport *ss_context_get0_transport(struct ss_context *context, struct ss_error *error)
{
    struct ss_transport *published = atomic_load(&context->transport);
    struct ss_transport *made;
    OSSL_LIB_CTX *inner;

    if (published != NULL)
        return published;
    inner = ss_context_get0_inner(context, error);
    if (inner == NULL)
        return NULL;
    made = ss_transport_new(&context->settings, inner, error);
    if (made == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&context->transport, &published, made))
        return made;
    ss_transport_free(made);
    return published;
}

void ss_context_free(struct ss_context *context)
{
    if (context == NULL)
        return;
    ss_transport_free(context->transport);
    free_inner(context->inner);
    ss_settings_clear(&context->settings);
    OPENSSL_free(context);
}
