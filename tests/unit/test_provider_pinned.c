// SPDX-License-Identifier: Apache-2.0
/*
 * A remote key whose public half is pinned: all that needs no signature works without a server. The
 * only server configured is a port that nobody listens on, so that a request would be an error.
 */
#include "unit.h"
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

OSSL_provider_init_fn OSSL_provider_init;

static const unsigned char message[] = "a message";
static const unsigned char digest[32] = {1, 2, 3};

/* A worker of each type: the key that it would have, and the one that libcrypto has of it. */
static const char *const types[] = {"RSA", "RSA-PSS", "EC", "ED25519"};
enum { RSA_WORKER, RSA_PSS_WORKER, EC_WORKER, ED25519_WORKER, WORKERS };

struct world {
    char directory[64];
    OSSL_LIB_CTX *libctx;
    OSSL_PROVIDER *signserver;
    OSSL_PROVIDER *base;
    EVP_PKEY *workers[WORKERS];
};

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

static void path_of(char path[128], const struct world *world, int worker)
{
    snprintf(path, 128, "%s/worker%d.pem", world->directory, worker);
}

static void pin(const struct world *world, int worker)
{
    char path[128];
    BIO *file;

    path_of(path, world, worker);
    file = BIO_new_file(path, "w");
    CHECK_INT(PEM_write_bio_PUBKEY(file, world->workers[worker]), 1);
    BIO_free(file);
}

static void open_world(struct world *world)
{
    *world = (struct world){.directory = "/tmp/test_provider_pinned.XXXXXX"};
    CHECK(mkdtemp(world->directory) != NULL);
    CHECK_INT(setenv("SIGNSERVER_HOSTNAME", "https://127.0.0.1:1", 1), 0);
    for (int i = 0; i < WORKERS; i++) {
        world->workers[i] = generate(types[i]);
        pin(world, i);
    }
    world->libctx = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_add_builtin(world->libctx, "signserver", OSSL_provider_init);
    world->base = OSSL_PROVIDER_load(world->libctx, "default");
    world->signserver = OSSL_PROVIDER_load(world->libctx, "signserver");
}

static void close_world(struct world *world)
{
    OSSL_PROVIDER_unload(world->signserver);
    OSSL_PROVIDER_unload(world->base);
    OSSL_LIB_CTX_free(world->libctx);
    for (int i = 0; i < WORKERS; i++) {
        char path[128];

        path_of(path, world, i);
        unlink(path);
        EVP_PKEY_free(world->workers[i]);
    }
    rmdir(world->directory);
}

/* What the store gives for a worker; `expect` as OSSL_STORE_expect takes it. */
static EVP_PKEY *load_as(const struct world *world, int worker, int expect)
{
    char uri[256], path[128];
    OSSL_STORE_CTX *store;
    OSSL_STORE_INFO *info;
    EVP_PKEY *key = NULL;

    path_of(path, world, worker);
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

static EVP_PKEY *load(const struct world *world, int worker)
{
    EVP_PKEY *key = load_as(world, worker, OSSL_STORE_INFO_PKEY);

    CHECK(key != NULL);
    CHECK_INT(ERR_peek_error(), 0);
    return key;
}

/* The text of the first error, and forgets the rest. */
static const char *first_error(void)
{
    static char text[1024];
    const char *data = "";
    unsigned long code = ERR_peek_error_all(NULL, NULL, NULL, &data, NULL);

    snprintf(text, sizeof text, "%s: %s", code == 0 ? "none" : ERR_lib_error_string(code), data);
    ERR_clear_error();
    return text;
}

static int ignore_params(const OSSL_PARAM params[], void *user)
{
    (void)params;
    (void)user;
    return 1;
}

static void test_a_pinned_key_is_the_workers_public_half(void)
{
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = load(&world, i);

        CHECK(EVP_PKEY_is_a(key, types[i]));
        CHECK_INT(EVP_PKEY_eq(key, world.workers[i]), 1);
        CHECK_INT(EVP_PKEY_get_size(key), EVP_PKEY_get_size(world.workers[i]));
        CHECK_INT(EVP_PKEY_get_bits(key), EVP_PKEY_get_bits(world.workers[i]));
        EVP_PKEY_free(key);
    }
    close_world(&world);
}

