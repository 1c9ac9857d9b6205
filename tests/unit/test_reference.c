// SPDX-License-Identifier: Apache-2.0
#include "reference.h"
#include "unit.h"
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

static struct ss_error error;

/* Where the parts stand in the reference that make_reference gives. */
enum { DESCRIPTION_AT = 4, VERSION_AT = 30, URI_AT = 33 };

static EVP_PKEY *generate(const char *type)
{
    EVP_PKEY *key = strcmp(type, "EC") == 0    ? EVP_PKEY_Q_keygen(NULL, NULL, type, "P-256")
                    : strcmp(type, "RSA") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, type, (size_t)1024)
                                               : EVP_PKEY_Q_keygen(NULL, NULL, type);

    CHECK(key != NULL);
    return key;
}

static struct ss_buffer print(const char *uri_text, EVP_PKEY *key)
{
    struct ss_buffer der;
    struct ss_uri uri;

    ss_buffer_init(&der, SS_REFERENCE_MAX_BYTES);
    CHECK(ss_uri_parse(&uri, uri_text, &error));
    CHECK(ss_reference_print(&der, &uri, key, &error));
    ss_uri_clear(&uri);
    return der;
}

/* Of the worker W, whose key is of the type that makes the shortest one. */
static struct ss_buffer make_reference(void)
{
    EVP_PKEY *key = generate("ED25519");
    struct ss_buffer der = print("signserver:W", key);

    EVP_PKEY_free(key);
    CHECK_INT(der.length, 92);
    CHECK_INT(der.bytes[VERSION_AT - 2], V_ASN1_INTEGER);
    CHECK_INT(der.bytes[URI_AT - 2], V_ASN1_UTF8STRING);
    return der;
}

static void check_refused(const unsigned char *der, size_t length, enum ss_reason reason,
                          const char *part)
{
    struct ss_reference reference;

    error = (struct ss_error){0};
    CHECK(!ss_reference_parse(&reference, der, length, NULL, &error));
    CHECK_INT(error.reason, reason);
    CHECK_CONTAINS(error.text, part);
    CHECK_INT(ERR_peek_error(), 0);
    ss_reference_clear(&reference);
}

static void test_what_is_written_is_read_back(void)
{
    static const char *const types[] = {"RSA", "EC", "ED25519", "ED448"};
    static const struct {
        const char *text, *authority, *worker;
    } uris[] = {
        {"signserver:W", NULL, "W"},
        {"signserver:17", NULL, "17"},
        {"signserver://Host:8443/a%20b", "host:8443", "a b"},
        {"signserver://[::1]/%C3%A9", "[::1]", "\xc3\xa9"},
    };

    for (size_t i = 0; i < 4; i++) {
        EVP_PKEY *key = generate(types[i]);
        struct ss_buffer der = print(uris[i].text, key);
        struct ss_reference reference;

        CHECK(ss_reference_recognise(der.bytes, der.length));
        CHECK(ss_reference_recognise(der.bytes, SS_REFERENCE_HEAD_BYTES));
        CHECK(ss_reference_parse(&reference, der.bytes, der.length, NULL, &error));
        CHECK_STR(reference.uri.authority, uris[i].authority);
        CHECK_STR(reference.uri.worker, uris[i].worker);
        CHECK_INT(EVP_PKEY_eq(reference.public_half, key), 1);
        ss_reference_clear(&reference);
        ss_buffer_clear(&der);
        EVP_PKEY_free(key);
    }
}

/* A file name that is right on one machine would be wrong on the next. */
static void test_the_file_of_a_pin_is_not_written(void)
{
    EVP_PKEY *key = generate("ED25519");
    struct ss_buffer der = print("signserver:W?cert=/etc/w.pem", key);
    struct ss_reference reference;

    CHECK(ss_reference_parse(&reference, der.bytes, der.length, NULL, &error));
    CHECK_STR(reference.uri.worker, "W");
    CHECK_STR(reference.uri.cert, NULL);
    ss_reference_clear(&reference);
    ss_buffer_clear(&der);
    EVP_PKEY_free(key);
}

static void test_a_file_that_is_named_in_one_is_not_opened(void)
{
    static const char uri[] = "signserver:///W?cert=/etc/shadow";
    struct ss_buffer der = make_reference(), longer;
    size_t rest = URI_AT + strlen("signserver:///W");
    const unsigned char header[] = {0x30, (unsigned char)(der.bytes[1] + 17)};
    const unsigned char uri_header[] = {V_ASN1_UTF8STRING, sizeof uri - 1};

    ss_buffer_init(&longer, SS_REFERENCE_MAX_BYTES);
    ss_buffer_append(&longer, header, sizeof header);
    ss_buffer_append(&longer, der.bytes + 2, URI_AT - 4);
    ss_buffer_append(&longer, uri_header, sizeof uri_header);
    ss_buffer_append(&longer, uri, sizeof uri - 1);
    ss_buffer_append(&longer, der.bytes + rest, der.length - rest);
    check_refused(longer.bytes, longer.length, SS_R_REFERENCE, "?cert=");
    ss_buffer_clear(&longer);
    ss_buffer_clear(&der);
}

static void test_every_shorter_one_is_refused(void)
{
    struct ss_buffer der = make_reference();

    for (size_t length = 0; length < der.length; length++)
        check_refused(der.bytes, length, SS_R_REFERENCE, "openssl pkey -in signserver:WORKER");
    ss_buffer_clear(&der);
}

