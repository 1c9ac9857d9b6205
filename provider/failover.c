// SPDX-License-Identifier: Apache-2.0
#include "failover.h"

#include "error.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static long long later(long long a_ms, long long b_ms)
{
    return a_ms > b_ms ? a_ms : b_ms;
}

/* Between half of it and all of it, so that clients that failed together do not come back together.
 */
static long long with_jitter(long long ms)
{
    unsigned char byte = 0;

    if (getrandom(&byte, sizeof byte, GRND_NONBLOCK) != sizeof byte)
        byte = 255;
    return ms / 2 + ms * byte / 510;
}

void ss_failover_add(struct ss_failover *failover, const char *base_url, struct ss_health *health)
{
    struct ss_server *server = &failover->servers[failover->count++];

    server->base_url = base_url;
    server->health = health;
    if (health == NULL)
        return;
    server->rests_until_ms = atomic_load(&health->rests_until_ms);
    server->asked_until_ms = atomic_load(&health->asked_until_ms);
}

/* When the first server may be asked that is not out, from a time on; LLONG_MAX: all are out. */
static long long soonest(const struct ss_failover *failover, long long from_ms)
{
    long long soonest_ms = LLONG_MAX;

    for (size_t i = 0; i < failover->count; i++) {
        const struct ss_server *server = &failover->servers[i];
        long long at_ms = later(server->asked_until_ms, from_ms);

        if (!server->is_out && at_ms < soonest_ms)
            soonest_ms = at_ms;
    }
    return soonest_ms;
}

static bool is_to_be_asked(const struct ss_server *server, long long at_ms)
{
    return !server->is_out && !server->is_tried && server->asked_until_ms <= at_ms;
}

/* The next server of this round, if there is one. */
static bool choose(struct ss_failover *failover, long long at_ms)
{
    long long best_ms = LLONG_MAX;

    for (size_t i = 0; i < failover->count; i++) {
        const struct ss_server *server = &failover->servers[i];
        long long rested_ms = later(server->rests_until_ms, at_ms);

        if (!is_to_be_asked(server, at_ms) || rested_ms >= best_ms)
            continue;
        best_ms = rested_ms;
        failover->current = i;
    }
    if (best_ms == LLONG_MAX)
        return false;
    failover->servers[failover->current].is_tried = true;
    return true;
}

void ss_failover_start(struct ss_failover *failover, unsigned retries, long long timeout_ms,
                       long long now_ms)
{
    failover->retries_left = retries;
    failover->back_off_ms = SS_BACK_OFF_MS;
    failover->deadline_ms = now_ms + timeout_ms;
    (void)choose(failover, soonest(failover, now_ms));
}

long long ss_failover_get_limit_ms(const struct ss_failover *failover, long long now_ms)
{
    long long left_ms = failover->deadline_ms - now_ms;
    size_t sharers = 1;

    for (size_t i = 0; i < failover->count; i++)
        sharers += is_to_be_asked(&failover->servers[i], now_ms);
    return failover->retries_left == 0 ? left_ms : left_ms / (long long)sharers;
}

/* Without the way out, which the sentences have in parentheses. */
static void take_problem(struct ss_server *server, const char *problem)
{
    const char *way_out = strstr(problem, " (");

    ss_quote(server->problem, sizeof server->problem, problem,
             way_out == NULL ? strlen(problem) : (size_t)(way_out - problem));
}

static void let_rest(struct ss_server *server, long long retry_after_ms, long long now_ms)
{
    server->rests_until_ms = now_ms + (retry_after_ms > 0 ? retry_after_ms : SS_REST_MS);
    server->asked_until_ms = now_ms + retry_after_ms;
    if (server->health == NULL)
        return;
    atomic_store(&server->health->rests_until_ms, server->rests_until_ms);
    atomic_store(&server->health->asked_until_ms, server->asked_until_ms);
}

static bool take_retry(struct ss_failover *failover)
{
    if (failover->retries_left == 0)
        return false;
    failover->retries_left--;
    return true;
}

static bool begin_round(struct ss_failover *failover, long long *wait_ms, long long now_ms)
{
    long long at_ms = soonest(failover, now_ms + with_jitter(failover->back_off_ms));

    if (at_ms >= failover->deadline_ms)
        return false;
    failover->back_off_ms *= 2;
    for (size_t i = 0; i < failover->count; i++)
        failover->servers[i].is_tried = false;
    *wait_ms = at_ms - now_ms;
    return choose(failover, at_ms);
}

bool ss_failover_next(struct ss_failover *failover, long long *wait_ms, enum ss_verdict verdict,
                      const char *problem, long long retry_after_ms, long long now_ms)
{
    struct ss_server *server = &failover->servers[failover->current];

    *wait_ms = 0;
    if (verdict == SS_VERDICT_DONE)
        return false;
    take_problem(server, problem);
    let_rest(server, retry_after_ms, now_ms);
    server->is_out = verdict == SS_VERDICT_ELSEWHERE;
    if (now_ms >= failover->deadline_ms || (verdict == SS_VERDICT_LOST && !take_retry(failover)))
        return false;
    if (choose(failover, now_ms))
        return true;
    return (verdict == SS_VERDICT_LOST || take_retry(failover)) &&
           begin_round(failover, wait_ms, now_ms);
}

void ss_failover_print_others(const struct ss_failover *failover, char *text, size_t size)
{
    char all[SS_URLS_MAX * 512] = "";
    size_t used = 0;

    for (size_t i = 0; i < failover->count; i++) {
        const struct ss_server *server = &failover->servers[i];
        char host[256];

        if (i == failover->current || server->problem[0] == '\0')
            continue;
        ss_server_print_host(host, sizeof host, server->base_url);
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s: %s", used == 0 ? "" : "; ",
                                 host, server->problem);
    }
    ss_quote(text, size, all, used);
}

void ss_server_print_host(char *host, size_t size, const char *base_url)
{
    const char *from = strstr(base_url, "://") + 3;

    snprintf(host, size, "%.*s", (int)strcspn(from, "/"), from);
}
