// SPDX-License-Identifier: Apache-2.0
/* The transport against a server of a few lines on loopback, which answers as each test scripts it
 * and counts what reaches it. Plain http: the rules are the same, and TLS has tests of its own. */
#include "files.h"
#include "transport.h"
#include "unit.h"
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- The server ---- */

enum { MAX_REQUEST = 1 << 16, MAX_CONNECTIONS = 256 };

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
#define STATUS(code) "HTTP/1.1 " code " x\r\nContent-Length: 4\r\n\r\nbody"

/* Instead of an answer: */
static const char hang[] = "hang up without a word";
static const char silence[] = "say nothing until the client goes";

struct server {
    int listener;
    char authority[32];
    char url[64];
    /* The answer to the n-th request; the last one serves all that follow. */
    const char *const *answers;
    size_t answer_count;
    void (*speak)(int fd); /* answers instead, when set */
    atomic_uint connections, requests;
    atomic_int open_fds[MAX_CONNECTIONS];
    char last_request[MAX_REQUEST];
    pthread_mutex_t lock; /* of last_request */
    pthread_t acceptor;
    pthread_t threads[MAX_CONNECTIONS];
};

struct visit {
    struct server *server;
    size_t number;
    int fd;
};

static void send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = send(fd, bytes, length, MSG_NOSIGNAL);

        if (count <= 0)
            return;
        bytes += count;
        length -= (size_t)count;
    }
}

/* One whole request, with the body that its Content-Length tells. */
static bool read_request(int fd, char *request)
{
    size_t used = 0;

    for (;;) {
        ssize_t count = recv(fd, request + used, MAX_REQUEST - 1 - used, 0);
        const char *end, *length;

        if (count <= 0)
            return false;
        used += (size_t)count;
        request[used] = '\0';
        if (strncmp(request, "POST ", used < 5 ? used : 5) != 0)
            return false;
        end = strstr(request, "\r\n\r\n");
        length = strstr(request, "Content-Length: ");
        if (end != NULL && used >= (size_t)(end + 4 - request) +
                                       (length == NULL ? 0 : strtoul(length + 16, NULL, 10)))
            return true;
    }
}

static bool answer_request(struct server *server, int fd, unsigned number)
{
    size_t last = server->answer_count - 1;
    const char *answer;

    if (server->speak != NULL) {
        server->speak(fd);
        return false;
    }
    answer = server->answers[number < last ? number : last];
    if (answer == hang)
        return false;
    if (answer == silence) {
        char byte;

        while (recv(fd, &byte, 1, 0) > 0)
            ;
        return false;
    }
    send_all(fd, answer, strlen(answer));
    return strstr(answer, "Connection: close") == NULL;
}

static void *serve(void *argument)
{
    struct visit *visit = argument;
    struct server *server = visit->server;
    char *request = malloc(MAX_REQUEST);

    while (request != NULL && read_request(visit->fd, request)) {
        unsigned number = atomic_fetch_add(&server->requests, 1);

        pthread_mutex_lock(&server->lock);
        memcpy(server->last_request, request, MAX_REQUEST);
        pthread_mutex_unlock(&server->lock);
        if (!answer_request(server, visit->fd, number))
            break;
    }
    atomic_store(&server->open_fds[visit->number], -1);
    close(visit->fd);
    free(request);
    free(visit);
    return NULL;
}

static void *accept_all(void *argument)
{
    struct server *server = argument;

    for (;;) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        struct visit *visit;
        unsigned number;

        if (fd < 0)
            return NULL;
        visit = calloc(1, sizeof *visit);
        number = atomic_load(&server->connections);
        if (visit == NULL || number == MAX_CONNECTIONS)
            abort();
        *visit = (struct visit){server, number, fd};
        atomic_store(&server->open_fds[number], fd);
        if (pthread_create(&server->threads[number], NULL, serve, visit) != 0)
            abort();
        atomic_store(&server->connections, number + 1);
    }
}

static void server_start(struct server *server, const char *const *answers, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    memset(server, 0, sizeof *server);
    server->answers = answers;
    server->answer_count = count;
    pthread_mutex_init(&server->lock, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(server->listener, 128) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &length) != 0)
        abort();
    snprintf(server->authority, sizeof server->authority, "127.0.0.1:%u",
             (unsigned)ntohs(address.sin_port));
    snprintf(server->url, sizeof server->url, "http://%s/base", server->authority);
    if (pthread_create(&server->acceptor, NULL, accept_all, server) != 0)
        abort();
}

#define SERVE(server, ...)                                                                         \
    server_start((server), (const char *const[]){__VA_ARGS__},                                     \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The clients are to be gone: their connections' threads end with them. */
static void server_stop(struct server *server)
{
    unsigned count;

    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    count = atomic_load(&server->connections);
    for (unsigned i = 0; i < count; i++) {
        int fd = atomic_load(&server->open_fds[i]);

        if (fd >= 0)
            shutdown(fd, SHUT_RDWR);
        pthread_join(server->threads[i], NULL);
    }
    close(server->listener);
    pthread_mutex_destroy(&server->lock);
}

/* A port on which nobody listens, for as long as the socket is held. */
static int dead_port(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&address, length) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        abort();
    snprintf(url, size, "http://127.0.0.1:%u/base", (unsigned)ntohs(address.sin_port));
    return fd;
}

/* ---- The client ---- */

static char *urls[4];

static struct ss_settings settings_for(const char *first, const char *second)
{
    struct ss_settings settings = {
        .urls = urls, .connect_timeout_ms = 2000, .timeout_ms = 10000, .retries = 2};

