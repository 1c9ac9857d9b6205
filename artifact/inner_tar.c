// SPDX-License-Identifier: Apache-2.0
#include "inner_tar.h"

#include "read_ahead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What devices have read of a tar when they meet its end is as much as they do not look at. */
enum { DEVICE_BLOCK_BYTES = 16 * 1024 };

struct artifact_inner_tar {
    struct artifact_tar_reader *outer;
    struct artifact_digest *digest; /* NULL: the stored bytes are not hashed */
    const struct artifact_compressor *compressor;
    struct artifact_decoder *decoder;
    uint64_t max_bytes;
    uint64_t byte_count; /* decompressed so far */
    /* On threads of their own, NULL: on the caller's. */
    struct artifact_read_ahead *stored, *decompressed;
    struct artifact_tar_reader *reader;
    char *member; /* the current inner member's name */
};

/* ---- The pipe: outer member, digest, decompressor ---- */

static bool read_stored(void *user, unsigned char *bytes, size_t size, size_t *length,
                        struct artifact_error *error)
{
    struct artifact_inner_tar *tar = user;
    return artifact_tar_reader_read(tar->outer, bytes, size, length, error) &&
           (!tar->digest || artifact_digest_update(tar->digest, bytes, *length, error));
}

static bool read_decompressed(void *user, unsigned char *bytes, size_t size, size_t *length,
                              struct artifact_error *error)
{
    struct artifact_inner_tar *tar = user;
    if (!tar->compressor->decode(tar->decoder, bytes, size, length, error))
        return false;
    tar->byte_count += *length;
    if (tar->max_bytes > 0 && tar->byte_count > tar->max_bytes)
        return artifact_refuse(error, 0, NULL, "larger than %llu bytes when decompressed",
                               (unsigned long long)tar->max_bytes);
    return true;
}

/* Has a source read on a thread of its own; puts what reads from there in its place. */
static bool read_ahead(struct artifact_read_ahead **ahead, struct artifact_source *source,
                       struct artifact_error *error)
{
    *ahead = artifact_read_ahead_new(source, error);
    *source = (struct artifact_source){artifact_read_ahead_read, *ahead};
    return *ahead != NULL;
}

static bool open_pipe(struct artifact_inner_tar *tar, bool is_large, struct artifact_error *error)
{
    struct artifact_source stored = {read_stored, tar};
    struct artifact_source decompressed = {read_decompressed, tar};
    bool is_packed = tar->compressor != &artifact_compressor_none;
    if (is_large && is_packed && !read_ahead(&tar->stored, &stored, error))
        return false;
    tar->decoder = tar->compressor->decoder_new(&stored, error);
    if (!tar->decoder || (is_large && !read_ahead(&tar->decompressed, &decompressed, error)))
        return false;
    tar->reader = artifact_tar_reader_new(&decompressed, error);
    return tar->reader != NULL;
}

struct artifact_inner_tar *artifact_inner_tar_new(struct artifact_tar_reader *outer,
                                                  const struct artifact_compressor *compressor,
                                                  bool is_large, uint64_t max_bytes,
                                                  struct artifact_digest *digest,
                                                  struct artifact_error *error)
{
    struct artifact_inner_tar *tar = calloc(1, sizeof *tar);
    if (!tar) {
        artifact_fail_memory(error);
        return NULL;
    }
    tar->outer = outer;
    tar->compressor = compressor;
    tar->max_bytes = max_bytes;
    tar->digest = digest;
    if (!open_pipe(tar, is_large, error)) {
        artifact_inner_tar_free(tar);
        return NULL;
    }
    return tar;
}

void artifact_inner_tar_free(struct artifact_inner_tar *tar)
{
    if (!tar)
        return;
    free(tar->member);
    artifact_tar_reader_free(tar->reader);
    artifact_read_ahead_free(tar->decompressed);
    if (tar->decoder)
        tar->compressor->decoder_free(tar->decoder);
    artifact_read_ahead_free(tar->stored);
    free(tar);
}

/* ---- Members ---- */

static bool keep_name(struct artifact_inner_tar *tar, const char *name,
                      struct artifact_error *error)
{
    free(tar->member);
    tar->member = strdup(name);
    return tar->member || artifact_fail_memory(error);
}

bool artifact_inner_tar_next(struct artifact_inner_tar *tar, bool *has_member,
                             struct artifact_member *member, struct artifact_error *error)
{
    if (!artifact_tar_reader_next(tar->reader, has_member, member, error))
        return false;
    return !*has_member || keep_name(tar, member->name, error);
}

bool artifact_inner_tar_is_broken(const struct artifact_inner_tar *tar)
{
    return artifact_tar_reader_is_broken(tar->reader);
}

bool artifact_inner_tar_borrow(struct artifact_inner_tar *tar, const unsigned char **bytes,
                               size_t *length, struct artifact_error *error)
{
    return artifact_tar_reader_borrow(tar->reader, bytes, length, error) ||
           artifact_fail_in_member(error, tar->member);
}

char *artifact_inner_tar_slurp(struct artifact_inner_tar *tar, size_t max_bytes, size_t *length,
                               struct artifact_error *error)
{
    char *text = artifact_tar_reader_slurp(tar->reader, max_bytes, length, error);
    if (!text)
        artifact_fail_in_member(error, tar->member);
    return text;
}

/* ---- The end ---- */

bool artifact_inner_tar_finish(struct artifact_inner_tar *tar, struct artifact_error *error)
{
    uint64_t trailing_bytes = 0;
    if (!artifact_tar_reader_finish(tar->reader, &trailing_bytes, ARTIFACT_TAR_MAX_PADDING, error))
        return false;
    return trailing_bytes == 0 ||
           artifact_refuse(error, trailing_bytes > DEVICE_BLOCK_BYTES ? ARTIFACT_DEVICES : 0, NULL,
                           "Only zero bytes allowed after an end of archive");
}

bool artifact_inner_tar_drain(struct artifact_inner_tar *tar, struct artifact_error *error)
{
    unsigned char bytes[4096];
    size_t length = 0;
    do {
        if (!read_stored(tar, bytes, sizeof bytes, &length, error))
            return false;
    } while (length > 0);
    return true;
}
