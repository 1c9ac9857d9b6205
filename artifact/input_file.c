// SPDX-License-Identifier: Apache-2.0
#include "input_file.h"

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 1 << 18,
    PROGRESS_INTERVAL_MS = 20,
};

static bool fail_file(const char *path, const char *what, int number, struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_CANNOT_OPEN, path, "%s: \"%s\": %s", what, path,
                         strerror(number));
}

/* Up to `size` bytes, *length 0 at the end. */
static bool read_some(const struct artifact_input_file *file, unsigned char *bytes, size_t size,
                      size_t *length, struct artifact_error *error)
{
    return artifact_io_read(file->fd, bytes, size, length) ||
           fail_file(file->path, "Failed to read the file", errno, error);
}

/* ---- Opening ---- */

/* Puts a scratch file with the same contents in the place of the file. */
static bool spool(struct artifact_input_file *file, const struct artifact_output *output,
                  struct artifact_error *error)
{
    bool is_ok = false;
    size_t length = 0;
    uint64_t size = 0;
    unsigned char *chunk = malloc(CHUNK_BYTES);
    int scratch = artifact_output_scratch(output, error);
    if (scratch < 0)
        goto out;
    if (!chunk) {
        artifact_fail_memory(error);
        goto out;
    }
    do {
        if (!read_some(file, chunk, CHUNK_BYTES, &length, error))
            goto out;
        if (!artifact_io_write(scratch, chunk, length)) {
            artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "can not write a scratch file: %s",
                          strerror(errno));
            goto out;
        }
        size += length;
    } while (length > 0);
    if (lseek(scratch, 0, SEEK_SET) != 0) {
        fail_file(file->path, "Failed to read the file", errno, error);
        goto out;
    }
    close(file->fd);
    file->fd = scratch;
    file->size = size;
    scratch = -1;
    is_ok = true;
out:
    if (scratch >= 0)
        close(scratch);
    free(chunk);
    return is_ok;
}

bool artifact_input_file_open(struct artifact_input_file *file, const char *what, const char *path,
                              const struct artifact_output *output, struct artifact_error *error)
{
    struct stat status;
    const char *slash = strrchr(path, '/');
    *file = (struct artifact_input_file){.path = path, .name = slash ? slash + 1 : path, .fd = -1};
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0 || fstat(file->fd, &status) != 0)
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, path, "Failed to open the %s: \"%s\": %s",
                             what, path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, path, "Failed to open the %s: \"%s\": %s",
                             what, path, strerror(EISDIR));
    if (!artifact_output_refuse_input(output, path, &status, error))
        return false;
    file->size = (uint64_t)status.st_size;
    if (S_ISREG(status.st_mode) && status.st_size > 0) {
        /* Only advice: the file is read once, from its beginning to its end. */
        (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        return true;
    }
    return spool(file, output, error);
}

void artifact_input_file_close(struct artifact_input_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* ---- Reading ---- */

static int64_t now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Tells of the progress, unless it did so a moment ago and this is not the end. */
static void tell(const struct artifact_progress *progress, const struct artifact_input_file *file,
                 uint64_t done, int64_t *told_ms)
{
    int64_t now = now_ms();
    if (!progress || !progress->update ||
        (done < file->size && now - *told_ms < PROGRESS_INTERVAL_MS))
        return;
    *told_ms = now;
    progress->update(progress->user, file->name, done, file->size);
}

bool artifact_input_file_read(struct artifact_input_file *file, const struct artifact_sink *sink,
                              const struct artifact_progress *progress,
                              struct artifact_error *error)
{
    uint64_t done = 0;
    int64_t told_ms = 0;
    size_t length = 0;
    unsigned char *chunk = malloc(CHUNK_BYTES);
    bool is_ok = chunk || artifact_fail_memory(error);
    while (is_ok) {
        is_ok = read_some(file, chunk, CHUNK_BYTES, &length, error);
        if (!is_ok || length == 0 || length > file->size - done)
            break;
        is_ok = sink->write(sink->user, chunk, length, error);
        done += length;
        tell(progress, file, done, &told_ms);
    }
    free(chunk);
    if (is_ok && (length > 0 || done != file->size))
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, file->path,
                             "%s: became %s while it was read", file->path,
                             length > 0 ? "longer" : "shorter");
    return is_ok;
}
