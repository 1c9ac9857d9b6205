// SPDX-License-Identifier: Apache-2.0
/* Which servers the transport asks when one is dead, busy or silent. The rules themselves are in
 * test_failover.c. */
#include "client.h"
#include "loopback.h"
#include "unit.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_a_busy_server_is_asked_again_and_its_last_word_counts(void)
{
    static const char *const busy[] = {STATUS("502"), STATUS("503"), STATUS("504")};

    for (size_t i = 0; i < sizeof busy / sizeof busy[0]; i++) {
        struct server server;
        struct ss_settings settings;

        SERVE(&server, busy[i], busy[i], OK);
        settings = settings_for(server.url, NULL);
        CHECK_INT(post_once(&settings), 200);
        CHECK_INT(server.requests, 3);
        server_stop(&server);
        SERVE(&server, busy[i]);
        settings = settings_for(server.url, NULL);
        CHECK_INT(post_once(&settings), strtol(busy[i] + 9, NULL, 10));
        CHECK_INT(server.requests, 3);
        server_stop(&server);
    }
}

static void test_a_lost_answer_is_asked_for_again(void)
{
    struct server server;
    struct ss_settings settings;

    SERVE(&server, hang, CUT, OK);
    settings = settings_for(server.url, NULL);
    CHECK_INT(post_once(&settings), 200);
    CHECK_INT(server.requests, 3);
    server_stop(&server);
}

/* A second signature must be impossible then, also on a connection that was kept: libcurl would
 * send the request again by itself. */
static void test_without_retries_a_request_is_sent_once(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;

    SERVE(&server, OK, hang, OK);
    settings = settings_for(server.url, NULL);
    settings.retries = 0;
    transport = ss_transport_new(&settings, NULL, &error);
    CHECK_INT(post(transport), 200);
    CHECK_INT(post(transport), 0);
    CHECK_INT(error.reason, SS_R_CONNECTION);
    CHECK_INT(server.requests, 2);
    CHECK_INT(server.connections, 2);
    ss_transport_free(transport);
    server_stop(&server);
}

/* The first of two servers loses the answer, and the second, which would sign once more, is not
 * asked. `status`: of the first's answer, 0 for none. */
static void expect_no_other_is_asked(const char *lost, int status)
{
    struct server first, second;
    struct ss_settings settings;

    SERVE(&first, lost);
    SERVE(&second, OK);
    settings = settings_for(first.url, second.url, NULL);
    settings.retries = 0;
    CHECK_INT(post_once(&settings), status);
    CHECK(status != 0 || error.reason == SS_R_CONNECTION);
    CHECK_INT(first.requests, 1);
    CHECK_INT(second.requests, 0);
    server_stop(&first);
    server_stop(&second);
}

static void test_without_retries_a_lost_answer_is_asked_of_nobody_else(void)
{
    expect_no_other_is_asked(hang, 0);
    expect_no_other_is_asked(CUT, 0);
}

static void test_the_next_server_takes_over_even_without_retries(void)
{
    struct server server;
    struct ss_settings settings;
    char url[64];
    int fd = server_dead_port(url, sizeof url);

    SERVE(&server, OK);
    settings = settings_for(url, server.url, NULL);
    settings.retries = 0; /* nothing was sent, so nothing can happen twice */
    CHECK_INT(post_once(&settings), 200);
    CHECK_INT(server.requests, 1);
    close(fd);
    server_stop(&server);
}

static void test_a_busy_server_makes_way_for_the_next(void)
{
    static const struct {
        const char *answer;
        unsigned retries;
    } busy[] = {
        {STATUS("503"), 0},
        {STATUS_RETRY_AFTER("503", "2"), 0},
        {STATUS_RETRY_AFTER("503", "120"), 0},
        {STATUS("502"), 1},
        {STATUS("504"), 1},
    };

    for (size_t i = 0; i < sizeof busy / sizeof busy[0]; i++) {
        struct server first, second;
        struct ss_settings settings;
        long long begin_ms = now_ms();

        SERVE(&first, busy[i].answer);
        SERVE(&second, OK);
        settings = settings_for(first.url, second.url, NULL);
        settings.retries = busy[i].retries;
        CHECK_INT(post_once(&settings), 200);
        CHECK(now_ms() - begin_ms < 1500);
        CHECK_INT(first.requests, 1);
        CHECK_INT(second.requests, 1);
        server_stop(&first);
        server_stop(&second);
    }
}

