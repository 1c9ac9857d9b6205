// SPDX-License-Identifier: Apache-2.0
/* What a remote key is, and what it does without its server. */
#include "pinned.h"
#include "unit.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned char message[] = "a message";
static const unsigned char digest[32] = {1, 2, 3};

static int ignore_params(const OSSL_PARAM params[], void *user)
{
    (void)params;
    (void)user;
    return 1;
}

static void test_a_pinned_key_is_the_workers_public_half(void)
{
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = pinned_load(&world, i);

        CHECK(EVP_PKEY_is_a(key, pinned_types[i]));
        CHECK_INT(EVP_PKEY_eq(key, world.workers[i]), 1);
        CHECK_INT(EVP_PKEY_get_size(key), EVP_PKEY_get_size(world.workers[i]));
        CHECK_INT(EVP_PKEY_get_bits(key), EVP_PKEY_get_bits(world.workers[i]));
        EVP_PKEY_free(key);
    }
    pinned_close(&world);
}

static void test_the_private_half_is_not_exported_and_nobody_is_told(void)
{
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = pinned_load(&world, i);

        CHECK_INT(EVP_PKEY_export(key, EVP_PKEY_KEYPAIR, ignore_params, NULL), 0);
        CHECK_INT(ERR_peek_error(), 0);
        CHECK_INT(EVP_PKEY_export(key, EVP_PKEY_PUBLIC_KEY, ignore_params, NULL), 1);
        CHECK(i2d_PrivateKey(key, NULL) <= 0);
        ERR_clear_error();
        EVP_PKEY_free(key);
    }
    pinned_close(&world);
}

static void test_a_public_key_is_expected_and_has_no_private_half(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t length = 0;

    pinned_open(&world);
    key = pinned_load_as(&world, EC_WORKER, OSSL_STORE_INFO_PUBKEY);
    CHECK_INT(EVP_PKEY_eq(key, world.workers[EC_WORKER]), 1);
    CHECK(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", world.libctx, NULL, key, NULL) != 1 ||
          EVP_DigestSign(ctx, NULL, &length, message, sizeof message) != 1 ||
          EVP_DigestSign(ctx, (unsigned char[128]){0}, &length, message, sizeof message) != 1);
    ERR_clear_error();
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_a_size_is_known_without_a_request(void)
{
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = pinned_load(&world, i);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        size_t length = 0;

        CHECK_INT(EVP_DigestSignInit_ex(ctx, NULL, i == ED25519_WORKER ? NULL : "SHA256",
                                        world.libctx, NULL, key, NULL),
                  1);
        CHECK_INT(EVP_DigestSign(ctx, NULL, &length, message, sizeof message), 1);
        CHECK_INT(length, EVP_PKEY_get_size(world.workers[i]));
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(key);
    }
    pinned_close(&world);
}

static void test_a_signature_without_a_server_fails_with_one_error_that_names_the_worker(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t length = sizeof signature;

    pinned_open(&world);
    key = pinned_load(&world, EC_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", world.libctx, NULL, key, NULL), 1);
    CHECK(EVP_DigestSign(ctx, signature, &length, message, sizeof message) != 1);
    CHECK_CONTAINS(pinned_first_error(), "worker2");
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    pinned_close(&world);
}

/* The DER of an AlgorithmIdentifier from a context over `key`. */
static size_t identifier(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const char *md_name,
                         const char *pad_mode, const char *salt, unsigned char der[128])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, der, 128),
        OSSL_PARAM_END,
    };

    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, md_name, libctx, NULL, key, NULL), 1);
    CHECK(pad_mode == NULL || EVP_PKEY_CTX_ctrl_str(pctx, "rsa_padding_mode", pad_mode) == 1);
    CHECK(salt == NULL || EVP_PKEY_CTX_ctrl_str(pctx, "rsa_pss_saltlen", salt) == 1);
    CHECK_INT(EVP_PKEY_CTX_get_params(pctx, params), 1);
    EVP_MD_CTX_free(ctx);
    return params[0].return_size;
}

