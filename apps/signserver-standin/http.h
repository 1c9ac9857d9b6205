// SPDX-License-Identifier: Apache-2.0
/* HTTP and HTTPS: listens, hands requests to the interfaces, and delivers their answers. */
#ifndef STANDIN_HTTP_H
#define STANDIN_HTTP_H

#include "connection.h"
#include "pki.h"
#include "problem.h"
#include "workers.h"

#include <stdint.h>

struct http_settings {
    const char *listen; /* an IPv4 or IPv6 address */
    uint16_t port;      /* 0: a free one */
    bool is_plain;      /* no TLS */
    bool is_old;        /* as before 6.0: no REST */
    enum client_cert client_cert;
};

struct http_server;

/*
 * Listens and answers, in threads of its own, until it is freed. All arguments except the settings
 * must outlive the server. NULL is failure.
 */
struct http_server *http_server_new(const struct http_settings *settings, const struct pki *pki,
                                    const struct workers *workers,
                                    const struct directory *directory, struct problem *problem);

uint16_t http_server_port(const struct http_server *server);

/* Ends all connections, also those with an answer that is late on purpose. */
void http_server_free(struct http_server *server);

#endif
