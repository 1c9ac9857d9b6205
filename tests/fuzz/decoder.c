// SPDX-License-Identifier: Apache-2.0
#include "decoder.h"

#include "fuzz.h"
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

static struct fuzz_outcome decode_all(const struct artifact_compressor *compressor,
                                      struct fuzz_memory memory, size_t piece)
{
    struct artifact_error error = {0};
    struct artifact_source source = fuzz_memory_source(&memory);
    struct artifact_decoder *decoder = compressor->decoder_new(&source, &error);
    struct fuzz_outcome outcome = {.is_ok = true, .bytes = malloc(FUZZ_DECODER_MAX_BYTES + piece)};
    size_t length = 1;

    REQUIRE(decoder && outcome.bytes);
    while (outcome.is_ok && length > 0 && outcome.length < FUZZ_DECODER_MAX_BYTES) {
        length = 0;
        outcome.is_ok =
            compressor->decode(decoder, outcome.bytes + outcome.length, piece, &length, &error);
        REQUIRE(length <= piece);
        outcome.length += outcome.is_ok ? length : 0;
    }
    if (!outcome.is_ok) {
        REQUIRE(error.code == ARTIFACT_INVALID);
        fuzz_require_sentence(error.message);
    }
    compressor->decoder_free(decoder);
    return outcome;
}

struct fuzz_outcome fuzz_decoder(const struct artifact_compressor *compressor, const uint8_t *data,
                                 size_t size)
{
    struct fuzz_outcome whole =
        decode_all(compressor, (struct fuzz_memory){data, size, size}, 1 << 16);
    struct fuzz_outcome pieces = decode_all(compressor, (struct fuzz_memory){data, size, 7}, 509);
    size_t common = whole.length < pieces.length ? whole.length : pieces.length;

    if (whole.length < FUZZ_DECODER_MAX_BYTES && pieces.length < FUZZ_DECODER_MAX_BYTES) {
        REQUIRE(whole.is_ok == pieces.is_ok);
        /* How much comes out before damage is met may depend on the pieces. */
        REQUIRE(!whole.is_ok || whole.length == pieces.length);
    }
    REQUIRE(memcmp(whole.bytes, pieces.bytes, common) == 0);
    free(pieces.bytes);
    return whole;
}
