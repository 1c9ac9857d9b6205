// SPDX-License-Identifier: Apache-2.0
/*
 * Local keys that are held by us are written as the default provider writes them, whatever part,
 * output and structure a program asks for, or leaves open.
 */
#include "unit.h"
#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

OSSL_provider_init_fn OSSL_provider_init;

/* A library context that prefers us; the default one has never heard of us. */
struct world {
    OSSL_LIB_CTX *ours;
    OSSL_PROVIDER *signserver;
    OSSL_PROVIDER *base;
};

static void open_world(struct world *world)
{
    world->ours = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_add_builtin(world->ours, "signserver", OSSL_provider_init);
    world->signserver = OSSL_PROVIDER_load(world->ours, "signserver");
    world->base = OSSL_PROVIDER_load(world->ours, "default");
    CHECK(EVP_set_default_properties(world->ours, "?provider=signserver"));
}

static void close_world(struct world *world)
{
    OSSL_PROVIDER_unload(world->base);
    OSSL_PROVIDER_unload(world->signserver);
    OSSL_LIB_CTX_free(world->ours);
}

static bool choose(EVP_PKEY_CTX *ctx, const char *type)
{
    if (strcmp(type, "EC") == 0)
        return EVP_PKEY_CTX_set_group_name(ctx, "P-256") == 1;
    if (strncmp(type, "RSA", 3) != 0)
        return true;
    return EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 1024) == 1 &&
           (strcmp(type, "RSA") == 0 ||
            (EVP_PKEY_CTX_set_rsa_pss_keygen_md(ctx, EVP_sha256()) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, 32) == 1));
}

static EVP_PKEY *generate(OSSL_LIB_CTX *libctx, const char *type)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(libctx, type, NULL);
    EVP_PKEY *key = NULL;

    CHECK(EVP_PKEY_keygen_init(ctx) == 1 && choose(ctx, type) && EVP_PKEY_generate(ctx, &key) == 1);
    CHECK_STR(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key)), "signserver");
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* The same key where nobody has heard of us. */
static EVP_PKEY *copy_plain(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PrivateKey(key, &der);
    const unsigned char *at = der;
    EVP_PKEY *plain = length <= 0 ? NULL : d2i_AutoPrivateKey_ex(NULL, &at, length, NULL, NULL);

    CHECK(plain != NULL);
    OPENSSL_clear_free(der, length < 0 ? 0 : (size_t)length);
    return plain;
}

/* Nothing, where there is no such format. */
static BIO *written(EVP_PKEY *key, int selection, const char *output, const char *structure)
{
    OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(key, selection, output, structure, NULL);
    BIO *bytes = BIO_new(BIO_s_mem());

    if (OSSL_ENCODER_to_bio(ctx, bytes) != 1)
        BIO_reset(bytes);
    OSSL_ENCODER_CTX_free(ctx);
    ERR_clear_error();
    return bytes;
}

static void check_written(EVP_PKEY *plain, EVP_PKEY *ours, int selection, const char *output)
{
    static const char *const structures[] = {
        NULL, "SubjectPublicKeyInfo", "PrivateKeyInfo", "type-specific", "pkcs1", "none-such"};

    for (size_t i = 0; i < sizeof structures / sizeof structures[0]; i++) {
        BIO *expected = written(plain, selection, output, structures[i]);
        BIO *actual = written(ours, selection, output, structures[i]);
        char *expected_bytes = NULL, *actual_bytes = NULL;
        long expected_length = BIO_get_mem_data(expected, &expected_bytes);
        long actual_length = BIO_get_mem_data(actual, &actual_bytes);

        CHECK_MEM(actual_bytes, (size_t)actual_length, expected_bytes, (size_t)expected_length);
        BIO_free(expected);
        BIO_free(actual);
    }
}

static void test_every_part_of_a_key_is_written_as_by_the_default_provider(void)
{
    static const char *const types[] = {"RSA", "RSA-PSS", "EC", "ED25519"};
    static const int selections[] = {EVP_PKEY_KEYPAIR, OSSL_KEYMGMT_SELECT_PRIVATE_KEY,
                                     EVP_PKEY_PUBLIC_KEY, OSSL_KEYMGMT_SELECT_PUBLIC_KEY,
                                     EVP_PKEY_KEY_PARAMETERS};
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        EVP_PKEY *ours = generate(world.ours, types[i]);
        EVP_PKEY *plain = copy_plain(ours);

        for (size_t k = 0; k < sizeof selections / sizeof selections[0]; k++) {
            check_written(plain, ours, selections[k], "PEM");
            check_written(plain, ours, selections[k], "DER");
        }
        EVP_PKEY_free(plain);
        EVP_PKEY_free(ours);
    }
    close_world(&world);
}

static void test_a_point_is_written_in_the_form_that_was_chosen(void)
{
    struct world world;
    EVP_PKEY *ours, *plain;

    open_world(&world);
    ours = generate(world.ours, "EC");
    plain = copy_plain(ours);
    CHECK(EVP_PKEY_set_utf8_string_param(plain, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                         "compressed") == 1);
    CHECK(EVP_PKEY_set_utf8_string_param(ours, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                         "compressed") == 1);
    check_written(plain, ours, OSSL_KEYMGMT_SELECT_PUBLIC_KEY, "DER");
    EVP_PKEY_free(plain);
    EVP_PKEY_free(ours);
    close_world(&world);
}

UNIT_TESTS("provider_encoder",
           UNIT_TEST(test_every_part_of_a_key_is_written_as_by_the_default_provider),
           UNIT_TEST(test_a_point_is_written_in_the_form_that_was_chosen))
