// SPDX-License-Identifier: Apache-2.0
/* Signatures made here in every way in which a worker may make them, and what they are taken for.
 */
#include "scheme.h"
#include "unit.h"
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

static const unsigned char data[32] = "thirty-two bytes, like a digest";

struct made {
    unsigned char bytes[1024];
    size_t length;
};

static EVP_PKEY *make_key(const char *type)
{
    if (strcmp(type, "RSA") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, type, (size_t)2048);
    if (strcmp(type, "EC") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, type, "P-256");
    return EVP_PKEY_Q_keygen(NULL, NULL, type);
}

static bool set_padding(EVP_PKEY_CTX *ctx, enum ss_padding padding)
{
    return padding != SS_PADDING_PSS ||
           (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0);
}

/* As a worker does that takes `bytes` for a digest (md NULL: it does not name one). */
static struct made sign_digest(EVP_PKEY *key, enum ss_padding padding, const EVP_MD *md,
                               const unsigned char *bytes, size_t length)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    struct made made = {.length = sizeof made.bytes};

    CHECK(EVP_PKEY_sign_init(ctx) > 0 && set_padding(ctx, padding) &&
          (md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, md) > 0) &&
          EVP_PKEY_sign(ctx, made.bytes, &made.length, bytes, length) > 0);
    EVP_PKEY_CTX_free(ctx);
    return made;
}

/* As a worker does that hashes what it is sent. */
static struct made sign_message(EVP_PKEY *key, enum ss_padding padding, const char *md_name)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    struct made made = {.length = sizeof made.bytes};

    CHECK(EVP_DigestSignInit_ex(ctx, &pctx, md_name, NULL, NULL, key, NULL) > 0 &&
          set_padding(pctx, padding) &&
          EVP_DigestSign(ctx, made.bytes, &made.length, data, sizeof data) > 0);
    EVP_MD_CTX_free(ctx);
    return made;
}

static bool identify(struct ss_scheme *scheme, EVP_PKEY *key, const struct made *made,
                     const char *sent_as)
{
    const struct ss_exchange exchange = {
        sent_as == NULL ? NULL : ss_digest_find(NULL, sent_as),
        data,
        sizeof data,
        made->bytes,
        made->length,
    };

    return ss_scheme_identify(scheme, key, NULL, &exchange);
}

static void check_scheme(EVP_PKEY *key, const struct made *made, const char *sent_as,
                         enum ss_input input, enum ss_padding padding, const char *digest)
{
    struct ss_scheme scheme = {0};

    CHECK(identify(&scheme, key, made, sent_as));
    CHECK_INT(scheme.input, input);
    CHECK_INT(scheme.padding, padding);
    CHECK_STR(scheme.digest == NULL ? NULL : scheme.digest->name, digest);
    CHECK_INT(ERR_peek_error(), 0);
}

static void test_rsa_workers_are_told_apart(void)
{
    EVP_PKEY *key = make_key("RSA");
    struct made made;

    made = sign_digest(key, SS_PADDING_PKCS1, EVP_sha256(), data, sizeof data);
    check_scheme(key, &made, "SHA256", SS_INPUT_DIGEST, SS_PADDING_PKCS1, NULL);
    made = sign_digest(key, SS_PADDING_PSS, EVP_sha256(), data, sizeof data);
    check_scheme(key, &made, "SHA256", SS_INPUT_DIGEST, SS_PADDING_PSS, NULL);
    made = sign_digest(key, SS_PADDING_PKCS1, NULL, data, sizeof data);
    check_scheme(key, &made, NULL, SS_INPUT_DIGEST_INFO, SS_PADDING_PKCS1, NULL);
    made = sign_message(key, SS_PADDING_PKCS1, "SHA256");
    check_scheme(key, &made, NULL, SS_INPUT_MESSAGE, SS_PADDING_PKCS1, "SHA256");
    made = sign_message(key, SS_PADDING_PSS, "SHA384");
    check_scheme(key, &made, NULL, SS_INPUT_MESSAGE, SS_PADDING_PSS, "SHA384");
    made = sign_message(key, SS_PADDING_PKCS1, "SHA3-256");
    check_scheme(key, &made, NULL, SS_INPUT_MESSAGE, SS_PADDING_PKCS1, "SHA3-256");
    EVP_PKEY_free(key);
}

