// SPDX-License-Identifier: Apache-2.0
/* The scheme "signserver" of OSSL_STORE: a URI gives the private key and, where it is known, the
 * signer certificate. */
#include "algorithms.h"
#include "key.h"
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/store.h>

/* What a load gives next: after a failure nothing, but only then is the end reached, because
 * OSSL_STORE_error(3) does not count what fails at the end. */
enum stage { STAGE_KEY, STAGE_CERTIFICATE, STAGE_FAILED, STAGE_END };

struct store {
    struct ss_context *context;
    struct ss_uri uri;
    struct ss_error error; /* of the URI, kept for the first load */
    int expect;            /* OSSL_STORE_INFO_..., 0: everything */
    struct ss_key *key;
    enum stage stage;
};

static int close_store(void *ctx)
{
    struct store *store = ctx;

    if (store == NULL)
        return 1;
    ss_uri_clear(&store->uri);
    ss_key_free(store->key);
    OPENSSL_free(store);
    return 1;
}

/* What is wrong with URI or settings is said by the first load: an error from here is one more
 * behind libcrypto's own words for schemes that it has no provider for. */
static void *open_store(void *provctx, const char *uri)
{
    struct store *store = OPENSSL_zalloc(sizeof *store);

    if (store == NULL)
        return NULL;
    store->context = provctx;
    (void)ss_uri_parse(&store->uri, uri, &store->error);
    return store;
}

/* OpenSSL 3.0 calls it without asking whether it is there. */
static void *attach_store(void *provctx, OSSL_CORE_BIO *in)
{
    struct ss_context *context = provctx;
    struct ss_error error = {0};

    (void)in;
    ss_fail(
        &error, SS_R_UNSUPPORTED,
        "a key on a signing server is opened by its URI, signserver:WORKER; it is not read from "
        "bytes that are there already");
    SS_RAISE(&context->core, &error);
    return NULL;
}

static const OSSL_PARAM *settable_ctx_params(void *provctx)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL),
        /* Chooses among providers; where it led here, it has done its work. */
        OSSL_PARAM_utf8_string(OSSL_STORE_PARAM_PROPERTIES, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)provctx;
    return params;
}

static bool is_expected(const struct store *store, int kind)
{
    return store->expect == 0 || store->expect == kind;
}

/* libcrypto does not look whether what is loaded is what was searched for, and OSSL_STORE_find(3)
 * not whether we can search. */
static bool refuse_search(const struct store *store, const OSSL_PARAM params[])
{
    static const char *const criteria[] = {OSSL_STORE_PARAM_SUBJECT, OSSL_STORE_PARAM_ISSUER,
                                           OSSL_STORE_PARAM_SERIAL, OSSL_STORE_PARAM_FINGERPRINT,
                                           OSSL_STORE_PARAM_ALIAS};
    struct ss_error error = {0};

    for (size_t i = 0; i < sizeof criteria / sizeof criteria[0]; i++) {
        if (OSSL_PARAM_locate_const(params, criteria[i]) == NULL)
            continue;
        ss_fail(&error, SS_R_UNSUPPORTED,
                "a signserver: URI names one key and its certificate; there is nothing to search "
                "among them by %s",
                criteria[i]);
        SS_RAISE(&store->context->core, &error);
        return true;
    }
    return false;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
    struct store *store = ctx;
    const OSSL_PARAM *expect = OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);

    if (refuse_search(store, params))
        return 0;
    if (expect == NULL)
        return 1;
    if (!OSSL_PARAM_get_int(expect, &store->expect))
        return 0;
    /* For what no worker has, none is asked. */
    if (!is_expected(store, OSSL_STORE_INFO_PKEY) && !is_expected(store, OSSL_STORE_INFO_PUBKEY) &&
        !is_expected(store, OSSL_STORE_INFO_CERT))
        store->stage = STAGE_END;
    return 1;
}

static int give_private_key(const struct store *store, OSSL_CALLBACK *callback, void *argument)
{
    ss_key_up_ref(store->key);
    return ss_key_give(store->key, callback, argument);
}

