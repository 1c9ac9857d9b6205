// SPDX-License-Identifier: Apache-2.0
#include "sign.h"
#include "unit.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char manifest[] = "1234  data/0000/rootfs.ext4\n";
static struct artifact_error error;

static bool verify(EVP_PKEY *key, const char *text, const char *signature, size_t length)
{
    error = (struct artifact_error){0};
    EVP_PKEY *fitting;
    return artifact_manifest_verify(&fitting, &key, 1, text, strlen(text), signature, length,
                                    &error);
}

static char *sign(EVP_PKEY *key, const char *text, size_t *length)
{
    error = (struct artifact_error){0};
    return artifact_manifest_sign(key, text, strlen(text), length, &error);
}

/* Base64 of some bytes, for free(). */
static char *base64(const unsigned char *bytes, size_t length, size_t *text_length)
{
    unsigned char *text = malloc((length + 2) / 3 * 4 + 1);
    *text_length = (size_t)EVP_EncodeBlock(text, bytes, (int)length);
    return (char *)text;
}

/* A signature as EVP makes it, for free(). */
static unsigned char *sign_evp(EVP_PKEY *key, const char *digest, const char *text, size_t *length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *bytes = malloc(1024);
    *length = 1024;
    CHECK(EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1);
    CHECK(EVP_DigestSign(context, bytes, length, (const unsigned char *)text, strlen(text)) == 1);
    EVP_MD_CTX_free(context);
    return bytes;
}

static void test_rsa_signatures_are_pkcs1_with_sha256_on_one_line(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    size_t length = 0, evp_length, expected_length;
    char *signature = sign(key, manifest, &length);
    unsigned char *evp = sign_evp(key, "SHA256", manifest, &evp_length);
    char *expected = base64(evp, evp_length, &expected_length);
    CHECK_INT(length, 344);
    CHECK_MEM(signature, length, expected, expected_length);
    CHECK(signature && verify(key, manifest, signature, length));
    CHECK_INT(error.code, ARTIFACT_OK);
    free(expected);
    free(evp);
    free(signature);
    EVP_PKEY_free(key);
}

/* Among so many some have an r or s that begins with zero bytes. */
static void test_a_thousand_ec_signatures_are_64_bytes_and_verify(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    int failures = 0, shorts = 0;
    for (int i = 0; i < 1000; i++) {
        char text[32];
        size_t length = 0;
        snprintf(text, sizeof text, "manifest %d\n", i);
        char *signature = sign(key, text, &length);
        unsigned char raw[68] = "";
        if (!signature || length != 88 || !verify(key, text, signature, length) ||
            EVP_DecodeBlock(raw, (unsigned char *)signature, 88) != 66)
            failures++;
        if (raw[0] == 0 || raw[32] == 0)
            shorts++;
        free(signature);
    }
    CHECK_INT(failures, 0);
    CHECK(shorts > 0); /* all of 2000 numbers being long: once in 2500 runs */
    EVP_PKEY_free(key);
}

/* Finds DER of every length from 68 up, as keys behind PKCS#11 have it stored. */
static void test_der_signatures_are_accepted_short_ones_included(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    bool has_short = false;
    for (int i = 0; i < 4000 && !has_short; i++) {
        size_t der_length, length;
        unsigned char *der = sign_evp(key, "SHA256", manifest, &der_length);
        char *signature = base64(der, der_length, &length);
        if (der_length != 64 && !verify(key, manifest, signature, length))
            CHECK_STR(error.message, "");
        has_short = der_length < 70;
        free(signature);
        free(der);
    }
    CHECK(has_short);
    EVP_PKEY_free(key);
}

static void check_refused_signature(EVP_PKEY *key, const char *signature, size_t length,
                                    const char *sentence)
{
    CHECK(!verify(key, manifest, signature, length));
    CHECK_INT(error.code, ARTIFACT_BAD_SIGNATURE);
    CHECK_STR(error.member, "manifest.sig");
    CHECK_CONTAINS(error.message, sentence);
}

static void test_der_that_is_not_strict_is_refused(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    size_t der_length = 0, length;
    unsigned char *der = sign_evp(key, "SHA256", manifest, &der_length), changed[80];
    char *signature;

    memcpy(changed, der, der_length);
    changed[der_length] = 0; /* something after the end */
    signature = base64(changed, der_length + 1, &length);
    check_refused_signature(key, signature, length, "invalid signature length");
    free(signature);

    changed[0] = 0x30; /* the length in the long form */
    changed[1] = 0x81;
    memcpy(changed + 2, der + 1, der_length - 1);
    signature = base64(changed, der_length + 1, &length);
    check_refused_signature(key, signature, length, "invalid signature length");
    free(signature);

    signature = base64(der, der_length - 1, &length);
    check_refused_signature(key, signature, length, "invalid signature length");
    free(signature);
    free(der);
    EVP_PKEY_free(key);
}

