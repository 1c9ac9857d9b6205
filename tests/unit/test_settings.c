// SPDX-License-Identifier: Apache-2.0
#include "settings.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>

/* The provider's section in a test: pairs of key and value, ended by NULL. */
static const char *from_section(void *user, const char *key)
{
    for (const char *const *pair = user; *pair != NULL; pair += 2) {
        if (strcmp(pair[0], key) == 0)
            return pair[1];
    }
    return NULL;
}

static struct ss_settings settings;

static void use(const char *const *section)
{
    ss_settings_clear(&settings);
    ss_settings_init(&settings, from_section, (void *)section);
}

#define USE(...) use((const char *const[]){__VA_ARGS__, NULL})

static void forget_environment(void)
{
    unsetenv("SIGNSERVER_HOSTNAME");
    unsetenv("SIGNSERVER_CA_CERT_PATH");
    unsetenv("SIGNSERVER_CLIENT_CERT_PATH");
    unsetenv("SIGNSERVER_CLIENT_CERT_KEY_PATH");
}

static void test_nothing_set_is_no_error_and_gives_the_defaults(void)
{
    forget_environment();
    USE(NULL);
    CHECK_INT(settings.error.reason, SS_R_NONE);
    CHECK_INT(settings.url_count, 0);
    CHECK_INT(settings.connect_timeout_ms, 5000);
    CHECK_INT(settings.timeout_ms, 30000);
    CHECK_INT(settings.retries, 2);
    CHECK_INT(settings.max_message, 10 * 1024 * 1024);
    CHECK_STR(settings.inner_providers, "default");
    CHECK(ss_settings_get0_url(&settings, NULL) == NULL);
}

static void test_a_host_becomes_a_base_url(void)
{
    static const struct {
        const char *text, *url;
    } cases[] = {
        {"host", "https://host/signserver"},
        {"host:8443", "https://host:8443/signserver"},
        {"https://host", "https://host/signserver"},
        {"HTTPS://Host:1/", NULL},
        {"http://host", "http://host/signserver"},
        {"https://host/other", "https://host/other"},
        {"https://host/other/", "https://host/other"},
        {"[::1]:8443", "https://[::1]:8443/signserver"},
    };

    forget_environment();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        USE("url", cases[i].text);
        CHECK_INT(settings.error.reason, SS_R_NONE);
        CHECK_INT(settings.url_count, 1);
        if (cases[i].url != NULL)
            CHECK_STR(ss_settings_get0_url(&settings, NULL), cases[i].url);
    }
}

static void test_several_urls_keep_their_order(void)
{
    forget_environment();
    USE("url", " a, b:8443\thttp://c/x ,,");
    if (!CHECK_INT(settings.url_count, 3))
        return;
    CHECK_STR(settings.urls[0], "https://a/signserver");
    CHECK_STR(settings.urls[1], "https://b:8443/signserver");
    CHECK_STR(settings.urls[2], "http://c/x");
}

static void test_a_bad_value_is_kept_as_an_error_that_names_the_setting(void)
{
    static const struct {
        const char *key, *value;
    } cases[] = {
        {"url", "ftp://host"},
        {"url", "https://"},
        {"url", "https://host?x=1"},
        {"url", "https://host/a#b"},
        {"url", "user@host"},
        {"url", "host:0"},
        {"url", "host:99999"},
        {"url", "host:x"},
        {"url", "[::1"},
        {"url", "fe80::1"},
        {"url", "good, b\xc3\xa4"},
        {"interface", "soap"},
        {"interface", "HTTP"},
        {"timeout", "0"},
        {"timeout", "-1"},
        {"timeout", "5s"},
        {"timeout", "99999999999999999999"},
        {"connect-timeout", "1.5"},
        {"retries", "many"},
        {"retries", "1000"},
        {"max-message", "10MB"},
        {"client-cert", "signserver:W"},
    };

    forget_environment();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        USE(cases[i].key, cases[i].value);
        if (!CHECK_INT(settings.error.reason, SS_R_CONFIGURATION))
            CHECK_STR(cases[i].value, "refused");
        CHECK_CONTAINS(settings.error.text, cases[i].key);
        CHECK(settings.timeout_ms > 0 && settings.inner_providers != NULL);
    }
    USE("interface", "soap");
    CHECK_CONTAINS(settings.error.text, "rest");
    CHECK_CONTAINS(settings.error.text, "http");
}

