// SPDX-License-Identifier: Apache-2.0
#include "failover.h"
#include "unit.h"
#include <string.h>

enum { NOW = 1000 * 1000, TIMEOUT = 30 * 1000 };

static const char *const urls[] = {"https://a/s", "https://b/s", "https://c/s", "https://d/s"};

/* An operation with the first `count` servers. */
static struct ss_failover begin(size_t count, unsigned retries, struct ss_health *healths)
{
    struct ss_failover failover = {0};

    for (size_t i = 0; i < count; i++)
        ss_failover_add(&failover, urls[i], healths == NULL ? NULL : &healths[i]);
    ss_failover_start(&failover, retries, TIMEOUT, NOW);
    return failover;
}

static long long wait_ms;

/* The attempt at the current server ended like this, at NOW. */
static bool next(struct ss_failover *failover, enum ss_verdict verdict, long long retry_after_ms)
{
    return ss_failover_next(failover, &wait_ms, verdict, "problem", retry_after_ms, NOW);
}

/* The next server is this one, asked at once. */
static void check_next(struct ss_failover *failover, enum ss_verdict verdict,
                       long long retry_after_ms, size_t expected)
{
    CHECK(next(failover, verdict, retry_after_ms));
    CHECK_INT(failover->current, expected);
    CHECK_INT(wait_ms, 0);
}

static void test_an_answer_is_the_end(void)
{
    struct ss_failover failover = begin(2, 2, NULL);

    CHECK_INT(failover.current, 0);
    CHECK(!next(&failover, SS_VERDICT_DONE, 0));
    CHECK_INT(failover.current, 0);
}

static void test_every_server_is_asked_at_once_and_without_retries(void)
{
    struct ss_failover failover = begin(4, 0, NULL);

    check_next(&failover, SS_VERDICT_LATER, 0, 1);
    check_next(&failover, SS_VERDICT_LATER, 120 * 1000, 2);
    check_next(&failover, SS_VERDICT_ELSEWHERE, 0, 3);
    CHECK(!next(&failover, SS_VERDICT_LATER, 0));
}

/* It may have been carried out: asking anybody else may sign twice. */
static void test_a_lost_answer_takes_a_retry_to_go_on(void)
{
    struct ss_failover failover = begin(3, 1, NULL);

    check_next(&failover, SS_VERDICT_LOST, 0, 1);
    CHECK(!next(&failover, SS_VERDICT_LOST, 0));
    failover = begin(3, 0, NULL);
    CHECK(!next(&failover, SS_VERDICT_LOST, 0));
}

static void test_a_retry_goes_through_all_servers_after_a_wait(void)
{
    struct ss_failover failover = begin(2, 1, NULL);

    check_next(&failover, SS_VERDICT_LATER, 0, 1);
    CHECK(next(&failover, SS_VERDICT_LATER, 0));
    CHECK_INT(failover.current, 0);
    CHECK(wait_ms > 0);
    check_next(&failover, SS_VERDICT_LATER, 0, 1);
    CHECK(!next(&failover, SS_VERDICT_LATER, 0));
}

static void test_a_server_that_will_not_do_is_not_asked_again(void)
{
    struct ss_failover failover = begin(2, 1, NULL);

    check_next(&failover, SS_VERDICT_ELSEWHERE, 0, 1);
    CHECK(next(&failover, SS_VERDICT_LATER, 0));
    CHECK_INT(failover.current, 1);
    CHECK(!next(&failover, SS_VERDICT_LATER, 0));
    failover = begin(1, 2, NULL);
    CHECK(!next(&failover, SS_VERDICT_ELSEWHERE, 0));
}

static void test_the_wait_grows_with_each_retry(void)
{
    struct ss_failover failover = begin(1, 3, NULL);

    for (long long at_most_ms = SS_BACK_OFF_MS; at_most_ms <= 4L * SS_BACK_OFF_MS;
         at_most_ms *= 2) {
        CHECK(next(&failover, SS_VERDICT_LATER, 0));
        CHECK(wait_ms >= at_most_ms / 2);
        CHECK(wait_ms <= at_most_ms);
    }
    CHECK(!next(&failover, SS_VERDICT_LATER, 0));
}

/* All the same 50 times is as likely as 1 in 10 to the 96. */
static void test_clients_that_fail_together_do_not_come_back_together(void)
{
    bool differs = false;
    long long first_ms;
    struct ss_failover failover = begin(1, 1, NULL);

    CHECK(next(&failover, SS_VERDICT_LATER, 0));
    first_ms = wait_ms;
    for (int i = 0; i < 50; i++) {
        failover = begin(1, 1, NULL);
        CHECK(next(&failover, SS_VERDICT_LATER, 0));
        differs = differs || wait_ms != first_ms;
    }
    CHECK(differs);
}

static void test_retry_after_is_waited_for_within_the_time_limit(void)
{
    struct ss_failover failover = begin(1, 1, NULL);

    CHECK(next(&failover, SS_VERDICT_LATER, 2000));
    CHECK_INT(wait_ms, 2000);
    failover = begin(1, 1, NULL);
    CHECK(!next(&failover, SS_VERDICT_LATER, TIMEOUT));
}

/* It is the other server's wish, and no reason to wait for this one. */
static void test_a_wait_is_for_the_server_that_may_be_asked_first(void)
{
    struct ss_failover failover = begin(3, 1, NULL);

    check_next(&failover, SS_VERDICT_LATER, 120 * 1000, 1);
    check_next(&failover, SS_VERDICT_LATER, 5000, 2);
    CHECK(next(&failover, SS_VERDICT_LATER, 3000));
    CHECK_INT(failover.current, 2);
    CHECK_INT(wait_ms, 3000);
    failover = begin(2, 1, NULL);
    check_next(&failover, SS_VERDICT_LATER, 120 * 1000, 1);
    CHECK(next(&failover, SS_VERDICT_LATER, 0));
    CHECK_INT(failover.current, 1);
    CHECK(wait_ms <= SS_BACK_OFF_MS);
}

