// SPDX-License-Identifier: Apache-2.0
#include "proxy.h"
#include "unit.h"
#include <stdlib.h>

static const char *const variables[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                        "HTTPS_PROXY", "all_proxy",  "ALL_PROXY"};

static void clear_variables(void)
{
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        unsetenv(variables[i]);
}

static void test_a_proxy_is_named_without_its_credentials(void)
{
    static const struct {
        const char *value, *named;
    } rows[] = {
        {"proxy.example", "proxy proxy.example (https_proxy)"},
        {"http://proxy.example:3128/", "proxy proxy.example:3128 (https_proxy)"},
        {"http://clerk:secret@proxy.example:3128", "proxy proxy.example:3128 (https_proxy)"},
        {"clerk:s@cr@t@[::1]:3128", "proxy [::1]:3128 (https_proxy)"},
        {"http://evil\n", "proxy evil? (https_proxy)"},
        {"", NULL},
    };
    char text[300];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        clear_variables();
        setenv("https_proxy", rows[i].value, 1);
        if (CHECK_INT(ss_proxy_print(text, sizeof text, "https://x"), rows[i].named != NULL) &&
            rows[i].named != NULL)
            CHECK_STR(text, rows[i].named);
    }
    clear_variables();
}

static void test_the_variable_is_the_one_that_libcurl_takes(void)
{
    char text[300];

    clear_variables();
    CHECK(!ss_proxy_print(text, sizeof text, "https://x"));
    for (size_t i = sizeof variables / sizeof variables[0]; i-- > 2;) {
        setenv(variables[i], "p", 1);
        CHECK(ss_proxy_print(text, sizeof text, "https://x"));
        CHECK_CONTAINS(text, variables[i]);
    }
    clear_variables();
    setenv("HTTP_PROXY", "p", 1);
    CHECK(!ss_proxy_print(text, sizeof text, "http://x"));
    setenv("http_proxy", "p", 1);
    CHECK(ss_proxy_print(text, sizeof text, "http://x"));
    clear_variables();
}

static void test_a_failure_of_the_server_is_told_from_one_of_the_proxy(void)
{
    static const struct {
        const char *sentence, *server;
        bool is_named;
    } rows[] = {
        {"Failed to connect to localhost port 1 after 0 ms: no", "localhost:1", true},
        {"Failed to connect to localhost port 1: Connection refused", "localhost:1", true},
        {"Failed to connect to localhost:1: Connection refused", "localhost:1", true},
        {"Failed to connect to ::1 port 8443 after 0 ms", "[::1]:8443", true},
        {"Failed to connect to [::1]:8443 after 0 ms", "[::1]:8443", true},
        {"Failed to connect to s.example port 443 after 0 ms", "s.example:443", true},
        {"Failed to connect to s.example port 443 after 0 ms", "s.example", true},
        {"Failed to connect to localhost port 12 after 0 ms", "localhost:1", false},
        {"Failed to connect to localhost port 3128 after 0 ms", "localhost:8443", false},
        {"Failed to connect to proxy.example port 3128 after 0 ms", "s.example:8443", false},
        {"Failed", "", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_INT(ss_proxy_is_server_named(rows[i].sentence, rows[i].server), rows[i].is_named);
}

UNIT_TESTS("proxy", UNIT_TEST(test_a_proxy_is_named_without_its_credentials),
           UNIT_TEST(test_the_variable_is_the_one_that_libcurl_takes),
           UNIT_TEST(test_a_failure_of_the_server_is_told_from_one_of_the_proxy))
