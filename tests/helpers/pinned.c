// SPDX-License-Identifier: Apache-2.0
#include "pinned.h"

#include "unit.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

OSSL_provider_init_fn OSSL_provider_init;

const char *const pinned_types[] = {"RSA", "RSA-PSS", "EC", "ED25519"};

static EVP_PKEY *generate(const char *type)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    CHECK_INT(EVP_PKEY_keygen_init(ctx), 1);
    if (strcmp(type, "EC") == 0)
        CHECK_INT(EVP_PKEY_CTX_set_group_name(ctx, "P-256"), 1);
    if (strncmp(type, "RSA", 3) == 0)
        CHECK_INT(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 1024), 1);
    CHECK_INT(EVP_PKEY_generate(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

void pinned_path(char path[128], const struct pinned *world, int worker)
{
    snprintf(path, 128, "%s/worker%d.pem", world->directory, worker);
}

void pinned_pin(const struct pinned *world, int worker)
{
    char path[128];
    BIO *file;

    pinned_path(path, world, worker);
    file = BIO_new_file(path, "w");
    CHECK_INT(PEM_write_bio_PUBKEY(file, world->workers[worker]), 1);
    BIO_free(file);
}

void pinned_open(struct pinned *world)
{
    *world = (struct pinned){.directory = "/tmp/pinned.XXXXXX"};
    CHECK(mkdtemp(world->directory) != NULL);
    CHECK_INT(setenv("SIGNSERVER_HOSTNAME", "https://127.0.0.1:1", 1), 0);
    for (int i = 0; i < WORKERS; i++) {
        world->workers[i] = generate(pinned_types[i]);
        pinned_pin(world, i);
    }
    world->libctx = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_add_builtin(world->libctx, "signserver", OSSL_provider_init);
    world->base = OSSL_PROVIDER_load(world->libctx, "default");
    world->signserver = OSSL_PROVIDER_load(world->libctx, "signserver");
}

void pinned_close(struct pinned *world)
{
    OSSL_PROVIDER_unload(world->signserver);
    OSSL_PROVIDER_unload(world->base);
    OSSL_LIB_CTX_free(world->libctx);
    for (int i = 0; i < WORKERS; i++) {
        char path[128];

        pinned_path(path, world, i);
        unlink(path);
        EVP_PKEY_free(world->workers[i]);
    }
    rmdir(world->directory);
}

EVP_PKEY *pinned_load_as(const struct pinned *world, int worker, int expect)
{
    char uri[256], path[128];
    OSSL_STORE_CTX *store;
    OSSL_STORE_INFO *info;
    EVP_PKEY *key = NULL;

    pinned_path(path, world, worker);
    snprintf(uri, sizeof uri, "signserver:worker%d?cert=%s", worker, path);
    store = OSSL_STORE_open_ex(uri, world->libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    if (!CHECK(store != NULL))
        return NULL;
    OSSL_STORE_expect(store, expect);
    info = OSSL_STORE_load(store);
    if (info != NULL)
        key = expect == OSSL_STORE_INFO_PUBKEY ? OSSL_STORE_INFO_get1_PUBKEY(info)
                                               : OSSL_STORE_INFO_get1_PKEY(info);
    /* A failure is seen by those who ask for it, and the end by those who go on. */
    CHECK(info != NULL || (OSSL_STORE_error(store) && OSSL_STORE_load(store) == NULL));
    CHECK(OSSL_STORE_eof(store));
    OSSL_STORE_INFO_free(info);
    OSSL_STORE_close(store);
    return key;
}

EVP_PKEY *pinned_load(const struct pinned *world, int worker)
{
    EVP_PKEY *key = pinned_load_as(world, worker, OSSL_STORE_INFO_PKEY);

    CHECK(key != NULL);
    CHECK_INT(ERR_peek_error(), 0);
    return key;
}

const char *pinned_first_error(void)
{
    static char text[1024];
    const char *data = "";
    unsigned long code = ERR_peek_error_all(NULL, NULL, NULL, &data, NULL);

    snprintf(text, sizeof text, "%s: %s", code == 0 ? "none" : ERR_lib_error_string(code), data);
    ERR_clear_error();
    return text;
}
