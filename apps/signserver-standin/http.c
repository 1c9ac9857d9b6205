// SPDX-License-Identifier: Apache-2.0
#include "http.h"

#include "delivery.h"
#include "journal.h"
#include "rest.h"
#include "servlet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MAX_BODY = 10 * 1024 * 1024, /* as WildFly, which SignServer mostly runs in */
    MAX_CONNECTIONS = 256,
    IDLE_SECONDS = 60,
};

struct http_server {
    struct MHD_Daemon *daemon;
    int socket;
    int stop; /* an eventfd that becomes readable when the server ends */
    uint16_t port;
    bool is_plain, is_old;
    enum client_cert client_cert;
    const struct pki *pki;
    const struct workers *workers;
    struct journal journal;
    atomic_uint connections;
};

/* ---- Connections ---- */

static void on_connection(void *context, struct MHD_Connection *connection, void **own,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        free(*own);
        *own = NULL;
        return;
    }
    struct connection settings = {.pki = server->pki,
                                  .stop = server->stop,
                                  .number = atomic_fetch_add(&server->connections, 1) + 1};
    *own = connection_new(connection, &settings, server->client_cert);
    if (!*own)
        connection_reset(connection);
}

/* ---- Requests ---- */

/* What has come of a request's body. */
struct upload {
    char *bytes;
    size_t length, size;
    bool is_too_large;
};

static bool upload_append(struct upload *upload, const char *bytes, size_t length)
{
    upload->is_too_large = upload->is_too_large || length > MAX_BODY - upload->length;
    if (upload->is_too_large)
        return true; /* the rest is read all the same, so that the client gets to read our answer */
    if (length > upload->size - upload->length) {
        size_t size = 2 * (upload->length + length);
        char *larger = realloc(upload->bytes, size);
        if (!larger)
            return false;
        upload->bytes = larger;
        upload->size = size;
    }
    memcpy(upload->bytes + upload->length, bytes, length);
    upload->length += length;
    return true;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **own,
                         enum MHD_RequestTerminationCode code)
{
    struct upload *upload = *own;
    (void)context;
    (void)connection;
    (void)code;
    if (upload)
        free(upload->bytes);
    free(upload);
    *own = NULL;
}

