// SPDX-License-Identifier: Apache-2.0
/*
 * Local keys that are held by us, because a property query prefers us: everything that the default
 * provider does with them has to work as if we were not there.
 */
#include "unit.h"
#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <string.h>

OSSL_provider_init_fn OSSL_provider_init;

static const char *const types[] = {"RSA", "RSA-PSS", "EC", "ED25519", "ED448"};
enum { TYPES = sizeof types / sizeof types[0] };

static const unsigned char message[] = "a message";

/* A library context that prefers us, and one that has never heard of us. */
struct world {
    OSSL_LIB_CTX *ours;
    OSSL_LIB_CTX *plain;
    OSSL_PROVIDER *signserver;
    OSSL_PROVIDER *base;
};

static void open_world(struct world *world)
{
    world->plain = OSSL_LIB_CTX_new();
    world->ours = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_add_builtin(world->ours, "signserver", OSSL_provider_init);
    world->signserver = OSSL_PROVIDER_load(world->ours, "signserver");
    world->base = OSSL_PROVIDER_load(world->ours, "default");
    CHECK(world->signserver != NULL && world->base != NULL);
    CHECK(EVP_set_default_properties(world->ours, "?provider=signserver"));
}

static void close_world(struct world *world)
{
    OSSL_PROVIDER_unload(world->base);
    OSSL_PROVIDER_unload(world->signserver);
    OSSL_LIB_CTX_free(world->ours);
    OSSL_LIB_CTX_free(world->plain);
}

static EVP_PKEY *generate(OSSL_LIB_CTX *libctx, const char *type)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(libctx, type, NULL);
    EVP_PKEY *key = NULL;

    CHECK_INT(EVP_PKEY_keygen_init(ctx), 1);
    if (strcmp(type, "EC") == 0)
        CHECK_INT(EVP_PKEY_CTX_set_group_name(ctx, "P-256"), 1);
    if (strncmp(type, "RSA", 3) == 0) /* short, to be quick */
        CHECK_INT(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 1024), 1);
    CHECK_INT(EVP_PKEY_generate(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* The same key in the other context, by way of its DER. */
static EVP_PKEY *move(EVP_PKEY *key, OSSL_LIB_CTX *to)
{
    unsigned char *der = NULL;
    int length = i2d_PrivateKey(key, &der);
    const unsigned char *at = der;
    EVP_PKEY *moved = length <= 0 ? NULL : d2i_AutoPrivateKey_ex(NULL, &at, length, to, NULL);

    CHECK(moved != NULL);
    OPENSSL_clear_free(der, length < 0 ? 0 : (size_t)length);
    return moved;
}

static bool is_ours(const EVP_PKEY *key)
{
    const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(key);

    return provider != NULL && strcmp(OSSL_PROVIDER_get0_name(provider), "signserver") == 0;
}

static const char *digest_of(const char *type)
{
    return type[0] == 'E' && type[1] == 'D' ? NULL : "SHA256";
}

struct made {
    unsigned char bytes[1024];
    size_t length;
};

static struct made sign(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const char *type)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct made made = {.length = sizeof made.bytes};

    CHECK(EVP_DigestSignInit_ex(ctx, NULL, digest_of(type), libctx, NULL, key, NULL) == 1 &&
          EVP_DigestSign(ctx, made.bytes, &made.length, message, sizeof message) == 1);
    EVP_MD_CTX_free(ctx);
    return made;
}

static bool verify(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const char *type, const struct made *made)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = EVP_DigestVerifyInit_ex(ctx, NULL, digest_of(type), libctx, NULL, key, NULL) == 1 &&
              EVP_DigestVerify(ctx, made->bytes, made->length, message, sizeof message) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

static void test_a_key_of_each_type_is_generated_and_signs_like_the_default_providers(void)
{
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < TYPES; i++) {
        EVP_PKEY *key = generate(world.ours, types[i]);
        EVP_PKEY *plain = move(key, world.plain);
        struct made made = sign(world.ours, key, types[i]);

        CHECK(is_ours(key));
        CHECK(verify(world.ours, key, types[i], &made));
        CHECK(verify(world.plain, plain, types[i], &made));
        made.bytes[made.length - 1] ^= 1;
        CHECK(!verify(world.ours, key, types[i], &made));
        ERR_clear_error();
        EVP_PKEY_free(key);
        EVP_PKEY_free(plain);
    }
    close_world(&world);
}

