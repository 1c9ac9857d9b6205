// SPDX-License-Identifier: Apache-2.0
#include "transport.h"

#include "attempt.h"
#include "trace.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

enum {
    BACK_OFF_MS = 200, /* before the first retry; doubled with each */
    REST_MS =
        30 * 1000, /* how long a server that was not reached is left alone while there are others */
    MAX_SERVERS = 16,
};

struct ss_transport {
    const struct ss_settings *settings;
    struct ss_pool pool;
    OSSL_LIB_CTX *libctx;        /* libcurl's default library context while we call it */
    atomic_bool has_connections; /* or has had: libcurl is open */
    atomic_llong resting_until_ms[MAX_SERVERS]; /* per configured URL, on the monotonic clock */
};

static _Thread_local bool is_in_request;

bool ss_transport_is_in_request(void)
{
    return is_in_request;
}

/* ---- Clock ---- */

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_ms(long long ms)
{
    struct timespec rest = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

    while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
        ;
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

/* ---- The transport ---- */

struct ss_transport *ss_transport_new(const struct ss_settings *settings, OSSL_LIB_CTX *libctx,
                                      struct ss_error *error)
{
    struct ss_transport *transport = OPENSSL_zalloc(sizeof *transport);

    if (transport == NULL) {
        ss_fail_internal(error, "memory");
        return NULL;
    }
    transport->settings = settings;
    transport->libctx = libctx;
    return transport;
}

void ss_transport_free(struct ss_transport *transport)
{
    struct ss_error error = {0};
    const struct ss_curl *curl;
    OSSL_LIB_CTX *before;

    if (transport == NULL)
        return;
    if (transport->has_connections) {
        before = OSSL_LIB_CTX_set0_default(transport->libctx);
        curl = ss_curl_get0(&error);
        if (curl != NULL)
            ss_pool_clear(&transport->pool, curl);
        OSSL_LIB_CTX_set0_default(before);
    }
    OPENSSL_free(transport);
}

/* ---- Servers, retries, time ---- */

/* One operation: the servers it may use, and what is left of its time and retries. */
struct operation {
    struct ss_transport *transport;
    const char *servers[MAX_SERVERS];
    size_t server_count;
    size_t current;
    size_t untried; /* servers that were not asked yet */
    bool has_credentials;
    unsigned retries_left;
    unsigned attempts;
    long long deadline_ms;
    long long back_off_ms;
};

/* A URI's own server that is not configured gets no credentials; `own_url` must hold its base URL.
 */
static bool choose_servers(struct operation *operation, char *own_url, size_t own_size,
                           const char *authority, struct ss_error *error)
{
    const struct ss_settings *settings = operation->transport->settings;
    const char *configured = ss_settings_get0_url(settings, authority);

    operation->has_credentials = true;
    if (authority == NULL) {
        for (size_t i = 0; i < settings->url_count; i++)
            operation->servers[operation->server_count++] = settings->urls[i];
        return operation->server_count > 0 ||
               ss_fail(error, SS_R_CONFIGURATION,
                       "no server is configured: set SIGNSERVER_HOSTNAME, or url in the provider's "
                       "section of openssl.cnf");
    }
    if (configured == NULL) {
        snprintf(own_url, own_size, "https://%s/signserver", authority);
        operation->has_credentials = false;
    }
    operation->servers[operation->server_count++] = configured == NULL ? own_url : configured;
    return true;
}

static bool is_configured_list(const struct operation *operation)
{
    return operation->server_count > 1;
}

static void rest(struct operation *operation)
{
    if (is_configured_list(operation))
        atomic_store(&operation->transport->resting_until_ms[operation->current],
                     now_ms() + REST_MS);
}

/* The next server that does not rest, or just the next one when all do. */
static void move_on(struct operation *operation)
{
    size_t next = (operation->current + 1) % operation->server_count;

    for (size_t i = 0; i < operation->server_count; i++) {
        size_t candidate = (next + i) % operation->server_count;

        if (!is_configured_list(operation) ||
            atomic_load(&operation->transport->resting_until_ms[candidate]) <= now_ms()) {
            next = candidate;
            break;
        }
    }
    operation->current = next;
    if (operation->untried > 0)
        operation->untried--;
}

/* Whether there is to be another attempt; waits before it where that is polite. */
static bool goes_on(struct operation *operation, enum ss_verdict verdict, long retry_after_ms)
{
    long long wait_ms = 0;

    if (verdict == SS_VERDICT_DONE || (verdict == SS_VERDICT_ELSEWHERE && operation->untried == 0))
        return false;
    if (verdict != SS_VERDICT_LOST)
        rest(operation);
    if (verdict == SS_VERDICT_LOST || operation->untried == 0) {
        if (operation->retries_left == 0)
            return false;
        operation->retries_left--;
        wait_ms = with_jitter(operation->back_off_ms);
        operation->back_off_ms *= 2;
    }
    if (retry_after_ms > wait_ms)
        wait_ms = retry_after_ms;
    if (now_ms() + wait_ms >= operation->deadline_ms)
        return false;
    sleep_ms(wait_ms);
    move_on(operation);
    return true;
}

static void start(struct operation *operation)
{
    const struct ss_settings *settings = operation->transport->settings;

    operation->retries_left = settings->retries;
    operation->back_off_ms = BACK_OFF_MS;
    operation->deadline_ms = now_ms() + settings->timeout_ms;
    operation->untried = operation->server_count;
    operation->current = operation->server_count - 1;
    move_on(operation);
}

/* Attempts until there is an answer or nothing more to try. */
static bool operate(struct operation *operation, struct ss_http_answer *answer,
                    const struct ss_curl *curl, struct ss_connection *connection,
                    const struct ss_http_request *request, struct ss_error *error)
{
    struct ss_attempt attempt;
    enum ss_verdict verdict;

    start(operation);
    do {
        const char *server = operation->servers[operation->current];
        long long started_ms = now_ms();

        ss_http_answer_clear(answer);
        *error = (struct ss_error){0};
        attempt = (struct ss_attempt){
            .settings = operation->transport->settings,
            .curl = curl,
            .connection = connection,
            .base_url = server,
            .has_credentials = operation->has_credentials && strncasecmp(server, "https:", 6) == 0,
            .answer = answer,
        };
        operation->attempts++;
        verdict = ss_attempt_run(&attempt, request, operation->deadline_ms - now_ms(), error);
        ss_trace(operation->transport->settings, &(struct ss_trace_attempt){
                                                     .base_url = server,
                                                     .number = operation->attempts,
                                                     .milliseconds = now_ms() - started_ms,
                                                     .request = request,
                                                     .answer = answer,
                                                     .error = error,
                                                 });
    } while (goes_on(operation, verdict, attempt.retry_after_ms));
    if (error->reason != SS_R_NONE && operation->attempts > 1)
        ss_fail(error, error->reason, "%s (after %u attempts)", error->text, operation->attempts);
    return error->reason == SS_R_NONE;
}

bool ss_transport_post(struct ss_transport *transport, struct ss_http_answer *answer,
                       const char *authority, const struct ss_http_request *request,
                       struct ss_error *error)
{
    struct operation operation = {.transport = transport};
    char own_url[512];
    const struct ss_curl *curl;
    struct ss_connection *connection;
    OSSL_LIB_CTX *before;
    bool ok = false;

    *answer = (struct ss_http_answer){0};
    ss_http_answer_clear(answer);
    if (is_in_request)
        return ss_fail(error, SS_R_RECURSION,
                       "a request to SignServer needs a key on SignServer itself");
    if (!choose_servers(&operation, own_url, sizeof own_url, authority, error))
        return false;
    is_in_request = true;
    before = OSSL_LIB_CTX_set0_default(transport->libctx);
    /* What libcurl's TLS leaves in the queue is in our sentence already. */
    ERR_set_mark();
    curl = ss_curl_get0(error);
    connection = curl == NULL ? NULL : ss_pool_take(&transport->pool, curl, error);
    if (connection != NULL) {
        atomic_store(&transport->has_connections, true);
        ok = operate(&operation, answer, curl, connection, request, error);
        ss_pool_put(&transport->pool, curl, connection);
    }
    ERR_pop_to_mark();
    OSSL_LIB_CTX_set0_default(before);
    is_in_request = false;
    return ok;
}

void ss_http_answer_clear(struct ss_http_answer *answer)
{
    ss_buffer_clear(&answer->body);
    *answer = (struct ss_http_answer){0};
    ss_buffer_init(&answer->body, SS_ANSWER_MAX_BYTES);
}
