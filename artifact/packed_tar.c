// SPDX-License-Identifier: Apache-2.0
#include "packed_tar.h"

#include "io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 18 };

struct artifact_packed_tar {
    struct artifact_tar_writer *writer; /* into the encoder */
    const struct artifact_compressor *compressor;
    struct artifact_encoder *encoder; /* into the scratch file */
    int scratch_fd;
    uint64_t size;
};

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
    if (packed->scratch_fd >= 0)
        close(packed->scratch_fd);
    free(packed);
}

struct artifact_tar_writer *artifact_packed_tar_get0_writer(struct artifact_packed_tar *packed)
{
    return packed->writer;
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
    while (is_ok && done < packed->size) {
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

bool artifact_packed_tar_add_to(const struct artifact_packed_tar *packed,
                                struct artifact_tar_writer *outer, struct artifact_output *output,
                                const char *name, time_t modified, struct artifact_error *error)
{
    return artifact_tar_writer_begin(outer, name, packed->size, 0600, modified, error) &&
           artifact_tar_writer_skip(outer, packed->size, error) &&
           artifact_output_copy(output, packed->scratch_fd, 0, packed->size, error);
}