static void test_another_key_or_manifest_does_not_verify(void)
{
    EVP_PKEY *ec = EVP_EC_gen("P-256"), *other_ec = EVP_EC_gen("P-256");
    EVP_PKEY *rsa = EVP_RSA_gen(2048), *other_rsa = EVP_RSA_gen(2048);
    size_t ec_length, rsa_length;
    char *ec_signature = sign(ec, manifest, &ec_length);
    char *rsa_signature = sign(rsa, manifest, &rsa_length);

    check_refused_signature(other_ec, ec_signature, ec_length, "signer: verification failed");
    check_refused_signature(other_rsa, rsa_signature, rsa_length, "crypto/rsa: verification error");
    check_refused_signature(rsa, ec_signature, ec_length, "crypto/rsa: verification error");
    check_refused_signature(ec, rsa_signature, rsa_length,
                            "signer: invalid signature length: 256. For ECDSA only P-256 is "
                            "supported.");
    CHECK(!verify(ec, "another manifest", ec_signature, ec_length));
    CHECK(!verify(rsa, "another manifest", rsa_signature, rsa_length));

    EVP_PKEY *keys[] = {other_rsa, rsa, ec}, *fitting;
    CHECK(artifact_manifest_verify(&fitting, keys, 3, manifest, strlen(manifest), ec_signature,
                                   ec_length, &error));
    CHECK(fitting == ec);
    CHECK(artifact_manifest_verify(&fitting, keys, 3, manifest, strlen(manifest), rsa_signature,
                                   rsa_length, &error));
    CHECK(fitting == rsa);
    keys[1] = other_ec;
    CHECK(!artifact_manifest_verify(&fitting, keys, 2, manifest, strlen(manifest), rsa_signature,
                                    rsa_length, &error));
    CHECK_CONTAINS(error.message, "none of the 2 keys fits");
    CHECK(fitting == NULL);
    CHECK(!artifact_manifest_verify(&fitting, keys, 1, manifest, strlen(manifest), rsa_signature,
                                    rsa_length, &error));
    CHECK(!artifact_manifest_verify(&fitting, keys, 0, manifest, strlen(manifest), rsa_signature,
                                    rsa_length, &error));
    CHECK_INT(error.code, ARTIFACT_BAD_SIGNATURE);
    free(rsa_signature);
    free(ec_signature);
    EVP_PKEY_free(other_rsa);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(other_ec);
    EVP_PKEY_free(ec);
}

static void test_a_signature_over_another_digest_or_padding_does_not_verify(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    size_t raw_length, length;
    unsigned char *raw = sign_evp(key, "SHA512", manifest, &raw_length);
    char *signature = base64(raw, raw_length, &length);
    check_refused_signature(key, signature, length, "crypto/rsa: verification error");
    free(signature);
    free(raw);
    EVP_PKEY_free(key);
}

static void test_line_ends_in_base64_are_ignored(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    size_t length;
    char *signature = sign(key, manifest, &length), wrapped[128];
    snprintf(wrapped, sizeof wrapped, "%.40s\r\n%s\n", signature, signature + 40);
    CHECK(verify(key, manifest, wrapped, strlen(wrapped)));
    free(signature);
    EVP_PKEY_free(key);
}

static void test_text_that_is_no_base64_is_refused_with_the_place(void)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"!AAA", "illegal base64 data at input byte 0"},
        {"AAA AAA=", "illegal base64 data at input byte 3"},
        {"AAAAA", "illegal base64 data at input byte 4"},
        {"AA=A", "illegal base64 data at input byte 2"},
        {"====", "illegal base64 data at input byte 0"},
        {"AAA=AAAA", "illegal base64 data at input byte 3"},
        {"A===", "illegal base64 data at input byte 1"},
        {"-_-_", "illegal base64 data at input byte 0"},
    };
    EVP_PKEY *key = EVP_EC_gen("P-256");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_refused_signature(key, cases[i].text, strlen(cases[i].text), cases[i].sentence);
    check_refused_signature(key, "AA\0A", 4, "illegal base64 data at input byte 2");
    check_refused_signature(key, "", 0, "signer: invalid signature length: 0.");
    EVP_PKEY_free(key);
}

