// SPDX-License-Identifier: Apache-2.0
/*
 * The key manager of every type: each function is handed on to the inner EVP_PKEY. What libcrypto
 * says about a failure inside is in its error queue already, so that only our own refusals raise.
 */
#include "algorithms.h"
#include "generate.h"
#include "key.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

static OSSL_LIB_CTX *inner_context(struct ss_context *context)
{
    struct ss_error error = {0};
    OSSL_LIB_CTX *inner = ss_context_get0_inner(context, &error);

    if (inner == NULL)
        SS_RAISE(&context->core, &error);
    return inner;
}

static void free_key(void *keydata)
{
    ss_key_free(keydata);
}

/* The reference is the store's pointer to the key; what it points to becomes libcrypto's. */
static void *load(const void *reference, size_t reference_size)
{
    struct ss_key **handed_over = (struct ss_key **)(uintptr_t)reference;
    struct ss_key *key = NULL, *view = NULL;

    if (reference_size != sizeof key)
        return NULL;
    key = *handed_over;
    *handed_over = NULL;
    view = ss_key_new_view(key);
    ss_key_free(key);
    return view;
}

/* The parts of a key pair, as bits of a selection, that an export has delivered. */
static int note_parts(const OSSL_PARAM params[], void *user)
{
    static const struct {
        const char *name;
        int part;
    } names[] = {
        {OSSL_PKEY_PARAM_RSA_N, OSSL_KEYMGMT_SELECT_PUBLIC_KEY},
        {OSSL_PKEY_PARAM_PUB_KEY, OSSL_KEYMGMT_SELECT_PUBLIC_KEY},
        {OSSL_PKEY_PARAM_RSA_D, OSSL_KEYMGMT_SELECT_PRIVATE_KEY},
        {OSSL_PKEY_PARAM_PRIV_KEY, OSSL_KEYMGMT_SELECT_PRIVATE_KEY},
    };
    int *parts = user;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (OSSL_PARAM_locate_const(params, names[i].name) != NULL)
            *parts |= names[i].part;
    }
    return 1;
}

/* libcrypto has no question for this; what a key can export, it has. */
static int parts_of(const struct ss_key *key, int selection)
{
    int parts = 0;

    if (ss_key_is_remote(key))
        return OSSL_KEYMGMT_SELECT_KEYPAIR;
    ERR_set_mark();
    if (!EVP_PKEY_export(ss_key_get0_inner(key),
                         selection | OSSL_KEYMGMT_SELECT_PUBLIC_KEY |
                             OSSL_KEYMGMT_SELECT_ALL_PARAMETERS,
                         note_parts, &parts))
        parts = 0;
    ERR_pop_to_mark();
    return parts;
}

static int has(const void *keydata, int selection)
{
    const struct ss_key *key = keydata;
    int wanted = selection & OSSL_KEYMGMT_SELECT_KEYPAIR;

    if (ss_key_get0_inner(key) == NULL) /* libcrypto asks about no key, too */
        return 0;
    return wanted == 0 || (parts_of(key, selection) & wanted) == wanted;
}

static int match(const void *keydata1, const void *keydata2, int selection)
{
    EVP_PKEY *inner1 = ss_key_get0_inner(keydata1);
    EVP_PKEY *inner2 = ss_key_get0_inner(keydata2);

    if (inner1 == NULL || inner2 == NULL)
        return 0;
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0)
        return EVP_PKEY_eq(inner1, inner2) == 1;
    return EVP_PKEY_parameters_eq(inner1, inner2) == 1;
}

static int validate_with(EVP_PKEY_CTX *ctx, int selection, bool is_quick)
{
    switch (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) {
    case OSSL_KEYMGMT_SELECT_KEYPAIR:
        return EVP_PKEY_pairwise_check(ctx);
    case OSSL_KEYMGMT_SELECT_PRIVATE_KEY:
        return EVP_PKEY_private_check(ctx);
    case OSSL_KEYMGMT_SELECT_PUBLIC_KEY:
        return is_quick ? EVP_PKEY_public_check_quick(ctx) : EVP_PKEY_public_check(ctx);
    default:
        return is_quick ? EVP_PKEY_param_check_quick(ctx) : EVP_PKEY_param_check(ctx);
    }
}