static void test_ec_workers_are_told_apart(void)
{
    EVP_PKEY *key = make_key("EC");
    struct made made;

    made = sign_digest(key, SS_PADDING_NONE, EVP_sha256(), data, sizeof data);
    check_scheme(key, &made, "SHA256", SS_INPUT_DIGEST, SS_PADDING_NONE, NULL);
    check_scheme(key, &made, NULL, SS_INPUT_RAW_DIGEST, SS_PADDING_NONE, NULL);
    made = sign_message(key, SS_PADDING_NONE, "SHA512");
    check_scheme(key, &made, NULL, SS_INPUT_MESSAGE, SS_PADDING_NONE, "SHA512");
    EVP_PKEY_free(key);
}

static void test_a_worker_that_hashes_a_digest_once_more_is_recognised(void)
{
    EVP_PKEY *rsa = make_key("RSA");
    EVP_PKEY *ed25519 = make_key("ED25519");
    struct made made = sign_message(rsa, SS_PADDING_PKCS1, "SHA256");

    check_scheme(rsa, &made, "SHA256", SS_INPUT_MESSAGE, SS_PADDING_PKCS1, "SHA256");
    made = sign_message(ed25519, SS_PADDING_NONE, NULL);
    check_scheme(ed25519, &made, "SHA256", SS_INPUT_MESSAGE, SS_PADDING_NONE, NULL);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ed25519);
}

static void test_a_signature_of_another_key_or_over_other_data_is_not_recognised(void)
{
    static const char *const types[] = {"RSA", "EC", "ED25519"};

    for (size_t i = 0; i < 3; i++) {
        EVP_PKEY *key = make_key(types[i]);
        EVP_PKEY *other = make_key(types[i]);
        struct made made = sign_message(key, SS_PADDING_NONE, i == 2 ? NULL : "SHA256");
        struct ss_scheme scheme;

        CHECK(!identify(&scheme, other, &made, NULL));
        made.bytes[made.length - 1] ^= 1;
        CHECK(!identify(&scheme, key, &made, NULL));
        made.length = 0;
        CHECK(!identify(&scheme, key, &made, NULL));
        CHECK_INT(ERR_peek_error(), 0);
        EVP_PKEY_free(key);
        EVP_PKEY_free(other);
    }
}

static void test_another_salt_length_than_the_digest_is_not_recognised(void)
{
    EVP_PKEY *key = make_key("RSA");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    struct made made = {.length = sizeof made.bytes};
    struct ss_scheme scheme;

    CHECK(EVP_PKEY_sign_init(ctx) > 0 &&
          EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 20) > 0 &&
          EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
          EVP_PKEY_sign(ctx, made.bytes, &made.length, data, sizeof data) > 0);
    CHECK(!identify(&scheme, key, &made, "SHA256"));
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
}

static void test_a_type_tells_what_can_be_known_before_the_first_signature(void)
{
    EVP_PKEY *rsa = make_key("RSA");
    EVP_PKEY *ec = make_key("EC");
    EVP_PKEY *ed25519 = make_key("ED25519");

    CHECK_INT(ss_scheme_unknown(rsa).input, SS_INPUT_UNKNOWN);
    CHECK_INT(ss_scheme_unknown(rsa).padding, SS_PADDING_UNKNOWN);
    CHECK_INT(ss_scheme_unknown(ec).input, SS_INPUT_UNKNOWN);
    CHECK_INT(ss_scheme_unknown(ec).padding, SS_PADDING_NONE);
    CHECK_INT(ss_scheme_unknown(ed25519).input, SS_INPUT_MESSAGE);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed25519);
}

UNIT_TESTS("scheme", UNIT_TEST(test_rsa_workers_are_told_apart),
           UNIT_TEST(test_ec_workers_are_told_apart),
           UNIT_TEST(test_a_worker_that_hashes_a_digest_once_more_is_recognised),
           UNIT_TEST(test_a_signature_of_another_key_or_over_other_data_is_not_recognised),
           UNIT_TEST(test_another_salt_length_than_the_digest_is_not_recognised),
           UNIT_TEST(test_a_type_tells_what_can_be_known_before_the_first_signature))
