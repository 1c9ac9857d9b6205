// SPDX-License-Identifier: Apache-2.0
#include "decoder.h"

#include "fuzz.h"
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

struct fuzz_outcome fuzz_decode(const struct artifact_compressor *compressor, const uint8_t *data,
                                size_t size, size_t fed, size_t drained)
{
    struct fuzz_memory memory = {data, size, fed};
    struct artifact_error error = {0};
    struct artifact_source source = fuzz_memory_source(&memory);
    struct artifact_decoder *decoder = compressor->decoder_new(&source, &error);
    struct fuzz_outcome outcome = {.is_ok = true,
                                   .bytes = malloc(FUZZ_DECODER_MAX_BYTES + drained)};
    size_t length = 1;

    REQUIRE(decoder && outcome.bytes);
    while (outcome.is_ok && length > 0 && outcome.length < FUZZ_DECODER_MAX_BYTES) {
        length = 0;
        outcome.is_ok =
            compressor->decode(decoder, outcome.bytes + outcome.length, drained, &length, &error);
        REQUIRE(length <= drained);
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
    struct fuzz_outcome whole = fuzz_decode(compressor, data, size, size, 1 << 16);
    struct fuzz_outcome pieces = fuzz_decode(compressor, data, size, 7, 509);
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
