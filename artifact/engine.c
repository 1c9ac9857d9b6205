// SPDX-License-Identifier: Apache-2.0
/* Engines are deprecated since OpenSSL 3.0, and all there is for tokens in releases that live on.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "engine.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <string.h>

#if OPENSSL_VERSION_MAJOR < 4 && !defined OPENSSL_NO_ENGINE
#include <openssl/engine.h>

static const char engine_name[] = "pkcs11";

/* For ENGINE_free; NULL when there is none. */
static ENGINE *find_engine(void)
{
    ENGINE *engine = NULL;
    if (OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC, NULL))
        engine = ENGINE_by_id(engine_name);
    ERR_clear_error();
    return engine;
}

bool artifact_engine_serves(const char *scheme)
{
    ENGINE *engine = strcmp(scheme, engine_name) == 0 ? find_engine() : NULL;
    ENGINE_free(engine);
    return engine != NULL;
}

/* ---- Holding the engine for as long as the key lives ---- */

static void release_engine(void *key, void *engine, CRYPTO_EX_DATA *data, int index, long argument,
                           void *pointer)
{
    (void)key;
    (void)data;
    (void)index;
    (void)argument;
    (void)pointer;
    if (engine)
        ENGINE_finish(engine);
}

static int hold_engine_again(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **engine,
                             int index, long argument, void *pointer)
{
    (void)to;
    (void)from;
    (void)index;
    (void)argument;
    (void)pointer;
    return !*engine || ENGINE_init(*engine);
}

/* An index is registered once in a process, and constant from then on. */
static int engine_index = -1;
static CRYPTO_ONCE engine_index_once = CRYPTO_ONCE_STATIC_INIT;

static void register_engine_index(void)
{
    engine_index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_EVP_PKEY, 0, NULL, NULL,
                                           hold_engine_again, release_engine);
}

static bool give_engine(EVP_PKEY *key, ENGINE *engine)
{
    return CRYPTO_THREAD_run_once(&engine_index_once, register_engine_index) && engine_index >= 0 &&
           EVP_PKEY_set_ex_data(key, engine_index, engine);
}

EVP_PKEY *artifact_engine_load(const char *uri, enum artifact_key_use use, UI_METHOD *ui,
                               void *ui_data, struct artifact_error *error)
{
    EVP_PKEY *key = NULL, *found = NULL;
    bool is_running = false;
    ENGINE *engine = find_engine();
    if (engine)
        is_running = ENGINE_init(engine) == 1;
    if (is_running && use == ARTIFACT_KEY_SIGN)
        found = ENGINE_load_private_key(engine, uri, ui, ui_data);
    else if (is_running)
        found = ENGINE_load_public_key(engine, uri, ui, ui_data);
    if (!found) {
        artifact_fail_openssl(error, ARTIFACT_BAD_KEY, uri,
                              "PKCS#11: failed to load %s key %s through the engine",
                              use == ARTIFACT_KEY_SIGN ? "private" : "public", uri);
        goto out;
    }
    if (!give_engine(found, engine)) {
        artifact_fail_memory(error);
        goto out;
    }
    is_running = false;
    key = found;
    found = NULL;
out:
    EVP_PKEY_free(found);
    if (is_running)
        ENGINE_finish(engine);
    ENGINE_free(engine);
    return key;
}

#else

bool artifact_engine_serves(const char *scheme)
{
    (void)scheme;
    return false;
}

EVP_PKEY *artifact_engine_load(const char *uri, enum artifact_key_use use, UI_METHOD *ui,
                               void *ui_data, struct artifact_error *error)
{
    (void)use;
    (void)ui;
    (void)ui_data;
    artifact_fail(error, ARTIFACT_BAD_KEY, uri, "%s: OpenSSL has no engines", uri);
    return NULL;
}

#endif