/* The same with lengths that say that nothing is missing. */
static void test_missing_members_are_refused(void)
{
    struct ss_buffer der = make_reference();

    for (size_t length = 2; length < der.length; length++) {
        der.bytes[1] = (unsigned char)(length - 2);
        check_refused(der.bytes, length, SS_R_REFERENCE, "openssl pkey -in signserver:WORKER");
    }
    ss_buffer_clear(&der);
}

static void test_what_follows_is_refused(void)
{
    struct ss_buffer der = make_reference();

    ss_buffer_append(&der, "", 1);
    check_refused(der.bytes, der.length, SS_R_REFERENCE, "something follows it");
    der.bytes[1]++;
    check_refused(der.bytes, der.length, SS_R_REFERENCE, "more after its public key");
    ss_buffer_clear(&der);
}

static void test_one_that_is_too_long_is_refused(void)
{
    static unsigned char huge[SS_REFERENCE_MAX_BYTES + 1] = {0x30, 0x82, 0x3f, 0xfd};

    check_refused(huge, sizeof huge, SS_R_REFERENCE, "too long");
}

static void test_a_version_of_the_future_is_named_as_such(void)
{
    struct ss_buffer der = make_reference();

    der.bytes[VERSION_AT] = 2;
    CHECK(ss_reference_recognise(der.bytes, der.length));
    check_refused(der.bytes, der.length, SS_R_REFERENCE, "another version than 1");
    ss_buffer_clear(&der);
}

/* Members that a later version may have are not looked at before the version. */
static void test_a_version_of_the_future_may_hold_anything(void)
{
    struct ss_buffer der = make_reference();

    der.bytes[VERSION_AT] = 2;
    der.bytes[URI_AT - 2] = V_ASN1_OCTET_STRING;
    check_refused(der.bytes, der.length, SS_R_REFERENCE, "another version than 1");
    ss_buffer_clear(&der);
}

static void test_a_uri_has_to_be_one(void)
{
    static const struct {
        size_t at;
        char byte;
        enum ss_reason reason;
        const char *part;
    } cases[] = {
        {0, 'x', SS_R_URI, "in a key reference"},  {14, '/', SS_R_URI, "cannot hold '/'"},
        {14, '.', SS_R_URI, "in a key reference"}, {14, '\0', SS_R_REFERENCE, "NUL"},
        {5, '\0', SS_R_REFERENCE, "NUL"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ss_buffer der = make_reference();

        der.bytes[URI_AT + cases[i].at] = (unsigned char)cases[i].byte;
        check_refused(der.bytes, der.length, cases[i].reason, cases[i].part);
        ss_buffer_clear(&der);
    }
}

static void test_a_public_key_has_to_be_one(void)
{
    struct ss_buffer der = make_reference();
    size_t algorithm = URI_AT + strlen("signserver:///W") + 5; /* 1.3.101.112 */

    CHECK_INT(der.bytes[algorithm], 3);
    der.bytes[algorithm + 2] = 1;
    check_refused(der.bytes, der.length, SS_R_REFERENCE, "no public key that can be used");
    ss_buffer_clear(&der);
}

/* X.690, 10.1: one length, one form. */
static void test_lengths_are_of_the_shortest_form(void)
{
    static const unsigned char headers[][4] = {
        {0x30, 0x81, 90, 0}, {0x30, 0x82, 0, 90}, {0x30, 0x80, 0, 0}, {0x30, 0x83, 0, 0}};

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct ss_buffer der = make_reference(), other;

        ss_buffer_init(&other, SS_REFERENCE_MAX_BYTES);
        ss_buffer_append(&other, headers[i], i == 0 ? 3 : 4);
        ss_buffer_append(&other, der.bytes + 2, der.length - 2);
        check_refused(other.bytes, other.length, SS_R_REFERENCE, "no DER");
        CHECK(!ss_reference_recognise(other.bytes, other.length));
        ss_buffer_clear(&other);
        ss_buffer_clear(&der);
    }
}

/* All keys that a process reads pass by. */
static void test_other_der_is_not_taken_for_one(void)
{
    static const unsigned char other[] = {0x30, 0x03, 0x02, 0x01, 0x00};
    struct ss_buffer der = make_reference();

    CHECK(!ss_reference_recognise(NULL, 0));
    CHECK(!ss_reference_recognise(other, sizeof other));
    for (size_t length = 0; length < DESCRIPTION_AT + 22; length++)
        CHECK(!ss_reference_recognise(der.bytes, length));
    der.bytes[DESCRIPTION_AT] ^= 1;
    CHECK(!ss_reference_recognise(der.bytes, der.length));
    ss_buffer_clear(&der);
}

UNIT_TESTS("reference", UNIT_TEST(test_what_is_written_is_read_back),
           UNIT_TEST(test_the_file_of_a_pin_is_not_written),
           UNIT_TEST(test_a_file_that_is_named_in_one_is_not_opened),
           UNIT_TEST(test_every_shorter_one_is_refused),
           UNIT_TEST(test_missing_members_are_refused), UNIT_TEST(test_what_follows_is_refused),
           UNIT_TEST(test_one_that_is_too_long_is_refused),
           UNIT_TEST(test_a_version_of_the_future_is_named_as_such),
           UNIT_TEST(test_a_version_of_the_future_may_hold_anything),
           UNIT_TEST(test_a_uri_has_to_be_one), UNIT_TEST(test_a_public_key_has_to_be_one),
           UNIT_TEST(test_lengths_are_of_the_shortest_form),
           UNIT_TEST(test_other_der_is_not_taken_for_one))
