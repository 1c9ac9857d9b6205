// SPDX-License-Identifier: Apache-2.0
#include "inflate.h"

#include <string.h>

enum {
    /* zlib's ways to ask for the gzip format, and no other, and for deflate without a frame. */
    GZIP_WINDOW = MAX_WBITS + 16,
    DEFLATE_WINDOW = -MAX_WBITS,
    AT_BLOCK = 128, /* in data_type: a header or a block has just ended */
    MAGIC = 0x1f,   /* the first byte of it */
    MAX_PART = 1 << 30,
};

static bool fail_gzip(const char *problem, struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_INVALID, NULL, "damaged gzip stream: %s",
                         problem ? problem : "invalid data");
}

/* Devices go by the content, whatever the suffix says; behind a whole member, and to its checksum,
 * no other reader looks. */
static bool fail_frame(const struct artifact_inflate *inflater, const char *problem,
                       struct artifact_error *error)
{
    return artifact_refuse(error, inflater->has_member ? 0 : ARTIFACT_MENDER_ARTIFACT, NULL,
                           "damaged gzip stream: %s", problem ? problem : "invalid data");
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* No progress (Z_BUF_ERROR) is no damage: it needs more, and more is to come. */
static bool run_zlib(struct artifact_inflate *inflater, struct artifact_plain *plain, size_t *taken,
                     const unsigned char *bytes, size_t length, int flush, bool *is_at_end,
                     struct artifact_error *error)
{
    z_stream *stream = &inflater->stream;
    uInt part = (uInt)least(length, MAX_PART),
         room = (uInt)least(plain->size - plain->length, MAX_PART);
    stream->next_in = bytes;
    stream->avail_in = part;
    stream->next_out = plain->bytes + plain->length;
    stream->avail_out = room;
    int status = inflate(stream, flush);
    *taken = part - stream->avail_in;
    plain->length += room - stream->avail_out;
    *is_at_end = status == Z_STREAM_END;
    if (status == Z_MEM_ERROR)
        return artifact_fail_memory(error);
    bool is_header = inflater->stage == ARTIFACT_INFLATE_HEADER;
    return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ||
           (is_header ? fail_frame(inflater, stream->msg, error) : fail_gzip(stream->msg, error));
}

/* By the first byte already: zlib waits for the second, which may never come. */
static bool begin_member(struct artifact_inflate *inflater, const unsigned char *bytes,
                         size_t length, struct artifact_error *error)
{
    if (length == 0)
        return true;
    if (*bytes != MAGIC)
        return fail_frame(inflater, "incorrect header check", error);
    inflater->stage = ARTIFACT_INFLATE_HEADER;
    inflater->header = (gz_header){.name = inflater->name,
                                   .name_max = sizeof inflater->name,
                                   .comment = inflater->comment,
                                   .comm_max = sizeof inflater->comment};
    return (inflateReset2(&inflater->stream, GZIP_WINDOW) == Z_OK &&
            inflateGetHeader(&inflater->stream, &inflater->header) == Z_OK) ||
           artifact_fail_memory(error);
}

/* zlib has put as much of it there as fits, or taken the pointer away where there is none. */
static bool is_cut(const unsigned char *text)
{
    return text && !memchr(text, '\0', ARTIFACT_INFLATE_NAME_BYTES);
}

/* zlib reads the header and, from then on, only what is deflated: its checksum of the contents
 * takes a good part of the time, libdeflate's hardly any. */
static bool read_header(struct artifact_inflate *inflater, struct artifact_plain *plain,
                        size_t *taken, const unsigned char *bytes, size_t length,
                        struct artifact_error *error)
{
    bool is_at_end;
    if (!run_zlib(inflater, plain, taken, bytes, length, Z_BLOCK, &is_at_end, error))
        return false;
    if (!(inflater->stream.data_type & AT_BLOCK))
        return true;
    if (is_cut(inflater->header.name) || is_cut(inflater->header.comment))
        return fail_frame(inflater, "a name of more than 511 bytes", error);
    inflater->stage = ARTIFACT_INFLATE_BODY;
    inflater->crc = 0;
    inflater->size = 0;
    return inflateReset2(&inflater->stream, DEFLATE_WINDOW) == Z_OK || artifact_fail_memory(error);
}

static bool read_body(struct artifact_inflate *inflater, struct artifact_plain *plain,
                      size_t *taken, const unsigned char *bytes, size_t length,
                      struct artifact_error *error)
{
    bool is_at_end;
    size_t before = plain->length;
    if (!run_zlib(inflater, plain, taken, bytes, length, Z_NO_FLUSH, &is_at_end, error))
        return false;
    size_t part = plain->length - before;
    inflater->crc = libdeflate_crc32(inflater->crc, plain->bytes + before, part);
    inflater->size += (uint32_t)part;
    if (is_at_end) {
        inflater->stage = ARTIFACT_INFLATE_TRAILER;
        inflater->trailer_length = 0;
    }
    return true;
}

static bool read_trailer(struct artifact_inflate *inflater, size_t *taken,
                         const unsigned char *bytes, size_t length, struct artifact_error *error)
{
    size_t part = least(length, ARTIFACT_GZIP_TRAILER_BYTES - inflater->trailer_length);
    if (part > 0)
        memcpy(inflater->trailer + inflater->trailer_length, bytes, part);
    inflater->trailer_length += part;
    *taken = part;
    if (inflater->trailer_length < ARTIFACT_GZIP_TRAILER_BYTES)
        return true;
    const char *problem =
        artifact_gzip_trailer_problem(inflater->trailer, inflater->crc, inflater->size);
    inflater->stage = ARTIFACT_INFLATE_BETWEEN;
    inflater->has_member = true;
    return !problem || fail_frame(inflater, problem, error);
}

bool artifact_inflate_init(struct artifact_inflate *inflater, struct artifact_error *error)
{
    return inflateInit2(&inflater->stream, GZIP_WINDOW) == Z_OK || artifact_fail_memory(error);
}

void artifact_inflate_clear(struct artifact_inflate *inflater)
{
    inflateEnd(&inflater->stream); /* refuses, and no more, what was never begun */
}

bool artifact_inflate(struct artifact_inflate *inflater, struct artifact_plain *plain,
                      size_t *taken, const unsigned char *bytes, size_t length,
                      struct artifact_error *error)
{
    *taken = 0;
    switch (inflater->stage) {
    case ARTIFACT_INFLATE_BETWEEN:
        return begin_member(inflater, bytes, length, error);
    case ARTIFACT_INFLATE_HEADER:
        return read_header(inflater, plain, taken, bytes, length, error);
    case ARTIFACT_INFLATE_BODY:
        return read_body(inflater, plain, taken, bytes, length, error);
    case ARTIFACT_INFLATE_TRAILER:
        return read_trailer(inflater, taken, bytes, length, error);
    }
    return false;
}