/* Names of SignServer's and of its container, not of a worker. */
static bool answer_fixed(struct answer *answer, const struct http_server *server,
                         const struct request *request)
{
    static const char health[] = "/signserver/healthcheck/signserverhealth";
    if (strcmp(request->path, health) == 0) {
        answer_set_text(answer, 200, "text/plain", "ALLOK");
        return true;
    }
    size_t root = strlen(rest_root);
    if (servlet_has(request->path))
        return false;
    if (!server->is_old && strncmp(request->path, rest_root, root) == 0 &&
        (request->path[root] == '/' || request->path[root] == '\0'))
        return false;
    answer_set_text(answer, 404, "text/html",
                    "<html><head><title>Error</title></head><body>Not Found</body></html>");
    return true;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *parameter(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

static void record_text(json_t *record, const char *key, const char *text)
{
    json_object_set_new(record, key, text ? json_string(text) : json_null());
}

static void record_answer(struct http_server *server, struct MHD_Connection *connection,
                          const struct request *request, const struct answer *answer,
                          json_t *record)
{
    if (!json_object_get(record, "worker"))
        return;
    char subject[256] = "";
    if (request->client_certificate)
        X509_NAME_get_text_by_NID(X509_get_subject_name(request->client_certificate),
                                  NID_commonName, subject, sizeof subject);
    record_text(record, "authorization", request->authorization);
    record_text(record, "client", subject[0] ? subject : NULL);
    json_object_set_new(record, "connection", json_integer(connection_of(connection)->number));
    record_text(record, "requestedWith", request->requested_with);
    json_object_set_new(record, "status",
                        json_integer(answer->delivery == DELIVERY_RESET ? 0 : answer->status));
    journal_write(&server->journal, record);
}

static enum MHD_Result answer_request(struct http_server *server, struct MHD_Connection *connection,
                                      struct request *request)
{
    struct answer answer = {0};
    json_t *record = json_object();
    request->client_certificate = connection_certificate(connection);
    request->is_client_trusted =
        request->client_certificate && pki_trusts_client(server->pki, request->client_certificate);
    request->content_type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE);
    request->accept = header(connection, MHD_HTTP_HEADER_ACCEPT);
    request->authorization = header(connection, MHD_HTTP_HEADER_AUTHORIZATION);
    request->requested_with = header(connection, "X-Keyfactor-Requested-With");
    request->worker_name = parameter(connection, "workerName");
    request->worker_id = parameter(connection, "workerId");
    request->using_clientsupplied_hash =
        parameter(connection, "REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH");
    request->clientside_hashdigestalgorithm =
        parameter(connection, "REQUEST_METADATA.CLIENTSIDE_HASHDIGESTALGORITHM");

    bool is_fixed = answer_fixed(&answer, server, request);
    if (!is_fixed && servlet_has(request->path))
        servlet_answer(&answer, record, server->workers, request);
    else if (!is_fixed)
        rest_answer(&answer, record, server->workers, request);
    /* Before the answer is on its way: who has it finds the line. */
    record_answer(server, connection, request, &answer, record);
    bool ok = deliver(connection, &answer, server->stop);
    X509_free(request->client_certificate);
    json_decref(record);
    answer_clear(&answer);
    return ok ? MHD_YES : MHD_NO;
}

static enum MHD_Result refuse_size(struct http_server *server, struct MHD_Connection *connection)
{
    struct answer answer = {.status = 413};
    return deliver(connection, &answer, server->stop) ? MHD_YES : MHD_NO;
}

/* What the client announces; what comes without a length is counted as it comes. */
static bool announces_too_much(struct MHD_Connection *connection)
{
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length && strtoull(length, NULL, 10) > MAX_BODY;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *length, void **own)
{
    struct http_server *server = context;
    struct upload *upload = *own;
    (void)version;
    if (!upload) { /* the headers are here, the body is not */
        *own = calloc(1, sizeof *upload);
        if (*own && announces_too_much(connection))
            return refuse_size(server, connection);
        return *own ? MHD_YES : MHD_NO;
    }
    if (*length > 0) {
        bool ok = upload_append(upload, bytes, *length);
        *length = 0;
        return ok ? MHD_YES : MHD_NO;
    }
    if (upload->is_too_large)
        return refuse_size(server, connection);
    struct request request = {
        .method = method, .path = url, .body = upload->bytes, .length = upload->length};
    return answer_request(server, connection, &request);
}

/* ---- Life ---- */

/* Paths are decoded where their parts are known: a %2F is no slash. */
static size_t leave_encoded(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

union address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
};

static bool parse_address(union address *address, socklen_t *length, const char *text,
                          uint16_t port)
{
    *address = (union address){.ip6 = {0}};
    if (inet_pton(AF_INET, text, &address->ip4.sin_addr) == 1) {
        address->ip4.sin_family = AF_INET;
        address->ip4.sin_port = htons(port);
        *length = sizeof address->ip4;
        return true;
    }
    address->ip6.sin6_family = AF_INET6;
    address->ip6.sin6_port = htons(port);
    *length = sizeof address->ip6;
    return inet_pton(AF_INET6, text, &address->ip6.sin6_addr) == 1;
}

static bool open_socket(struct http_server *server, const struct http_settings *settings,
                        struct problem *problem)
{
    union address address;
    socklen_t length;
    const int yes = 1;
    if (!parse_address(&address, &length, settings->listen, settings->port))
        return fail(problem, "%s: not an IP address", settings->listen);
    server->socket = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = server->socket >= 0 &&
              setsockopt(server->socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
              bind(server->socket, &address.any, length) == 0 &&
              listen(server->socket, SOMAXCONN) == 0 &&
              getsockname(server->socket, &address.any, &length) == 0;
    if (!ok)
        return fail(problem, "cannot listen on %s port %u: %s", settings->listen,
                    (unsigned)settings->port, strerror(errno));
    server->port =
        ntohs(address.any.sa_family == AF_INET ? address.ip4.sin_port : address.ip6.sin6_port);
    return true;
}

/* microhttpd copies what it is given as text. */
struct tls_texts {
    char *key, *certificate, *trust;
};

static bool print_tls(struct tls_texts *texts, const struct http_server *server,
                      struct problem *problem)
{
    *texts = (struct tls_texts){.key = private_key_print(server->pki->server.key),
                                .certificate = certificate_print(server->pki->server.certificate)};
    if (server->client_cert != CLIENT_CERT_NONE)
        texts->trust = certificate_print(server->pki->ca.certificate);
    return (texts->key && texts->certificate &&
            (texts->trust || server->client_cert == CLIENT_CERT_NONE)) ||
           fail_memory(problem);
}

static void clear_tls(struct tls_texts *texts)
{
    if (texts->key)
        OPENSSL_cleanse(texts->key, strlen(texts->key));
    free(texts->key);
    free(texts->certificate);
    free(texts->trust);
}

static bool start(struct http_server *server, struct problem *problem)
{
    struct tls_texts texts = {0};
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION;
    if (!server->is_plain && !print_tls(&texts, server, problem)) {
        clear_tls(&texts);
        return false;
    }
    /* microhttpd asks clients for a certificate when it is given a trust. */
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, texts.key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, texts.certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0,
         (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {texts.trust ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, texts.trust},
        {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    if (!server->is_plain)
        flags |= MHD_USE_TLS;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, server->socket,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_SECONDS, MHD_OPTION_ARRAY, server->is_plain ? none : tls, MHD_OPTION_END);
    clear_tls(&texts);
    return server->daemon || fail(problem, "cannot start the HTTP server");
}

struct http_server *http_server_new(const struct http_settings *settings, const struct pki *pki,
                                    const struct workers *workers,
                                    const struct directory *directory, struct problem *problem)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server) {
        fail_memory(problem);
        return NULL;
    }
    server->socket = -1;
    server->journal.file = -1;
    server->is_plain = settings->is_plain;
    server->is_old = settings->is_old;
    server->client_cert = settings->client_cert;
    server->pki = pki;
    server->workers = workers;
    server->stop = eventfd(0, EFD_CLOEXEC);
    bool ok = server->stop >= 0 || fail(problem, "eventfd: %s", strerror(errno));
    if (!ok || !journal_open(&server->journal, directory, problem) ||
        !open_socket(server, settings, problem) || !start(server, problem)) {
        http_server_free(server);
        return NULL;
    }
    return server;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    if (server->stop >= 0)
        eventfd_write(server->stop, 1);
    if (server->daemon)
        MHD_stop_daemon(server->daemon); /* closes the socket */
    else if (server->socket >= 0)
        close(server->socket);
    journal_close(&server->journal);
    if (server->stop >= 0)
        close(server->stop);
    free(server);
}
