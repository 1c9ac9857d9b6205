// SPDX-License-Identifier: Apache-2.0
#include "base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

/* Four letters become up to three bytes; 0 says that they are not base64. */
static size_t decode_block(unsigned char out[3], const char block[4])
{
    unsigned long bits = 0;
    size_t padding = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *at = block[i] ? strchr(alphabet, block[i]) : NULL;
        if (block[i] == '=' && i >= 2)
            padding++;
        else if (!at || padding > 0)
            return 0;
        bits = bits << 6 | (at ? (unsigned long)(at - alphabet) : 0);
    }
    out[0] = (unsigned char)(bits >> 16);
    out[1] = (unsigned char)(bits >> 8);
    out[2] = (unsigned char)bits;
    return 3 - padding;
}

bool base64_decode(unsigned char **out, size_t *out_length, const char *text, size_t length)
{
    unsigned char *bytes = malloc(length / 4 * 3 + 3);
    if (!bytes)
        return false;

    char block[4];
    size_t pending = 0, used = 0;
    bool is_valid = true, is_ended = false;
    for (size_t i = 0; i < length && is_valid; i++) {
        if (is_space(text[i]))
            continue;
        block[pending++] = text[i];
        if (is_ended)
            is_valid = false;
        if (pending < sizeof block)
            continue;
        size_t count = decode_block(bytes + used, block);
        is_valid = is_valid && count > 0;
        is_ended = count < 3;
        used += count;
        pending = 0;
    }
    if (!is_valid || pending > 0) {
        free(bytes);
        return false;
    }
    *out = bytes;
    *out_length = used;
    return true;
}

char *base64_encode(const unsigned char *bytes, size_t length)
{
    if (length > INT_MAX / 2)
        return NULL;
    char *text = malloc(length / 3 * 4 + 5);
    if (!text)
        return NULL;
    text[0] = '\0'; /* which EVP_EncodeBlock leaves alone when there is nothing to encode */
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    return text;
}