static void test_an_imported_key_is_the_same_key(void)
{
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < TYPES; i++) {
        EVP_PKEY *plain = generate(world.plain, types[i]);
        EVP_PKEY *key = move(plain, world.ours);
        EVP_PKEY *back = move(key, world.plain);
        struct made made = sign(world.ours, key, types[i]);

        CHECK_INT(EVP_PKEY_eq(plain, back), 1);
        CHECK_INT(EVP_PKEY_get_bits(key), EVP_PKEY_get_bits(plain));
        CHECK_INT(EVP_PKEY_get_size(key), EVP_PKEY_get_size(plain));
        CHECK_INT(EVP_PKEY_get_security_bits(key), EVP_PKEY_get_security_bits(plain));
        CHECK(verify(world.plain, plain, types[i], &made));
        EVP_PKEY_free(plain);
        EVP_PKEY_free(key);
        EVP_PKEY_free(back);
    }
    close_world(&world);
}

static void test_keys_match_by_their_public_half(void)
{
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < TYPES; i++) {
        EVP_PKEY *key = generate(world.ours, types[i]);
        EVP_PKEY *other = generate(world.ours, types[i]);
        EVP_PKEY *copy = EVP_PKEY_dup(key);

        CHECK_INT(EVP_PKEY_eq(key, copy), 1);
        CHECK_INT(EVP_PKEY_eq(key, other), 0);
        CHECK_INT(EVP_PKEY_parameters_eq(key, other), 1);
        EVP_PKEY_free(key);
        EVP_PKEY_free(other);
        EVP_PKEY_free(copy);
    }
    close_world(&world);
}

static void test_a_copy_is_changed_without_the_original(void)
{
    struct world world;
    EVP_PKEY *key, *copy;
    char format[32] = "";

    open_world(&world);
    key = generate(world.ours, "EC");
    copy = EVP_PKEY_dup(key);
    CHECK(EVP_PKEY_set_utf8_string_param(copy, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                         "compressed"));
    CHECK(EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, format,
                                         sizeof format, NULL));
    CHECK_STR(format, "uncompressed");
    EVP_PKEY_free(key);
    EVP_PKEY_free(copy);
    close_world(&world);
}

static void test_a_public_key_is_not_taken_for_a_private_one(void)
{
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < TYPES; i++) {
        EVP_PKEY *key = generate(world.ours, types[i]);
        EVP_PKEY *public_key = NULL;
        OSSL_PARAM *params = NULL;
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(world.ours, types[i], NULL);
        EVP_PKEY_CTX *check = NULL;

        CHECK(EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &params) == 1 &&
              EVP_PKEY_fromdata_init(ctx) == 1 &&
              EVP_PKEY_fromdata(ctx, &public_key, EVP_PKEY_PUBLIC_KEY, params) == 1);
        CHECK(is_ours(public_key));
        CHECK_INT(EVP_PKEY_eq(key, public_key), 1);
        check = EVP_PKEY_CTX_new_from_pkey(world.ours, public_key, NULL);
        CHECK_INT(EVP_PKEY_public_check(check), 1);
        CHECK(EVP_PKEY_private_check(check) != 1);
        CHECK(i2d_PrivateKey(public_key, NULL) <= 0);
        ERR_clear_error();
        EVP_PKEY_CTX_free(check);
        EVP_PKEY_CTX_free(ctx);
        OSSL_PARAM_free(params);
        EVP_PKEY_free(public_key);
        EVP_PKEY_free(key);
    }
    close_world(&world);
}

static void test_keys_are_validated(void)
{
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < TYPES; i++) {
        EVP_PKEY *key = generate(world.ours, types[i]);
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(world.ours, key, NULL);

        CHECK_INT(EVP_PKEY_pairwise_check(ctx), 1);
        CHECK_INT(EVP_PKEY_public_check(ctx), 1);
        CHECK_INT(EVP_PKEY_private_check(ctx), 1);
        EVP_PKEY_CTX_free(ctx);
        EVP_PKEY_free(key);
    }
    close_world(&world);
}