    /* A developer's proxy would take the requests to somewhere else. */
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    urls[settings.url_count++] = (char *)(uintptr_t)first;
    if (second != NULL)
        urls[settings.url_count++] = (char *)(uintptr_t)second;
    return settings;
}

static struct ss_error error;

static bool post_to(struct ss_transport *transport, struct ss_http_answer *answer,
                    const char *authority, struct ss_error *own_error)
{
    static const char *const headers[] = {"X-Test: yes", NULL};
    const struct ss_http_request request = {
        .path = "/path%2F",
        .content_type = "application/json",
        .headers = headers,
        .body = (const unsigned char *)"{\"x\":1}",
        .body_length = 7,
    };

    *own_error = (struct ss_error){0};
    return ss_transport_post(transport, answer, authority, &request, own_error);
}

/* The status of a request, 0 when it failed. */
static long post(struct ss_transport *transport)
{
    struct ss_http_answer answer;
    long status = post_to(transport, &answer, NULL, &error) ? answer.status : 0;

    ss_http_answer_clear(&answer);
    return status;
}

static long post_once(const struct ss_settings *settings)
{
    struct ss_transport *transport = ss_transport_new(settings, NULL, &error);
    long status = post(transport);

    ss_transport_free(transport);
    return status;
}

/* ---- Tests ---- */

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

    SERVE(&server, hang,
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{\"cut", OK);
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
    ss_transport_free(transport);
    server_stop(&server);
}

static void test_a_server_that_is_not_there_is_named_with_the_way_out(void)
{
    struct ss_settings settings;
    char url[64];
    int fd = dead_port(url, sizeof url);

    settings = settings_for(url, NULL);
    settings.retries = 0;
    CHECK_INT(post_once(&settings), 0);
    CHECK_INT(error.reason, SS_R_CONNECTION);
    CHECK_CONTAINS(error.text, "connect");
    CHECK_CONTAINS(error.text, "SIGNSERVER_HOSTNAME");
    close(fd);
}

static void test_the_next_server_takes_over_even_without_retries(void)
{
    struct server server;
    struct ss_settings settings;
    char url[64];
    int fd = dead_port(url, sizeof url);

    SERVE(&server, OK);
    settings = settings_for(url, server.url);
    settings.retries = 0; /* nothing was sent, so nothing can happen twice */
    CHECK_INT(post_once(&settings), 200);
    CHECK_INT(server.requests, 1);
    close(fd);
    server_stop(&server);
}

static void test_a_busy_server_makes_way_for_the_next(void)
{
    struct server busy, idle;
    struct ss_settings settings;

    SERVE(&busy, STATUS("503"));
    SERVE(&idle, OK);
    settings = settings_for(busy.url, idle.url);
    CHECK_INT(post_once(&settings), 200);
    CHECK_INT(busy.requests, 1);
    CHECK_INT(idle.requests, 1);
    server_stop(&busy);
    server_stop(&idle);
}

/* The dead server comes back at once here, and is left alone all the same. */
static void test_a_dead_server_is_left_alone_for_a_while(void)
{
    struct server server;
    struct ss_settings settings;
    struct ss_transport *transport;
    char url[64];
    int fd = dead_port(url, sizeof url);

    SERVE(&server, OK);
    settings = settings_for(url, server.url);
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

    send_all(fd, "HTTP/1.1 200 OK\r\n", 17);
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

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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

/* Waiting as long as it asks would be past the limit: its answer is the last word. */
static void test_retry_after_is_honoured_within_the_time_limit_only(void)
{
    struct server server;
    struct ss_settings settings;
    long long begin = now_ms();

    SERVE(&server, "HTTP/1.1 503 x\r\nRetry-After: 3000\r\nContent-Length: 0\r\n\r\n");
    settings = settings_for(server.url, NULL);
    CHECK_INT(post_once(&settings), 503);
    CHECK_INT(server.requests, 1);
    CHECK(now_ms() - begin < 5000);
    server_stop(&server);
}

/* ---- Credentials ---- */

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
           UNIT_TEST(test_a_busy_server_is_asked_again_and_its_last_word_counts),
           UNIT_TEST(test_a_lost_answer_is_asked_for_again),
           UNIT_TEST(test_without_retries_a_request_is_sent_once),
           UNIT_TEST(test_a_server_that_is_not_there_is_named_with_the_way_out),
           UNIT_TEST(test_the_next_server_takes_over_even_without_retries),
           UNIT_TEST(test_a_busy_server_makes_way_for_the_next),
           UNIT_TEST(test_a_dead_server_is_left_alone_for_a_while),
           UNIT_TEST(test_an_answer_over_the_ceiling_is_refused),
           UNIT_TEST(test_headers_without_end_are_refused),
           UNIT_TEST(test_a_redirect_is_refused_and_nothing_is_sent_after_it),
           UNIT_TEST(test_the_time_limit_covers_all_attempts),
           UNIT_TEST(test_retry_after_is_honoured_within_the_time_limit_only),
           UNIT_TEST(test_no_credentials_go_over_plain_http),
           UNIT_TEST(test_a_server_that_only_a_uri_names_is_never_asked_in_plain),
           UNIT_TEST(test_a_file_that_cannot_be_read_is_named_with_its_setting),
           UNIT_TEST(test_a_secret_is_one_line),
           UNIT_TEST(test_no_server_is_an_error_that_names_both_ways_to_set_one),
           UNIT_TEST(test_a_child_does_not_use_its_parents_connection),
           UNIT_TEST(test_connections_do_not_reach_programs_that_are_executed),
           UNIT_TEST(test_the_callers_default_library_context_is_put_back),
           UNIT_TEST(test_tls_uses_the_providers_of_the_context_that_is_given))
