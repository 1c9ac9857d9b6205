// SPDX-License-Identifier: Apache-2.0
/* What programs may do with a key beyond what most do: a remote key does it as a local one, or says
 * why not. */
#include "pinned.h"
#include "unit.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/store.h>
#include <openssl/x509.h>

static const unsigned char message[] = "a message";
static const unsigned char digest[32] = {1, 2, 3};

/* Who does not look at what an init returned may call what comes next. */
static void test_a_program_that_goes_on_after_a_failed_init_is_refused(void)
{
    struct pinned world;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t length = sizeof signature;

    pinned_open(&world);
    key = pinned_load(&world, RSA_WORKER);
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
    pinned_close(&world);
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
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = pinned_load(&world, i);
        char ours[8192], plain[8192];
        size_t ours_length = printed(ours, key, EVP_PKEY_print_params);
        size_t plain_length = printed(plain, world.workers[i], EVP_PKEY_print_params);

        CHECK_MEM(ours, ours_length, plain, plain_length);
        ours_length = printed(ours, key, EVP_PKEY_print_public);
        plain_length = printed(plain, world.workers[i], EVP_PKEY_print_public);
        CHECK_MEM(ours, ours_length, plain, plain_length);
        EVP_PKEY_free(key);
    }
    pinned_close(&world);
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
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        const char *md_name = i == ED25519_WORKER ? NULL : "SHA256";
        EVP_PKEY *key = pinned_load(&world, i), *plain = world.workers[i];
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
    pinned_close(&world);
}

#ifdef OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_INIT
/* Signed in one context of a local key that is ours, verified in one of the remote key. */
static void test_messages_are_signed_and_verified_again_in_the_same_context(void)
{
    struct pinned world;
    EVP_PKEY *keys[2];
    EVP_SIGNATURE *algorithm;
    EVP_PKEY_CTX *sign, *verify;

    pinned_open(&world);
    EVP_PKEY_free(world.workers[ED25519_WORKER]);
    keys[0] = EVP_PKEY_Q_keygen(world.libctx, "provider=signserver", "ED25519");
    world.workers[ED25519_WORKER] = keys[0];
    pinned_pin(&world, ED25519_WORKER);
    keys[1] = pinned_load(&world, ED25519_WORKER);
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
    pinned_close(&world);
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
    struct pinned world;
    EVP_PKEY *eddsa, *ecdsa;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;

    pinned_open(&world);
    eddsa = pinned_load(&world, ED25519_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, NULL, world.libctx, NULL, eddsa, NULL), 1);
    if (is_settable(pctx, "instance")) {
        CHECK_INT(set_text(pctx, "instance", "Ed25519"), 1);
        CHECK_INT(set_number(pctx, "deterministic", 1), 1); /* of ML-DSA, and nobody's here */
        CHECK_INT(ERR_peek_error(), 0);
        CHECK(set_text(pctx, "instance", "Ed25519ph") <= 0);
        CHECK_CONTAINS(pinned_first_error(), "\"instance\"");
    }
    EVP_MD_CTX_reset(ctx);
    ecdsa = pinned_load(&world, EC_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, "SHA256", world.libctx, NULL, ecdsa, NULL), 1);
    if (is_settable(pctx, "nonce-type")) {
        CHECK_INT(set_number(pctx, "nonce-type", 0), 1);
        CHECK(set_number(pctx, "nonce-type", 1) <= 0);
        CHECK_CONTAINS(pinned_first_error(), "\"nonce-type\"");
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(eddsa);
    EVP_PKEY_free(ecdsa);
    pinned_close(&world);
}

static void test_a_salt_length_that_is_none_is_no_crash_and_leaves_no_error_behind(void)
{
    struct pinned world;
    EVP_PKEY *rsa, *ec;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_END,
    };

    pinned_open(&world);
    rsa = pinned_load(&world, RSA_WORKER);
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
    ec = pinned_load(&world, EC_WORKER);
    CHECK_INT(EVP_DigestSignInit_ex(ctx, &pctx, "SHA256", world.libctx, NULL, ec, NULL), 1);
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
                                                  (unsigned char[]){1, 2}, 2);
    CHECK_INT(EVP_PKEY_CTX_set_params(pctx, params), 1);
    CHECK_INT(ERR_peek_error(), 0);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    pinned_close(&world);
}