/* The DER that goes into certificates, from a context of ours and one of the default provider. */
static void check_identifier(struct world *world, const char *type, const char *md_name,
                             const char *pad_mode, const char *salt)
{
    EVP_PKEY *plain = generate(world->plain, type);
    EVP_PKEY *ours = move(plain, world->ours);
    EVP_PKEY *keys[2] = {plain, ours};
    OSSL_LIB_CTX *libctx[2] = {world->plain, world->ours};
    unsigned char der[2][128];
    size_t length[2] = {0};

    for (int i = 0; i < 2; i++) {
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        EVP_PKEY_CTX *pctx = NULL;
        OSSL_PARAM params[] = {
            OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, der[i],
                                              sizeof der[i]),
            OSSL_PARAM_END,
        };

        CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, md_name, libctx[i], NULL, keys[i], NULL), 1);
        CHECK(pad_mode == NULL || EVP_PKEY_CTX_ctrl_str(pctx, "rsa_padding_mode", pad_mode) == 1);
        CHECK(salt == NULL || EVP_PKEY_CTX_ctrl_str(pctx, "rsa_pss_saltlen", salt) == 1);
        CHECK_INT(EVP_PKEY_CTX_get_params(pctx, params), 1);
        length[i] = params[0].return_size;
        EVP_MD_CTX_free(ctx);
    }
    CHECK_MEM(der[1], length[1], der[0], length[0]);
    EVP_PKEY_free(plain);
    EVP_PKEY_free(ours);
}

static void test_algorithm_identifiers_are_the_default_providers(void)
{
    struct world world;

    open_world(&world);
    check_identifier(&world, "RSA", "SHA256", NULL, NULL);
    check_identifier(&world, "RSA", "SHA512", NULL, NULL);
    check_identifier(&world, "RSA", "SHA256", "pss", "digest");
    check_identifier(&world, "RSA", "SHA384", "pss", "20");
    check_identifier(&world, "RSA-PSS", "SHA256", NULL, NULL);
    check_identifier(&world, "EC", "SHA256", NULL, NULL);
    check_identifier(&world, "ED25519", NULL, NULL, NULL);
    check_identifier(&world, "ED448", NULL, NULL, NULL);
    close_world(&world);
}

static void test_an_rsa_key_decrypts(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_PKEY_CTX *encrypt, *decrypt;
    struct made cipher = {.length = sizeof cipher.bytes}, clear = {.length = sizeof clear.bytes};

    open_world(&world);
    key = generate(world.ours, "RSA");
    encrypt = EVP_PKEY_CTX_new_from_pkey(world.ours, key, NULL);
    decrypt = EVP_PKEY_CTX_new_from_pkey(world.ours, key, NULL);
    CHECK(EVP_PKEY_encrypt_init(encrypt) == 1 &&
          EVP_PKEY_encrypt(encrypt, cipher.bytes, &cipher.length, message, sizeof message) == 1);
    CHECK(EVP_PKEY_decrypt_init(decrypt) == 1 &&
          EVP_PKEY_decrypt(decrypt, clear.bytes, &clear.length, cipher.bytes, cipher.length) == 1);
    CHECK_MEM(clear.bytes, clear.length, message, sizeof message);
    EVP_PKEY_CTX_free(encrypt);
    EVP_PKEY_CTX_free(decrypt);
    EVP_PKEY_free(key);
    close_world(&world);
}

static struct made derive(struct world *world, EVP_PKEY *key, EVP_PKEY *peer)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(world->ours, key, NULL);
    struct made secret = {.length = sizeof secret.bytes};

    CHECK(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
          EVP_PKEY_derive(ctx, secret.bytes, &secret.length) == 1);
    EVP_PKEY_CTX_free(ctx);
    return secret;
}

/* What libssl does with a key share: generate from a template, take the peer's encoded point. */
static void test_ec_keys_agree_on_a_secret_the_way_libssl_does(void)
{
    struct world world;
    EVP_PKEY *server, *client = NULL, *seen = EVP_PKEY_new();
    EVP_PKEY_CTX *ctx;
    unsigned char *point = NULL;
    size_t length;
    struct made one, two;

    open_world(&world);
    server = generate(world.ours, "EC");
    ctx = EVP_PKEY_CTX_new_from_pkey(world.ours, server, NULL);
    CHECK(EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_generate(ctx, &client) == 1);
    CHECK(is_ours(client));
    CHECK_INT(EVP_PKEY_parameters_eq(server, client), 1);
    length = EVP_PKEY_get1_encoded_public_key(client, &point);
    CHECK_INT(length, 65);
    CHECK_INT(EVP_PKEY_copy_parameters(seen, server), 1);
    CHECK_INT(EVP_PKEY_set1_encoded_public_key(seen, point, length), 1);
    CHECK_INT(EVP_PKEY_eq(seen, client), 1);
    one = derive(&world, server, seen);
    two = derive(&world, client, server);
    CHECK_MEM(one.bytes, one.length, two.bytes, two.length);
    OPENSSL_free(point);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(server);
    EVP_PKEY_free(client);
    EVP_PKEY_free(seen);
    close_world(&world);
}

