// SPDX-License-Identifier: Apache-2.0
/* Bytes with a ceiling, cleansed when freed. */
#ifndef SS_BUFFER_H
#define SS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct ss_buffer {
    unsigned char *bytes; /* terminated by a NUL that does not count; NULL when empty */
    size_t length;
    size_t capacity;
    size_t max_bytes;
};

void ss_buffer_init(struct ss_buffer *buffer, size_t max_bytes);

/* False when the ceiling would be passed or memory is short; the buffer is then as it was. */
bool ss_buffer_append(struct ss_buffer *buffer, const void *bytes, size_t length);

/* Forgets the contents (cleansed) and keeps the ceiling. */
void ss_buffer_clear(struct ss_buffer *buffer);

/* A whole regular file; false, with errno set, when it cannot be read or is over the ceiling
 * (EFBIG). */
bool ss_buffer_read_file(struct ss_buffer *buffer, const char *path);

#endif
