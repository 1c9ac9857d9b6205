// SPDX-License-Identifier: Apache-2.0
#include "read_ahead.h"

#include "thread.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_BYTES = 1 << 18,
    CHUNK_COUNT = 8,
};

/* The outcome of one read of the source. */
struct chunk {
    bool is_ok;
    size_t length; /* 0: the end */
    unsigned char bytes[CHUNK_BYTES];
};

struct artifact_read_ahead {
    struct artifact_source source;
    pthread_t thread;

    pthread_mutex_t mutex;
    pthread_cond_t has_changed; /* filled by the thread, or taken or is_stopping by the reader */
    bool is_stopping;
    uint64_t filled; /* chunks of the one side ... */
    uint64_t taken;  /* ... and of the other; the place of a chunk is its number modulo the count */
    struct chunk chunks[CHUNK_COUNT];
    struct artifact_error error; /* of a chunk that is not ok, which is the last */

    size_t position; /* the reader's, in the chunk that is to be taken next */
};

/* ---- The thread ---- */

/* NULL: nobody wants more. */
static struct chunk *wait_for_room(struct artifact_read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->mutex);
    while (!ahead->is_stopping && ahead->filled - ahead->taken == CHUNK_COUNT)
        pthread_cond_wait(&ahead->has_changed, &ahead->mutex);
    struct chunk *chunk = ahead->is_stopping ? NULL : &ahead->chunks[ahead->filled % CHUNK_COUNT];
    pthread_mutex_unlock(&ahead->mutex);
    return chunk;
}

static void *fill(void *user)
{
    struct artifact_read_ahead *ahead = user;
    bool is_over = false;
    while (!is_over) {
        struct chunk *chunk = wait_for_room(ahead);
        if (!chunk)
            break;
        chunk->length = 0;
        chunk->is_ok = ahead->source.read(ahead->source.user, chunk->bytes, CHUNK_BYTES,
                                          &chunk->length, &ahead->error);
        is_over = !chunk->is_ok || chunk->length == 0;
        pthread_mutex_lock(&ahead->mutex);
        ahead->filled++;
        pthread_cond_signal(&ahead->has_changed);
        pthread_mutex_unlock(&ahead->mutex);
    }
    return NULL;
}

/* ---- The reader ---- */

struct artifact_read_ahead *artifact_read_ahead_new(const struct artifact_source *source,
                                                    struct artifact_error *error)
{
    struct artifact_read_ahead *ahead = calloc(1, sizeof *ahead);
    if (!ahead) {
        artifact_fail_memory(error);
        return NULL;
    }
    ahead->source = *source;
    pthread_mutex_init(&ahead->mutex, NULL);
    pthread_cond_init(&ahead->has_changed, NULL);
    if (artifact_thread_start(&ahead->thread, fill, ahead, error))
        return ahead;
    pthread_cond_destroy(&ahead->has_changed);
    pthread_mutex_destroy(&ahead->mutex);
    free(ahead);
    return NULL;
}

void artifact_read_ahead_free(struct artifact_read_ahead *ahead)
{
    if (!ahead)
        return;
    pthread_mutex_lock(&ahead->mutex);
    ahead->is_stopping = true;
    pthread_cond_signal(&ahead->has_changed);
    pthread_mutex_unlock(&ahead->mutex);
    pthread_join(ahead->thread, NULL);
    pthread_cond_destroy(&ahead->has_changed);
    pthread_mutex_destroy(&ahead->mutex);
    free(ahead);
}

static const struct chunk *wait_for_chunk(struct artifact_read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->mutex);
    while (ahead->filled == ahead->taken)
        pthread_cond_wait(&ahead->has_changed, &ahead->mutex);
    const struct chunk *chunk = &ahead->chunks[ahead->taken % CHUNK_COUNT];
    pthread_mutex_unlock(&ahead->mutex);
    return chunk;
}

static void let_go(struct artifact_read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->mutex);
    ahead->taken++;
    ahead->position = 0;
    pthread_cond_signal(&ahead->has_changed);
    pthread_mutex_unlock(&ahead->mutex);
}

/* The last chunk, which is the end or an error, stays where it is for whoever asks again. */
bool artifact_read_ahead_read(void *user, unsigned char *bytes, size_t size, size_t *length,
                              struct artifact_error *error)
{
    struct artifact_read_ahead *ahead = user;
    const struct chunk *chunk = wait_for_chunk(ahead);
    *length = 0;
    if (!chunk->is_ok) {
        if (error)
            *error = ahead->error;
        return false;
    }
    size_t rest = chunk->length - ahead->position;
    *length = rest < size ? rest : size;
    memcpy(bytes, chunk->bytes + ahead->position, *length);
    ahead->position += *length;
    if (chunk->length > 0 && ahead->position == chunk->length)
        let_go(ahead);
    return true;
}
