// SPDX-License-Identifier: Apache-2.0
#include "loopback.h"
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char hang[] = "hang up without a word";
const char silence[] = "say nothing until the client goes";

struct visit {
    struct server *server;
    size_t number;
    int fd;
};

void server_send(int fd, const char *bytes, size_t length)
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
    server_send(fd, answer, strlen(answer));
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

void server_start(struct server *server, const char *const *answers, size_t count)
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

void server_stop(struct server *server)
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

int server_dead_port(char *url, size_t size)
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