/* A gateway answers so also when it has passed the request on. */
static void test_without_retries_what_a_gateway_lost_is_asked_of_nobody_else(void)
{
    expect_no_other_is_asked(STATUS("502"), 502);
    expect_no_other_is_asked(STATUS("504"), 504);
}

static void test_the_last_of_many_servers_is_reached(void)
{
    static const char *const busy[] = {STATUS("503")};
    struct server servers[4];
    struct ss_settings settings;

    for (int i = 0; i < 3; i++)
        server_start(&servers[i], busy, 1);
    SERVE(&servers[3], OK);
    settings = settings_for(servers[0].url, servers[1].url, servers[2].url, servers[3].url, NULL);
    settings.retries = 0;
    CHECK_INT(post_once(&settings), 200);
    for (int i = 0; i < 4; i++) {
        CHECK_INT(servers[i].requests, 1);
        server_stop(&servers[i]);
    }
}

static void test_a_silent_server_leaves_time_for_the_next_and_is_left_alone(void)
{
    struct server first, second;
    struct ss_settings settings;
    struct ss_transport *transport;

    SERVE(&first, silence);
    SERVE(&second, OK);
    settings = settings_for(first.url, second.url, NULL);
    settings.timeout_ms = 1000;
    transport = ss_transport_new(&settings, NULL, &error);
    for (int i = 0; i < 3; i++)
        CHECK_INT(post(transport), 200);
    CHECK_INT(first.requests, 1);
    CHECK_INT(second.requests, 3);
    ss_transport_free(transport);
    server_stop(&first);
    server_stop(&second);
}

/* How many clients wait to be accepted. */
static int count_waiting(int listener)
{
    struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
    int count = 0;

    for (; poll(&poll_fd, 1, 0) == 1; count++)
        close(accept(listener, NULL, NULL));
    return count;
}

/* Its port is open, and nobody speaks TLS there. */
static void test_a_server_that_does_not_let_us_in_takes_the_time_to_connect_and_no_more(void)
{
    struct server second;
    struct ss_settings settings;
    struct ss_transport *transport;
    char plain_url[64], url[64];
    int fd = server_dead_port(plain_url, sizeof plain_url);
    long long begin_ms = now_ms();

    CHECK_INT(listen(fd, 8), 0);
    snprintf(url, sizeof url, "https%s", plain_url + strlen("http"));
    SERVE(&second, OK);
    settings = settings_for(url, second.url, NULL);
    settings.connect_timeout_ms = 300;
    settings.timeout_ms = 60 * 1000;
    settings.retries = 0; /* nothing was sent */
    transport = ss_transport_new(&settings, NULL, &error);
    for (int i = 0; i < 3; i++)
        CHECK_INT(post(transport), 200);
    CHECK(now_ms() - begin_ms >= 250);
    CHECK(now_ms() - begin_ms < 10 * 1000);
    CHECK_INT(count_waiting(fd), 1);
    ss_transport_free(transport);
    settings.url_count = 1;
    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_TIMEOUT);
    CHECK_CONTAINS(error.text, "connect-timeout");
    close(fd);
    server_stop(&second);
}

static void test_a_server_that_asked_for_a_pause_is_left_alone(void)
{
    struct server first, second;
    struct ss_settings settings;
    struct ss_transport *transport;

    SERVE(&first, STATUS_RETRY_AFTER("503", "120"), OK);
    SERVE(&second, OK);
    settings = settings_for(first.url, second.url, NULL);
    transport = ss_transport_new(&settings, NULL, &error);
    for (int i = 0; i < 3; i++)
        CHECK_INT(post(transport), 200);
    CHECK_INT(first.requests, 1);
    ss_transport_free(transport);
    server_stop(&first);
    server_stop(&second);
}

