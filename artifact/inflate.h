// SPDX-License-Identifier: Apache-2.0
/*
 * gzip (RFC 1952) piece by piece: members in a row, of whoever, as zlib has them and with its
 * words. What is deflated is zlib's to read: other libraries take streams that devices refuse.
 */
#ifndef ARTIFACT_INFLATE_H
#define ARTIFACT_INFLATE_H

#include "gzip_member.h"

/* Where what is unpacked goes. */
struct artifact_plain {
    unsigned char *bytes;
    size_t size;
    size_t length;
};

/* Where in the input the next byte stands. */
enum artifact_inflate_stage {
    ARTIFACT_INFLATE_BETWEEN, /* before the first byte of a member, or where the end may come */
    ARTIFACT_INFLATE_HEADER,
    ARTIFACT_INFLATE_BODY,
    ARTIFACT_INFLATE_TRAILER,
};

/* Of a name or a comment in a header, with the NUL at its end: upstream's tool takes no more. */
enum { ARTIFACT_INFLATE_NAME_BYTES = 512 };

struct artifact_inflate {
    enum artifact_inflate_stage stage;
    bool has_member; /* a whole one came before, also one that was not unpacked here */
    z_stream stream;
    gz_header header;
    unsigned char name[ARTIFACT_INFLATE_NAME_BYTES], comment[ARTIFACT_INFLATE_NAME_BYTES];
    uint32_t crc;  /* of what the member has given so far ... */
    uint32_t size; /* ... and how much that is, modulo 2^32 */
    unsigned char trailer[ARTIFACT_GZIP_TRAILER_BYTES];
    size_t trailer_length;
};

/* `inflater` is zero. */
bool artifact_inflate_init(struct artifact_inflate *inflater, struct artifact_error *error);
void artifact_inflate_clear(struct artifact_inflate *inflater);

/*
 * Takes some of the bytes, while there is room for what they become. Without any bytes it gives
 * what it has not given yet for want of room. What comes out before a failure does not depend on
 * the pieces: it has been given when this fails, after which there is no other call.
 */
bool artifact_inflate(struct artifact_inflate *inflater, struct artifact_plain *plain,
                      size_t *taken, const unsigned char *bytes, size_t length,
                      struct artifact_error *error);

#endif
