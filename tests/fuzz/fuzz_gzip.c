// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"

#include "decoder.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* its input is not written to */
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16 };

/* A member that says how long it is has to be that long, for which nobody else looks. */
static bool may_say_a_length(const uint8_t *data, size_t size)
{
    return memmem(data, size, "MA\4", 4) != NULL;
}

/* The members in a row as zlib alone has them, which is what devices do. */
static struct fuzz_outcome decode_by_zlib(const uint8_t *data, size_t size)
{
    struct fuzz_outcome outcome = {.bytes = malloc(FUZZ_DECODER_MAX_BYTES)};
    z_stream stream = {.next_in = data, .avail_in = (uInt)size};
    int status;

    REQUIRE(outcome.bytes && inflateInit2(&stream, GZIP_WINDOW) == Z_OK);
    stream.next_out = outcome.bytes;
    stream.avail_out = FUZZ_DECODER_MAX_BYTES;
    do {
        REQUIRE(inflateReset(&stream) == Z_OK);
        status = inflate(&stream, Z_FINISH);
    } while (status == Z_STREAM_END && stream.avail_in > 0);
    outcome.is_ok = status == Z_STREAM_END;
    outcome.length = FUZZ_DECODER_MAX_BYTES - stream.avail_out;
    inflateEnd(&stream);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_outcome ours = fuzz_decoder(&artifact_compressor_gzip, data, size);
    struct fuzz_outcome theirs = decode_by_zlib(data, size);
    if (ours.length < FUZZ_DECODER_MAX_BYTES && theirs.length < FUZZ_DECODER_MAX_BYTES) {
        REQUIRE(!ours.is_ok || theirs.is_ok);
        REQUIRE(ours.is_ok || !theirs.is_ok || may_say_a_length(data, size));
        REQUIRE(!ours.is_ok || ours.length == theirs.length);
        REQUIRE(!ours.is_ok || memcmp(ours.bytes, theirs.bytes, ours.length) == 0);
    }
    free(theirs.bytes);
    free(ours.bytes);
    return 0;
}