static void test_each_server_that_failed_is_named(void)
{
    struct server busy, lost;
    struct ss_settings settings;
    struct ss_transport *transport;
    struct ss_http_answer answer;
    char dead[64];
    int fd = server_dead_port(dead, sizeof dead);

    SERVE(&busy, STATUS("503"));
    SERVE(&lost, hang);
    settings = settings_for(dead, busy.url, lost.url, NULL);
    settings.retries = 0;
    transport = ss_transport_new(&settings, NULL, &error);
    CHECK(!post_to(transport, &answer, NULL, &error));
    CHECK_STR(answer.host, lost.authority);
    CHECK(strncmp(answer.others, dead + 7, strcspn(dead + 7, "/")) == 0);
    CHECK_CONTAINS(answer.others, "onnect");
    CHECK_CONTAINS(answer.others, "; ");
    CHECK_CONTAINS(answer.others, busy.authority);
    CHECK_CONTAINS(answer.others, ": HTTP 503");
    CHECK(strstr(answer.others, lost.authority) == NULL);
    ss_http_answer_clear(&answer);
    ss_transport_free(transport);
    close(fd);
    server_stop(&busy);
    server_stop(&lost);
}

/* The dead server comes back at once here, and is left alone all the same. */
static void test_a_dead_server_is_left_alone_for_a_while(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;
    char url[64];
    int fd = server_dead_port(url, sizeof url);

    SERVE(&server, OK);
    settings = settings_for(url, server.url, NULL);
    transport = ss_transport_new(&settings, NULL, &error);
    CHECK_INT(post(transport), 200);
    CHECK_INT(listen(fd, 8), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(post(transport), 200);
    CHECK_INT(server.requests, 4);
    CHECK_INT(server.connections, 1);
    ss_transport_free(transport);
    close(fd);
    server_stop(&server);
}

static void test_the_time_limit_covers_all_attempts(void)
{
    struct server server;
    struct ss_settings settings;
    long long begin = now_ms();

    SERVE(&server, silence);
    settings = settings_for(server.url, NULL);
    settings.timeout_ms = 300;
    settings.retries = 10;
    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_TIMEOUT);
    CHECK_CONTAINS(error.text, "timeout");
    CHECK(now_ms() - begin >= 250);
    CHECK(now_ms() - begin < 5000);
    server_stop(&server);
}

static void test_a_busy_server_is_given_the_time_it_asks_for(void)
{
    struct server server;
    struct ss_settings settings;
    long long begin_ms = now_ms();

    SERVE(&server, STATUS_RETRY_AFTER("503", "1"), OK);
    settings = settings_for(server.url, NULL);
    CHECK_INT(post_once(&settings), 200);
    CHECK(now_ms() - begin_ms >= 1000);
    CHECK_INT(server.requests, 2);
    server_stop(&server);
}

/* Waiting as long as it asks would be past the limit: its answer is the last word. */
static void test_retry_after_is_honoured_within_the_time_limit_only(void)
{
    struct server server;
    struct ss_settings settings;
    long long begin = now_ms();

    SERVE(&server, STATUS_RETRY_AFTER("503", "3000"));
    settings = settings_for(server.url, NULL);
    CHECK_INT(post_once(&settings), 503);
    CHECK_INT(server.requests, 1);
    CHECK(now_ms() - begin < 5000);
    server_stop(&server);
}

UNIT_TESTS("transport_servers",
           UNIT_TEST(test_a_busy_server_is_asked_again_and_its_last_word_counts),
           UNIT_TEST(test_a_lost_answer_is_asked_for_again),
           UNIT_TEST(test_without_retries_a_request_is_sent_once),
           UNIT_TEST(test_without_retries_a_lost_answer_is_asked_of_nobody_else),
           UNIT_TEST(test_the_next_server_takes_over_even_without_retries),
           UNIT_TEST(test_a_busy_server_makes_way_for_the_next),
           UNIT_TEST(test_without_retries_what_a_gateway_lost_is_asked_of_nobody_else),
           UNIT_TEST(test_the_last_of_many_servers_is_reached),
           UNIT_TEST(test_a_silent_server_leaves_time_for_the_next_and_is_left_alone),
           UNIT_TEST(test_a_server_that_does_not_let_us_in_takes_the_time_to_connect_and_no_more),
           UNIT_TEST(test_a_server_that_asked_for_a_pause_is_left_alone),
           UNIT_TEST(test_each_server_that_failed_is_named),
           UNIT_TEST(test_a_dead_server_is_left_alone_for_a_while),
           UNIT_TEST(test_the_time_limit_covers_all_attempts),
           UNIT_TEST(test_a_busy_server_is_given_the_time_it_asks_for),
           UNIT_TEST(test_retry_after_is_honoured_within_the_time_limit_only))
