// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

#include <openssl/crypto.h>
#include <unistd.h>

/*
 * The first idle connection of this process. One that a parent made is dropped where it is found,
 * and not closed: that would end the parent's TLS session. It costs a child its memory and one
 * descriptor.
 */
static struct ss_connection *take_idle(struct ss_pool *pool)
{
    for (size_t i = 0; i < SS_POOL_SLOTS; i++) {
        struct ss_connection *connection = atomic_exchange(&pool->idle[i], NULL);

        if (connection != NULL && connection->pid == getpid())
            return connection;
    }
    return NULL;
}

static void close_connection(const struct ss_curl *curl, struct ss_connection *connection)
{
    curl->easy_cleanup(connection->easy);
    OPENSSL_free(connection);
}

struct ss_connection *ss_pool_take(struct ss_pool *pool, const struct ss_curl *curl,
                                   struct ss_error *error)
{
    struct ss_connection *connection = NULL;
    unsigned returned;

    /* One that came back behind our eyes is looked for: else each such race would add another. */
    do {
        returned = atomic_load(&pool->returned);
        connection = take_idle(pool);
    } while (connection == NULL && returned != atomic_load(&pool->returned));
    if (connection != NULL)
        return connection;
    connection = OPENSSL_zalloc(sizeof *connection);
    if (connection != NULL) {
        connection->pid = getpid();
        connection->easy = curl->easy_init();
    }
    if (connection != NULL && connection->easy != NULL)
        return connection;
    OPENSSL_free(connection);
    ss_fail_internal(error, "making a connection");
    return NULL;
}

void ss_pool_put(struct ss_pool *pool, const struct ss_curl *curl, struct ss_connection *connection)
{
    for (size_t i = 0; i < SS_POOL_SLOTS; i++) {
        struct ss_connection *none = NULL;

        if (atomic_compare_exchange_strong(&pool->idle[i], &none, connection)) {
            atomic_fetch_add(&pool->returned, 1);
            return;
        }
    }
    close_connection(curl, connection);
}

void ss_pool_clear(struct ss_pool *pool, const struct ss_curl *curl)
{
    struct ss_connection *connection;

    while ((connection = take_idle(pool)) != NULL)
        close_connection(curl, connection);
}
