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

/* ---- Records of pax headers, which may say how long the next member is ---- */

static bool take_digit(uint64_t *number, unsigned char byte)
{
    if (byte < '0' || byte > '9' || *number > INT64_MAX / 10 - 1)
        return false;
    *number = *number * 10 + (uint64_t)(byte - '0');
    return true;
}

/* False where it cannot be a record's. */
static bool take_record_byte(struct artifact_pax_record *record, unsigned char byte)
{
    static const char key[] = "size";
    enum { KEY_LENGTH = sizeof key - 1 };
    bool is_last = record->part != ARTIFACT_PAX_LENGTH && ++record->seen == record->length;
    if (is_last)
        return record->part == ARTIFACT_PAX_VALUE && byte == '\n';
    switch (record->part) {
    case ARTIFACT_PAX_LENGTH:
        record->seen++;
        if (byte != ' ')
            return take_digit(&record->length, byte);
        record->part = ARTIFACT_PAX_KEY;
        return record->length > record->seen;
    case ARTIFACT_PAX_KEY:
        if (byte == '=') {
            record->part = ARTIFACT_PAX_VALUE;
            return record->key_matched > 0;
        }
        if (record->key_matched < KEY_LENGTH && byte == (unsigned char)key[record->key_matched])
            record->key_matched++;
        else
            record->key_matched = KEY_LENGTH + 1;
        return byte != '\0';
    case ARTIFACT_PAX_VALUE:
        if (record->key_matched != KEY_LENGTH)
            return true;
        record->has_size = true;
        return take_digit(&record->size, byte);
    }
    return false;
}

static bool is_complete(const struct artifact_pax_record *record)
{
    return record->part == ARTIFACT_PAX_VALUE && record->seen == record->length;
}

/* Those of the bytes that belong to the records. */
static void look_at_records(struct artifact_tar_headers *headers, const unsigned char *bytes)
{
    struct artifact_pax_record *record = &headers->record;
    while (headers->next < headers->records_end && headers->next < headers->offset) {
        headers->next++;
        if (!take_record_byte(record, *bytes++)) {
            headers->is_bad = true;
            return;
        }
        if (!is_complete(record))
            continue;
        if (record->has_size) {
            headers->has_size = true;
            headers->size = record->size;
        }
        *record = (struct artifact_pax_record){0};
    }
    if (headers->next < headers->records_end)
        return;
    headers->is_bad = record->seen > 0;
    headers->next += (BLOCK - headers->next % BLOCK) % BLOCK;
    headers->records_end = 0;
}

/* ---- Headers ---- */

/* To what comes after a header, and of a member after its contents. */
static void go_on(struct artifact_tar_headers *headers, unsigned char type, uint64_t size)
{
    headers->next += BLOCK;
    if (type == 'x' && size > 0) {
        headers->records_end = headers->next + size;
        return;
    }
    bool is_member = type == '\0' || type == '0';
    uint64_t length = is_member && headers->has_size ? headers->size : size;
    if (is_member)
        headers->has_size = false;
    headers->next += (length + BLOCK - 1) / BLOCK * BLOCK;
}

/* Whether it is known how far on the next header is. Global pax headers ('g') may say how long any
 * of the members is. */
static bool is_plain(unsigned char type, uint64_t size)
{
    return size <= INT64_MAX && memchr("\0000KLx", type, 5);
}

static void look_at_header(struct artifact_tar_headers *headers, const unsigned char *block)
{
    uint64_t size = 0;
    headers->header = headers->next;
    if (!is_header(block)) /* the end, or what libarchive refuses */
        headers->is_over = true;
    else if (!are_numbers(block, &size))
        headers->is_bad = true;
    else if (!is_plain(block[TYPE], size))
        headers->is_over = true;
    else
        go_on(headers, block[TYPE], size);
}

size_t artifact_tar_headers_check(struct artifact_tar_headers *headers, const unsigned char *bytes,
                                  size_t length)
{
    uint64_t begin = headers->offset;
    headers->offset += length;
    while (!headers->is_bad && !headers->is_over && headers->next < headers->offset) {
        size_t at = (size_t)(headers->next - begin);
        if (headers->records_end > 0)
            look_at_records(headers, bytes + at);
        else if (length - at >= BLOCK)
            look_at_header(headers, bytes + at);
        else
            headers->is_over = true;
    }
    if (!headers->is_bad)
        return length;
    return headers->header < begin ? 0 : (size_t)(headers->header - begin);
}