static void test_the_private_half_is_not_exported_and_nobody_is_told(void)
{
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = load(&world, i);

        CHECK_INT(EVP_PKEY_export(key, EVP_PKEY_KEYPAIR, ignore_params, NULL), 0);
        CHECK_INT(ERR_peek_error(), 0);
        CHECK_INT(EVP_PKEY_export(key, EVP_PKEY_PUBLIC_KEY, ignore_params, NULL), 1);
        CHECK(i2d_PrivateKey(key, NULL) <= 0);
        ERR_clear_error();
        EVP_PKEY_free(key);
    }
    close_world(&world);
}

static void test_a_public_key_is_expected_and_has_no_private_half(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t length = 0;

    open_world(&world);
    key = load_as(&world, EC_WORKER, OSSL_STORE_INFO_PUBKEY);
    CHECK_INT(EVP_PKEY_eq(key, world.workers[EC_WORKER]), 1);
    CHECK(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", world.libctx, NULL, key, NULL) != 1 ||
          EVP_DigestSign(ctx, NULL, &length, message, sizeof message) != 1 ||
          EVP_DigestSign(ctx, (unsigned char[128]){0}, &length, message, sizeof message) != 1);
    ERR_clear_error();
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_a_size_is_known_without_a_request(void)
{
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = load(&world, i);
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
    close_world(&world);
}

static void test_a_signature_without_a_server_fails_with_one_error_that_names_the_worker(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t length = sizeof signature;

    open_world(&world);
    key = load(&world, EC_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", world.libctx, NULL, key, NULL), 1);
    CHECK(EVP_DigestSign(ctx, signature, &length, message, sizeof message) != 1);
    CHECK_CONTAINS(first_error(), "worker2");
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    close_world(&world);
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
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        EVP_PKEY *key = load(&world, cases[i].worker);
        unsigned char ours[128], plain[128];
        size_t ours_length =
            identifier(world.libctx, key, cases[i].md_name, cases[i].pad_mode, cases[i].salt, ours);
        size_t plain_length = identifier(NULL, world.workers[cases[i].worker], cases[i].md_name,
                                         cases[i].pad_mode, cases[i].plain_salt, plain);

        CHECK_MEM(ours, ours_length, plain, plain_length);
        EVP_PKEY_free(key);
    }
    close_world(&world);
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
    struct world world;
    EVP_PKEY *key;

    open_world(&world);
    key = load(&world, RSA_WORKER);
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
        CHECK_CONTAINS(first_error(), cases[i].sentence);
        EVP_MD_CTX_free(ctx);
    }
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_a_digest_that_signserver_is_not_asked_for_is_refused_at_once(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    open_world(&world);
    key = load(&world, RSA_WORKER);
    CHECK(EVP_DigestSignInit_ex(ctx, NULL, "SHA512-256", world.libctx, NULL, key, NULL) <= 0);
    CHECK_CONTAINS(first_error(), "is not among the digests that SignServer is asked for");
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_bytes_that_are_no_digest_are_not_sent(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    unsigned char signature[256];
    size_t length = sizeof signature;

    open_world(&world);
    key = load(&world, RSA_WORKER);
    ctx = EVP_PKEY_CTX_new_from_pkey(world.libctx, key, NULL);
    CHECK_INT(EVP_PKEY_sign_init(ctx), 1);
    CHECK(EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest) <= 0);
    CHECK_CONTAINS(first_error(), "digest:sha256");
    CHECK_INT(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha512()), 1);
    CHECK(EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest) <= 0);
    CHECK_CONTAINS(first_error(), "32 bytes were given where a SHA512 digest has 64");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_a_short_buffer_is_refused_without_a_request(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    unsigned char signature[16];
    size_t length = sizeof signature;

    open_world(&world);
    key = load(&world, EC_WORKER);
    ctx = EVP_PKEY_CTX_new_from_pkey(world.libctx, key, NULL);
    CHECK_INT(EVP_PKEY_sign_init(ctx), 1);
    CHECK(EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest) <= 0);
    CHECK_STR(ERR_reason_error_string(ERR_peek_error()), "output buffer too small");
    CHECK_CONTAINS(first_error(), "the program has room for 16");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_a_worker_verifies_what_it_signed_without_a_server(void)
{
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        const char *md_name = i == ED25519_WORKER ? NULL : "SHA256";
        EVP_PKEY *key = load(&world, i);
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
    close_world(&world);
}

