// SPDX-License-Identifier: Apache-2.0
/* An input as what libartifact takes: a source of bytes, or a file; and the keys to read it with.
 */
#ifndef TESTS_FUZZ_INPUTS_H
#define TESTS_FUZZ_INPUTS_H

#include "compress.h"

struct fuzz_memory {
    const uint8_t *bytes;
    size_t length;
    size_t step; /* what one read gives at most */
};

/* Reads what is left of the memory. */
struct artifact_source fuzz_memory_source(struct fuzz_memory *memory);

/* A file in memory, for close(2), and the path to open it by. */
int fuzz_file(char path[64], const void *bytes, size_t length);

/* A key of the test vectors, by the name of its file. The caller keeps it for good. */
EVP_PKEY *fuzz_key(const char *name, enum artifact_key_use use);

#endif