static void test_both_interfaces_can_be_chosen(void)
{
    forget_environment();
    USE("interface", "http");
    CHECK_INT(settings.error.reason, SS_R_NONE);
    CHECK_INT(settings.interface, SS_INTERFACE_HTTP);
    USE("interface", "rest");
    CHECK_INT(settings.interface, SS_INTERFACE_REST);
}

static void test_a_password_in_a_url_is_not_repeated_in_the_message(void)
{
    forget_environment();
    USE("url", "https://user:hunter2@host/");
    CHECK_INT(settings.error.reason, SS_R_CONFIGURATION);
    CHECK_CONTAINS(settings.error.text, "username");
    CHECK(strstr(settings.error.text, "hunter2") == NULL);
}

static void test_the_environment_beats_the_section_and_is_named_in_errors(void)
{
    forget_environment();
    setenv("SIGNSERVER_HOSTNAME", "from-environment", 1);
    setenv("SIGNSERVER_CA_CERT_PATH", "/environment.pem", 1);
    USE("url", "from-section", "ca-file", "/section.pem");
    CHECK_STR(ss_settings_get0_url(&settings, NULL), "https://from-environment/signserver");
    CHECK_STR(settings.ca_file, "/environment.pem");
    setenv("SIGNSERVER_HOSTNAME", "a b?c", 1);
    USE("url", "fine");
    CHECK_CONTAINS(settings.error.text, "SIGNSERVER_HOSTNAME");
    setenv("SIGNSERVER_HOSTNAME", "", 1);
    USE("url", "from-section");
    CHECK_STR(ss_settings_get0_url(&settings, NULL), "https://from-section/signserver");
    forget_environment();
}

static void test_the_connections_own_key_cannot_be_ours(void)
{
    forget_environment();
    USE("client-cert", "c.pem", "client-key", "SignServer:W");
    CHECK_INT(settings.error.reason, SS_R_CONFIGURATION);
    CHECK_CONTAINS(settings.error.text, "client-key");
}

static void test_settings_that_need_each_other(void)
{
    forget_environment();
    USE("client-key", "k.pem");
    CHECK_CONTAINS(settings.error.text, "client-cert");
    USE("password-file", "p");
    CHECK_CONTAINS(settings.error.text, "username");
    USE("username", "u", "password-file", "p", "bearer-token-file", "t");
    CHECK_CONTAINS(settings.error.text, "bearer-token-file");
    /* RFC 7617, section 2: everything after the first colon would be password. */
    USE("username", "u:v", "password-file", "p");
    CHECK_CONTAINS(settings.error.text, "username");
}

/* Credentials follow this choice: a wrong match would hand them to another host. */
static void test_an_authority_finds_its_own_url_only(void)
{
    forget_environment();
    USE("url", "https://a https://b:8443/x http://c http://[::1]:80");
    CHECK_STR(ss_settings_get0_url(&settings, "a"), "https://a/signserver");
    CHECK_STR(ss_settings_get0_url(&settings, "A:443"), "https://a/signserver");
    CHECK_STR(ss_settings_get0_url(&settings, "b:8443"), "https://b:8443/x");
    CHECK_STR(ss_settings_get0_url(&settings, "c:80"), "http://c/signserver");
    CHECK_STR(ss_settings_get0_url(&settings, "[::1]:80"), "http://[::1]:80/signserver");
    CHECK_STR(ss_settings_get0_url(&settings, "b"), NULL);
    CHECK_STR(ss_settings_get0_url(&settings, "a:8443"), NULL);
    CHECK_STR(ss_settings_get0_url(&settings, "aa"), NULL);
    CHECK_STR(ss_settings_get0_url(&settings, "a.evil.example"), NULL);
    CHECK_STR(ss_settings_get0_url(&settings, "[::1]"), NULL);
    ss_settings_clear(&settings);
}

UNIT_TESTS("settings", UNIT_TEST(test_nothing_set_is_no_error_and_gives_the_defaults),
           UNIT_TEST(test_a_host_becomes_a_base_url), UNIT_TEST(test_several_urls_keep_their_order),
           UNIT_TEST(test_a_bad_value_is_kept_as_an_error_that_names_the_setting),
           UNIT_TEST(test_both_interfaces_can_be_chosen),
           UNIT_TEST(test_a_password_in_a_url_is_not_repeated_in_the_message),
           UNIT_TEST(test_the_environment_beats_the_section_and_is_named_in_errors),
           UNIT_TEST(test_the_connections_own_key_cannot_be_ours),
           UNIT_TEST(test_settings_that_need_each_other),
           UNIT_TEST(test_an_authority_finds_its_own_url_only))