static void test_values_out_of_range_are_refused(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char raw[64] = {0};
    size_t length;
    char *signature = base64(raw, sizeof raw, &length);
    check_refused_signature(key, signature, length, "signer: verification failed");
    free(signature);
    memset(raw, 0xff, sizeof raw);
    signature = base64(raw, sizeof raw, &length);
    check_refused_signature(key, signature, length, "signer: verification failed");
    free(signature);
    EVP_PKEY_free(key);
}

/* Allowed all the same, it signs and verifies in its own way. Frees the key. */
static void check_unsupported_key(EVP_PKEY *key, const char *type)
{
    size_t length = 0;
    CHECK(key != NULL);
    CHECK(!artifact_key_check(key, false, &error));
    CHECK_INT(error.code, ARTIFACT_UNSUPPORTED_KEY);
    CHECK_CONTAINS(error.message, type);
    CHECK(artifact_key_check(key, true, &error));
    CHECK_CONTAINS(artifact_key_warning(key), "no device");
    char *signature = sign(key, manifest, &length);
    if (CHECK(signature != NULL)) {
        CHECK(verify(key, manifest, signature, length));
        CHECK(!verify(key, "another manifest", signature, length));
    }
    CHECK(!verify(key, manifest, "AAAA", 4));
    CHECK_INT(error.code, ARTIFACT_BAD_SIGNATURE);
    free(signature);
    EVP_PKEY_free(key);
}

static void test_keys_that_devices_cannot_verify_sign_only_where_that_is_allowed(void)
{
    check_unsupported_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ED25519");
    check_unsupported_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), "ED448");
    check_unsupported_key(EVP_EC_gen("P-521"), "EC secp521r1");
    check_unsupported_key(EVP_EC_gen("secp256k1"), "EC secp256k1");
    EVP_PKEY *pss = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    CHECK(EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_generate(context, &pss) == 1);
    EVP_PKEY_CTX_free(context);
    check_unsupported_key(pss, "RSA-PSS");
}

static void test_p384_signatures_are_der_which_devices_that_take_them_expect(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-384"), *p256 = EVP_EC_gen("P-256");
    unsigned char bytes[128] = {0};
    size_t length = 0;
    CHECK(artifact_key_check(key, false, &error));
    CHECK_CONTAINS(artifact_key_warning(key), "P-384");
    CHECK(artifact_key_warning(p256) == NULL);
    char *signature = sign(key, manifest, &length);
    CHECK(verify(key, manifest, signature, length));
    CHECK(EVP_DecodeBlock(bytes, (unsigned char *)signature, (int)length) > 96);
    CHECK_INT(bytes[0], 0x30);
    free(signature);
    /* As r || s no device takes it. */
    signature = base64(bytes, 96, &length);
    check_refused_signature(key, signature, length, "signer: invalid signature length: 96");
    free(signature);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(key);
}

static void test_a_public_key_cannot_sign(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256"), *public_half = NULL;
    unsigned char *der = NULL;
    int der_length = i2d_PUBKEY(key, &der);
    const unsigned char *at = der;
    public_half = d2i_PUBKEY(NULL, &at, der_length);
    size_t length;
    CHECK(sign(public_half, manifest, &length) == NULL);
    CHECK_INT(error.code, ARTIFACT_BAD_KEY);
    char *signature = sign(key, manifest, &length);
    CHECK(verify(public_half, manifest, signature, length));
    free(signature);
    OPENSSL_free(der);
    EVP_PKEY_free(public_half);
    EVP_PKEY_free(key);
}

UNIT_TESTS("sign", UNIT_TEST(test_rsa_signatures_are_pkcs1_with_sha256_on_one_line),
           UNIT_TEST(test_a_thousand_ec_signatures_are_64_bytes_and_verify),
           UNIT_TEST(test_der_signatures_are_accepted_short_ones_included),
           UNIT_TEST(test_der_that_is_not_strict_is_refused),
           UNIT_TEST(test_another_key_or_manifest_does_not_verify),
           UNIT_TEST(test_a_signature_over_another_digest_or_padding_does_not_verify),
           UNIT_TEST(test_line_ends_in_base64_are_ignored),
           UNIT_TEST(test_text_that_is_no_base64_is_refused_with_the_place),
           UNIT_TEST(test_values_out_of_range_are_refused),
           UNIT_TEST(test_keys_that_devices_cannot_verify_sign_only_where_that_is_allowed),
           UNIT_TEST(test_p384_signatures_are_der_which_devices_that_take_them_expect),
           UNIT_TEST(test_a_public_key_cannot_sign))
