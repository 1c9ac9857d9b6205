// SPDX-License-Identifier: Apache-2.0
#include "packed_tar.h"

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 18 };

struct artifact_packed_tar {
    struct artifact_tar_writer *writer; /* into the encoder */
    const struct artifact_compressor *compressor;
    struct artifact_encoder *encoder; /* into the scratch file */
    int scratch_fd;
    uint64_t size; /* in the scratch file and the other */

    /* Contents that stay in a file of their own. */
    int file_fd; /* -1: none */
    const char *file_path;
    struct stat file;        /* as it was when it was taken */
    uint64_t file_placement; /* where in the tar its contents begin */
};

static uint64_t file_size(const struct artifact_packed_tar *packed)
{
    return packed->file_fd >= 0 ? (uint64_t)packed->file.st_size : 0;
}

static bool write_compressed(void *user, const unsigned char *bytes, size_t length,
                             struct artifact_error *error)
{
    struct artifact_packed_tar *packed = user;
    packed->size += length;
    return artifact_io_write(packed->scratch_fd, bytes, length) ||
           artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "can not write a scratch file: %s",
                         strerror(errno));
}

static bool write_plain(void *user, const unsigned char *bytes, size_t length,
                        struct artifact_error *error)
{
    struct artifact_packed_tar *packed = user;
    return packed->compressor->encode(packed->encoder, bytes, length, error);
}

struct artifact_packed_tar *artifact_packed_tar_new(const struct artifact_output *output,
                                                    const struct artifact_compressor *compressor,
                                                    int level, unsigned threads,
                                                    struct artifact_error *error)
{
    struct artifact_packed_tar *packed = calloc(1, sizeof *packed);
    if (!packed) {
        artifact_fail_memory(error);
        return NULL;
    }
    struct artifact_sink compressed = {write_compressed, packed};
    struct artifact_sink plain = {write_plain, packed};
    packed->compressor = compressor;
    packed->file_fd = -1;
    packed->scratch_fd = artifact_output_scratch(output, error);
    if (packed->scratch_fd >= 0)
        packed->encoder = compressor->encoder_new(&compressed, level, threads, error);
    if (packed->encoder)
        packed->writer = artifact_tar_writer_new(&plain, error);
    if (packed->writer)
        return packed;
    artifact_packed_tar_free(packed);
    return NULL;
}

void artifact_packed_tar_free(struct artifact_packed_tar *packed)
{
    if (!packed)
        return;
    artifact_tar_writer_free(packed->writer);
    if (packed->encoder)
        packed->compressor->encoder_free(packed->encoder);
    if (packed->file_fd >= 0)
        close(packed->file_fd);
    if (packed->scratch_fd >= 0)
        close(packed->scratch_fd);
    free(packed);
}

struct artifact_tar_writer *artifact_packed_tar_get0_writer(struct artifact_packed_tar *packed)
{
    return packed->writer;
}

bool artifact_packed_tar_take_file(struct artifact_packed_tar *packed, bool *is_taken, int fd,
                                   const char *path, struct artifact_error *error)
{
    *is_taken = packed->compressor == &artifact_compressor_none && packed->file_fd < 0;
    if (!*is_taken)
        return true;
    packed->file_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (packed->file_fd < 0 || fstat(packed->file_fd, &packed->file) != 0)
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, path, "can not read %s: %s", path,
                             strerror(errno));
    packed->file_path = path;
    packed->file_placement = packed->size;
    packed->size += file_size(packed);
    return artifact_tar_writer_skip(packed->writer, file_size(packed), error);
}

bool artifact_packed_tar_finish(struct artifact_packed_tar *packed, struct artifact_error *error)
{
    return artifact_tar_writer_finish(packed->writer, error) &&
           packed->compressor->encode_finish(packed->encoder, error);
}

/* Up to `size` bytes of what was written, at least one. */
static bool read_scratch(const struct artifact_packed_tar *packed, uint64_t offset,
                         unsigned char *bytes, size_t size, size_t *length,
                         struct artifact_error *error)
{
    bool is_read = artifact_io_read_at(packed->scratch_fd, offset, bytes, size, length);
    return (is_read && *length > 0) ||
           artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "can not read a scratch file: %s",
                         is_read ? "it is too short" : strerror(errno));
}

bool artifact_packed_tar_checksum(const struct artifact_packed_tar *packed,
                                  char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error)
{
    uint64_t done = 0;
    unsigned char *chunk = malloc(CHUNK_BYTES);
    struct artifact_digest *digest = artifact_digest_new(error);
    bool is_ok = digest && (chunk || artifact_fail_memory(error));
    while (is_ok && done < packed->size - file_size(packed)) {
        size_t length = 0;
        is_ok = read_scratch(packed, done, chunk, CHUNK_BYTES, &length, error) &&
                artifact_digest_update(digest, chunk, length, error);
        done += length;
    }
    is_ok = is_ok && artifact_digest_finish(digest, checksum, error);
    artifact_digest_free(digest);
    free(chunk);
    return is_ok;
}

static bool is_same_time(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

/* What was copied is what was hashed, or else the file has been written to. */
static bool check_file(const struct artifact_packed_tar *packed, struct artifact_error *error)
{
    struct stat now;
    return (fstat(packed->file_fd, &now) == 0 && now.st_size == packed->file.st_size &&
            is_same_time(&now.st_mtim, &packed->file.st_mtim) &&
            is_same_time(&now.st_ctim, &packed->file.st_ctim)) ||
           artifact_fail(error, ARTIFACT_CANNOT_OPEN, packed->file_path,
                         "%s: was changed while it was read", packed->file_path);
}

static bool copy_contents(const struct artifact_packed_tar *packed, struct artifact_output *output,
                          struct artifact_error *error)
{
    uint64_t before = packed->file_placement;
    uint64_t after = packed->size - before - file_size(packed);
    int scratch_fd = packed->scratch_fd;
    if (packed->file_fd < 0)
        return artifact_output_copy(output, scratch_fd, 0, packed->size, error);
    return artifact_output_copy(output, scratch_fd, 0, before, error) &&
           artifact_output_copy(output, packed->file_fd, 0, file_size(packed), error) &&
           check_file(packed, error) &&
           artifact_output_copy(output, scratch_fd, before, after, error);
}

bool artifact_packed_tar_add_to(const struct artifact_packed_tar *packed,
                                struct artifact_tar_writer *outer, struct artifact_output *output,
                                const char *name, time_t modified, struct artifact_error *error)
{
    return artifact_tar_writer_begin(outer, name, packed->size, 0600, modified, error) &&
           artifact_tar_writer_skip(outer, packed->size, error) &&
           copy_contents(packed, output, error);
}
