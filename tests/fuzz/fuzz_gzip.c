// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"

#include "decoder.h"
#include "gunzip.h"
#include "inflate.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* its input is not written to */
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, MAX_THREADS = 12 };

/* A name or a comment that other readers find too long. */
static bool is_cut(const unsigned char *text, size_t size)
{
    return text && !memchr(text, '\0', size);
}

/* The members in a row as zlib alone has them, which is what devices do, up to one with a long
 * name.
 */
static struct fuzz_outcome decode_by_zlib(const uint8_t *data, size_t size)
{
    struct fuzz_outcome outcome = {.bytes = malloc(FUZZ_DECODER_MAX_BYTES)};
    z_stream stream = {.next_in = data, .avail_in = (uInt)size};
    unsigned char name[ARTIFACT_INFLATE_NAME_BYTES], comment[ARTIFACT_INFLATE_NAME_BYTES];
    int status;

    REQUIRE(outcome.bytes && inflateInit2(&stream, GZIP_WINDOW) == Z_OK);
    stream.next_out = outcome.bytes;
    stream.avail_out = FUZZ_DECODER_MAX_BYTES;
    do {
        gz_header header = {
            .name = name, .name_max = sizeof name, .comment = comment, .comm_max = sizeof comment};
        uInt before = stream.avail_out;
        REQUIRE(inflateReset(&stream) == Z_OK);
        REQUIRE(inflateGetHeader(&stream, &header) == Z_OK);
        status = inflate(&stream, Z_FINISH);
        if (header.done == 1 &&
            (is_cut(header.name, sizeof name) || is_cut(header.comment, sizeof comment))) {
            stream.avail_out = before;
            status = Z_DATA_ERROR;
        }
    } while (status == Z_STREAM_END && stream.avail_in > 0);
    outcome.is_ok = status == Z_STREAM_END;
    outcome.length = FUZZ_DECODER_MAX_BYTES - stream.avail_out;
    inflateEnd(&stream);
    return outcome;
}

/* For a decoder that is not asked how many it may have. */
static unsigned threads;

static struct artifact_decoder *decoder_new(const struct artifact_source *source,
                                            struct artifact_error *error)
{
    return artifact_gunzip_new(source, threads, error);
}

/* Down to what comes out before damage is met. */
static void require_same(const struct fuzz_outcome *ours, const struct fuzz_outcome *theirs)
{
    size_t common = ours->length < theirs->length ? ours->length : theirs->length;
    if (ours->length < FUZZ_DECODER_MAX_BYTES && theirs->length < FUZZ_DECODER_MAX_BYTES) {
        REQUIRE(ours->is_ok == theirs->is_ok);
        REQUIRE(ours->length == theirs->length);
    }
    REQUIRE(memcmp(ours->bytes, theirs->bytes, common) == 0);
}

/* The input's length is also what chooses the number of threads. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct artifact_compressor compressor = {.decoder_new = decoder_new,
                                                   .decode = artifact_gunzip,
                                                   .decoder_free = artifact_gunzip_free};
    threads = 1 + (unsigned)(size % MAX_THREADS);
    struct fuzz_outcome theirs = decode_by_zlib(data, size);
    struct fuzz_outcome whole = fuzz_decode(&compressor, data, size, size, 1 << 16);
    struct fuzz_outcome pieces = fuzz_decode(&compressor, data, size, 7, 509);
    require_same(&whole, &theirs);
    require_same(&pieces, &theirs);
    free(pieces.bytes);
    free(whole.bytes);
    free(theirs.bytes);
    return 0;
}
