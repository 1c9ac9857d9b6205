// SPDX-License-Identifier: Apache-2.0
#include "artifact.h"
#include "files.h"
#include "unit.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct artifact_error error;

struct fixture {
    char *directory, *path;
    EVP_PKEY *rsa, *ec;
};

static void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){
        .directory = files_directory(), .rsa = EVP_RSA_gen(2048), .ec = EVP_EC_gen("P-256")};
    fixture->path = files_path(fixture->directory, "key");
    error = (struct artifact_error){0};
}

static void fixture_clear(struct fixture *fixture)
{
    EVP_PKEY_free(fixture->rsa);
    EVP_PKEY_free(fixture->ec);
    free(fixture->path);
    files_remove(fixture->directory);
}

static FILE *open_key(const struct fixture *fixture)
{
    FILE *file = fopen(fixture->path, "wb");
    if (!file)
        abort();
    return file;
}

/* Closes the file just written, and loads it. */
static void check_loads(const struct fixture *fixture, FILE *file, enum artifact_key_use use,
                        EVP_PKEY *expected)
{
    fclose(file);
    EVP_PKEY *key = artifact_key_load(fixture->path, use, NULL, &error);
    if (!key)
        CHECK_STR(error.message, "");
    CHECK(key && EVP_PKEY_eq(key, expected) == 1);
    EVP_PKEY_free(key);
}

static void check_fails(const char *uri, enum artifact_key_use use, const char *sentence)
{
    EVP_PKEY *key = artifact_key_load(uri, use, NULL, &error);
    CHECK(key == NULL);
    CHECK_INT(error.code, ARTIFACT_BAD_KEY);
    CHECK_CONTAINS(error.message, uri);
    CHECK_CONTAINS(error.message, sentence);
    EVP_PKEY_free(key);
}

static void test_private_keys_load_in_every_unencrypted_form(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    FILE *file = open_key(&fixture);
    PEM_write_PrivateKey(file, fixture.ec, NULL, NULL, 0, NULL, NULL);
    check_loads(&fixture, file, ARTIFACT_KEY_SIGN, fixture.ec);

    file = open_key(&fixture);
    BIO *bio = BIO_new_fp(file, BIO_NOCLOSE);
    PEM_write_bio_PrivateKey_traditional(bio, fixture.rsa, NULL, NULL, 0, NULL, NULL);
    BIO_free(bio);
    check_loads(&fixture, file, ARTIFACT_KEY_SIGN, fixture.rsa);

    file = open_key(&fixture);
    i2d_PrivateKey_fp(file, fixture.rsa);
    check_loads(&fixture, file, ARTIFACT_KEY_SIGN, fixture.rsa);

    /* What openssl ecparam -genkey prints. */
    file = open_key(&fixture);
    fputs("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n", file);
    bio = BIO_new_fp(file, BIO_NOCLOSE);
    PEM_write_bio_PrivateKey_traditional(bio, fixture.ec, NULL, NULL, 0, NULL, NULL);
    BIO_free(bio);
    check_loads(&fixture, file, ARTIFACT_KEY_SIGN, fixture.ec);
    fixture_clear(&fixture);
}

static X509 *self_signed(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 60);
    X509_set_pubkey(certificate, key);
    CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void test_verification_takes_public_keys_certificates_and_private_keys(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    FILE *file = open_key(&fixture);
    fputs("text in front of the key\n", file);
    PEM_write_PUBKEY(file, fixture.ec);
    check_loads(&fixture, file, ARTIFACT_KEY_VERIFY, fixture.ec);

    file = open_key(&fixture);
    i2d_PUBKEY_fp(file, fixture.rsa);
    check_loads(&fixture, file, ARTIFACT_KEY_VERIFY, fixture.rsa);

    file = open_key(&fixture);
    X509 *certificate = self_signed(fixture.rsa);
    PEM_write_X509(file, certificate);
    X509_free(certificate);
    check_loads(&fixture, file, ARTIFACT_KEY_VERIFY, fixture.rsa);
    check_fails(fixture.path, ARTIFACT_KEY_SIGN,
                "signer: failed to parse private key: there is no private key in");

    file = open_key(&fixture);
    PEM_write_PrivateKey(file, fixture.ec, NULL, NULL, 0, NULL, NULL);
    check_loads(&fixture, file, ARTIFACT_KEY_VERIFY, fixture.ec);
    fixture_clear(&fixture);
}