/* nginx loads its keys in one process and uses them in others. */
static void test_a_key_serves_a_forked_child(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_MD_CTX *sign = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t length = sizeof signature;
    pid_t child;
    int status = -1;

    open_world(&world);
    key = load(&world, EC_WORKER);
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
    close_world(&world);
}

static void test_a_remote_key_is_copied_checked_and_not_changed(void)
{
    struct world world;
    EVP_PKEY *key, *copy;
    EVP_PKEY_CTX *ctx;

    open_world(&world);
    key = load(&world, EC_WORKER);
    copy = EVP_PKEY_dup(key);
    CHECK_INT(EVP_PKEY_eq(key, copy), 1);
    CHECK_INT(EVP_PKEY_export(copy, EVP_PKEY_KEYPAIR, ignore_params, NULL), 0);
    ctx = EVP_PKEY_CTX_new_from_pkey(world.libctx, key, NULL);
    CHECK_INT(EVP_PKEY_check(ctx), 1);
    CHECK(!EVP_PKEY_set1_encoded_public_key(key, (const unsigned char *)"\004", 1));
    CHECK_CONTAINS(first_error(), "cannot be changed");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    EVP_PKEY_free(copy);
    close_world(&world);
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
    struct world world;
    EVP_PKEY *key, *copy;
    size_t uncompressed;

    open_world(&world);
    key = load(&world, EC_WORKER);
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
    close_world(&world);
}

/* As a program does that knows key files only. */
static EVP_PKEY *read_file(const struct world *world, BIO *file)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey_ex(file, NULL, NULL, NULL, world->libctx, NULL);

    CHECK(key != NULL);
    return key;
}