static int validate(const void *keydata, int selection, int check_type)
{
    const struct ss_key *key = keydata;
    OSSL_LIB_CTX *inner = NULL;
    EVP_PKEY_CTX *ctx = NULL;
    int ok;

    if (ss_key_get0_inner(key) == NULL)
        return 0;
    inner = inner_context(ss_key_get0_context(key));
    if (inner == NULL)
        return 0;
    /* The private half cannot be looked at; that it belongs to the public one is checked with each
     * signature. */
    if (ss_key_is_remote(key) && (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0)
        selection = OSSL_KEYMGMT_SELECT_PUBLIC_KEY;
    ctx = EVP_PKEY_CTX_new_from_pkey(inner, ss_key_get0_inner(key), NULL);
    ok = ctx != NULL &&
         validate_with(ctx, selection, check_type == OSSL_KEYMGMT_VALIDATE_QUICK_CHECK) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* The digest of a worker that hashes for itself is the one to use where none is asked for. */
static bool set_default_digest(const struct ss_key *key, OSSL_PARAM params[])
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_DEFAULT_DIGEST);
    struct ss_scheme scheme = ss_key_get_scheme(key);

    return param == NULL || scheme.digest == NULL ||
           OSSL_PARAM_set_utf8_string(param, scheme.digest->name);
}

static int get_params(void *keydata, OSSL_PARAM params[])
{
    const struct ss_key *key = keydata;

    return ss_key_get0_inner(key) != NULL &&
           EVP_PKEY_get_params(ss_key_get0_inner(key), params) == 1 &&
           set_default_digest(key, params);
}

/* How a public key is written, not what it is. What no key of its type knows changes nothing,
 * either. */
static bool is_of_form_only(const OSSL_PARAM params[], const OSSL_PARAM *known)
{
    for (; params->key != NULL; params++) {
        if (strcmp(params->key, OSSL_PKEY_PARAM_EC_ENCODING) != 0 &&
            strcmp(params->key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT) != 0 &&
            strcmp(params->key, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC) != 0 && known != NULL &&
            OSSL_PARAM_locate_const(known, params->key) != NULL)
            return false;
    }
    return true;
}

static int set_params(void *keydata, const OSSL_PARAM params[])
{
    const struct ss_key *key = keydata;
    struct ss_error error = {0};

    if (params == NULL || params->key == NULL)
        return 1;
    if (ss_key_is_remote(key) &&
        !is_of_form_only(params, EVP_PKEY_settable_params(ss_key_get0_inner(key)))) {
        ss_fail(&error, SS_R_UNSUPPORTED,
                "%s: a key on a signing server cannot be changed from here",
                ss_worker_get0_name(ss_key_get0_worker(key)));
        SS_RAISE(&ss_key_get0_context(key)->core, &error);
        return 0;
    }
    /* libcrypto takes parameters that it does not change without const. */
    return ss_key_get0_inner(key) != NULL &&
           EVP_PKEY_set_params(ss_key_get0_inner(key), (OSSL_PARAM *)(uintptr_t)params) == 1;
}

/*
 * Refusing the private half of a remote key, without an error, is what makes libcrypto come back to
 * our own signature: a public key in its place would be taken for the whole one, and fail to sign.
 */
static int export(void *keydata, int selection, OSSL_CALLBACK *callback, void *argument)
{
    const struct ss_key *key = keydata;

    if (ss_key_get0_inner(key) == NULL ||
        (ss_key_is_remote(key) && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0))
        return 0;
    return EVP_PKEY_export(ss_key_get0_inner(key), selection, callback, argument);
}

static bool build(struct ss_key *key, OSSL_LIB_CTX *inner, int selection, const OSSL_PARAM params[])
{
    const struct ss_type *type = ss_key_get0_type(key);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(inner, type->name, NULL);
    EVP_PKEY *whole = NULL;
    bool ok = ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
              EVP_PKEY_fromdata(ctx, &whole, selection, (OSSL_PARAM *)(uintptr_t)params) == 1;

    EVP_PKEY_CTX_free(ctx);
    if (ok)
        ss_key_take_local(key, whole);
    return ok;
}

static int import(void *keydata, int selection, const OSSL_PARAM params[])
{
    struct ss_key *key = keydata;
    OSSL_LIB_CTX *inner = inner_context(ss_key_get0_context(key));

    return inner != NULL && !ss_key_is_remote(key) && build(key, inner, selection, params);
}

