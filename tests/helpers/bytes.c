// SPDX-License-Identifier: Apache-2.0
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

void bytes_append(struct bytes *bytes, const void *data, size_t length)
{
    if (length == 0)
        return;
    if (bytes->length + length > bytes->capacity) {
        bytes->capacity = 2 * (bytes->length + length);
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (!bytes->data)
            abort();
    }
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

size_t bytes_take(struct bytes *bytes, unsigned char *data, size_t size)
{
    size_t length = bytes->length - bytes->position;
    if (length > size)
        length = size;
    if (bytes->step > 0 && length > bytes->step)
        length = bytes->step;
    if (length > 0)
        memcpy(data, bytes->data + bytes->position, length);
    bytes->position += length;
    return length;
}

struct bytes bytes_sample(size_t length)
{
    struct bytes bytes = {.data = malloc(length + 1), .length = length, .capacity = length + 1};
    unsigned state = 1;
    if (!bytes.data)
        abort();
    for (size_t i = 0; i < length; i++) {
        state = state * 1664525u + 1013904223u;
        bytes.data[i] = i < length / 2 ? (unsigned char)(i % 50) : (unsigned char)(state >> 24);
    }
    return bytes;
}