static int count_ec_group(const OSSL_PARAM params[], void *count)
{
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, OSSL_CAPABILITY_TLS_GROUP_ALG);
    const char *algorithm = NULL;

    CHECK(OSSL_PARAM_get_utf8_string_ptr(param, &algorithm));
    CHECK_STR(algorithm, "EC");
    ++*(int *)count;
    return 1;
}

static void test_tls_groups_of_ec_keys_are_announced_and_no_others(void)
{
    struct world world;
    int count = 0;

    open_world(&world);
    CHECK(OSSL_PROVIDER_get_capabilities(world.signserver, "TLS-GROUP", count_ec_group, &count));
    CHECK(count >= 3); /* P-256, P-384, P-521 */
    close_world(&world);
}

/* Whether the parameter is taken, and a key made with it. */
static void try_to_generate(OSSL_LIB_CTX *libctx, const char *type, const char *name,
                            const char *value, int outcome[2])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(libctx, type, NULL);
    EVP_PKEY *key = NULL;

    CHECK_INT(EVP_PKEY_keygen_init(ctx), 1);
    outcome[0] = EVP_PKEY_CTX_ctrl_str(ctx, name, value);
    outcome[1] = EVP_PKEY_generate(ctx, &key);
    ERR_clear_error();
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(ctx);
}

static void test_parameters_of_generation_are_refused_where_the_default_provider_refuses(void)
{
    static const struct {
        const char *type, *name, *value;
    } cases[] = {
        {"EC", "ec_paramgen_curve", "P-384"},     {"EC", "ec_paramgen_curve", "no such curve"},
        {"EC", "ec_param_enc", "named_curve"},    {"EC", "no_such_parameter", "1"},
        {"RSA", "rsa_keygen_bits", "1024"},       {"RSA", "rsa_keygen_bits", "1"},
        {"RSA", "rsa_keygen_pubexp", "4"},        {"ED25519", "rsa_keygen_bits", "2048"},
        {"RSA-PSS", "rsa_pss_keygen_md", "sha1"}, {"RSA-PSS", "rsa_pss_keygen_md", "none such"},
    };
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int ours[2], plain[2];

        try_to_generate(world.ours, cases[i].type, cases[i].name, cases[i].value, ours);
        try_to_generate(world.plain, cases[i].type, cases[i].name, cases[i].value, plain);
        CHECK_INT(ours[0] > 0, plain[0] > 0);
        CHECK_INT(ours[1] > 0, plain[1] > 0);
    }
    close_world(&world);
}

static void test_an_encrypted_pem_comes_back(void)
{
    static char passphrase[] = "secret";
    struct world world;
    EVP_PKEY *key, *back;
    BIO *pem = BIO_new(BIO_s_mem());

    open_world(&world);
    key = generate(world.ours, "EC");
    CHECK(PEM_write_bio_PKCS8PrivateKey(pem, key, EVP_aes_256_cbc(), passphrase,
                                        sizeof passphrase - 1, NULL, NULL) == 1);
    back = PEM_read_bio_PrivateKey_ex(pem, NULL, NULL, passphrase, world.ours, NULL);
    CHECK_INT(EVP_PKEY_eq(key, back), 1);
    EVP_PKEY_free(key);
    EVP_PKEY_free(back);
    BIO_free(pem);
    close_world(&world);
}

struct worker {
    struct world *world;
    EVP_PKEY *key;
    int failures;
};

static void *sign_and_verify(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < 20; i++) {
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        struct made made = {.length = sizeof made.bytes};

        if (EVP_DigestSignInit_ex(ctx, NULL, "SHA256", worker->world->ours, NULL, worker->key,
                                  NULL) != 1 ||
            EVP_DigestSign(ctx, made.bytes, &made.length, message, sizeof message) != 1 ||
            !verify(worker->world->ours, worker->key, "EC", &made))
            worker->failures++;
        EVP_MD_CTX_free(ctx);
    }
    return NULL;
}

