// SPDX-License-Identifier: Apache-2.0
#include "tar_headers.h"

#include <string.h>

/* Fields of a header (pax(1), "ustar Interchange Format"). */
enum {
    BLOCK = 512,
    MODE = 100,
    UID = 108,
    GID = 116,
    SIZE = 124,
    MTIME = 136,
    SUM = 148,
    TYPE = 156,
    MAGIC = 257,
    DEV_MAJOR = 329,
    DEV_MINOR = 337,
    SHORT = 8,
    LONG = 12,
};

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\0';
}

/* Octal digits with blanks around them, or none at all, which is 0. */
static bool parse_octal(const unsigned char *field, size_t length, uint64_t *value)
{
    size_t at = 0;
    *value = 0;
    while (at < length && is_blank(field[at]))
        at++;
    for (; at < length && field[at] >= '0' && field[at] <= '7'; at++)
        *value = *value * 8 + (uint64_t)(field[at] - '0');
    /* What follows a NUL is nobody's business. */
    while (at < length && field[at] == ' ')
        at++;
    return at == length || field[at] == '\0';
}

/* The first bit says that the number is binary, and the second that it is negative, as no size is:
 * its value is then 0. */
static bool parse_binary(const unsigned char *field, size_t length, uint64_t *value)
{
    *value = *field & 0x40 ? 0 : *field & 0x3f;
    for (size_t i = 1; i < length && !(*field & 0x40); i++) {
        if (*value > UINT64_MAX >> 9)
            return false;
        *value = *value << 8 | field[i];
    }
    return true;
}

static bool parse_number(const unsigned char *field, size_t length, uint64_t *value)
{
    return *field & 0x80 ? parse_binary(field, length, value) : parse_octal(field, length, value);
}

static bool are_numbers(const unsigned char *header, uint64_t *size)
{
    static const struct {
        int at, length;
    } fields[] = {{MODE, SHORT}, {UID, SHORT}, {GID, SHORT}, {MTIME, LONG}, {SIZE, LONG}};
    bool has_devices = memcmp(header + MAGIC, "ustar", 5) == 0;
    uint64_t device;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!parse_number(header + fields[i].at, (size_t)fields[i].length, size))
            return false;
    }
    return !has_devices || (parse_number(header + DEV_MAJOR, SHORT, &device) &&
                            parse_number(header + DEV_MINOR, SHORT, &device));
}

/* The sum of all bytes, its own field counted as blanks. */
static bool is_header(const unsigned char *block)
{
    uint64_t wanted = 0, sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM && i < SUM + SHORT ? ' ' : block[i];
    return parse_octal(block + SUM, SHORT, &wanted) && sum == wanted;
}

/* Whether a member of this header is as long as the header says, of which `length` bytes follow. */
static bool is_size_plain(const unsigned char *header, uint64_t size, size_t length)
{
    switch (header[TYPE]) {
    case '\0':
    case '0':
    case 'K':
    case 'L':
        return size <= UINT64_MAX / 2;
    case 'g':
    case 'x': /* pax headers may give the size of what follows */
        return size <= length && !memmem(header + BLOCK, (size_t)size, " size=", 6);
    default:
        return false;
    }
}

size_t artifact_tar_headers_check(struct artifact_tar_headers *headers, const unsigned char *bytes,
                                  size_t length)
{
    uint64_t begin = headers->offset;
    headers->offset += length;
    while (!headers->is_bad && !headers->is_over && headers->next + BLOCK <= headers->offset) {
        size_t at = (size_t)(headers->next - begin);
        uint64_t size = 0;
        if (!is_header(bytes + at)) /* the end, or what libarchive refuses */
            headers->is_over = true;
        else if (!are_numbers(bytes + at, &size))
            headers->is_bad = true;
        else if (!is_size_plain(bytes + at, size, length - at - BLOCK))
            headers->is_over = true;
        else
            headers->next += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    if (!headers->is_bad)
        return length;
    return headers->next < begin ? 0 : (size_t)(headers->next - begin);
}