/* A part of a key as a local key of its own. */
static bool copy_part(struct ss_key *copy, OSSL_LIB_CTX *inner, EVP_PKEY *from, int selection)
{
    OSSL_PARAM *params = NULL;
    bool ok =
        EVP_PKEY_todata(from, selection, &params) == 1 && build(copy, inner, selection, params);

    OSSL_PARAM_free(params);
    return ok;
}

static bool copy_local(struct ss_key *copy, OSSL_LIB_CTX *inner, EVP_PKEY *from, int selection)
{
    EVP_PKEY *whole = NULL;

    if (from == NULL)
        return true;
    if ((selection & OSSL_KEYMGMT_SELECT_ALL) != OSSL_KEYMGMT_SELECT_ALL)
        return copy_part(copy, inner, from, selection);
    whole = EVP_PKEY_dup(from);
    ss_key_take_local(copy, whole);
    return whole != NULL;
}

static void *dup(const void *keydata, int selection)
{
    struct ss_key *key = (struct ss_key *)(uintptr_t)keydata;
    struct ss_context *context = ss_key_get0_context(key);
    OSSL_LIB_CTX *inner = inner_context(context);
    struct ss_key *copy = NULL;

    if (ss_key_is_remote(key) && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)
        return ss_key_new_view(key);
    copy = inner == NULL ? NULL : ss_key_new_local(context, ss_key_get0_type(key));
    if (copy == NULL || copy_local(copy, inner, ss_key_get0_inner(key), selection))
        return copy;
    ss_key_free(copy);
    return NULL;
}

/* A generation and what its result is made into. */
struct generator {
    struct ss_context *context;
    const struct ss_type *type;
    struct ss_generation *generation;
};

static void gen_cleanup(void *genctx)
{
    struct generator *generator = genctx;

    if (generator == NULL)
        return;
    ss_generation_free(generator->generation);
    OPENSSL_free(generator);
}

static void *gen_init(struct ss_context *context, const struct ss_type *type, int selection,
                      const OSSL_PARAM params[])
{
    OSSL_LIB_CTX *inner = inner_context(context);
    struct generator *generator = inner == NULL ? NULL : OPENSSL_zalloc(sizeof *generator);

    if (generator == NULL)
        return NULL;
    generator->context = context;
    generator->type = type;
    generator->generation = ss_generation_new(inner, type, selection);
    if (generator->generation != NULL && ss_generation_set_params(generator->generation, params))
        return generator;
    gen_cleanup(generator);
    return NULL;
}

static int gen_set_params(void *genctx, const OSSL_PARAM params[])
{
    const struct generator *generator = genctx;

    return ss_generation_set_params(generator->generation, params);
}

static int gen_set_template(void *genctx, void *keydata)
{
    const struct generator *generator = genctx;
    EVP_PKEY *template = ss_key_get0_inner(keydata);

    return template != NULL && ss_generation_set_template(generator->generation, template);
}

static void *gen(void *genctx, OSSL_CALLBACK *callback, void *argument)
{
    const struct generator *generator = genctx;
    struct ss_key *key = ss_key_new_local(generator->context, generator->type);
    EVP_PKEY *whole =
        key == NULL ? NULL : ss_generation_run(generator->generation, callback, argument);

    if (whole == NULL) {
        ss_key_free(key);
        return NULL;
    }
    ss_key_take_local(key, whole);
    return key;
}

/* A list of the inner key manager's, which lives as long as its provider is loaded. */
static const OSSL_PARAM *inner_list(struct ss_context *context, const struct ss_type *type,
                                    const OSSL_PARAM *(*list)(const EVP_KEYMGMT *))
{
    OSSL_LIB_CTX *inner = inner_context(context);
    EVP_KEYMGMT *keymgmt = inner == NULL ? NULL : EVP_KEYMGMT_fetch(inner, type->name, NULL);
    const OSSL_PARAM *params = keymgmt == NULL ? NULL : list(keymgmt);

    EVP_KEYMGMT_free(keymgmt);
    return params;
}

static const char *operation_name(const struct ss_type *type, int operation)
{
    switch (operation) {
    case OSSL_OP_SIGNATURE:
        return type->signature;
    case OSSL_OP_KEYEXCH:
        return type->exchange;
    default:
        return NULL;
    }
}

