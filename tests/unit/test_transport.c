// SPDX-License-Identifier: Apache-2.0
/* The transport against a server on loopback: requests, answers, connections, processes. Plain
 * http: the rules are the same, and TLS has tests of its own. */
#include "client.h"
#include "loopback.h"
#include "unit.h"
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_request_and_answer_arrive_as_they_are(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;
    struct ss_http_answer answer;

    SERVE(&server, OK);
    settings = settings_for(server.url, NULL);
    transport = ss_transport_new(&settings, NULL, &error);
    CHECK(post_to(transport, &answer, NULL, &error));
    CHECK_INT(answer.status, 200);
    CHECK_STR(answer.content_type, "application/json");
    CHECK_MEM(answer.body.bytes, answer.body.length, "{}", 2);
    CHECK_STR(answer.host, server.authority);
    CHECK_CONTAINS(server.last_request, "POST /base/path%2F HTTP/1.1\r\n");
    CHECK_CONTAINS(server.last_request, "\r\nX-Test: yes\r\n");
    CHECK_CONTAINS(server.last_request, "\r\nContent-Type: application/json\r\n");
    CHECK_CONTAINS(server.last_request, "\r\n\r\n{\"x\":1}");
    CHECK(strstr(server.last_request, "Expect:") == NULL);
    CHECK(strstr(server.last_request, "Accept-Encoding:") == NULL);
    CHECK(!ss_transport_is_in_request());
    ss_http_answer_clear(&answer);
    ss_transport_free(transport);
    server_stop(&server);
}

static void test_requests_of_one_thread_share_a_connection(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;

    SERVE(&server, OK);
    settings = settings_for(server.url, NULL);
    transport = ss_transport_new(&settings, NULL, &error);
    for (int i = 0; i < 20; i++)
        CHECK_INT(post(transport), 200);
    CHECK_INT(server.requests, 20);
    CHECK_INT(server.connections, 1);
    ss_transport_free(transport);
    server_stop(&server);
}

enum { THREADS = 8, REQUESTS = 50 };

static void *post_often(void *transport)
{
    uintptr_t failures = 0;

    for (int i = 0; i < REQUESTS; i++) {
        struct ss_http_answer answer;
        struct ss_error own_error;

        failures += !post_to(transport, &answer, NULL, &own_error) || answer.status != 200;
        ss_http_answer_clear(&answer);
    }
    return (void *)failures;
}

/* More connections than threads would grow without end in a server that runs for months. */
static void test_threads_never_make_more_connections_than_they_are(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;
    pthread_t threads[THREADS];

    SERVE(&server, OK);
    settings = settings_for(server.url, NULL);
    transport = ss_transport_new(&settings, NULL, &error);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, post_often, transport), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failures = NULL;

        pthread_join(threads[i], &failures);
        CHECK_INT((uintptr_t)failures, 0);
    }
    CHECK_INT(server.requests, THREADS * REQUESTS);
    if (!CHECK(server.connections <= THREADS))
        CHECK_INT(server.connections, THREADS);
    ss_transport_free(transport);
    server_stop(&server);
}

static void test_a_refusal_is_an_answer_and_is_not_asked_again(void)
{
    static const char *const refusals[] = {STATUS("400"), STATUS("401"), STATUS("403"),
                                           STATUS("404"), STATUS("413"), STATUS("500")};

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct server server;
        struct ss_settings settings;

        SERVE(&server, refusals[i]);
        settings = settings_for(server.url, NULL);
        CHECK_INT(post_once(&settings), strtol(refusals[i] + 9, NULL, 10));
        CHECK_INT(server.requests, 1);
        server_stop(&server);
    }
}

static void test_a_server_that_is_not_there_is_named_with_the_way_out(void)
{
    struct ss_settings settings;
    char url[64];
    int fd = server_dead_port(url, sizeof url);

    settings = settings_for(url, NULL);
    settings.retries = 0;
    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_CONNECTION);
    CHECK_CONTAINS(error.text, "connect");
    CHECK_CONTAINS(error.text, "SIGNSERVER_HOSTNAME");
    close(fd);
}

static void test_an_answer_over_the_ceiling_is_refused(void)
{
    struct server server;
    struct ss_settings settings;
    size_t length = SS_ANSWER_MAX_BYTES + 1;
    char *answer = malloc(length + 128);
    int head = snprintf(answer, 128, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", length);

    memset(answer + head, 'x', length);
    answer[(size_t)head + length] = '\0';
    SERVE(&server, answer);
    settings = settings_for(server.url, NULL);
    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_BAD_ANSWER);
    CHECK_CONTAINS(error.text, "1048576");
    CHECK_INT(server.requests, 1);
    server_stop(&server);
    free(answer);
}

static void send_headers_without_end(int fd)
{
    static const char line[] = "X-Filler: 0123456789012345678901234567890123456789\r\n";

    server_send(fd, "HTTP/1.1 200 OK\r\n", 17);
    while (send(fd, line, sizeof line - 1, MSG_NOSIGNAL) > 0)
        ;
}

/* Bounded by size: a time limit alone would let a fast server fill the memory. */
static void test_headers_without_end_are_refused(void)
{
    struct server server;
    struct ss_settings settings;

    SERVE(&server, OK);
    server.speak = send_headers_without_end;
    settings = settings_for(server.url, NULL);
    settings.retries = 0;
    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_BAD_ANSWER);
    server_stop(&server);
}