static void test_algorithm_identifiers_are_the_default_providers(void)
{
    static const struct {
        int worker;
        const char *md_name, *pad_mode, *salt, *plain_salt;
    } cases[] = {
        {RSA_WORKER, "SHA256", NULL, NULL, NULL},
        {RSA_WORKER, "SHA512", NULL, NULL, NULL},
        {RSA_WORKER, "SHA256", "pss", "digest", "digest"},
        {RSA_WORKER, "SHA384", "pss", "48", "digest"},
        {RSA_WORKER, "SHA256", "pss", NULL, "digest"},
        {RSA_WORKER, "SHA256", "pss", "auto", "digest"},
        {RSA_PSS_WORKER, "SHA256", NULL, NULL, "digest"},
        {EC_WORKER, "SHA256", NULL, NULL, NULL},
        {ED25519_WORKER, NULL, NULL, NULL, NULL},
    };
    struct pinned world;

    pinned_open(&world);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        EVP_PKEY *key = pinned_load(&world, cases[i].worker);
        unsigned char ours[128], plain[128];
        size_t ours_length =
            identifier(world.libctx, key, cases[i].md_name, cases[i].pad_mode, cases[i].salt, ours);
        size_t plain_length = identifier(NULL, world.workers[cases[i].worker], cases[i].md_name,
                                         cases[i].pad_mode, cases[i].plain_salt, plain);

        CHECK_MEM(ours, ours_length, plain, plain_length);
        EVP_PKEY_free(key);
    }
    pinned_close(&world);
}

static void test_what_no_worker_does_is_refused_when_it_is_set_with_the_property_that_decides(void)
{
    static const struct {
        const char *pad_mode, *name, *value, *sentence;
    } cases[] = {
        {"pss", "rsa_pss_saltlen", "20", "as long as the digest (its SIGNATUREALGORITHM)"},
        {"pss", "rsa_pss_saltlen", "max", "as long as the digest (its SIGNATUREALGORITHM)"},
        {"pss", "rsa_mgf1_md", "sha1", "MGF1 as well (its SIGNATUREALGORITHM)"},
        {"none", NULL, NULL, ""},
        {"x931", NULL, NULL, "padding of its SIGNATUREALGORITHM"},
    };
    struct pinned world;
    EVP_PKEY *key;

    pinned_open(&world);
    key = pinned_load(&world, RSA_WORKER);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        EVP_PKEY_CTX *pctx = NULL;
        int ok;

        CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, "SHA256", world.libctx, NULL, key, NULL), 1);
        ok = EVP_PKEY_CTX_ctrl_str(pctx, "rsa_padding_mode", cases[i].pad_mode);
        if (cases[i].name != NULL) {
            CHECK_INT(ok, 1);
            ok = EVP_PKEY_CTX_ctrl_str(pctx, cases[i].name, cases[i].value);
        }
        CHECK(ok <= 0);
        CHECK_CONTAINS(pinned_first_error(), cases[i].sentence);
        EVP_MD_CTX_free(ctx);
    }
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_a_digest_that_signserver_is_not_asked_for_is_refused_at_once(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    pinned_open(&world);
    key = pinned_load(&world, RSA_WORKER);
    CHECK(EVP_DigestSignInit_ex(ctx, NULL, "SHA512-256", world.libctx, NULL, key, NULL) <= 0);
    CHECK_CONTAINS(pinned_first_error(), "is not among the digests that SignServer is asked for");
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_bytes_that_are_no_digest_are_not_sent(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    unsigned char signature[256];
    size_t length = sizeof signature;

    pinned_open(&world);
    key = pinned_load(&world, RSA_WORKER);
    ctx = EVP_PKEY_CTX_new_from_pkey(world.libctx, key, NULL);
    CHECK_INT(EVP_PKEY_sign_init(ctx), 1);
    CHECK(EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest) <= 0);
    CHECK_CONTAINS(pinned_first_error(), "digest:sha256");
    CHECK_INT(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha512()), 1);
    CHECK(EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest) <= 0);
    CHECK_CONTAINS(pinned_first_error(), "32 bytes were given where a SHA512 digest has 64");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_a_short_buffer_is_refused_without_a_request(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    unsigned char signature[16];
    size_t length = sizeof signature;

    pinned_open(&world);
    key = pinned_load(&world, EC_WORKER);
    ctx = EVP_PKEY_CTX_new_from_pkey(world.libctx, key, NULL);
    CHECK_INT(EVP_PKEY_sign_init(ctx), 1);
    CHECK(EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest) <= 0);
    CHECK_STR(ERR_reason_error_string(ERR_peek_error()), "output buffer too small");
    CHECK_CONTAINS(pinned_first_error(), "the program has room for 16");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_a_worker_verifies_what_it_signed_without_a_server(void)
{
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        const char *md_name = i == ED25519_WORKER ? NULL : "SHA256";
        EVP_PKEY *key = pinned_load(&world, i);
        EVP_MD_CTX *sign = EVP_MD_CTX_new(), *verify = EVP_MD_CTX_new();
        unsigned char signature[256];
        size_t length = sizeof signature;

        CHECK(EVP_DigestSignInit_ex(sign, NULL, md_name, NULL, NULL, world.workers[i], NULL) == 1 &&
              EVP_DigestSign(sign, signature, &length, message, sizeof message) == 1);
        CHECK_INT(EVP_DigestVerifyInit_ex(verify, NULL, md_name, world.libctx, NULL, key, NULL), 1);
        CHECK_INT(EVP_DigestVerify(verify, signature, length, message, sizeof message), 1);
        CHECK(EVP_DigestVerify(verify, signature, length, message, 1) != 1);
        ERR_clear_error();
        EVP_MD_CTX_free(sign);
        EVP_MD_CTX_free(verify);
        EVP_PKEY_free(key);
    }
    pinned_close(&world);
}

