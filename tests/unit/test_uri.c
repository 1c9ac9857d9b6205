// SPDX-License-Identifier: Apache-2.0
#include "unit.h"
#include "uri.h"
#include <openssl/crypto.h>
#include <string.h>

static struct ss_error error;

static void check_parts(const char *text, const char *authority, const char *worker,
                        const char *cert)
{
    struct ss_uri uri;

    if (!CHECK(ss_uri_parse(&uri, text, &error)))
        CHECK_STR(error.text, text);
    CHECK_STR(uri.authority, authority);
    CHECK_STR(uri.worker, worker);
    CHECK_STR(uri.cert, cert);
    ss_uri_clear(&uri);
}

static void test_every_form_gives_its_parts(void)
{
    check_parts("signserver:W", NULL, "W", NULL);
    check_parts("SignServer:W", NULL, "W", NULL);
    check_parts("signserver:///W", NULL, "W", NULL);
    check_parts("signserver:17", NULL, "17", NULL);
    check_parts("signserver://Host.Example/W", "host.example", "W", NULL);
    check_parts("signserver://host:8443/W?cert=/a/b.pem", "host:8443", "W", "/a/b.pem");
    check_parts("signserver://[2001:DB8::1]:443/W", "[2001:db8::1]:443", "W", NULL);
    check_parts("signserver://[::1]/W", "[::1]", "W", NULL);
    check_parts("signserver:W?cert=w.pem", NULL, "W", "w.pem");
}

/* RFC 3986, section 2.4: decoded once, never twice; '+' is a plus. */
static void test_names_are_decoded_exactly_once(void)
{
    check_parts("signserver:a%20b", NULL, "a b", NULL);
    check_parts("signserver:a+b", NULL, "a+b", NULL);
    check_parts("signserver:%2541", NULL, "%41", NULL);
    check_parts("signserver:%C3%A9?cert=%2Fx%26y%3D.pem", NULL, "\xc3\xa9", "/x&y=.pem");
    check_parts("signserver:a%3Bb%3F%23", NULL, "a;b?#", NULL);
}

static void test_what_is_malformed_is_refused_with_a_uri_error(void)
{
    static const char *const bad[] = {
        "",
        "W",
        "pkcs11:W",
        "signserver",
        "signserver:",
        "signserver:/W",
        "signserver://host",
        "signserver://host/",
        "signserver:///",
        "signserver:////W",
        "signserver:///W/",
        "signserver:a/b",
        "signserver:a%2Fb",
        "signserver:.",
        "signserver:..",
        "signserver:%2e%2E",
        "signserver:W#fragment",
        "signserver:a%00b",
        "signserver:a%0Ab",
        "signserver:a%7f",
        "signserver:a%",
        "signserver:a%4",
        "signserver:a%4G",
        "signserver:a%ff", /* no UTF-8 */
        "signserver:W?",
        "signserver:W?cert",
        "signserver:W?cert=",
        "signserver:W?Cert=x",
        "signserver:W?pin=x",
        "signserver:W?cert=x&",
        "signserver:W?cert=x&cert=y",
        "signserver:W?cert=x&pin=y",
        "signserver:W?cert=a%00b",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ss_uri uri;

        error = (struct ss_error){0};
        if (!CHECK(!ss_uri_parse(&uri, bad[i], &error)))
            CHECK_STR(bad[i], "refused");
        CHECK_INT(error.reason, SS_R_URI);
        CHECK_CONTAINS(error.text, "signserver:");
        ss_uri_clear(&uri);
    }
}

