// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"

#include "decoder.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    free(fuzz_decoder(&artifact_compressor_xz, data, size).bytes);
    return 0;
}
