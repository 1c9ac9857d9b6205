// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <string.h>

size_t text_printable_length(const unsigned char *text)
{
    static const struct {
        unsigned char first, last; /* of the lead byte */
        unsigned char low, high;   /* bounds of the byte after it, without overlong forms */
        size_t length;
    } forms[] = {
        {0x20, 0x7e, 0x00, 0xff, 1}, {0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t i = 0, count = sizeof forms / sizeof forms[0];
    while (i < count && (text[0] < forms[i].first || text[0] > forms[i].last))
        i++;
    if (i == count || text[1] < forms[i].low || text[1] > forms[i].high)
        return 0;
    for (size_t k = 2; k < forms[i].length; k++) {
        if (text[k] < 0x80 || text[k] > 0xbf)
            return 0;
    }
    return forms[i].length;
}

void text_make_printable(char *text, const char *kept)
{
    for (char *at = text; *at;) {
        size_t length = text_printable_length((const unsigned char *)at);
        if (length == 0 && !strchr(kept, *at))
            *at = '?';
        at += length > 0 ? length : 1;
    }
}
