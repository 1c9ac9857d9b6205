// SPDX-License-Identifier: Apache-2.0
/* An HTTP server of a few lines on loopback, which answers as a test scripts it and counts what
 * reaches it. Without TLS. */
#ifndef TEST_LOOPBACK_H
#define TEST_LOOPBACK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum { MAX_REQUEST = 1 << 16, MAX_CONNECTIONS = 256 };

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
#define STATUS(code) "HTTP/1.1 " code " x\r\nContent-Length: 4\r\n\r\nbody"
#define STATUS_RETRY_AFTER(code, seconds)                                                          \
    "HTTP/1.1 " code " x\r\nRetry-After: " seconds "\r\nContent-Length: 4\r\n\r\nbody"
#define CUT "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{\"cut"

/* Instead of an answer: */
extern const char hang[];    /* hang up without a word */
extern const char silence[]; /* say nothing until the client goes */

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

void server_start(struct server *server, const char *const *answers, size_t count);

#define SERVE(server, ...)                                                                         \
    server_start((server), (const char *const[]){__VA_ARGS__},                                     \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The clients are to be gone: their connections' threads end with them. */
void server_stop(struct server *server);

/* For `speak`. */
void server_send(int fd, const char *bytes, size_t length);

/* A port on which nobody listens, for as long as the socket is held. */
int server_dead_port(char *url, size_t size);

#endif
