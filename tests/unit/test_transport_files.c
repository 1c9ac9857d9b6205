// SPDX-License-Identifier: Apache-2.0
/* What the transport reads from files, and to whom it sends credentials. */
#include "client.h"
#include "files.h"
#include "loopback.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>

static void test_no_credentials_go_over_plain_http(void)
{
    struct server server;
    struct ss_settings settings;
    char *directory = files_directory();
    char *password = files_path(directory, "password");
    char user[] = "user";

    files_write(password, "hunter2\n", 8);
    SERVE(&server, OK);
    settings = settings_for(server.url, NULL);
    settings.username = user;
    settings.password_file = password;
    CHECK_INT(post_once(&settings), 200);
    CHECK(strstr(server.last_request, "Authorization") == NULL);
    settings.username = settings.password_file = NULL;
    settings.bearer_token_file = password;
    CHECK_INT(post_once(&settings), 200);
    CHECK(strstr(server.last_request, "Authorization") == NULL);
    server_stop(&server);
    free(password);
    files_remove(directory);
}

/* Another server than the configured ones: reached over TLS, which this server does not speak. */
static void test_a_server_that_only_a_uri_names_is_never_asked_in_plain(void)
{
    struct server configured, named;
    struct ss_settings settings;
    struct ss_transport *transport;
    struct ss_http_answer answer;
    /* Any will do; without one the system's are wanted, which a small system lacks. */
    char ca_file[] = TEST_DATA "/vectors/keys/test-rsa2048.crt.pem";

    SERVE(&configured, OK);
    SERVE(&named, OK);
    settings = settings_for(configured.url, NULL);
    settings.retries = 0;
    settings.ca_file = ca_file;
    transport = ss_transport_new(&settings, NULL, &error);
    CHECK(post_to(transport, &answer, configured.authority, &error));
    ss_http_answer_clear(&answer);
    CHECK(!post_to(transport, &answer, named.authority, &error));
    CHECK_STR(answer.host, named.authority);
    ss_http_answer_clear(&answer);
    ss_transport_free(transport);
    CHECK_INT(configured.requests, 1);
    CHECK_INT(named.connections, 1);
    CHECK_INT(named.requests, 0);
    server_stop(&configured);
    server_stop(&named);
}

static void test_a_file_that_cannot_be_read_is_named_with_its_setting(void)
{
    struct ss_settings settings = settings_for("https://127.0.0.1:1/base", NULL);
    char missing[] = "/nonexistent/file";
    struct {
        char **place;
        const char *setting;
    } cases[] = {
        {&settings.ca_file, "ca-file"},
        {&settings.client_cert, "client-cert"},
        {&settings.client_key, "client-key"},
        {&settings.client_key_passphrase_file, "client-key-passphrase-file"},
        {&settings.password_file, "password-file"},
        {&settings.bearer_token_file, "bearer-token-file"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        *cases[i].place = missing;
        CHECK_INT(post_once(&settings), 0);
        CHECK_INT(error.reason, SS_R_CONFIGURATION);
        CHECK_CONTAINS(error.text, cases[i].setting);
        CHECK_CONTAINS(error.text, missing);
        *cases[i].place = NULL;
    }
}

/* A line break in a token would be a header of the file's author. */
static void test_a_secret_is_one_line(void)
{
    struct ss_settings settings = settings_for("https://127.0.0.1:1/base", NULL);
    char *directory = files_directory();
    char *token = files_path(directory, "token");
    static const char *const bad[] = {"", "\n", "a\nX-Injected: 1\n", "a\rb"};

    settings.bearer_token_file = token;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        files_write(token, bad[i], strlen(bad[i]));
        CHECK_INT(post_once(&settings), 0);
        CHECK_INT(error.reason, SS_R_CONFIGURATION);
        CHECK_CONTAINS(error.text, "bearer-token-file");
        CHECK(strstr(error.text, "Injected") == NULL);
    }
    free(token);
    files_remove(directory);
}

UNIT_TESTS("transport_files", UNIT_TEST(test_no_credentials_go_over_plain_http),
           UNIT_TEST(test_a_server_that_only_a_uri_names_is_never_asked_in_plain),
           UNIT_TEST(test_a_file_that_cannot_be_read_is_named_with_its_setting),
           UNIT_TEST(test_a_secret_is_one_line))