static void test_a_key_is_written_as_a_reference_and_read_back(void)
{
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = load(&world, i), *read, *again;
        BIO *file = BIO_new(BIO_s_mem());

        CHECK_INT(PEM_write_bio_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
        CHECK_INT(PEM_write_bio_PUBKEY(file, key), 1);
        CHECK_INT(PEM_write_bio_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
        read = read_file(&world, file);
        again = read_file(&world, file);
        CHECK_STR(EVP_PKEY_get0_type_name(read), types[i]);
        CHECK_INT(EVP_PKEY_eq(read, key), 1);
        CHECK_INT(EVP_PKEY_eq(again, key), 1);
        CHECK_INT(EVP_PKEY_export(read, EVP_PKEY_KEYPAIR, ignore_params, NULL), 0);
        CHECK_INT(ERR_peek_error(), 0);
        EVP_PKEY_free(again);
        EVP_PKEY_free(read);
        EVP_PKEY_free(key);
        BIO_free(file);
    }
    close_world(&world);
}

static void test_der_would_have_to_hold_the_private_half_and_is_refused(void)
{
    struct world world;
    EVP_PKEY *key;
    unsigned char *der = NULL;

    open_world(&world);
    key = load(&world, RSA_WORKER);
    CHECK(i2d_PrivateKey(key, &der) < 0);
    CHECK_CONTAINS(first_error(), "stays on the server and cannot be written");
    CHECK(EVP_PKEY2PKCS8(key) == NULL);
    CHECK_CONTAINS(first_error(), "stays on the server and cannot be written");
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_contexts_are_copied_in_the_middle_of_a_message(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new(), *copy = EVP_MD_CTX_new();
    size_t length = 0;

    open_world(&world);
    key = load(&world, RSA_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", world.libctx, NULL, key, NULL), 1);
    CHECK_INT(EVP_DigestSignUpdate(ctx, message, sizeof message), 1);
    CHECK_INT(EVP_MD_CTX_copy_ex(copy, ctx), 1);
    CHECK_INT(EVP_DigestSignFinal(copy, NULL, &length), 1);
    CHECK_INT(length, 128);
    EVP_MD_CTX_free(ctx);
    CHECK_INT(EVP_DigestSignUpdate(copy, message, sizeof message), 1);
    EVP_MD_CTX_free(copy);
    EVP_PKEY_free(key);
    close_world(&world);
}

static void test_a_pin_that_is_missing_or_no_certificate_is_an_error_that_names_the_file(void)
{
    struct world world;
    char path[128];
    BIO *file;

    open_world(&world);
    path_of(path, &world, RSA_WORKER);
    file = BIO_new_file(path, "w");
    BIO_puts(file, "not a certificate\n");
    BIO_free(file);
    CHECK(load_as(&world, RSA_WORKER, 0) == NULL);
    CHECK_CONTAINS(first_error(), "holds neither");
    unlink(path);
    CHECK(load_as(&world, RSA_WORKER, 0) == NULL);
    CHECK_CONTAINS(first_error(), path);
    close_world(&world);
}

/* Who does not look at what an init returned may call what comes next. */
static void test_a_program_that_goes_on_after_a_failed_init_is_refused(void)
{
    struct world world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t length = sizeof signature;

    open_world(&world);
    key = load(&world, RSA_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", world.libctx, NULL, key, NULL), 1);
    CHECK(EVP_DigestSignInit_ex(ctx, NULL, "SHA512-256", world.libctx, NULL, NULL, NULL) <= 0);
    CHECK(EVP_DigestSignUpdate(ctx, message, sizeof message) <= 0);
    CHECK(EVP_DigestSignFinal(ctx, NULL, &length) <= 0);
    CHECK(EVP_DigestSignFinal(ctx, signature, &length) <= 0);
    EVP_MD_CTX_reset(ctx);
    CHECK(EVP_DigestSignInit_ex(ctx, NULL, "SHA512-256", world.libctx, NULL, key, NULL) <= 0);
    CHECK(EVP_DigestSignUpdate(ctx, message, sizeof message) <= 0);
    CHECK(EVP_DigestSign(ctx, signature, &length, message, sizeof message) <= 0);
    EVP_MD_CTX_reset(ctx);
    CHECK(EVP_DigestVerifyInit_ex(ctx, NULL, "SHAKE128", world.libctx, NULL, key, NULL) <= 0);
    CHECK(EVP_DigestVerifyUpdate(ctx, message, sizeof message) <= 0);
    CHECK(EVP_DigestVerifyFinal(ctx, signature, sizeof signature) <= 0);
    ERR_clear_error();
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    close_world(&world);
}

/* The bytes that `print` writes of a key. */
static size_t printed(char text[8192], EVP_PKEY *key,
                      int (*print)(BIO *out, const EVP_PKEY *key, int indent, ASN1_PCTX *pctx))
{
    BIO *out = BIO_new(BIO_s_mem());
    int length;

    CHECK_INT(print(out, key, 0, NULL), 1);
    length = BIO_read(out, text, 8192);
    BIO_free(out);
    return length < 0 ? 0 : (size_t)length;
}

static void test_parameters_and_public_halves_are_printed_as_those_of_a_local_key(void)
{
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = load(&world, i);
        char ours[8192], plain[8192];
        size_t ours_length = printed(ours, key, EVP_PKEY_print_params);
        size_t plain_length = printed(plain, world.workers[i], EVP_PKEY_print_params);

        CHECK_MEM(ours, ours_length, plain, plain_length);
        ours_length = printed(ours, key, EVP_PKEY_print_public);
        plain_length = printed(plain, world.workers[i], EVP_PKEY_print_public);
        CHECK_MEM(ours, ours_length, plain, plain_length);
        EVP_PKEY_free(key);
    }
    close_world(&world);
}

static int verify_digest(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const unsigned char *signature,
                         size_t length)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(libctx, key, NULL);
    int result = -2;

    if (CHECK_INT(EVP_PKEY_verify_init(ctx), 1))
        result = EVP_PKEY_verify(ctx, signature, length, digest, sizeof digest);
    EVP_PKEY_CTX_free(ctx);
    return result;
}

/* What the first and the second call return, and whether they say why. */
struct verdict {
    int first, second;
    bool says_why;
};

static struct verdict verify_message(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const char *md_name,
                                     const unsigned char *signature, size_t length)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct verdict verdict = {-2, -2, false};

    if (CHECK_INT(EVP_DigestVerifyInit_ex(ctx, NULL, md_name, libctx, NULL, key, NULL), 1)) {
        verdict.first = EVP_DigestVerify(ctx, signature, length, message, sizeof message);
        verdict.second = EVP_DigestVerify(ctx, signature, length, message, sizeof message);
    }
    verdict.says_why = ERR_peek_error() != 0;
    ERR_clear_error();
    EVP_MD_CTX_free(ctx);
    return verdict;
}

static int begin_to_recover(OSSL_LIB_CTX *libctx, EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(libctx, key, NULL);
    int result = EVP_PKEY_verify_recover_init(ctx);

    EVP_PKEY_CTX_free(ctx);
    return result;
}

/* Programs tell a signature that is none (below 0) from a wrong one (0), and what a type of key
 * cannot do (-2) from a failure. */
static void test_what_cannot_be_verified_is_told_as_of_a_local_key(void)
{
    static const unsigned char none[] = "no signature";
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        const char *md_name = i == ED25519_WORKER ? NULL : "SHA256";
        EVP_PKEY *key = load(&world, i), *plain = world.workers[i];
        struct verdict ours = verify_message(world.libctx, key, md_name, none, sizeof none);
        struct verdict theirs = verify_message(NULL, plain, md_name, none, sizeof none);

        CHECK_INT(ours.first, theirs.first);
        CHECK_INT(ours.second, theirs.second);
        CHECK_INT(ours.says_why, theirs.says_why);
        if (i != ED25519_WORKER)
            CHECK_INT(verify_digest(world.libctx, key, none, sizeof none),
                      verify_digest(NULL, plain, none, sizeof none));
        CHECK_INT(begin_to_recover(world.libctx, key), begin_to_recover(NULL, plain));
        ERR_clear_error();
        EVP_PKEY_free(key);
    }
    close_world(&world);
}