static void test_threads_share_a_key(void)
{
    enum { THREADS = 8 };
    struct world world;
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    EVP_PKEY *key;

    open_world(&world);
    key = generate(world.ours, "EC");
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){&world, key, 0};
        CHECK_INT(pthread_create(&threads[i], NULL, sign_and_verify, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(workers[i].failures, 0);
    }
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_a_key_outlives_the_unloading_of_the_provider(void)
{
    struct world world;
    EVP_PKEY *key;
    struct made made;

    open_world(&world);
    key = generate(world.ours, "EC");
    OSSL_PROVIDER_unload(world.signserver);
    world.signserver = NULL;
    made = sign(world.ours, key, "EC");
    CHECK(verify(world.ours, key, "EC", &made));
    EVP_PKEY_free(key);
    close_world(&world);
}

/* ---- A second libcrypto in the process ---- */

static OSSL_FUNC_core_get_params_fn *real_get_params;

static int get_params_of_another(const OSSL_CORE_HANDLE *handle, OSSL_PARAM params[])
{
    OSSL_PARAM *version = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_CORE_VERSION);
    static char another[] = "9.9.9";

    return version == NULL ? real_get_params(handle, params)
                           : OSSL_PARAM_set_utf8_ptr(version, another);
}

/* Our entry point, called as a libcrypto of another version would. */
static int init_by_another(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                           const OSSL_DISPATCH **out, void **provctx)
{
    OSSL_DISPATCH changed[64] = {{0, NULL}};

    for (size_t i = 0; i < 63 && in[i].function_id != 0; i++) {
        changed[i] = in[i];
        if (in[i].function_id == OSSL_FUNC_CORE_GET_PARAMS) {
            real_get_params = OSSL_FUNC_core_get_params(&in[i]);
            changed[i].function = (void (*)(void))get_params_of_another;
        }
    }
    return OSSL_provider_init(handle, changed, out, provctx);
}

static void test_something_is_offered_to_another_libcrypto(void)
{
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *provider;
    int status = -1, no_cache = 0;
    OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, &status), OSSL_PARAM_END};

    OSSL_PROVIDER_add_builtin(libctx, "signserver", init_by_another);
    provider = OSSL_PROVIDER_load(libctx, "signserver");
    if (CHECK(provider != NULL)) {
        CHECK(OSSL_PROVIDER_get_params(provider, params));
        CHECK_INT(status, 0);
        CHECK(OSSL_PROVIDER_query_operation(provider, OSSL_OP_STORE, &no_cache) == NULL);
        CHECK(OSSL_PROVIDER_query_operation(provider, OSSL_OP_KEYMGMT, &no_cache) == NULL);
        OSSL_PROVIDER_unload(provider);
    }
    OSSL_LIB_CTX_free(libctx);
}

static void test_loading_and_unloading_leaves_nothing_behind(void)
{
    for (int i = 0; i < 10; i++) {
        struct world world;
        EVP_PKEY *key;

        open_world(&world);
        key = generate(world.ours, "ED25519");
        CHECK(is_ours(key));
        EVP_PKEY_free(key);
        close_world(&world);
    }
}

UNIT_TESTS("provider_local",
           UNIT_TEST(test_a_key_of_each_type_is_generated_and_signs_like_the_default_providers),
           UNIT_TEST(test_an_imported_key_is_the_same_key),
           UNIT_TEST(test_keys_match_by_their_public_half),
           UNIT_TEST(test_a_copy_is_changed_without_the_original),
           UNIT_TEST(test_a_public_key_is_not_taken_for_a_private_one),
           UNIT_TEST(test_keys_are_validated),
           UNIT_TEST(test_algorithm_identifiers_are_the_default_providers),
           UNIT_TEST(test_an_rsa_key_decrypts),
           UNIT_TEST(test_ec_keys_agree_on_a_secret_the_way_libssl_does),
           UNIT_TEST(test_tls_groups_of_ec_keys_are_announced_and_no_others),
           UNIT_TEST(test_parameters_of_generation_are_refused_where_the_default_provider_refuses),
           UNIT_TEST(test_an_encrypted_pem_comes_back), UNIT_TEST(test_threads_share_a_key),
           UNIT_TEST(test_a_key_outlives_the_unloading_of_the_provider),
           UNIT_TEST(test_something_is_offered_to_another_libcrypto),
           UNIT_TEST(test_loading_and_unloading_leaves_nothing_behind))
