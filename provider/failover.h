// SPDX-License-Identifier: Apache-2.0
/*
 * Which server is asked next, and when. Has neither clock nor network: the caller tells the time,
 * in milliseconds of the monotonic clock, and does the waiting.
 *
 * An operation goes through its servers in rounds. In a round each server is asked at most once,
 * without a wait between them: first those that do not rest, in their order, then the one whose
 * rest ends first. A server that failed rests, for as long as it asked for (Retry-After) or else
 * for SS_REST_MS; one that asked is not asked before that time. Each further round is a retry and
 * begins after a back-off, or when the first server may be asked again if that is later. What may
 * have been carried out is asked for anew only as a retry, also within a round.
 */
#ifndef SS_FAILOVER_H
#define SS_FAILOVER_H

#include "settings.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    SS_BACK_OFF_MS = 200, /* at most, before the first retry; doubled with each */
    SS_REST_MS = 30 * 1000,
};

/* What becomes of an attempt. */
enum ss_verdict {
    SS_VERDICT_DONE,      /* an answer, or a failure that no other attempt would change */
    SS_VERDICT_ELSEWHERE, /* this server will not do; another may */
    SS_VERDICT_LATER,     /* nothing was carried out: the server was not reached, or is busy */
    SS_VERDICT_LOST,      /* the request may have been carried out; its answer is lost */
};

/* What operations tell each other of a server; all zero at first. Threads may share it. */
struct ss_health {
    atomic_llong rests_until_ms;
    atomic_llong asked_until_ms; /* the server's own wish */
};

struct ss_server {
    const char *base_url;     /* borrowed */
    struct ss_health *health; /* borrowed; NULL: nobody else is told */
    long long rests_until_ms, asked_until_ms;
    bool is_tried;     /* in this round */
    bool is_out;       /* for this operation */
    char problem[160]; /* its last failure in this operation, shortened; "": none */
};

/* One operation. */
struct ss_failover {
    struct ss_server servers[SS_URLS_MAX];
    size_t count;
    size_t current; /* the server to ask */
    unsigned retries_left;
    long long back_off_ms;
    long long deadline_ms;
};

/* To a zeroed struct; there is room for SS_URLS_MAX. */
void ss_failover_add(struct ss_failover *failover, const char *base_url, struct ss_health *health);

/* With one server at least. The first is asked at once, even when all of them rest. */
void ss_failover_start(struct ss_failover *failover, unsigned retries, long long timeout_ms,
                       long long now_ms);

/* How long the attempt may take: an equal share of what is left of the time for each server that is
 * still to be asked in this round, or all of it when a lost answer would be the last word. */
long long ss_failover_get_limit_ms(const struct ss_failover *failover, long long now_ms);

/*
 * Takes what became of the attempt, where it is not SS_VERDICT_DONE with its problem in words, and
 * chooses the server for the next one, which is to begin after a wait. False: there is to be none.
 */
bool ss_failover_next(struct ss_failover *failover, long long *wait_ms, enum ss_verdict verdict,
                      const char *problem, long long retry_after_ms, long long now_ms);

/* "HOST: PROBLEM; HOST: PROBLEM" of the servers that failed, but for the current one; "" when there
 * are none. */
void ss_failover_print_others(const struct ss_failover *failover, char *text, size_t size);

/* "host" or "host:port", as messages and audit name the server. */
void ss_server_print_host(char *host, size_t size, const char *base_url);

#endif