#ifdef OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_INIT
/* Signed in one context of a local key that is ours, verified in one of the remote key. */
static void test_messages_are_signed_and_verified_again_in_the_same_context(void)
{
    struct world world;
    EVP_PKEY *keys[2];
    EVP_SIGNATURE *algorithm;
    EVP_PKEY_CTX *sign, *verify;

    open_world(&world);
    EVP_PKEY_free(world.workers[ED25519_WORKER]);
    keys[0] = EVP_PKEY_Q_keygen(world.libctx, "provider=signserver", "ED25519");
    world.workers[ED25519_WORKER] = keys[0];
    pin(&world, ED25519_WORKER);
    keys[1] = load(&world, ED25519_WORKER);
    algorithm = EVP_SIGNATURE_fetch(world.libctx, "ED25519", "provider=signserver");
    sign = EVP_PKEY_CTX_new_from_pkey(world.libctx, keys[0], NULL);
    verify = EVP_PKEY_CTX_new_from_pkey(world.libctx, keys[1], NULL);
    CHECK_INT(EVP_PKEY_sign_message_init(sign, algorithm, NULL), 1);
    CHECK_INT(EVP_PKEY_verify_message_init(verify, algorithm, NULL), 1);
    for (size_t i = 0; i < 3; i++) {
        unsigned char signature[64];
        size_t length = sizeof signature;

        CHECK_INT(EVP_PKEY_sign(sign, signature, &length, message, i), 1);
        CHECK_INT(EVP_PKEY_verify(verify, signature, length, message, i), 1);
        CHECK(EVP_PKEY_verify(verify, signature, length, message, i + 1) <= 0);
    }
    ERR_clear_error();
    EVP_PKEY_CTX_free(sign);
    EVP_PKEY_CTX_free(verify);
    EVP_SIGNATURE_free(algorithm);
    EVP_PKEY_free(keys[1]);
    EVP_PKEY_free(keys[0]);
    world.workers[ED25519_WORKER] = NULL;
    close_world(&world);
}
#else
static void test_messages_are_signed_and_verified_again_in_the_same_context(void)
{
    /* OpenSSL 3.4 is the first that has the functions. */
}
#endif