static void test_a_server_that_failed_rests_while_there_are_others(void)
{
    static const enum ss_verdict verdicts[] = {SS_VERDICT_ELSEWHERE, SS_VERDICT_LATER,
                                               SS_VERDICT_LOST};

    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        struct ss_health healths[2] = {0};
        struct ss_failover failover = begin(2, 1, healths);

        check_next(&failover, verdicts[i], 0, 1);
        CHECK(!next(&failover, SS_VERDICT_DONE, 0));
        failover = begin(2, 1, healths);
        CHECK_INT(failover.current, 1);
        /* Better than nobody. */
        check_next(&failover, SS_VERDICT_LATER, 0, 0);
        failover = (struct ss_failover){0};
        ss_failover_add(&failover, urls[0], &healths[0]);
        ss_failover_add(&failover, urls[1], &healths[1]);
        ss_failover_start(&failover, 1, TIMEOUT, NOW + SS_REST_MS);
        CHECK_INT(failover.current, 0);
    }
}

static void test_a_server_that_asked_for_a_pause_is_not_asked_before(void)
{
    struct ss_health healths[2] = {0};
    struct ss_failover failover = begin(2, 0, healths);

    check_next(&failover, SS_VERDICT_LATER, 120 * 1000, 1);
    CHECK(!next(&failover, SS_VERDICT_DONE, 0));
    failover = begin(2, 1, healths);
    CHECK_INT(failover.current, 1);
    CHECK(next(&failover, SS_VERDICT_LATER, 0));
    CHECK_INT(failover.current, 1);
}

static void test_an_operation_asks_somebody_even_when_all_rest(void)
{
    struct ss_health healths[2] = {0};
    struct ss_failover failover = begin(2, 0, healths);

    check_next(&failover, SS_VERDICT_LATER, 120 * 1000, 1);
    CHECK(!next(&failover, SS_VERDICT_LATER, 60 * 1000));
    failover = begin(2, 0, healths);
    CHECK_INT(failover.current, 1);
}

static void test_no_attempt_takes_the_time_of_the_servers_after_it(void)
{
    struct ss_failover failover = begin(3, 2, NULL);

    CHECK_INT(ss_failover_get_limit_ms(&failover, NOW), TIMEOUT / 3);
    check_next(&failover, SS_VERDICT_LATER, 0, 1);
    CHECK_INT(ss_failover_get_limit_ms(&failover, NOW + 10000), 10000);
    check_next(&failover, SS_VERDICT_LATER, 0, 2);
    CHECK_INT(ss_failover_get_limit_ms(&failover, NOW + 10000), 20000);
}

/* Nobody would be asked after it, however short it is cut. */
static void test_without_retries_an_attempt_has_all_of_the_time(void)
{
    struct ss_failover failover = begin(3, 0, NULL);

    CHECK_INT(ss_failover_get_limit_ms(&failover, NOW + 1000), TIMEOUT - 1000);
}

static void test_nothing_is_tried_after_the_time_limit(void)
{
    struct ss_health healths[2] = {0};
    struct ss_failover failover = begin(2, 2, healths);

    CHECK(!ss_failover_next(&failover, &wait_ms, SS_VERDICT_LATER, "problem", 0, NOW + TIMEOUT));
    failover = begin(2, 2, healths);
    CHECK_INT(failover.current, 1);
}

static void test_the_servers_that_failed_are_named_with_their_problems(void)
{
    struct ss_failover failover = begin(3, 0, NULL);
    char text[200], little[12];

    ss_failover_print_others(&failover, text, sizeof text);
    CHECK_STR(text, "");
    CHECK(ss_failover_next(&failover, &wait_ms, SS_VERDICT_LATER, "HTTP 503", 0, NOW));
    CHECK(ss_failover_next(&failover, &wait_ms, SS_VERDICT_LATER, "no way (see url)", 0, NOW));
    ss_failover_print_others(&failover, text, sizeof text);
    CHECK_STR(text, "a: HTTP 503; b: no way");
    ss_failover_print_others(&failover, little, sizeof little);
    CHECK_STR(little, "a: HTTP ...");
}

UNIT_TESTS("failover", UNIT_TEST(test_an_answer_is_the_end),
           UNIT_TEST(test_every_server_is_asked_at_once_and_without_retries),
           UNIT_TEST(test_a_lost_answer_takes_a_retry_to_go_on),
           UNIT_TEST(test_a_retry_goes_through_all_servers_after_a_wait),
           UNIT_TEST(test_a_server_that_will_not_do_is_not_asked_again),
           UNIT_TEST(test_the_wait_grows_with_each_retry),
           UNIT_TEST(test_clients_that_fail_together_do_not_come_back_together),
           UNIT_TEST(test_retry_after_is_waited_for_within_the_time_limit),
           UNIT_TEST(test_a_wait_is_for_the_server_that_may_be_asked_first),
           UNIT_TEST(test_a_server_that_failed_rests_while_there_are_others),
           UNIT_TEST(test_a_server_that_asked_for_a_pause_is_not_asked_before),
           UNIT_TEST(test_an_operation_asks_somebody_even_when_all_rest),
           UNIT_TEST(test_no_attempt_takes_the_time_of_the_servers_after_it),
           UNIT_TEST(test_without_retries_an_attempt_has_all_of_the_time),
           UNIT_TEST(test_nothing_is_tried_after_the_time_limit),
           UNIT_TEST(test_the_servers_that_failed_are_named_with_their_problems))
