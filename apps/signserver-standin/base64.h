// SPDX-License-Identifier: Apache-2.0
/* RFC 4648 base64 as SignServer reads and writes it. */
#ifndef STANDIN_BASE64_H
#define STANDIN_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The standard alphabet with padding. White space is skipped; missing padding, the URL alphabet and
 * anything after the padding are refused. `*out` is for free(), and never NULL on success; false
 * also when memory runs out.
 */
bool base64_decode(unsigned char **out, size_t *out_length, const char *text, size_t length);

/* One line, NUL-terminated, for free(); NULL when memory runs out. */
char *base64_encode(const unsigned char *bytes, size_t length);

#endif
