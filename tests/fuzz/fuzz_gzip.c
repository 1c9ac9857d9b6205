// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"

#include "decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_decoder(&artifact_compressor_gzip, data, size);
    return 0;
}