static int set_text(EVP_PKEY_CTX *ctx, const char *name, const char *value)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(name, (char *)(uintptr_t)value, 0),
        OSSL_PARAM_END,
    };

    return EVP_PKEY_CTX_set_params(ctx, params);
}

static int set_number(EVP_PKEY_CTX *ctx, const char *name, unsigned int value)
{
    OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(name, &value), OSSL_PARAM_END};

    return EVP_PKEY_CTX_set_params(ctx, params);
}

static bool is_settable(EVP_PKEY_CTX *ctx, const char *name)
{
    const OSSL_PARAM *settable = EVP_PKEY_CTX_settable_params(ctx);

    return settable != NULL && OSSL_PARAM_locate_const(settable, name) != NULL;
}

/* Whether a libcrypto has the variants at all, is in what it lets be set. */
static void test_a_variant_that_no_worker_signs_is_refused_and_the_usual_one_is_not(void)
{
    struct world world;
    EVP_PKEY *eddsa, *ecdsa;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;

    open_world(&world);
    eddsa = load(&world, ED25519_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, NULL, world.libctx, NULL, eddsa, NULL), 1);
    if (is_settable(pctx, "instance")) {
        CHECK_INT(set_text(pctx, "instance", "Ed25519"), 1);
        CHECK_INT(set_number(pctx, "deterministic", 1), 1); /* of ML-DSA, and nobody's here */
        CHECK_INT(ERR_peek_error(), 0);
        CHECK(set_text(pctx, "instance", "Ed25519ph") <= 0);
        CHECK_CONTAINS(first_error(), "\"instance\"");
    }
    EVP_MD_CTX_reset(ctx);
    ecdsa = load(&world, EC_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, "SHA256", world.libctx, NULL, ecdsa, NULL), 1);
    if (is_settable(pctx, "nonce-type")) {
        CHECK_INT(set_number(pctx, "nonce-type", 0), 1);
        CHECK(set_number(pctx, "nonce-type", 1) <= 0);
        CHECK_CONTAINS(first_error(), "\"nonce-type\"");
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(eddsa);
    EVP_PKEY_free(ecdsa);
    close_world(&world);
}

