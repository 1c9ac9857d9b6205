// SPDX-License-Identifier: Apache-2.0
/* Bytes that a test makes, feeds to a decoder in pieces, and compares. Aborts out of memory. */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include <stddef.h>

/* Made zero. */
struct bytes {
    unsigned char *data;
    size_t length;
    size_t capacity;
    size_t position; /* when taken */
    size_t step;     /* when taken: at most so many at once; 0: as many as asked for */
};

void bytes_free(struct bytes *bytes);
void bytes_append(struct bytes *bytes, const void *data, size_t length);

/* Up to `size` bytes from the position on, which moves. Returns how many. */
size_t bytes_take(struct bytes *bytes, unsigned char *data, size_t size);

/* Text that compresses, then noise that does not; the same on each run. */
struct bytes bytes_sample(size_t length);

#endif
