// SPDX-License-Identifier: Apache-2.0
/*
 * Reading gzip (RFC 1952). What is deflated is zlib's to read, whoever wrote it: other libraries
 * take streams that devices refuse. Members that say how long they are (gzip_member.h) are read
 * several at a time, all others piece by piece as they come.
 */
#include "gunzip.h"

#include "gzip_member.h"
#include "parallel.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* zlib's ways to ask for the gzip format, and no other, and for deflate without a frame. */
    GZIP_WINDOW = 15 + 16,
    DEFLATE_WINDOW = -15,
    AT_BLOCK = 128, /* in data_type: a header or a block has just ended */
    MAX_THREADS = 12,
    /* Two more than threads: one is filled and one drained while the others are unpacked. */
    MAX_BLOCKS = MAX_THREADS + 2,
};

/* Where in the input the next byte stands. */
enum stage {
    BETWEEN, /* before the first byte of a member, or where the end may come */
    IN_MARK, /* in what may be the header of a member that says how long it is */
    IN_BLOCK,
    IN_HEADER, /* of any other member */
    IN_BODY,
    IN_TRAILER,
};

struct block {
    struct artifact_gzip_member member;
    size_t length; /* of the whole member, as it says */
    const char *problem;
};

struct artifact_decoder {
    struct artifact_input input;
    enum stage stage;
    bool has_begun; /* at least one member */
    unsigned char mark[ARTIFACT_GZIP_HEADER_BYTES];
    size_t mark_length;

    /* The member that is read piece by piece. */
    z_stream stream;
    uint32_t crc;  /* of what it has given so far ... */
    uint32_t size; /* ... and how much that is, modulo 2^32 */
    unsigned char trailer[ARTIFACT_GZIP_TRAILER_BYTES];
    size_t trailer_length;

    /* Those that are read several at a time; without threads until there is one. */
    unsigned thread_count;
    struct artifact_parallel *parallel;
    z_stream streams[MAX_THREADS]; /* of each thread */
    struct block blocks[MAX_BLOCKS];
    uint64_t block_number; /* of the one that is filled; its place is this modulo their count */
    const struct block *drained; /* NULL: none */
    size_t drained_length;
};

static bool fail_gzip(const char *problem, struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_INVALID, NULL, "damaged gzip stream: %s",
                         problem ? problem : "invalid data");
}

/* ---- Piece by piece ---- */

/* Lets zlib have the bytes, and tells how many it took. No progress (Z_BUF_ERROR) is no damage: it
 * needs more, and more is to come. */
static bool inflate_some(struct artifact_decoder *decoder, unsigned char *bytes, size_t length,
                         size_t *taken, int flush, bool *is_at_end, struct artifact_error *error)
{
    decoder->stream.next_in = bytes;
    decoder->stream.avail_in = (uInt)length;
    int status = inflate(&decoder->stream, flush);
    *taken = length - decoder->stream.avail_in;
    *is_at_end = status == Z_STREAM_END;
    return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ||
           fail_gzip(decoder->stream.msg, error);
}

/* zlib reads the header and, from then on, only what is deflated: its checksum of the contents
 * takes a good part of the time, libdeflate's hardly any. */
static bool read_header(struct artifact_decoder *decoder, unsigned char *bytes, size_t length,
                        size_t *taken, struct artifact_error *error)
{
    bool is_at_end;
    if (!inflate_some(decoder, bytes, length, taken, Z_BLOCK, &is_at_end, error))
        return false;
    if (!(decoder->stream.data_type & AT_BLOCK))
        return true;
    decoder->stage = IN_BODY;
    decoder->crc = 0;
    decoder->size = 0;
    return inflateReset2(&decoder->stream, DEFLATE_WINDOW) == Z_OK ||
           fail_gzip(decoder->stream.msg, error);
}

static bool read_body(struct artifact_decoder *decoder, unsigned char *bytes, size_t length,
                      size_t *taken, struct artifact_error *error)
{
    bool is_at_end;
    const unsigned char *plain = decoder->stream.next_out;
    if (!inflate_some(decoder, bytes, length, taken, Z_NO_FLUSH, &is_at_end, error))
        return false;
    size_t plain_length = (size_t)(decoder->stream.next_out - plain);
    decoder->crc = libdeflate_crc32(decoder->crc, plain, plain_length);
    decoder->size += (uint32_t)plain_length;
    if (is_at_end)
        decoder->stage = IN_TRAILER;
    return true;
}