/* A host that reaches libcurl in another sense than it was checked in would be another server. */
static void test_only_a_host_and_a_port_are_an_authority(void)
{
    static const char *const bad[] = {
        "user@host",  "user:secret@host",
        ":8443",      "host:",
        "host:0",     "host:65536",
        "host:99999", "host:8x",
        "host:+1",    "fe80::1",
        "::1",        "[::1",
        "[]",         "[zz]",
        "[::1]x",     "[::1]:",
        "a[::1]",     "[fe80::1%eth0]",
        "host%2e",    "h st",
        "a:b:1",      ".host",
        "h\\ost",
    };
    char text[128];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ss_uri uri;

        strcpy(text, "signserver://");
        strcat(text, bad[i]);
        strcat(text, "/W");
        if (!CHECK(!ss_uri_parse(&uri, text, &error)))
            CHECK_STR(bad[i], "refused");
        ss_uri_clear(&uri);
    }
}

static void test_lengths_are_bounded(void)
{
    static char text[8192];
    struct ss_uri uri;

    memset(text, 'a', sizeof text - 1);
    memcpy(text, "signserver:///", 14);
    CHECK(!ss_uri_parse(&uri, text, &error));
    text[4096] = '\0';
    CHECK(ss_uri_parse(&uri, text, &error));
    ss_uri_clear(&uri);

    /* The normal form of this one is too long to be parsed again. */
    text[4095] = '!';
    CHECK(!ss_uri_parse(&uri, text, &error));
    text[4094] = '\0';
    text[4093] = '!';
    CHECK(ss_uri_parse(&uri, text, &error));
    ss_uri_clear(&uri);

    /* A host that no message and no buffer has room for. */
    memcpy(text, "signserver://aaa", 16);
    memcpy(text + 13 + 256, "/W", 3);
    CHECK(!ss_uri_parse(&uri, text, &error));
    memcpy(text + 13 + 255, "/W", 3);
    CHECK(ss_uri_parse(&uri, text, &error));
    ss_uri_clear(&uri);
}

static void test_a_password_in_a_uri_is_not_repeated_in_the_message(void)
{
    struct ss_uri uri;

    CHECK(!ss_uri_parse(&uri, "signserver://user:hunter2@host/W", &error));
    CHECK(strstr(error.text, "hunter2") == NULL);
}

static void test_printing_gives_one_normal_form_that_parses_back(void)
{
    static const struct {
        const char *text, *normal;
    } cases[] = {
        {"signserver:W", "signserver:///W"},
        {"SIGNSERVER:%57", "signserver:///W"},
        {"signserver://HOST:8443/a%20b", "signserver://host:8443/a%20b"},
        {"signserver:%c3%a9", "signserver:///%C3%A9"},
        {"signserver:a;b", "signserver:///a%3Bb"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ss_uri uri;
        char *printed;

        CHECK(ss_uri_parse(&uri, cases[i].text, &error));
        printed = ss_uri_print(&uri, &error);
        CHECK_STR(printed, cases[i].normal);
        ss_uri_clear(&uri);
        CHECK(printed != NULL && ss_uri_parse(&uri, printed, &error));
        OPENSSL_free(printed);
        ss_uri_clear(&uri);
    }
}

static void test_a_pin_survives_printing(void)
{
    struct ss_uri uri;
    char *printed;

    CHECK(ss_uri_parse(&uri, "signserver:W?cert=/a b%26c.pem", &error));
    printed = ss_uri_print(&uri, &error);
    ss_uri_clear(&uri);
    CHECK(printed != NULL && ss_uri_parse(&uri, printed, &error));
    CHECK_STR(uri.cert, "/a b&c.pem");
    OPENSSL_free(printed);
    ss_uri_clear(&uri);
}

UNIT_TESTS("uri", UNIT_TEST(test_every_form_gives_its_parts),
           UNIT_TEST(test_names_are_decoded_exactly_once),
           UNIT_TEST(test_what_is_malformed_is_refused_with_a_uri_error),
           UNIT_TEST(test_only_a_host_and_a_port_are_an_authority),
           UNIT_TEST(test_lengths_are_bounded),
           UNIT_TEST(test_a_password_in_a_uri_is_not_repeated_in_the_message),
           UNIT_TEST(test_printing_gives_one_normal_form_that_parses_back),
           UNIT_TEST(test_a_pin_survives_printing))