/* nginx loads its keys in one process and uses them in others. */
static void test_a_key_serves_a_forked_child(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_MD_CTX *sign = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t length = sizeof signature;
    pid_t child;
    int status = -1;

    pinned_open(&world);
    key = pinned_load(&world, EC_WORKER);
    CHECK(EVP_DigestSignInit_ex(sign, NULL, "SHA256", NULL, NULL, world.workers[EC_WORKER], NULL) ==
              1 &&
          EVP_DigestSign(sign, signature, &length, message, sizeof message) == 1);
    child = fork();
    if (child == 0) {
        EVP_MD_CTX *verify = EVP_MD_CTX_new();
        bool ok =
            EVP_DigestVerifyInit_ex(verify, NULL, "SHA256", world.libctx, NULL, key, NULL) == 1 &&
            EVP_DigestVerify(verify, signature, length, message, sizeof message) == 1;

        _exit(ok ? 0 : 1);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    EVP_MD_CTX_free(sign);
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_a_remote_key_is_copied_checked_and_not_changed(void)
{
    struct pinned world;
    EVP_PKEY *key, *copy;
    EVP_PKEY_CTX *ctx;

    pinned_open(&world);
    key = pinned_load(&world, EC_WORKER);
    copy = EVP_PKEY_dup(key);
    CHECK_INT(EVP_PKEY_eq(key, copy), 1);
    CHECK_INT(EVP_PKEY_export(copy, EVP_PKEY_KEYPAIR, ignore_params, NULL), 0);
    ctx = EVP_PKEY_CTX_new_from_pkey(world.libctx, key, NULL);
    CHECK_INT(EVP_PKEY_check(ctx), 1);
    CHECK(!EVP_PKEY_set1_encoded_public_key(key, (const unsigned char *)"\004", 1));
    CHECK_CONTAINS(pinned_first_error(), "cannot be changed");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    EVP_PKEY_free(copy);
    pinned_close(&world);
}

static size_t encoded_point_length(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);

    OPENSSL_free(der);
    return (size_t)length;
}

static void test_the_form_of_a_point_is_chosen_for_one_key_and_not_for_its_copy(void)
{
    struct pinned world;
    EVP_PKEY *key, *copy;
    size_t uncompressed;

    pinned_open(&world);
    key = pinned_load(&world, EC_WORKER);
    copy = EVP_PKEY_dup(key);
    uncompressed = encoded_point_length(key);
    CHECK(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                         "compressed"));
    CHECK_INT(encoded_point_length(key), uncompressed - 32);
    CHECK_INT(encoded_point_length(copy), uncompressed);
    EVP_PKEY_free(copy);
    copy = EVP_PKEY_dup(key);
    CHECK_INT(encoded_point_length(copy), uncompressed - 32);
    EVP_PKEY_free(key);
    EVP_PKEY_free(copy);
    pinned_close(&world);
}

/* As a program does that knows key files only. */
static EVP_PKEY *read_file(const struct pinned *world, BIO *file)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey_ex(file, NULL, NULL, NULL, world->libctx, NULL);

    CHECK(key != NULL);
    return key;
}