/* Up to what is missing of a whole. */
static size_t gather(unsigned char *whole, size_t *length, size_t size, const unsigned char *bytes,
                     size_t count)
{
    size_t part = count < size - *length ? count : size - *length;
    memcpy(whole + *length, bytes, part);
    *length += part;
    return part;
}

static bool read_trailer(struct artifact_decoder *decoder, const unsigned char *bytes,
                         size_t length, size_t *taken, struct artifact_error *error)
{
    *taken = gather(decoder->trailer, &decoder->trailer_length, ARTIFACT_GZIP_TRAILER_BYTES, bytes,
                    length);
    if (decoder->trailer_length < ARTIFACT_GZIP_TRAILER_BYTES)
        return true;
    const char *problem =
        artifact_gzip_trailer_problem(decoder->trailer, decoder->crc, decoder->size);
    decoder->stage = BETWEEN;
    return !problem || fail_gzip(problem, error);
}

/* ---- Several at a time ---- */

static void unpack_block(void *user, unsigned worker, void *job)
{
    struct artifact_decoder *decoder = user;
    struct block *block = job;
    block->problem = artifact_gzip_member_unpack(&block->member, &decoder->streams[worker]);
}

static bool prepare_threads(struct artifact_decoder *decoder, struct artifact_error *error)
{
    if (decoder->parallel)
        return true;
    decoder->thread_count = artifact_parallel_threads(0, MAX_THREADS);
    for (unsigned i = 0; i < decoder->thread_count; i++) {
        if (inflateInit2(&decoder->streams[i], DEFLATE_WINDOW) != Z_OK)
            return artifact_fail_memory(error);
    }
    decoder->parallel = artifact_parallel_new(decoder->thread_count, decoder->thread_count + 1,
                                              unpack_block, decoder, error);
    return decoder->parallel != NULL;
}

static struct block *current_block(struct artifact_decoder *decoder)
{
    return &decoder->blocks[decoder->block_number % (decoder->thread_count + 2)];
}

/* With the header that was read before. */
static bool begin_block(struct artifact_decoder *decoder, size_t length,
                        struct artifact_error *error)
{
    if (!prepare_threads(decoder, error))
        return false;
    struct block *block = current_block(decoder);
    if (!artifact_gzip_member_prepare(&block->member, error))
        return false;
    decoder->stage = IN_BLOCK;
    block->length = length;
    block->member.packed_length = 0;
    gather(block->member.packed, &block->member.packed_length, length, decoder->mark,
           decoder->mark_length);
    return true;
}

static bool read_block(struct artifact_decoder *decoder, const unsigned char *bytes, size_t length,
                       size_t *taken, struct artifact_error *error)
{
    struct block *block = current_block(decoder);
    struct artifact_gzip_member *member = &block->member;
    *taken = gather(member->packed, &member->packed_length, block->length, bytes, length);
    if (member->packed_length < block->length)
        return true;
    decoder->stage = BETWEEN;
    decoder->block_number++;
    return artifact_parallel_submit(decoder->parallel, block, error);
}

/* Takes the oldest back, if there is any, to be drained. */
static bool take_block(struct artifact_decoder *decoder, struct artifact_error *error)
{
    decoder->drained = decoder->parallel ? artifact_parallel_take(decoder->parallel) : NULL;
    decoder->drained_length = 0;
    return !decoder->drained || !decoder->drained->problem ||
           fail_gzip(decoder->drained->problem, error);
}

/* Whether the blocks have to make room, or come before what is next. */
static bool must_drain(const struct artifact_decoder *decoder)
{
    return decoder->parallel && (decoder->input.is_at_end || decoder->stage >= IN_HEADER ||
                                 artifact_parallel_is_full(decoder->parallel));
}

static size_t drain(struct artifact_decoder *decoder, unsigned char *bytes, size_t size)
{
    const struct artifact_gzip_member *member = &decoder->drained->member;
    size_t rest = member->plain_length - decoder->drained_length;
    size_t part = rest < size ? rest : size;
    memcpy(bytes, member->plain + decoder->drained_length, part);
    decoder->drained_length += part;
    if (part == rest)
        decoder->drained = NULL;
    return part;
}

/* ---- The whole ---- */

