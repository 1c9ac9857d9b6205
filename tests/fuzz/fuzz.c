// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_require(bool holds, const char *file, int line, const char *text)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, text);
    abort();
}

/* C0, DEL and, as UTF-8, C1: all that may move a terminal's cursor. */
static bool has_control(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0))
            return true;
    }
    return false;
}

void fuzz_require_sentence(const char *text)
{
    REQUIRE(text[0] != '\0');
    REQUIRE(!has_control(text));
}

char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    REQUIRE(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

char *fuzz_take_line(const uint8_t **data, size_t *size)
{
    const uint8_t *newline = *size == 0 ? NULL : memchr(*data, '\n', *size);
    size_t length = newline == NULL ? *size : (size_t)(newline - *data);
    size_t taken = newline == NULL ? length : length + 1;
    char *line = fuzz_text(*data, length);

    *data += taken;
    *size -= taken;
    return line;
}
