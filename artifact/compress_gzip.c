// SPDX-License-Identifier: Apache-2.0
/*
 * gzip (RFC 1952): written as a row of members, each a block of the input that libdeflate
 * compresses on a thread of its own.
 */
#include "compress.h"
#include "gunzip.h"
#include "gzip_member.h"
#include "parallel.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_LEVEL = 6,
    MAX_LEVEL = 12,
    MAX_THREADS = 12,
    /* Two more than threads: one is filled and one written while the others are compressed. */
    MAX_BLOCKS = MAX_THREADS + 2,
};

struct block {
    struct artifact_gzip_member member;
    bool is_packed;
};

struct artifact_encoder {
    struct artifact_sink sink;
    int level;
    unsigned thread_count;
    struct artifact_parallel *parallel;
    struct libdeflate_compressor
        *compressors[MAX_THREADS]; /* of each thread, NULL before its first */
    struct block blocks[MAX_BLOCKS];
    uint64_t block_number; /* of the one that is filled; its place is this modulo their count */
};

static void compress_block(void *user, unsigned worker, void *job)
{
    struct artifact_encoder *encoder = user;
    struct block *block = job;
    struct libdeflate_compressor **compressor = &encoder->compressors[worker];
    if (!*compressor)
        *compressor = libdeflate_alloc_compressor(encoder->level);
    block->is_packed = *compressor && artifact_gzip_member_pack(&block->member, *compressor);
}

static struct artifact_encoder *encoder_new(const struct artifact_sink *sink, int level,
                                            unsigned threads, struct artifact_error *error)
{
    if (level < 0 || level > MAX_LEVEL) {
        artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL, "gzip has levels 1 to %d, not %d",
                      MAX_LEVEL, level);
        return NULL;
    }
    struct artifact_encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) {
        artifact_fail_memory(error);
        return NULL;
    }
    encoder->sink = *sink;
    encoder->level = level > 0 ? level : DEFAULT_LEVEL;
    encoder->thread_count = artifact_parallel_threads(threads, MAX_THREADS);
    encoder->parallel = artifact_parallel_new(encoder->thread_count, encoder->thread_count + 1,
                                              compress_block, encoder, error);
    if (!encoder->parallel) {
        free(encoder);
        return NULL;
    }
    return encoder;
}

static struct block *current_block(struct artifact_encoder *encoder)
{
    return &encoder->blocks[encoder->block_number % (encoder->thread_count + 2)];
}

/* Writes the oldest block; *has_block false when there is none. */
static bool write_oldest(struct artifact_encoder *encoder, bool *has_block,
                         struct artifact_error *error)
{
    const struct block *block = artifact_parallel_take(encoder->parallel);
    *has_block = block != NULL;
    if (!block)
        return true;
    if (!block->is_packed)
        return artifact_fail_memory(error);
    return encoder->sink.write(encoder->sink.user, block->member.packed,
                               block->member.packed_length, error);
}

static bool submit_block(struct artifact_encoder *encoder, struct artifact_error *error)
{
    bool has_block;
    if (artifact_parallel_is_full(encoder->parallel) && !write_oldest(encoder, &has_block, error))
        return false;
    if (!artifact_parallel_submit(encoder->parallel, current_block(encoder), error))
        return false;
    encoder->block_number++;
    current_block(encoder)->member.plain_length = 0;
    return true;
}

static bool encode(struct artifact_encoder *encoder, const unsigned char *bytes, size_t length,
                   struct artifact_error *error)
{
    while (length > 0) {
        struct artifact_gzip_member *member = &current_block(encoder)->member;
        if (!artifact_gzip_member_prepare(member, error))
            return false;
        size_t room = ARTIFACT_GZIP_BLOCK_BYTES - member->plain_length;
        size_t part = length < room ? length : room;
        memcpy(member->plain + member->plain_length, bytes, part);
        member->plain_length += part;
        bytes += part;
        length -= part;
        if (part == room && !submit_block(encoder, error))
            return false;
    }
    return true;
}

/* The last block, which is an empty member when there is no other. */
static bool encode_finish(struct artifact_encoder *encoder, struct artifact_error *error)
{
    struct artifact_gzip_member *member = &current_block(encoder)->member;
    bool is_needed = member->plain_length > 0 || encoder->block_number == 0;
    if (is_needed &&
        (!artifact_gzip_member_prepare(member, error) || !submit_block(encoder, error)))
        return false;
    bool has_block = true;
    while (has_block) {
        if (!write_oldest(encoder, &has_block, error))
            return false;
    }
    return true;
}

static void encoder_free(struct artifact_encoder *encoder)
{
    if (!encoder)
        return;
    artifact_parallel_free(encoder->parallel);
    for (size_t i = 0; i < MAX_THREADS; i++)
        libdeflate_free_compressor(encoder->compressors[i]);
    for (size_t i = 0; i < MAX_BLOCKS; i++)
        artifact_gzip_member_clear(&encoder->blocks[i].member);
    free(encoder);
}

static struct artifact_decoder *decoder_new(const struct artifact_source *source,
                                            struct artifact_error *error)
{
    return artifact_gunzip_new(source, 0, error);
}

const struct artifact_compressor artifact_compressor_gzip = {
    .id = "gzip",
    .suffix = ".gz",
    .can_write = true,
    .encoder_new = encoder_new,
    .encode = encode,
    .encode_finish = encode_finish,
    .encoder_free = encoder_free,
    .decoder_new = decoder_new,
    .decode = artifact_gunzip,
    .decoder_free = artifact_gunzip_free,
};