static int give_public_key(const struct store *store, OSSL_CALLBACK *callback, void *argument)
{
    struct ss_key *public_key = ss_key_new_local(store->context, ss_key_get0_type(store->key));
    EVP_PKEY *copy = public_key == NULL ? NULL : EVP_PKEY_dup(ss_key_get0_inner(store->key));

    if (copy == NULL) {
        ss_key_free(public_key);
        return 0;
    }
    ss_key_take_local(public_key, copy);
    return ss_key_give(public_key, callback, argument);
}

static int give_certificate(const struct store *store, OSSL_CALLBACK *callback, void *argument)
{
    int type = OSSL_OBJECT_CERT;
    char data_type[] = "CERTIFICATE";
    unsigned char *der = NULL;
    int length = i2d_X509(ss_key_get0_certificate(store->key), &der);
    int ok;

    if (length <= 0)
        return 0;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, data_type, 0),
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der, (size_t)length),
        OSSL_PARAM_END,
    };
    ok = callback(params, argument);
    OPENSSL_free(der);
    return ok;
}

/* Opens the key, once, and sees what there is to give. */
static bool begin(struct store *store, struct ss_error *error)
{
    if (store->key != NULL)
        return true;
    *error = store->error;
    if (error->reason != SS_R_NONE)
        return false;
    store->key = ss_key_open(store->context, &store->uri, NULL, error);
    if (store->key == NULL)
        return false;
    if (store->expect == OSSL_STORE_INFO_CERT && ss_key_get0_certificate(store->key) == NULL)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s is pinned to a public key, so that no certificate of it is known",
                       ss_worker_get0_name(ss_key_get0_worker(store->key)));
    return true;
}

static int give_next(struct store *store, OSSL_CALLBACK *callback, void *argument)
{
    enum stage stage = store->stage;
    bool has_certificate =
        is_expected(store, OSSL_STORE_INFO_CERT) && ss_key_get0_certificate(store->key) != NULL;

    store->stage = stage == STAGE_KEY && has_certificate ? STAGE_CERTIFICATE : STAGE_END;
    if (stage == STAGE_KEY && is_expected(store, OSSL_STORE_INFO_PKEY))
        return give_private_key(store, callback, argument);
    if (stage == STAGE_KEY && is_expected(store, OSSL_STORE_INFO_PUBKEY))
        return give_public_key(store, callback, argument);
    store->stage = STAGE_END;
    return has_certificate && give_certificate(store, callback, argument);
}

static int load(void *ctx, OSSL_CALLBACK *object_callback, void *object_argument,
                OSSL_PASSPHRASE_CALLBACK *passphrase_callback, void *passphrase_argument)
{
    struct store *store = ctx;
    struct ss_error error = {0};
    int ok = 0;

    (void)passphrase_callback;
    (void)passphrase_argument;
    if (store->stage == STAGE_FAILED || store->stage == STAGE_END) {
        store->stage = STAGE_END;
        return 0;
    }
    if (begin(store, &error))
        ok = give_next(store, object_callback, object_argument);
    else
        SS_RAISE(&store->context->core, &error);
    if (!ok)
        store->stage = STAGE_FAILED;
    return ok;
}

static int eof(void *ctx)
{
    const struct store *store = ctx;

    return store->stage == STAGE_END;
}

static const OSSL_DISPATCH store_functions[] = {
    {OSSL_FUNC_STORE_OPEN, (void (*)(void))open_store},
    {OSSL_FUNC_STORE_ATTACH, (void (*)(void))attach_store},
    {OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params},
    {OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*)(void))set_ctx_params},
    {OSSL_FUNC_STORE_LOAD, (void (*)(void))load},
    {OSSL_FUNC_STORE_EOF, (void (*)(void))eof},
    {OSSL_FUNC_STORE_CLOSE, (void (*)(void))close_store},
    {0, NULL},
};

const OSSL_ALGORITHM ss_store_algorithms[] = {
    {"signserver", SS_PROPERTIES, store_functions, "Keys on SignServer workers"},
    {NULL, NULL, NULL, NULL},
};