static void test_a_redirect_is_refused_and_nothing_is_sent_after_it(void)
{
    struct server server, elsewhere;
    struct ss_settings settings;
    char answer[256];

    SERVE(&elsewhere, OK);
    snprintf(answer, sizeof answer, "HTTP/1.1 307 x\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
             elsewhere.url);
    SERVE(&server, answer);
    settings = settings_for(server.url, NULL);
    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_BAD_ANSWER);
    CHECK_CONTAINS(error.text, "redirect");
    CHECK_INT(server.requests, 1);
    CHECK_INT(elsewhere.connections, 0);
    server_stop(&server);
    server_stop(&elsewhere);
}

static void test_no_server_is_an_error_that_names_both_ways_to_set_one(void)
{
    struct ss_settings settings = {.timeout_ms = 1000, .connect_timeout_ms = 1000};

    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_CONFIGURATION);
    CHECK_CONTAINS(error.text, "url");
    CHECK_CONTAINS(error.text, "SIGNSERVER_HOSTNAME");
}

/* ---- Processes ---- */

static void test_a_child_does_not_use_its_parents_connection(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;
    int status = -1;
    pid_t child;

    SERVE(&server, OK);
    settings = settings_for(server.url, NULL);
    transport = ss_transport_new(&settings, NULL, &error);
    CHECK_INT(post(transport), 200);
    child = fork();
    if (child == 0) {
        alarm(30);
        _exit(post(transport) == 200 && post(transport) == 200 ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
    CHECK_INT(post(transport), 200);
    CHECK_INT(server.requests, 4);
    CHECK_INT(server.connections, 2);
    ss_transport_free(transport);
    server_stop(&server);
}

static void test_connections_do_not_reach_programs_that_are_executed(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;

    SERVE(&server, OK);
    settings = settings_for(server.url, NULL);
    transport = ss_transport_new(&settings, NULL, &error);
    CHECK_INT(post(transport), 200);
    /* libcurl's own socketpair is inherited; it leads nowhere. */
    CHECK_INT(
        system("for inode in $(ls -l /proc/$$/fd | sed -n 's/.*socket:.\\([0-9]*\\).*/\\1/p');"
               "do if grep -q \" $inode \" /proc/net/tcp; then exit 1; fi; done"),
        0);
    ss_transport_free(transport);
    server_stop(&server);
}

/* Its TLS would otherwise come to us for algorithms while it is on the way to the server. */
static void test_the_callers_default_library_context_is_put_back(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;
    OSSL_LIB_CTX *own = OSSL_LIB_CTX_new(), *inner = OSSL_LIB_CTX_new(), *before;

    SERVE(&server, OK);
    settings = settings_for(server.url, NULL);
    transport = ss_transport_new(&settings, inner, &error);
    before = OSSL_LIB_CTX_set0_default(own);
    CHECK_INT(post(transport), 200);
    ss_transport_free(transport);
    CHECK(OSSL_LIB_CTX_set0_default(before) == own);
    OSSL_LIB_CTX_free(inner);
    OSSL_LIB_CTX_free(own);
    server_stop(&server);
}

/* What libcurl says of TLS with a server that has none. */
static void try_tls(char *sentence, size_t size, const char *url, OSSL_LIB_CTX *libctx)
{
    struct ss_settings settings = settings_for(url, NULL);
    struct ss_transport *transport = ss_transport_new(&settings, libctx, &error);

    settings.retries = 0;
    CHECK_INT(post(transport), 0);
    CHECK_INT(error.reason, SS_R_TLS);
    snprintf(sentence, size, "%s", error.text);
    ss_transport_free(transport);
}

static void test_tls_uses_the_providers_of_the_context_that_is_given(void)
{
    OSSL_LIB_CTX *empty = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *null = OSSL_PROVIDER_load(empty, "null");
    struct server server;
    char with[512], without[512], url[128];

    SERVE(&server, OK, OK);
    snprintf(url, sizeof url, "https://%s/base", server.authority);
    try_tls(with, sizeof with, url, NULL);
    try_tls(without, sizeof without, url, empty);
    CHECK(strcmp(with, without) != 0);
    OSSL_PROVIDER_unload(null);
    OSSL_LIB_CTX_free(empty);
    server_stop(&server);
}

UNIT_TESTS("transport", UNIT_TEST(test_request_and_answer_arrive_as_they_are),
           UNIT_TEST(test_requests_of_one_thread_share_a_connection),
           UNIT_TEST(test_threads_never_make_more_connections_than_they_are),
           UNIT_TEST(test_a_refusal_is_an_answer_and_is_not_asked_again),
           UNIT_TEST(test_a_server_that_is_not_there_is_named_with_the_way_out),
           UNIT_TEST(test_an_answer_over_the_ceiling_is_refused),
           UNIT_TEST(test_headers_without_end_are_refused),
           UNIT_TEST(test_a_redirect_is_refused_and_nothing_is_sent_after_it),
           UNIT_TEST(test_no_server_is_an_error_that_names_both_ways_to_set_one),
           UNIT_TEST(test_a_child_does_not_use_its_parents_connection),
           UNIT_TEST(test_connections_do_not_reach_programs_that_are_executed),
           UNIT_TEST(test_the_callers_default_library_context_is_put_back),
           UNIT_TEST(test_tls_uses_the_providers_of_the_context_that_is_given))
