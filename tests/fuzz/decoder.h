// SPDX-License-Identifier: Apache-2.0
/* What the targets of the decoders share. */
#ifndef TESTS_FUZZ_DECODER_H
#define TESTS_FUZZ_DECODER_H

#include "compress.h"

/* What is over this is not waited for: a few bytes may stand for any number. */
enum { FUZZ_DECODER_MAX_BYTES = 1 << 20 };

/* How a decoding ended. */
struct fuzz_outcome {
    bool is_ok; /* up to the end, or as far as anybody waited */
    unsigned char *bytes;
    size_t length;
};

/* Feeds the data in pieces of up to `fed` bytes, and drains what they become in such of `drained`.
 * The bytes are for free(). */
struct fuzz_outcome fuzz_decode(const struct artifact_compressor *compressor, const uint8_t *data,
                                size_t size, size_t fed, size_t drained);

/*
 * A decoder gives the same bytes and comes to the same end in whatever pieces it is fed and
 * drained. Returns how that is for the data as a whole; its bytes are for free().
 */
struct fuzz_outcome fuzz_decoder(const struct artifact_compressor *compressor, const uint8_t *data,
                                 size_t size);

#endif
