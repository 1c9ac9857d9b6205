// SPDX-License-Identifier: Apache-2.0
#include "contents.h"

enum { PROGRESS_INTERVAL_MS = 20 };

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
    uint64_t done = 0;
    size_t length = 0;
    const unsigned char *bytes = NULL;
    if (!begin(contents, path, size, error))
        return false;
    show(&meter, 0);
    do {
        if (!artifact_inner_tar_borrow(tar, &bytes, &length, error))
            return false;
        if (length == 0)
            return true;
        if (!pass_on(contents, digest, bytes, length, error))
            return false;
        done += length;
        show(&meter, done);
    } while (true);
}

bool artifact_contents_end(const struct artifact_read_options *options,
                           struct artifact_error *error)
{
    const struct artifact_contents *contents = options->contents;
    return !contents || !contents->end || contents->end(contents->user, error);
}