static void test_a_search_is_refused(void)
{
    struct pinned world;
    X509_NAME *name = X509_NAME_new();
    OSSL_STORE_SEARCH *search = OSSL_STORE_SEARCH_by_name(name);
    OSSL_STORE_CTX *store;

    pinned_open(&world);
    store =
        OSSL_STORE_open_ex("signserver:worker0", world.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    CHECK_INT(OSSL_STORE_find(store, search), 0);
    CHECK_CONTAINS(pinned_first_error(), "nothing to search among");
    OSSL_STORE_close(store);
    OSSL_STORE_SEARCH_free(search);
    X509_NAME_free(name);
    pinned_close(&world);
}

static void test_a_parameter_that_no_key_of_its_type_has_changes_nothing(void)
{
    struct pinned world;

    pinned_open(&world);
    for (int i = 0; i < WORKERS; i++) {
        EVP_PKEY *key = pinned_load(&world, i);

        CHECK_INT(EVP_PKEY_set_utf8_string_param(key, "nonsense", "x"),
                  EVP_PKEY_set_utf8_string_param(world.workers[i], "nonsense", "x"));
        CHECK_INT(ERR_peek_error(), 0);
        EVP_PKEY_free(key);
    }
    pinned_close(&world);
}

static void test_prehashed_eddsa_is_signed_with_local_keys_and_verified_with_any(void)
{
    static const unsigned char hash[64] = {1, 2, 3};
    unsigned char signature[64];
    size_t length = sizeof signature;
    struct pinned world;
    EVP_PKEY *local, *remote;
    EVP_PKEY_CTX *plain, *sign, *verify;
    int result;

    pinned_open(&world);
    plain = EVP_PKEY_CTX_new(world.workers[ED25519_WORKER], NULL);
    EVP_PKEY_free(world.workers[ED25519_WORKER]);
    local = EVP_PKEY_Q_keygen(world.libctx, "provider=signserver", "ED25519");
    world.workers[ED25519_WORKER] = local;
    pinned_pin(&world, ED25519_WORKER);
    remote = pinned_load(&world, ED25519_WORKER);
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
        CHECK_CONTAINS(pinned_first_error(), "not of a digest");
    }
    ERR_clear_error();
    EVP_PKEY_CTX_free(plain);
    EVP_PKEY_CTX_free(sign);
    EVP_PKEY_CTX_free(verify);
    EVP_PKEY_free(remote);
    pinned_close(&world);
}

static void test_a_store_is_not_attached_to_bytes(void)
{
    struct pinned world;
    const char *words = "";
    BIO *bytes = BIO_new_mem_buf(message, sizeof message);

    pinned_open(&world);
    CHECK(OSSL_STORE_attach(bytes, "signserver", world.libctx, NULL, NULL, NULL, NULL, NULL,
                            NULL) == NULL);
    ERR_peek_last_error_all(NULL, NULL, NULL, &words, NULL);
    CHECK_CONTAINS(words, "is opened by its URI");
    ERR_clear_error();
    BIO_free(bytes);
    pinned_close(&world);
}

static void test_the_digest_is_recovered_with_an_algorithm_that_names_it(void)
{
#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
    struct pinned world;
    EVP_PKEY *key;
    EVP_PKEY_CTX *sign, *recover;
    EVP_SIGNATURE *algorithm;
    unsigned char signature[256], recovered[256];
    size_t length = sizeof signature, recovered_length = sizeof recovered;

    pinned_open(&world);
    key = pinned_load(&world, RSA_WORKER);
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
    pinned_close(&world);
#endif
}

UNIT_TESTS("provider_programs",
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
