// SPDX-License-Identifier: Apache-2.0
#include "gzip_member.h"

#include <stdlib.h>
#include <string.h>

enum {
    LENGTH_BYTES = 4,
    LENGTH_POSITION = ARTIFACT_GZIP_HEADER_BYTES - LENGTH_BYTES,
    /* Below it takes longer to hand a member to a thread than to read it. A whole block of zeros is
     * above. */
    MIN_LENGTH = 512,
    DEFLATE_WINDOW = -MAX_WBITS, /* zlib's way to ask for deflate without a frame */
};

/*
 * RFC 1952, 2.3: magic, deflate, a field is in addition; no time, no hint of the level, no
 * operating system; 8 bytes of fields, and of these one, "MA", with 4.
 */
static const unsigned char header_begin[LENGTH_POSITION] = {
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 'M', 'A', LENGTH_BYTES, 0};

static uint32_t get_number(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put_number(unsigned char *bytes, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
}

/* ---- Memory ---- */

static size_t deflated_bound(void)
{
    return libdeflate_deflate_compress_bound(NULL, ARTIFACT_GZIP_BLOCK_BYTES);
}

static size_t packed_bound(void)
{
    return ARTIFACT_GZIP_HEADER_BYTES + deflated_bound() + ARTIFACT_GZIP_TRAILER_BYTES;
}

bool artifact_gzip_member_prepare(struct artifact_gzip_member *member, struct artifact_error *error)
{
    if (!member->plain)
        member->plain = malloc(ARTIFACT_GZIP_BLOCK_BYTES);
    if (!member->packed)
        member->packed = malloc(packed_bound());
    return (member->plain && member->packed) || artifact_fail_memory(error);
}

void artifact_gzip_member_clear(struct artifact_gzip_member *member)
{
    free(member->plain);
    free(member->packed);
    *member = (struct artifact_gzip_member){0};
}

/* ---- Contents ---- */

bool artifact_gzip_member_pack(struct artifact_gzip_member *member,
                               struct libdeflate_compressor *compressor)
{
    unsigned char *deflated = member->packed + ARTIFACT_GZIP_HEADER_BYTES;
    size_t length = libdeflate_deflate_compress(compressor, member->plain, member->plain_length,
                                                deflated, deflated_bound());
    uint32_t crc = libdeflate_crc32(0, member->plain, member->plain_length);
    member->packed_length = ARTIFACT_GZIP_HEADER_BYTES + length + ARTIFACT_GZIP_TRAILER_BYTES;
    memcpy(member->packed, header_begin, LENGTH_POSITION);
    put_number(member->packed + LENGTH_POSITION, (uint32_t)member->packed_length);
    put_number(deflated + length, crc);
    put_number(deflated + length + 4, (uint32_t)member->plain_length);
    return length > 0;
}

bool artifact_gzip_member_unpack(struct artifact_gzip_member *member, z_stream *stream)
{
    size_t frame = ARTIFACT_GZIP_HEADER_BYTES + ARTIFACT_GZIP_TRAILER_BYTES;
    if (inflateReset(stream) != Z_OK && inflateInit2(stream, DEFLATE_WINDOW) != Z_OK)
        return false;
    stream->next_in = member->packed + ARTIFACT_GZIP_HEADER_BYTES;
    stream->avail_in = (uInt)(member->packed_length - frame);
    stream->next_out = member->plain;
    stream->avail_out = ARTIFACT_GZIP_BLOCK_BYTES;
    if (inflate(stream, Z_FINISH) != Z_STREAM_END || stream->avail_in > 0)
        return false;
    member->plain_length = ARTIFACT_GZIP_BLOCK_BYTES - stream->avail_out;
    uint32_t crc = libdeflate_crc32(0, member->plain, member->plain_length);
    return !artifact_gzip_trailer_problem(stream->next_in, crc, (uint32_t)member->plain_length);
}

/* ---- Frame ---- */

size_t artifact_gzip_member_length(const unsigned char header[ARTIFACT_GZIP_HEADER_BYTES])
{
    size_t length = get_number(header + LENGTH_POSITION);
    bool is_ours = memcmp(header, header_begin, LENGTH_POSITION) == 0;
    return is_ours && length >= MIN_LENGTH && length <= packed_bound() ? length : 0;
}

const char *artifact_gzip_trailer_problem(const unsigned char trailer[ARTIFACT_GZIP_TRAILER_BYTES],
                                          uint32_t crc, uint32_t size)
{
    if (get_number(trailer) != crc)
        return "incorrect data check";
    return get_number(trailer + 4) == size ? NULL : "incorrect length check";
}
