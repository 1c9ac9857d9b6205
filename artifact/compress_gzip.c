// SPDX-License-Identifier: Apache-2.0
/*
 * gzip (RFC 1952): written as a row of members, each a block of the input that libdeflate
 * compresses on a thread of its own. What is deflated is read by zlib, whoever wrote it: other
 * libraries take streams that devices refuse.
 */
#include "compress.h"
#include "parallel.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    DEFAULT_LEVEL = 6,
    MAX_LEVEL = 12,
    /* A member's share of the input: it must not depend on the number of threads. */
    BLOCK_BYTES = 1 << 19,
    MAX_THREADS = 12,
    /* Two more than threads: one is filled and one written while the others are compressed. */
    MAX_BLOCKS = MAX_THREADS + 2,
    /* zlib's ways to ask for the gzip format, and no other, and for deflate without a frame. */
    GZIP_WINDOW = 15 + 16,
    DEFLATE_WINDOW = -15,
    AT_BLOCK = 128, /* in data_type: a header or a block has just ended */
    TRAILER_BYTES = 8,
};

/* ---- Encoder ---- */

struct block {
    unsigned char *plain;
    size_t length;
    unsigned char *packed;
    size_t packed_size;
    size_t packed_length;
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
    block->packed_length = 0;
    if (!*compressor)
        *compressor = libdeflate_alloc_compressor(encoder->level);
    if (*compressor)
        block->packed_length = libdeflate_gzip_compress(*compressor, block->plain, block->length,
                                                        block->packed, block->packed_size);
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

/* Memory for the current block, unless it was in use before. */
static bool prepare_block(struct block *block, struct artifact_error *error)
{
    if (block->packed)
        return true;
    block->packed_size = libdeflate_gzip_compress_bound(NULL, BLOCK_BYTES);
    if (!block->plain)
        block->plain = malloc(BLOCK_BYTES);
    block->packed = malloc(block->packed_size);
    return (block->plain && block->packed) || artifact_fail_memory(error);
}

/* Writes the oldest block; *has_block false when there is none. */
static bool write_oldest(struct artifact_encoder *encoder, bool *has_block,
                         struct artifact_error *error)
{
    const struct block *block = artifact_parallel_take(encoder->parallel);
    *has_block = block != NULL;
    if (!block)
        return true;
    if (block->packed_length == 0)
        return artifact_fail_memory(error);
    return encoder->sink.write(encoder->sink.user, block->packed, block->packed_length, error);
}

static bool submit_block(struct artifact_encoder *encoder, struct artifact_error *error)
{
    bool has_block;
    if (artifact_parallel_is_full(encoder->parallel) && !write_oldest(encoder, &has_block, error))
        return false;
    if (!artifact_parallel_submit(encoder->parallel, current_block(encoder), error))
        return false;
    encoder->block_number++;
    current_block(encoder)->length = 0;
    return true;
}

static bool encode(struct artifact_encoder *encoder, const unsigned char *bytes, size_t length,
                   struct artifact_error *error)
{
    while (length > 0) {
        struct block *block = current_block(encoder);
        if (!prepare_block(block, error))
            return false;
        size_t room = BLOCK_BYTES - block->length;
        size_t part = length < room ? length : room;
        memcpy(block->plain + block->length, bytes, part);
        block->length += part;
        bytes += part;
        length -= part;
        if (block->length == BLOCK_BYTES && !submit_block(encoder, error))
            return false;
    }
    return true;
}

/* The last block, which is an empty member when there is no other. */
static bool encode_finish(struct artifact_encoder *encoder, struct artifact_error *error)
{
    struct block *block = current_block(encoder);
    bool is_needed = block->length > 0 || encoder->block_number == 0;
    if (is_needed && (!prepare_block(block, error) || !submit_block(encoder, error)))
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
    for (size_t i = 0; i < MAX_BLOCKS; i++) {
        free(encoder->blocks[i].packed);
        free(encoder->blocks[i].plain);
    }
    free(encoder);
}

/* ---- Decoder ---- */

/* Where in a member the input stands. */
enum stage {
    BETWEEN, /* before the first, or where the next one or the end may come */
    IN_HEADER,
    IN_BODY,
    IN_TRAILER,
};

struct artifact_decoder {
    z_stream stream;
    enum stage stage;
    bool has_begun; /* at least one member */
    uint32_t crc;   /* of what the member has given so far ... */
    uint32_t size;  /* ... and how much that is, modulo 2^32 */
    unsigned char trailer[TRAILER_BYTES];
    size_t trailer_length;
    struct artifact_input input;
};

static struct artifact_decoder *decoder_new(const struct artifact_source *source,
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

static bool fail_gzip(const char *problem, struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_INVALID, NULL, "damaged gzip stream: %s",
                         problem ? problem : "invalid data");
}

/* Lets zlib have what input there is. No progress (Z_BUF_ERROR) is no damage: what it had was not
 * enough, and more is to come. */
static bool inflate_some(struct artifact_decoder *decoder, int flush, bool *is_at_end,
                         struct artifact_error *error)
{
    struct artifact_input *input = &decoder->input;
    decoder->stream.next_in = input->bytes + input->position;
    decoder->stream.avail_in = (uInt)(input->length - input->position);
    int status = inflate(&decoder->stream, flush);
    input->position = input->length - decoder->stream.avail_in;
    *is_at_end = status == Z_STREAM_END;
    return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ||
           fail_gzip(decoder->stream.msg, error);
}

static bool begin_member(struct artifact_decoder *decoder, struct artifact_error *error)
{
    decoder->has_begun = true;
    decoder->stage = IN_HEADER;
    return inflateReset2(&decoder->stream, GZIP_WINDOW) == Z_OK ||
           fail_gzip(decoder->stream.msg, error);
}

/* zlib reads the header and, from then on, only what is deflated: its checksum of the contents
 * takes a good part of the time, libdeflate's hardly any. */
static bool read_header(struct artifact_decoder *decoder, struct artifact_error *error)
{
    bool is_at_end;
    if (!inflate_some(decoder, Z_BLOCK, &is_at_end, error))
        return false;
    if (!(decoder->stream.data_type & AT_BLOCK))
        return true;
    decoder->stage = IN_BODY;
    decoder->crc = 0;
    decoder->size = 0;
    return inflateReset2(&decoder->stream, DEFLATE_WINDOW) == Z_OK ||
           fail_gzip(decoder->stream.msg, error);
}

static bool read_body(struct artifact_decoder *decoder, struct artifact_error *error)
{
    bool is_at_end;
    const unsigned char *bytes = decoder->stream.next_out;
    if (!inflate_some(decoder, Z_NO_FLUSH, &is_at_end, error))
        return false;
    size_t length = (size_t)(decoder->stream.next_out - bytes);
    decoder->crc = libdeflate_crc32(decoder->crc, bytes, length);
    decoder->size += (uint32_t)length;
    if (is_at_end)
        decoder->stage = IN_TRAILER;
    return true;
}

static uint32_t little_endian(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static bool read_trailer(struct artifact_decoder *decoder, struct artifact_error *error)
{
    struct artifact_input *input = &decoder->input;
    while (decoder->trailer_length < TRAILER_BYTES && input->position < input->length)
        decoder->trailer[decoder->trailer_length++] = input->bytes[input->position++];
    if (decoder->trailer_length < TRAILER_BYTES)
        return true;
    decoder->trailer_length = 0;
    decoder->stage = BETWEEN;
    if (little_endian(decoder->trailer) != decoder->crc)
        return fail_gzip("incorrect data check", error);
    return little_endian(decoder->trailer + 4) == decoder->size ||
           fail_gzip("incorrect length check", error);
}

static bool read_member(struct artifact_decoder *decoder, struct artifact_error *error)
{
    switch (decoder->stage) {
    case BETWEEN:
        return begin_member(decoder, error);
    case IN_HEADER:
        return read_header(decoder, error);
    case IN_BODY:
        return read_body(decoder, error);
    default:
        return read_trailer(decoder, error);
    }
}

static bool decode(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                   size_t *length, struct artifact_error *error)
{
    struct artifact_input *input = &decoder->input;
    uInt room = size < (1U << 30) ? (uInt)size : 1U << 30;
    decoder->stream.next_out = bytes;
    decoder->stream.avail_out = room;
    while (decoder->stream.avail_out == room) {
        if (!artifact_input_fill(input, error))
            return false;
        if (input->is_at_end && decoder->stage == BETWEEN && decoder->has_begun)
            break;
        if (input->is_at_end)
            return artifact_fail(error, ARTIFACT_INVALID, NULL, "truncated gzip stream");
        if (!read_member(decoder, error))
            return false;
    }
    *length = room - decoder->stream.avail_out;
    return true;
}

static void decoder_free(struct artifact_decoder *decoder)
{
    if (!decoder)
        return;
    inflateEnd(&decoder->stream);
    free(decoder);
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
    .decode = decode,
    .decoder_free = decoder_free,
};