static void test_a_salt_length_that_is_none_is_no_crash_and_leaves_no_error_behind(void)
{
    struct world world;
    EVP_PKEY *rsa, *ec;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_END,
    };

    open_world(&world);
    rsa = load(&world, RSA_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, "SHA256", world.libctx, NULL, rsa, NULL), 1);
    CHECK(EVP_PKEY_CTX_set_params(pctx, params) <= 0);
    ERR_clear_error();
    /* Nor is one that is left open where there is no salt at all. */
    CHECK(EVP_PKEY_CTX_ctrl_str(pctx, "rsa_pss_saltlen", "auto") <= 0);
    CHECK(ERR_peek_error() != 0);
    ERR_clear_error();
    /* To a signature without a message to come its name means nothing. */
    params[0] = OSSL_PARAM_construct_utf8_string("signature", (char[]){"x"}, 0);
    CHECK_INT(EVP_PKEY_CTX_set_params(pctx, params), 1);
    EVP_MD_CTX_reset(ctx);
    /* To ECDSA the name means nothing. */
    ec = load(&world, EC_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, "SHA256", world.libctx, NULL, ec, NULL), 1);
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
                                                  (unsigned char[]){1, 2}, 2);
    CHECK_INT(EVP_PKEY_CTX_set_params(pctx, params), 1);
    CHECK_INT(ERR_peek_error(), 0);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    close_world(&world);
}

