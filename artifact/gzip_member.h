// SPDX-License-Identifier: Apache-2.0
/*
 * The members of gzip (RFC 1952) that we write: each holds a block of the input, and says in an
 * extra field of its header how long it is itself, so that several can be read beside each other.
 * To others they are members in a row as any.
 */
#ifndef ARTIFACT_GZIP_MEMBER_H
#define ARTIFACT_GZIP_MEMBER_H

#include "error.h"

#include <libdeflate.h>
#define ZLIB_CONST /* its input is not written to */
#include <zlib.h>

enum {
    /* A member's share of the input: it must not depend on the number of threads. */
    ARTIFACT_GZIP_BLOCK_BYTES = 1 << 19,
    ARTIFACT_GZIP_HEADER_BYTES = 20,
    ARTIFACT_GZIP_TRAILER_BYTES = 8,
};

/* Made zero. */
struct artifact_gzip_member {
    unsigned char *plain;
    size_t plain_length; /* up to ARTIFACT_GZIP_BLOCK_BYTES */
    unsigned char *packed;
    size_t packed_length;
};

/* Memory for a block and for what it becomes at most, unless there is. */
bool artifact_gzip_member_prepare(struct artifact_gzip_member *member,
                                  struct artifact_error *error);
void artifact_gzip_member_clear(struct artifact_gzip_member *member);

/* False when memory is short. */
bool artifact_gzip_member_pack(struct artifact_gzip_member *member,
                               struct libdeflate_compressor *compressor);

/*
 * The other way, by zlib. The stream is zero before its first member, and for inflateEnd. False
 * when the member is not just as long as it says, has more than a block in it or is damaged, which
 * is to be found out by other means, or when memory is short.
 */
bool artifact_gzip_member_unpack(struct artifact_gzip_member *member, z_stream *stream);

/*
 * From what may be the header of such a member, how long it says it is. 0: it is no such member, or
 * not worth to be read beside others, or too long to have been written here.
 */
size_t artifact_gzip_member_length(const unsigned char header[ARTIFACT_GZIP_HEADER_BYTES]);

/* NULL, or what is wrong with a trailer after so many bytes (modulo 2^32) with this checksum. */
const char *artifact_gzip_trailer_problem(const unsigned char trailer[ARTIFACT_GZIP_TRAILER_BYTES],
                                          uint32_t crc, uint32_t size);

#endif