/* What may be imported and exported. */
static const OSSL_PARAM *key_parameters(const struct ss_type *type, int selection)
{
    return (selection & OSSL_KEYMGMT_SELECT_ALL) != 0 ? type->parameters : NULL;
}

/* The few functions that libcrypto calls without a key, so that only the table they stand in tells
 * the type. */
#define TYPE_FUNCTIONS(id, ...)                                                                    \
    static void *new_##id(void *provctx)                                                           \
    {                                                                                              \
        return ss_key_new_local(provctx, &ss_types[SS_TYPE_##id]);                                 \
    }                                                                                              \
    static void *gen_init_##id(void *provctx, int selection, const OSSL_PARAM params[])            \
    {                                                                                              \
        return gen_init(provctx, &ss_types[SS_TYPE_##id], selection, params);                      \
    }                                                                                              \
    static const OSSL_PARAM *gettable_params_##id(void *provctx)                                   \
    {                                                                                              \
        return inner_list(provctx, &ss_types[SS_TYPE_##id], EVP_KEYMGMT_gettable_params);          \
    }                                                                                              \
    static const OSSL_PARAM *settable_params_##id(void *provctx)                                   \
    {                                                                                              \
        return inner_list(provctx, &ss_types[SS_TYPE_##id], EVP_KEYMGMT_settable_params);          \
    }                                                                                              \
    static const OSSL_PARAM *gen_settable_params_##id(void *genctx, void *provctx)                 \
    {                                                                                              \
        (void)genctx;                                                                              \
        return inner_list(provctx, &ss_types[SS_TYPE_##id], EVP_KEYMGMT_gen_settable_params);      \
    }                                                                                              \
    static const OSSL_PARAM *key_parameters_##id(int selection)                                    \
    {                                                                                              \
        return key_parameters(&ss_types[SS_TYPE_##id], selection);                                 \
    }                                                                                              \
    static const char *operation_name_##id(int operation)                                          \
    {                                                                                              \
        return operation_name(&ss_types[SS_TYPE_##id], operation);                                 \
    }                                                                                              \
    static const OSSL_DISPATCH functions_##id[] = {                                                \
        {OSSL_FUNC_KEYMGMT_NEW, (void (*)(void))new_##id},                                         \
        {OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))free_key},                                        \
        {OSSL_FUNC_KEYMGMT_LOAD, (void (*)(void))load},                                            \
        {OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))has},                                              \
        {OSSL_FUNC_KEYMGMT_MATCH, (void (*)(void))match},                                          \
        {OSSL_FUNC_KEYMGMT_VALIDATE, (void (*)(void))validate},                                    \
        {OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))get_params},                                \
        {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))gettable_params_##id},                 \
        {OSSL_FUNC_KEYMGMT_SET_PARAMS, (void (*)(void))set_params},                                \
        {OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, (void (*)(void))settable_params_##id},                 \
        {OSSL_FUNC_KEYMGMT_EXPORT, (void (*)(void)) export},                                       \
        {OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (void (*)(void))key_parameters_##id},                     \
        {OSSL_FUNC_KEYMGMT_IMPORT, (void (*)(void))import},                                        \
        {OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (void (*)(void))key_parameters_##id},                     \
        {OSSL_FUNC_KEYMGMT_DUP, (void (*)(void))dup},                                              \
        {OSSL_FUNC_KEYMGMT_GEN_INIT, (void (*)(void))gen_init_##id},                               \
        {OSSL_FUNC_KEYMGMT_GEN_SET_TEMPLATE, (void (*)(void))gen_set_template},                    \
        {OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, (void (*)(void))gen_set_params},                        \
        {OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, (void (*)(void))gen_settable_params_##id},         \
        {OSSL_FUNC_KEYMGMT_GEN, (void (*)(void))gen},                                              \
        {OSSL_FUNC_KEYMGMT_GEN_CLEANUP, (void (*)(void))gen_cleanup},                              \
        {OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (void (*)(void))operation_name_##id},             \
        {0, NULL},                                                                                 \
    };
SS_TYPES(TYPE_FUNCTIONS)

#define ALGORITHM(id, name, names, ...)                                                            \
    {names, SS_PROPERTIES, functions_##id, "A key on a SignServer worker, or a local one"},
const OSSL_ALGORITHM ss_keymgmt_algorithms[] = {
    SS_TYPES(ALGORITHM){NULL, NULL, NULL, NULL},
};