static void test_a_key_is_written_as_a_reference_and_read_back(void)
{
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = pinned_load(&world, i), *read, *again;
        BIO *file = BIO_new(BIO_s_mem());

        CHECK_INT(PEM_write_bio_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
        CHECK_INT(PEM_write_bio_PUBKEY(file, key), 1);
        CHECK_INT(PEM_write_bio_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
        read = read_file(&world, file);
        again = read_file(&world, file);
        CHECK_STR(EVP_PKEY_get0_type_name(read), pinned_types[i]);
        CHECK_INT(EVP_PKEY_eq(read, key), 1);
        CHECK_INT(EVP_PKEY_eq(again, key), 1);
        CHECK_INT(EVP_PKEY_export(read, EVP_PKEY_KEYPAIR, ignore_params, NULL), 0);
        CHECK_INT(ERR_peek_error(), 0);
        EVP_PKEY_free(again);
        EVP_PKEY_free(read);
        EVP_PKEY_free(key);
        BIO_free(file);
    }
    pinned_close(&world);
}

static void test_der_would_have_to_hold_the_private_half_and_is_refused(void)
{
    struct pinned world;
    EVP_PKEY *key;
    unsigned char *der = NULL;

    pinned_open(&world);
    key = pinned_load(&world, RSA_WORKER);
    CHECK(i2d_PrivateKey(key, &der) < 0);
    CHECK_CONTAINS(pinned_first_error(), "stays on the server and cannot be written");
    CHECK(EVP_PKEY2PKCS8(key) == NULL);
    CHECK_CONTAINS(pinned_first_error(), "stays on the server and cannot be written");
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_contexts_are_copied_in_the_middle_of_a_message(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new(), *copy = EVP_MD_CTX_new();
    size_t length = 0;

    pinned_open(&world);
    key = pinned_load(&world, RSA_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", world.libctx, NULL, key, NULL), 1);
    CHECK_INT(EVP_DigestSignUpdate(ctx, message, sizeof message), 1);
    CHECK_INT(EVP_MD_CTX_copy_ex(copy, ctx), 1);
    CHECK_INT(EVP_DigestSignFinal(copy, NULL, &length), 1);
    CHECK_INT(length, 128);
    EVP_MD_CTX_free(ctx);
    CHECK_INT(EVP_DigestSignUpdate(copy, message, sizeof message), 1);
    EVP_MD_CTX_free(copy);
    EVP_PKEY_free(key);
    pinned_close(&world);
}

static void test_a_pin_that_is_missing_or_no_certificate_is_an_error_that_names_the_file(void)
{
    struct pinned world;
    char path[128];
    BIO *file;

    pinned_open(&world);
    pinned_path(path, &world, RSA_WORKER);
    file = BIO_new_file(path, "w");
    BIO_puts(file, "not a certificate\n");
    BIO_free(file);
    CHECK(pinned_load_as(&world, RSA_WORKER, 0) == NULL);
    CHECK_CONTAINS(pinned_first_error(), "holds neither");
    unlink(path);
    CHECK(pinned_load_as(&world, RSA_WORKER, 0) == NULL);
    CHECK_CONTAINS(pinned_first_error(), path);
    pinned_close(&world);
}

UNIT_TESTS(
    "provider_pinned", UNIT_TEST(test_a_pinned_key_is_the_workers_public_half),
    UNIT_TEST(test_the_private_half_is_not_exported_and_nobody_is_told),
    UNIT_TEST(test_a_public_key_is_expected_and_has_no_private_half),
    UNIT_TEST(test_a_size_is_known_without_a_request),
    UNIT_TEST(test_a_signature_without_a_server_fails_with_one_error_that_names_the_worker),
    UNIT_TEST(test_algorithm_identifiers_are_the_default_providers),
    UNIT_TEST(test_what_no_worker_does_is_refused_when_it_is_set_with_the_property_that_decides),
    UNIT_TEST(test_a_digest_that_signserver_is_not_asked_for_is_refused_at_once),
    UNIT_TEST(test_bytes_that_are_no_digest_are_not_sent),
    UNIT_TEST(test_a_short_buffer_is_refused_without_a_request),
    UNIT_TEST(test_a_worker_verifies_what_it_signed_without_a_server),
    UNIT_TEST(test_a_key_serves_a_forked_child),
    UNIT_TEST(test_a_remote_key_is_copied_checked_and_not_changed),
    UNIT_TEST(test_the_form_of_a_point_is_chosen_for_one_key_and_not_for_its_copy),
    UNIT_TEST(test_a_key_is_written_as_a_reference_and_read_back),
    UNIT_TEST(test_der_would_have_to_hold_the_private_half_and_is_refused),
    UNIT_TEST(test_contexts_are_copied_in_the_middle_of_a_message),
    UNIT_TEST(test_a_pin_that_is_missing_or_no_certificate_is_an_error_that_names_the_file))
