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
    struct artifact_encoder *encoder; /* into fd */
    const struct artifact_output *output;
    bool is_placed; /* in the output, and not in a scratch file */
    int fd;
    uint64_t place; /* in fd, where the tar begins */
    uint64_t size;

    /* Contents that are copied from a file of their own: as they come into the output, at the end
     * from beside a scratch file. */
    int file_fd; /* -1: none */
    const char *file_path;
    struct stat file;        /* as it was when it was taken */
    uint64_t file_placement; /* where in the tar its contents begin */
    struct artifact_copying *copying;
};

/* Of the contents that are not in fd. */
static uint64_t absent_size(const struct artifact_packed_tar *packed)
{
    return packed->file_fd >= 0 && !packed->is_placed ? (uint64_t)packed->file.st_size : 0;
}

static bool write_compressed(void *user, const unsigned char *bytes, size_t length,
                             struct artifact_error *error)
{
    struct artifact_packed_tar *packed = user;
    uint64_t offset = packed->place + packed->size - absent_size(packed);
    packed->size += length;
    return artifact_io_write_at(packed->fd, offset, bytes, length) ||
           artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "can not write %s: %s",
                         packed->is_placed ? "artifact file" : "a scratch file", strerror(errno));
}

static bool write_plain(void *user, const unsigned char *bytes, size_t length,
                        struct artifact_error *error)
{
    struct artifact_packed_tar *packed = user;
    return packed->compressor->encode(packed->encoder, bytes, length, error);
}

struct artifact_packed_tar *artifact_packed_tar_new(const struct artifact_output *output,
                                                    const uint64_t *place,
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
    packed->output = output;
    packed->is_placed = place != NULL;
    packed->place = place ? *place : 0;
    packed->file_fd = -1;
    packed->fd = place ? artifact_output_fd(output) : artifact_output_scratch(output, error);
    if (packed->fd >= 0)
        packed->encoder = compressor->encoder_new(&compressed, level, threads, error);
    if (packed->encoder)
        packed->writer = artifact_tar_writer_new(&plain, error);
    if (packed->writer)
        return packed;
    artifact_packed_tar_free(packed);
    return NULL;
}

static void let_go_of_file(struct artifact_packed_tar *packed)
{
    artifact_copying_free(packed->copying);
    packed->copying = NULL;
    if (packed->file_fd >= 0)
        close(packed->file_fd);
    packed->file_fd = -1;
}

void artifact_packed_tar_free(struct artifact_packed_tar *packed)
{
    if (!packed)
        return;
    artifact_tar_writer_free(packed->writer);
    if (packed->encoder)
        packed->compressor->encoder_free(packed->encoder);
    let_go_of_file(packed);
    if (!packed->is_placed && packed->fd >= 0)
        close(packed->fd);
    free(packed);
}

struct artifact_tar_writer *artifact_packed_tar_get0_writer(struct artifact_packed_tar *packed)
{
    return packed->writer;
}

/* ---- Contents that stay in their file until they are copied ---- */

/* What was copied is what was hashed, or else the file has been written to. */
static bool check_file(const struct artifact_packed_tar *packed, struct artifact_error *error)
{
    return artifact_io_is_unchanged(packed->file_fd, &packed->file) ||
           artifact_fail(error, ARTIFACT_CANNOT_OPEN, packed->file_path,
                         "%s: was changed while it was read", packed->file_path);
}

/* Waits until a file is in its place. */
static bool settle_file(struct artifact_packed_tar *packed, struct artifact_error *error)
{
    struct artifact_copying *copying = packed->copying;
    if (!copying)
        return true;
    packed->copying = NULL;
    bool is_copied = artifact_copying_end(copying, error) && check_file(packed, error);
    let_go_of_file(packed);
    return is_copied;
}

bool artifact_packed_tar_take_file(struct artifact_packed_tar *packed, bool *is_taken, int fd,
                                   const char *path, struct artifact_error *error)
{
    if (!settle_file(packed, error))
        return false;
    *is_taken = packed->compressor == &artifact_compressor_none && packed->file_fd < 0;
    if (!*is_taken)
        return true;
    packed->file_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (packed->file_fd < 0 || fstat(packed->file_fd, &packed->file) != 0)
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, path, "can not read %s: %s", path,
                             strerror(errno));
    uint64_t size = (uint64_t)packed->file.st_size;
    packed->file_path = path;
    packed->file_placement = packed->size;
    packed->size += size;
    if (packed->is_placed)
        packed->copying =
            artifact_output_begin_copy(packed->output, packed->place + packed->file_placement,
                                       packed->file_fd, 0, size, error);
    return (packed->copying || !packed->is_placed) &&
           artifact_tar_writer_skip(packed->writer, size, error);
}

/* ---- The finished tar ---- */

bool artifact_packed_tar_finish(struct artifact_packed_tar *packed, struct artifact_error *error)
{
    return settle_file(packed, error) && artifact_tar_writer_finish(packed->writer, error) &&
           packed->compressor->encode_finish(packed->encoder, error);
}

/* Up to `size` bytes of what was written, at least one. */
static bool read_scratch(const struct artifact_packed_tar *packed, uint64_t offset,
                         unsigned char *bytes, size_t size, size_t *length,
                         struct artifact_error *error)
{
    bool is_read = artifact_io_read_at(packed->fd, packed->place + offset, bytes, size, length);
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
    while (is_ok && done < packed->size - absent_size(packed)) {
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

/* From the scratch file, and what is absent from it from its own. */
static bool copy_contents(const struct artifact_packed_tar *packed, struct artifact_output *output,
                          struct artifact_error *error)
{
    uint64_t before = packed->file_placement, absent = absent_size(packed);
    if (packed->file_fd < 0)
        return artifact_output_copy(output, packed->fd, 0, packed->size, error);
    return artifact_output_copy(output, packed->fd, 0, before, error) &&
           artifact_output_copy(output, packed->file_fd, 0, absent, error) &&
           check_file(packed, error) &&
           artifact_output_copy(output, packed->fd, before, packed->size - before - absent, error);
}

uint64_t artifact_packed_tar_size(const struct artifact_packed_tar *packed)
{
    return packed->size;
}

bool artifact_packed_tar_move(struct artifact_packed_tar *packed, uint64_t place,
                              struct artifact_error *error)
{
    if (!packed->is_placed)
        return true;
    uint64_t before = packed->place;
    packed->place = place;
    return artifact_output_move(packed->output, before, place, packed->size, error);
}

bool artifact_packed_tar_add_contents(const struct artifact_packed_tar *packed,
                                      struct artifact_tar_writer *outer,
                                      struct artifact_output *output, struct artifact_error *error)
{
    if (!artifact_tar_writer_skip(outer, packed->size, error))
        return false;
    if (!output)
        return true;
    if (!packed->is_placed)
        return copy_contents(packed, output, error);
    artifact_output_skip(output, packed->size);
    return true;
}
