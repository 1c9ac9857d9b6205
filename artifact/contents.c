// SPDX-License-Identifier: Apache-2.0
#include "contents.h"

#include <stdlib.h>

enum {
    BUFFER_SIZE = 128 * 1024,
    PROGRESS_INTERVAL_MS = 20,
};

/* ---- Progress ---- */

struct meter {
    const struct artifact_progress *progress; /* NULL: nobody wants to know */
    const char *what;
    uint64_t total;
    uint64_t last_ms;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show(struct meter *meter, uint64_t done)
{
    if (!meter->progress || !meter->progress->update)
        return;
    uint64_t now = now_ms();
    bool is_edge = done == 0 || done == meter->total;
    if (!is_edge && now - meter->last_ms < PROGRESS_INTERVAL_MS)
        return;
    meter->last_ms = now;
    meter->progress->update(meter->progress->user, meter->what, done, meter->total);
}

/* ---- Contents ---- */

static bool begin(const struct artifact_contents *contents, const char *path, uint64_t size,
                  struct artifact_error *error)
{
    return !contents || !contents->begin || contents->begin(contents->user, path, size, error);
}

static bool pass_on(const struct artifact_contents *contents, struct artifact_digest *digest,
                    const unsigned char *bytes, size_t length, struct artifact_error *error)
{
    if (digest && !artifact_digest_update(digest, bytes, length, error))
        return false;
    return !contents || !contents->data || contents->data(contents->user, bytes, length, error);
}

bool artifact_contents_copy(const struct artifact_read_options *options,
                            struct artifact_inner_tar *tar, const char *path, const char *what,
                            uint64_t size, struct artifact_digest *digest,
                            struct artifact_error *error)
{
    const struct artifact_contents *contents = options->contents;
    struct meter meter = {.progress = what ? options->progress : NULL, .what = what, .total = size};
    bool is_copied = false;
    uint64_t done = 0;
    size_t length = 0;
    unsigned char *buffer = malloc(BUFFER_SIZE);
    if (!buffer)
        return artifact_fail_memory(error);

    if (!begin(contents, path, size, error))
        goto out;
    show(&meter, 0);
    do {
        if (!artifact_inner_tar_read(tar, buffer, BUFFER_SIZE, &length, error))
            goto out;
        if (length == 0)
            break;
        if (!pass_on(contents, digest, buffer, length, error))
            goto out;
        done += length;
        show(&meter, done);
    } while (true);
    is_copied = true;
out:
    free(buffer);
    return is_copied;
}

bool artifact_contents_end(const struct artifact_read_options *options,
                           struct artifact_error *error)
{
    const struct artifact_contents *contents = options->contents;
    return !contents || !contents->end || contents->end(contents->user, error);
}
