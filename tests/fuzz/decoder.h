// SPDX-License-Identifier: Apache-2.0
/* What the targets of the decoders share. */
#ifndef TESTS_FUZZ_DECODER_H
#define TESTS_FUZZ_DECODER_H

#include "compress.h"

/* A decoder gives the same bytes and comes to the same end in whatever pieces it is fed and
 * drained.
 */
void fuzz_decoder(const struct artifact_compressor *compressor, const uint8_t *data, size_t size);

#endif
