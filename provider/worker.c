// SPDX-License-Identifier: Apache-2.0
#include "worker.h"

#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

struct ss_worker {
    struct ss_transport *transport;
    const struct ss_settings *settings;
    const struct ss_wire *wire;
    char *authority; /* NULL: the configured servers */
    char *name;
    char *title; /* "worker NAME" */
    char *uri;
    _Atomic(X509 *) seen; /* the certificate of its first answer; holds a reference */
};

static const struct ss_wire *const wires[] = {
    [SS_INTERFACE_REST] = &ss_wire_rest,
    [SS_INTERFACE_HTTP] = &ss_wire_http,
};

/* A message is sent as base64 within some lines of JSON. */
enum { REQUEST_OVERHEAD = 4096 };

static const char title_prefix[] = "worker ";

static char *make_title(const char *name)
{
    char quoted[128];
    size_t size = sizeof quoted + sizeof title_prefix;
    char *title = OPENSSL_malloc(size);

    ss_quote(quoted, sizeof quoted, name, strlen(name));
    if (title != NULL)
        snprintf(title, size, "%s%s", title_prefix, quoted);
    return title;
}

struct ss_worker *ss_worker_new(struct ss_transport *transport, const struct ss_settings *settings,
                                const struct ss_uri *uri, struct ss_error *error)
{
    struct ss_worker *worker = OPENSSL_zalloc(sizeof *worker);

    if (worker == NULL) {
        ss_fail_internal(error, "memory");
        return NULL;
    }
    worker->transport = transport;
    worker->wire = wires[settings->interface];
    worker->settings = settings;
    worker->name = OPENSSL_strdup(uri->worker);
    worker->title = make_title(uri->worker);
    worker->authority = uri->authority == NULL ? NULL : OPENSSL_strdup(uri->authority);
    worker->uri = ss_uri_print(uri, error);
    if (worker->name != NULL && worker->title != NULL && worker->uri != NULL &&
        (uri->authority == NULL || worker->authority != NULL))
        return worker;
    ss_fail_internal(error, "memory");
    ss_worker_free(worker);
    return NULL;
}

void ss_worker_free(struct ss_worker *worker)
{
    if (worker == NULL)
        return;
    OPENSSL_free(worker->authority);
    OPENSSL_free(worker->name);
    OPENSSL_free(worker->title);
    OPENSSL_free(worker->uri);
    X509_free(worker->seen);
    OPENSSL_free(worker);
}

const char *ss_worker_get0_name(const struct ss_worker *worker)
{
    return worker->title;
}

const char *ss_worker_get0_bare_name(const struct ss_worker *worker)
{
    return worker->title + strlen(title_prefix);
}

const struct ss_settings *ss_worker_get0_settings(const struct ss_worker *worker)
{
    return worker->settings;
}

bool ss_worker_shows_certificate(const struct ss_worker *worker)
{
    return worker->wire->shows_certificate;
}

const char *ss_worker_get0_uri(const struct ss_worker *worker)
{
    return worker->uri;
}

/* Puts worker and server in front, the server where one was reached for, and behind it what other
 * servers were asked in vain. */
static bool fail_at(const struct ss_worker *worker, const struct ss_http_answer *http,
                    struct ss_error *error)
{
    if (http->others[0] != '\0')
        ss_fail(error, error->reason, "%s; before that, %s", error->text, http->others);
    return http->host[0] == '\0' ? ss_fail_prefix(error, "%s", worker->title)
                                 : ss_fail_prefix(error, "%s at %s", worker->title, http->host);
}

static bool exchange(const struct ss_worker *worker, struct ss_http_answer *http,
                     const struct ss_process_request *request, struct ss_error *error)
{
    struct ss_http_request post = {.content_type = worker->wire->content_type,
                                   .headers = worker->wire->headers,
                                   .reason_header = worker->wire->reason_header};
    char *path = worker->wire->path(request, error);
    struct ss_buffer body;
    bool ok = false;

    ss_buffer_init(&body, request->data_length / 3 * 4 + REQUEST_OVERHEAD);
    if (path != NULL && worker->wire->print(&body, request, error)) {
        post.path = path;
        post.body = body.bytes;
        post.body_length = body.length;
        ok = ss_transport_post(worker->transport, http, worker->authority, &post, error) ||
             fail_at(worker, http, error);
    }
    ss_buffer_clear(&body);
    OPENSSL_free(path);
    return ok;
}

/* The first one stays: whoever holds it meanwhile does so without a reference. */
static void remember_certificate(struct ss_worker *worker, X509 *certificate)
{
    X509 *none = NULL;

    if (certificate == NULL || atomic_load(&worker->seen) != NULL || X509_up_ref(certificate) != 1)
        return;
    if (!atomic_compare_exchange_strong(&worker->seen, &none, certificate))
        X509_free(certificate);
}

bool ss_worker_process(struct ss_worker *worker, struct ss_process_answer *answer, char *host,
                       const char *digest, const unsigned char *data, size_t data_length,
                       OSSL_LIB_CTX *libctx, struct ss_error *error)
{
    struct ss_process_request request = {worker->name, digest, data, data_length};
    struct ss_http_answer http = {0};
    bool ok = false;

    *answer = (struct ss_process_answer){.seen = atomic_load(&worker->seen)};
    if (exchange(worker, &http, &request, error)) {
        const struct ss_wire_answer from = {http.status, http.content_type, http.reason,
                                            http.body.bytes, http.body.length};

        ok = worker->wire->parse(answer, &from, libctx, error) || fail_at(worker, &http, error);
    }
    if (ok)
        remember_certificate(worker, answer->certificate);
    answer->attempts = http.attempts;
    if (host != NULL)
        OPENSSL_strlcpy(host, http.host, sizeof http.host);
    ss_http_answer_clear(&http);
    return ok;
}