static bool begin_other(struct artifact_decoder *decoder, struct artifact_error *error)
{
    decoder->stage = IN_HEADER;
    decoder->trailer_length = 0;
    return inflateReset2(&decoder->stream, GZIP_WINDOW) == Z_OK ||
           fail_gzip(decoder->stream.msg, error);
}

/* Byte by byte, until it is known what kind of member this is. What zlib is to have after all it
 * takes to the last byte: up to the first that differs there is nothing but header. */
static bool read_mark(struct artifact_decoder *decoder, unsigned char byte,
                      struct artifact_error *error)
{
    size_t taken, length = 0;
    bool is_ours = artifact_gzip_member_has(decoder->mark_length, byte);
    decoder->mark[decoder->mark_length++] = byte;
    if (is_ours && decoder->mark_length < ARTIFACT_GZIP_HEADER_BYTES)
        return true;
    if (is_ours)
        length = artifact_gzip_member_length(decoder->mark);
    if (length > 0)
        return begin_block(decoder, length, error);
    return begin_other(decoder, error) &&
           read_header(decoder, decoder->mark, decoder->mark_length, &taken, error);
}

static bool read_some(struct artifact_decoder *decoder, struct artifact_error *error)
{
    struct artifact_input *input = &decoder->input;
    unsigned char *bytes = input->bytes + input->position;
    size_t length = input->length - input->position, taken = 1;
    bool is_ok = true;
    switch (decoder->stage) {
    case BETWEEN:
        decoder->has_begun = true;
        decoder->stage = IN_MARK;
        decoder->mark_length = 0;
        is_ok = read_mark(decoder, *bytes, error);
        break;
    case IN_MARK:
        is_ok = read_mark(decoder, *bytes, error);
        break;
    case IN_BLOCK:
        is_ok = read_block(decoder, bytes, length, &taken, error);
        break;
    case IN_HEADER:
        is_ok = read_header(decoder, bytes, length, &taken, error);
        break;
    case IN_BODY:
        is_ok = read_body(decoder, bytes, length, &taken, error);
        break;
    case IN_TRAILER:
        is_ok = read_trailer(decoder, bytes, length, &taken, error);
        break;
    }
    input->position += is_ok ? taken : 0;
    return is_ok;
}

/* One step: some of a block that is done, or some more of the input. */
static bool step(struct artifact_decoder *decoder, size_t *drained, unsigned char *bytes,
                 size_t size, bool *is_over, struct artifact_error *error)
{
    if (decoder->drained) {
        *drained = drain(decoder, bytes, size);
        return true;
    }
    if (!artifact_input_fill(&decoder->input, error))
        return false;
    if (must_drain(decoder) && !take_block(decoder, error))
        return false;
    if (decoder->drained)
        return true;
    if (!decoder->input.is_at_end)
        return read_some(decoder, error);
    *is_over = decoder->stage == BETWEEN && decoder->has_begun;
    return *is_over || artifact_fail(error, ARTIFACT_INVALID, NULL, "truncated gzip stream");
}

bool artifact_gunzip(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                     size_t *length, struct artifact_error *error)
{
    bool is_over = false;
    uInt room = size < (1U << 30) ? (uInt)size : 1U << 30;
    decoder->stream.next_out = bytes;
    decoder->stream.avail_out = room;
    *length = 0;
    while (*length == 0 && !is_over) {
        if (!step(decoder, length, bytes, size, &is_over, error))
            return false;
        if (decoder->stream.avail_out < room)
            *length = room - decoder->stream.avail_out;
    }
    return true;
}

struct artifact_decoder *artifact_gunzip_new(const struct artifact_source *source,
                                             struct artifact_error *error)
{
    struct artifact_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder || inflateInit2(&decoder->stream, GZIP_WINDOW) != Z_OK) {
        free(decoder);
        artifact_fail_memory(error);
        return NULL;
    }
    decoder->input.source = *source;
    return decoder;
}

void artifact_gunzip_free(struct artifact_decoder *decoder)
{
    if (!decoder)
        return;
    artifact_parallel_free(decoder->parallel);
    for (size_t i = 0; i < MAX_BLOCKS; i++)
        artifact_gzip_member_clear(&decoder->blocks[i].member);
    for (size_t i = 0; i < MAX_THREADS; i++)
        inflateEnd(&decoder->streams[i]); /* refuses, and no more, what was never begun */
    inflateEnd(&decoder->stream);
    free(decoder);
}
