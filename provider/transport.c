// SPDX-License-Identifier: Apache-2.0
#include "transport.h"

#include "attempt.h"
#include "failover.h"
#include "trace.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct ss_transport {
    const struct ss_settings *settings;
    struct ss_pool pool;
    OSSL_LIB_CTX *libctx;                  /* libcurl's default library context while we call it */
    atomic_bool has_connections;           /* or has had: libcurl is open */
    struct ss_health healths[SS_URLS_MAX]; /* of the configured URLs, in their order */
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

/* ---- An operation ---- */

struct operation {
    struct ss_transport *transport;
    struct ss_failover failover;
    bool has_credentials;
    char own_url[512]; /* of a server that is not configured */
    unsigned attempts;
};

/* A URI's own server that is not configured gets no credentials. */
static bool choose_servers(struct operation *operation, const char *authority,
                           struct ss_error *error)
{
    struct ss_transport *transport = operation->transport;
    const struct ss_settings *settings = transport->settings;
    const char *url = ss_settings_get0_url(settings, authority);

    operation->has_credentials = url != NULL;
    if (authority == NULL) {
        for (size_t i = 0; i < settings->url_count; i++)
            ss_failover_add(&operation->failover, settings->urls[i], &transport->healths[i]);
        return settings->url_count > 0 ||
               ss_fail(error, SS_R_CONFIGURATION,
                       "no server is configured: set SIGNSERVER_HOSTNAME, or url in the provider's "
                       "section of openssl.cnf");
    }
    if (url == NULL) {
        snprintf(operation->own_url, sizeof operation->own_url, "https://%s/signserver", authority);
        url = operation->own_url;
    }
    ss_failover_add(&operation->failover, url, NULL);
    return true;
}

/* Asks the server whose turn it is. True: there is to be another attempt, after a wait. */
static bool attempt(struct operation *operation, long long *wait_ms, struct ss_http_answer *answer,
                    const struct ss_curl *curl, struct ss_connection *connection,
                    const struct ss_http_request *request, struct ss_error *error)
{
    const struct ss_settings *settings = operation->transport->settings;
    struct ss_failover *failover = &operation->failover;
    const char *url = failover->servers[failover->current].base_url;
    struct ss_attempt attempt = {
        .settings = settings,
        .curl = curl,
        .connection = connection,
        .base_url = url,
        .has_credentials = operation->has_credentials && strncasecmp(url, "https:", 6) == 0,
        .answer = answer,
    };
    long long started_ms = now_ms();
    enum ss_verdict verdict;
    char status[32];

    ss_http_answer_clear(answer);
    *error = (struct ss_error){0};
    operation->attempts++;
    verdict =
        ss_attempt_run(&attempt, request, ss_failover_get_limit_ms(failover, started_ms), error);
    ss_trace(settings, &(struct ss_trace_attempt){
                           .base_url = url,
                           .number = operation->attempts,
                           .milliseconds = now_ms() - started_ms,
                           .request = request,
                           .answer = answer,
                           .error = error,
                       });
    snprintf(status, sizeof status, "HTTP %ld", answer->status);
    return ss_failover_next(failover, wait_ms, verdict,
                            error->reason == SS_R_NONE ? status : error->text,
                            attempt.retry_after_ms, now_ms());
}

/* Attempts until there is an answer or nothing more to try. */
static bool operate(struct operation *operation, struct ss_http_answer *answer,
                    const struct ss_curl *curl, struct ss_connection *connection,
                    const struct ss_http_request *request, struct ss_error *error)
{
    const struct ss_settings *settings = operation->transport->settings;
    long long wait_ms = 0;

    ss_failover_start(&operation->failover, settings->retries, settings->timeout_ms, now_ms());
    while (attempt(operation, &wait_ms, answer, curl, connection, request, error))
        sleep_ms(wait_ms);
    answer->attempts = operation->attempts;
    ss_failover_print_others(&operation->failover, answer->others, sizeof answer->others);
    if (error->reason != SS_R_NONE && operation->attempts > 1)
        ss_fail(error, error->reason, "%s (after %u attempts)", error->text, operation->attempts);
    return error->reason == SS_R_NONE;
}

bool ss_transport_post(struct ss_transport *transport, struct ss_http_answer *answer,
                       const char *authority, const struct ss_http_request *request,
                       struct ss_error *error)
{
    struct operation operation = {.transport = transport};
    const struct ss_curl *curl;
    struct ss_connection *connection;
    OSSL_LIB_CTX *before;
    bool ok = false;

    *answer = (struct ss_http_answer){0};
    ss_http_answer_clear(answer);
    if (is_in_request)
        return ss_fail(error, SS_R_RECURSION,
                       "a request to SignServer needs a key on SignServer itself");
    if (!choose_servers(&operation, authority, error))
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