static void test_encrypted_keys_are_named_as_such_and_nothing_is_asked(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    FILE *file = open_key(&fixture);
    const char *passphrase = "secret";
    PEM_write_PKCS8PrivateKey(file, fixture.ec, EVP_aes_128_cbc(), passphrase,
                              (int)strlen(passphrase), NULL, NULL);
    fclose(file);
    check_fails(fixture.path, ARTIFACT_KEY_SIGN, "is protected by a passphrase");

    file = open_key(&fixture);
    BIO *bio = BIO_new_fp(file, BIO_NOCLOSE);
    PEM_write_bio_PrivateKey_traditional(bio, fixture.rsa, EVP_aes_128_cbc(),
                                         (const unsigned char *)passphrase, (int)strlen(passphrase),
                                         NULL, NULL);
    BIO_free(bio);
    fclose(file);
    check_fails(fixture.path, ARTIFACT_KEY_SIGN, "is protected by a passphrase");
    fixture_clear(&fixture);
}

struct answer {
    const char *text; /* NULL: nobody is there */
    int asked;
};

static bool answer_passphrase(void *user, const char *uri, char *text, size_t size)
{
    struct answer *answer = user;
    answer->asked++;
    CHECK(*uri && size > 64);
    if (answer->text)
        snprintf(text, size, "%s", answer->text);
    return answer->text != NULL;
}

/* Loads it with each answer; the passphrase is "secret". */
static void check_passphrase(const struct fixture *fixture, EVP_PKEY *expected)
{
    struct answer answer = {.text = "secret"};
    struct artifact_key_options options = {.passphrase = answer_passphrase, .user = &answer};
    EVP_PKEY *key = artifact_key_load(fixture->path, ARTIFACT_KEY_SIGN, &options, &error);
    CHECK(key && EVP_PKEY_eq(key, expected) == 1);
    EVP_PKEY_free(key);
    CHECK_INT(answer.asked, 1);
    answer.text = "wrong";
    CHECK(!artifact_key_load(fixture->path, ARTIFACT_KEY_SIGN, &options, &error));
    CHECK_CONTAINS(error.message, "can not be decrypted with this passphrase");
    CHECK_CONTAINS(error.message, fixture->path);
    CHECK_INT(answer.asked, 2);
    answer.text = NULL;
    CHECK(!artifact_key_load(fixture->path, ARTIFACT_KEY_SIGN, &options, &error));
    CHECK_CONTAINS(error.message, "is protected by a passphrase");
}

static void test_a_passphrase_is_asked_for_once_and_opens_every_encrypted_form(void)
{
    const char *secret = "secret";
    int secret_length = (int)strlen(secret);
    struct fixture fixture;
    fixture_init(&fixture);
    EVP_PKEY *const keys[] = {fixture.rsa, fixture.ec};
    for (size_t i = 0; i < 2; i++) {
        FILE *file = open_key(&fixture);
        PEM_write_PKCS8PrivateKey(file, keys[i], EVP_aes_256_cbc(), secret, secret_length, NULL,
                                  NULL);
        fclose(file);
        check_passphrase(&fixture, keys[i]);

        file = open_key(&fixture);
        i2d_PKCS8PrivateKey_fp(file, keys[i], EVP_aes_256_cbc(), secret, secret_length, NULL, NULL);
        fclose(file);
        check_passphrase(&fixture, keys[i]);

        file = open_key(&fixture);
        BIO *bio = BIO_new_fp(file, BIO_NOCLOSE);
        PEM_write_bio_PrivateKey_traditional(bio, keys[i], EVP_aes_256_cbc(),
                                             (const unsigned char *)secret, secret_length, NULL,
                                             NULL);
        BIO_free(bio);
        fclose(file);
        check_passphrase(&fixture, keys[i]);

        file = open_key(&fixture);
        PKCS12 *p12 = PKCS12_create(secret, "key", keys[i], NULL, NULL, 0, 0, 0, 0, 0);
        i2d_PKCS12_fp(file, p12);
        PKCS12_free(p12);
        fclose(file);
        check_passphrase(&fixture, keys[i]);
    }
    fixture_clear(&fixture);
}

static void test_files_without_a_key_are_refused_with_their_name(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    check_fails(fixture.path, ARTIFACT_KEY_SIGN, "Error reading key file: open ");
    check_fails(fixture.path, ARTIFACT_KEY_VERIFY, "No such file or directory");
    check_fails(fixture.directory, ARTIFACT_KEY_VERIFY, "there is no public key");
    check_fails("", ARTIFACT_KEY_SIGN, "Error reading key file: open ");
    files_write(fixture.path, "", 0);
    check_fails(fixture.path, ARTIFACT_KEY_SIGN, "there is no private key in");
    files_write(fixture.path, "junk\n", 5);
    check_fails(fixture.path, ARTIFACT_KEY_VERIFY, "signer: failed to parse public key");
    fixture_clear(&fixture);
}