static void test_a_search_is_refused(void)
{
    struct world world;
    X509_NAME *name = X509_NAME_new();
    OSSL_STORE_SEARCH *search = OSSL_STORE_SEARCH_by_name(name);
    OSSL_STORE_CTX *store;

    open_world(&world);
    store =
        OSSL_STORE_open_ex("signserver:worker0", world.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    CHECK_INT(OSSL_STORE_find(store, search), 0);
    CHECK_CONTAINS(first_error(), "nothing to search among");
    OSSL_STORE_close(store);
    OSSL_STORE_SEARCH_free(search);
    X509_NAME_free(name);
    close_world(&world);
}

static void test_a_parameter_that_no_key_of_its_type_has_changes_nothing(void)
{
    struct world world;

    open_world(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = load(&world, i);

        CHECK_INT(EVP_PKEY_set_utf8_string_param(key, "nonsense", "x"),
                  EVP_PKEY_set_utf8_string_param(world.workers[i], "nonsense", "x"));
        CHECK_INT(ERR_peek_error(), 0);
        EVP_PKEY_free(key);
    }
    close_world(&world);
}

static void test_prehashed_eddsa_is_signed_with_local_keys_and_verified_with_any(void)
{
    static const unsigned char hash[64] = {1, 2, 3};
    unsigned char signature[64];
    size_t length = sizeof signature;
    struct world world;
    EVP_PKEY *local, *remote;
    EVP_PKEY_CTX *plain, *sign, *verify;
    int result;

    open_world(&world);
    plain = EVP_PKEY_CTX_new(world.workers[ED25519_WORKER], NULL);
    EVP_PKEY_free(world.workers[ED25519_WORKER]);
    local = EVP_PKEY_Q_keygen(world.libctx, "provider=signserver", "ED25519");
    world.workers[ED25519_WORKER] = local;
    pin(&world, ED25519_WORKER);
    remote = load(&world, ED25519_WORKER);
    sign = EVP_PKEY_CTX_new_from_pkey(world.libctx, local, "provider=signserver");
    verify = EVP_PKEY_CTX_new_from_pkey(world.libctx, remote, NULL);
    result = EVP_PKEY_sign_init(plain);
    CHECK_INT(EVP_PKEY_sign_init(sign), result);
    if (result == 1) { /* from OpenSSL 3.4 on */
        CHECK_INT(set_text(sign, "instance", "Ed25519ph"), 1);
        CHECK_INT(EVP_PKEY_sign(sign, signature, &length, hash, sizeof hash), 1);
        CHECK_INT(EVP_PKEY_verify_init(verify), 1);
        CHECK_INT(set_text(verify, "instance", "Ed25519ph"), 1);
        CHECK_INT(EVP_PKEY_verify(verify, signature, length, hash, sizeof hash), 1);
        CHECK_INT(ERR_peek_error(), 0);
        CHECK(EVP_PKEY_sign_init(verify) <= 0);
        CHECK_CONTAINS(first_error(), "not of a digest");
    }
    ERR_clear_error();
    EVP_PKEY_CTX_free(plain);
    EVP_PKEY_CTX_free(sign);
    EVP_PKEY_CTX_free(verify);
    EVP_PKEY_free(remote);
    close_world(&world);
}

static void test_a_store_is_not_attached_to_bytes(void)
{
    struct world world;
    const char *words = "";
    BIO *bytes = BIO_new_mem_buf(message, sizeof message);

    open_world(&world);
    CHECK(OSSL_STORE_attach(bytes, "signserver", world.libctx, NULL, NULL, NULL, NULL, NULL,
                            NULL) == NULL);
    ERR_peek_last_error_all(NULL, NULL, NULL, &words, NULL);
    CHECK_CONTAINS(words, "is opened by its URI");
    ERR_clear_error();
    BIO_free(bytes);
    close_world(&world);
}

static void test_the_digest_is_recovered_with_an_algorithm_that_names_it(void)
{
#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
    struct world world;
    EVP_PKEY *key;
    EVP_PKEY_CTX *sign, *recover;
    EVP_SIGNATURE *algorithm;
    unsigned char signature[256], recovered[256];
    size_t length = sizeof signature, recovered_length = sizeof recovered;

    open_world(&world);
    key = load(&world, RSA_WORKER);
    sign = EVP_PKEY_CTX_new(world.workers[RSA_WORKER], NULL);
    CHECK_INT(EVP_PKEY_sign_init(sign), 1);
    CHECK_INT(EVP_PKEY_CTX_set_signature_md(sign, EVP_sha256()), 1);
    CHECK_INT(EVP_PKEY_sign(sign, signature, &length, digest, sizeof digest), 1);
    algorithm = EVP_SIGNATURE_fetch(world.libctx, "RSA-SHA2-256", "provider=signserver");
    recover = EVP_PKEY_CTX_new_from_pkey(world.libctx, key, NULL);
    CHECK_INT(EVP_PKEY_verify_recover_init_ex2(recover, algorithm, NULL), 1);
    CHECK_INT(EVP_PKEY_verify_recover(recover, recovered, &recovered_length, signature, length), 1);
    CHECK_MEM(recovered, recovered_length, digest, sizeof digest);
    EVP_PKEY_CTX_free(sign);
    EVP_PKEY_CTX_free(recover);
    EVP_SIGNATURE_free(algorithm);
    EVP_PKEY_free(key);
    close_world(&world);
#endif
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
    UNIT_TEST(test_a_pin_that_is_missing_or_no_certificate_is_an_error_that_names_the_file),
    UNIT_TEST(test_a_program_that_goes_on_after_a_failed_init_is_refused),
    UNIT_TEST(test_parameters_and_public_halves_are_printed_as_those_of_a_local_key),
    UNIT_TEST(test_what_cannot_be_verified_is_told_as_of_a_local_key),
    UNIT_TEST(test_messages_are_signed_and_verified_again_in_the_same_context),
    UNIT_TEST(test_a_variant_that_no_worker_signs_is_refused_and_the_usual_one_is_not),
    UNIT_TEST(test_a_salt_length_that_is_none_is_no_crash_and_leaves_no_error_behind),
    UNIT_TEST(test_a_search_is_refused),
    UNIT_TEST(test_a_parameter_that_no_key_of_its_type_has_changes_nothing),
    UNIT_TEST(test_prehashed_eddsa_is_signed_with_local_keys_and_verified_with_any),
    UNIT_TEST(test_a_store_is_not_attached_to_bytes),
    UNIT_TEST(test_the_digest_is_recovered_with_an_algorithm_that_names_it))
