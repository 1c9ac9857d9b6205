// SPDX-License-Identifier: Apache-2.0
/*
 * Connections that are kept for the next request. There is no lock, so that a fork at any moment
 * leaves the child none that is held; and there are never more connections than threads that make
 * requests at the same time.
 */
#ifndef SS_POOL_H
#define SS_POOL_H

#include "curl.h"
#include "error.h"
#include <stdatomic.h>
#include <sys/types.h>

/* What client-cert is, as far as it was looked at. */
enum ss_format { SS_FORMAT_UNKNOWN, SS_FORMAT_PEM, SS_FORMAT_PKCS12 };

/* An easy handle of libcurl, which holds the connection, with what it points to. */
struct ss_connection {
    CURL *easy;
    pid_t pid; /* the process that made it; its socket is nobody else's */
    char problem[CURL_ERROR_SIZE];
    enum ss_format format;
};

enum { SS_POOL_SLOTS = 64 };

/* Zero-initialised is empty. */
struct ss_pool {
    _Atomic(struct ss_connection *) idle[SS_POOL_SLOTS];
    atomic_uint returned; /* how often one was put back */
};

/* An idle connection or a new one, for ss_pool_put; NULL with an error. */
struct ss_connection *ss_pool_take(struct ss_pool *pool, const struct ss_curl *curl,
                                   struct ss_error *error);
void ss_pool_put(struct ss_pool *pool, const struct ss_curl *curl,
                 struct ss_connection *connection);

/* Closes the idle ones; nobody may use the pool meanwhile. */
void ss_pool_clear(struct ss_pool *pool, const struct ss_curl *curl);

#endif