static void check_unsupported(const struct fixture *fixture, enum artifact_key_use use)
{
    const struct artifact_key_options options = {.allow_unsupported = true};
    CHECK(!artifact_key_load(fixture->path, use, NULL, &error));
    CHECK_INT(error.code, ARTIFACT_UNSUPPORTED_KEY);
    CHECK_CONTAINS(error.message, fixture->path);
    CHECK_CONTAINS(error.message, "keys of type ED25519 are not supported");
    EVP_PKEY *key = artifact_key_load(fixture->path, use, &options, &error);
    CHECK(key != NULL);
    EVP_PKEY_free(key);
}

static void test_keys_that_no_device_verifies_are_refused_when_loaded(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *file = open_key(&fixture);
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    check_unsupported(&fixture, ARTIFACT_KEY_SIGN);
    check_unsupported(&fixture, ARTIFACT_KEY_VERIFY);
    EVP_PKEY_free(key);
    fixture_clear(&fixture);
}

static void test_a_scheme_without_a_provider_tells_what_is_missing_and_where(void)
{
    check_fails("no-such-scheme:key", ARTIFACT_KEY_SIGN, "OpenSSL provider \"no-such-scheme\"");
    check_fails("no-such-scheme:key", ARTIFACT_KEY_SIGN, "OPENSSL_MODULES");
    check_fails("NO-SUCH-SCHEME:key", ARTIFACT_KEY_SIGN, "no-such-scheme.so");
    check_fails("handle:0x81000000", ARTIFACT_KEY_SIGN, "OpenSSL provider \"tpm2\"");
    check_fails("object:file", ARTIFACT_KEY_SIGN, "OpenSSL provider \"tpm2\"");
    /* A provider that is there, and has no such keys, does not stay. */
    check_fails("null:key", ARTIFACT_KEY_SIGN, "knows no keys of the form \"null:\"");
    CHECK(!OSSL_PROVIDER_available(NULL, "null"));
}

/* Whoever has no scheme is still told that the path is at fault. */
static void test_a_uri_longer_than_any_file_name_finds_its_provider(void)
{
    char uri[600] = "no-such-scheme:";
    memset(uri + strlen(uri), 'x', 300);
    check_fails(uri, ARTIFACT_KEY_SIGN, "OpenSSL provider \"no-such-scheme\"");
    check_fails(strchr(uri, 'x'), ARTIFACT_KEY_SIGN, "File name too long");
}

static void test_a_file_wins_over_a_scheme_of_the_same_spelling(void)
{
    struct fixture fixture;
    char before[4096];
    fixture_init(&fixture);
    CHECK(getcwd(before, sizeof before) && chdir(fixture.directory) == 0);
    FILE *file = fopen("no-such-scheme:key", "wb");
    PEM_write_PrivateKey(file, fixture.ec, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    EVP_PKEY *key = artifact_key_load("no-such-scheme:key", ARTIFACT_KEY_SIGN, NULL, &error);
    CHECK(key && EVP_PKEY_eq(key, fixture.ec) == 1);
    EVP_PKEY_free(key);
    CHECK(chdir(before) == 0);
    fixture_clear(&fixture);
}

static void test_the_file_scheme_works(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    FILE *file = open_key(&fixture);
    PEM_write_PUBKEY(file, fixture.rsa);
    fclose(file);
    char uri[256];
    snprintf(uri, sizeof uri, "file:%s", fixture.path);
    EVP_PKEY *key = artifact_key_load(uri, ARTIFACT_KEY_VERIFY, NULL, &error);
    CHECK(key && EVP_PKEY_eq(key, fixture.rsa) == 1);
    EVP_PKEY_free(key);
    fixture_clear(&fixture);
}

UNIT_TESTS("key", UNIT_TEST(test_private_keys_load_in_every_unencrypted_form),
           UNIT_TEST(test_verification_takes_public_keys_certificates_and_private_keys),
           UNIT_TEST(test_encrypted_keys_are_named_as_such_and_nothing_is_asked),
           UNIT_TEST(test_a_passphrase_is_asked_for_once_and_opens_every_encrypted_form),
           UNIT_TEST(test_files_without_a_key_are_refused_with_their_name),
           UNIT_TEST(test_keys_that_no_device_verifies_are_refused_when_loaded),
           UNIT_TEST(test_a_scheme_without_a_provider_tells_what_is_missing_and_where),
           UNIT_TEST(test_a_uri_longer_than_any_file_name_finds_its_provider),
           UNIT_TEST(test_a_file_wins_over_a_scheme_of_the_same_spelling),
           UNIT_TEST(test_the_file_scheme_works))
