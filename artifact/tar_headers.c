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
    LINK = 157,
    MAGIC = 257,
    DEV_MAJOR = 329,
    DEV_MINOR = 337,
    GNU_ATIME = 345,
    GNU_CTIME = 357,
    STAR_ATIME = 476,
    STAR_CTIME = 488,
    STAR_MAGIC = 508,
    SHORT = 8,
    LONG = 12,
};

static const char bad_number[] = "a number in a member's header is malformed",
                  no_sparse[] = "sparse files are not taken";

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\0';
}

/* Octal digits with blanks around them, up to a NUL, or none at all, which is 0. *value is what
 * they say as far as they go. */
static bool parse_octal(const unsigned char *field, size_t length, uint64_t *value)
{
    size_t at = 0;
    *value = 0;
    while (length > 0 && is_blank(field[length - 1]))
        length--;
    while (at < length && is_blank(field[at]))
        at++;
    for (; at < length && field[at] >= '0' && field[at] <= '7'; at++)
        *value = *value * 8 + (uint64_t)(field[at] - '0');
    return at == length || field[at] == '\0';
}

/* The first bit says that the number is binary, and the second that it is negative, as no size is:
 * its value is then 0. */
static bool parse_binary(const unsigned char *field, size_t length, uint64_t *value)
{
    bool is_negative = *field & 0x40;
    unsigned char flip = is_negative ? 0xff : 0;
    *value = (*field ^ flip) & 0x3f;
    for (size_t i = 1; i < length; i++) {
        if (*value > UINT64_MAX >> 9)
            return false;
        *value = *value << 8 | (unsigned char)(field[i] ^ flip);
    }
    if (is_negative)
        *value = 0;
    return true;
}

static bool parse_number(const unsigned char *field, size_t length, uint64_t *value)
{
    return *field & 0x80 ? parse_binary(field, length, value) : parse_octal(field, length, value);
}

static bool is_gnu(const unsigned char *header)
{
    return memcmp(header + MAGIC, "ustar  \0", 8) == 0;
}

static bool is_ustar(const unsigned char *header)
{
    return memcmp(header + MAGIC, "ustar\0", 6) == 0 || is_gnu(header);
}

static bool is_star(const unsigned char *header)
{
    return memcmp(header + MAGIC, "ustar\0", 6) == 0 &&
           memcmp(header + STAR_MAGIC, "tar\0", 4) == 0;
}

struct field {
    int at, length;
};

static bool are_numbers(const unsigned char *header, const struct field *fields, size_t count)
{
    uint64_t value;
    for (size_t i = 0; i < count; i++) {
        if (!parse_number(header + fields[i].at, (size_t)fields[i].length, &value))
            return false;
    }
    return true;
}

static bool has_numbers(const unsigned char *header)
{
    static const struct field all[] = {{MODE, SHORT}, {UID, SHORT}, {GID, SHORT}, {MTIME, LONG}},
                              ustar[] = {{DEV_MAJOR, SHORT}, {DEV_MINOR, SHORT}},
                              star[] = {{STAR_ATIME, LONG}, {STAR_CTIME, LONG}};
    return are_numbers(header, all, sizeof all / sizeof all[0]) &&
           (!is_ustar(header) || are_numbers(header, ustar, sizeof ustar / sizeof ustar[0])) &&
           (!is_star(header) || are_numbers(header, star, sizeof star / sizeof star[0]));
}

/* In GNU's headers libarchive does not look at these times. To Go's reader what is no time is the
 * beginning of the member's path, which early writers of its own put there. */
static bool has_gnu_times(const unsigned char *header)
{
    static const struct field times[] = {{GNU_ATIME, LONG}, {GNU_CTIME, LONG}};
    return !is_gnu(header) || are_numbers(header, times, sizeof times / sizeof times[0]);
}

/* The sum of all bytes, its own field counted as blanks; some took the bytes for signed ones.
 * *is_octal: nothing follows the digits that is not theirs. */
static bool is_header(const unsigned char *block, bool *is_octal)
{
    uint64_t wanted = 0, sum = 0, high = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        unsigned char byte = i >= SUM && i < SUM + SHORT ? ' ' : block[i];
        sum += byte;
        high += byte > 0x7f ? 0x100 : 0;
    }
    *is_octal = parse_octal(block + SUM, SHORT, &wanted);
    return sum == wanted || (sum >= high && sum - high == wanted);
}

static void complain(struct artifact_tar_headers *headers, const char *problem, unsigned refused_by)
{
    headers->problem = problem;
    headers->refused_by = refused_by;
}

static unsigned tool_and(bool are_devices)
{
    return ARTIFACT_MENDER_ARTIFACT | (are_devices ? ARTIFACT_DEVICES : 0);
}

/* ---- Records of pax headers, which may say how long the next member is ---- */

static void complain_of_record(struct artifact_tar_headers *headers)
{
    /* libarchive takes name and size from any of these records, Go's reader from those that make
     * a whole. */
    if (headers->record.kind == ARTIFACT_PAX_SPARSE)
        complain(headers, no_sparse, 0);
    else
        complain(headers, "a record of a pax header is malformed",
                 tool_and(!headers->record.has_bad_value));
}

/* Those of the bytes that belong to the records. */
static void look_at_records(struct artifact_tar_headers *headers, const unsigned char *bytes)
{
    struct artifact_pax_record *record = &headers->record;
    while (headers->next < headers->records_end && headers->next < headers->offset) {
        headers->next++;
        if (!artifact_pax_record_take(record, *bytes++)) {
            complain_of_record(headers);
            return;
        }
        if (!artifact_pax_record_is_complete(record))
            continue;
        uint64_t size;
        if (artifact_pax_record_get_size(record, &size)) {
            headers->has_size = true;
            headers->size = size;
        }
        *record = (struct artifact_pax_record){0};
    }
    if (headers->next < headers->records_end)
        return;
    if (record->seen > 0)
        complain_of_record(headers);
    headers->next += (BLOCK - headers->next % BLOCK) % BLOCK;
    headers->records_end = 0;
}

/* ---- Headers ---- */

static bool is_file(unsigned char type)
{
    return type == '\0' || type == '0' || type == '7';
}

/* To what comes after a header, and of a file after its contents. */
static void go_on(struct artifact_tar_headers *headers, unsigned char type, uint64_t size)
{
    headers->next += BLOCK;
    headers->has_records = !is_file(type) && (headers->has_records || type == 'x');
    headers->has_long_name = !is_file(type) && (headers->has_long_name || type == 'L');
    if (type == 'x' && size > 0) {
        headers->records_end = headers->next + size;
        return;
    }
    uint64_t length = is_file(type) && headers->has_size ? headers->size : size;
    if (is_file(type))
        headers->has_size = false;
    headers->next += (length + BLOCK - 1) / BLOCK * BLOCK;
}

/* A type that libarchive makes something else of than Go's reader: the first three it passes over,
 * or reads as an 'x', and what it does not know it takes for a file, as some of its releases do
 * with a link without a target. Links, devices and directories are left to whoever wants the
 * member. */
static bool refuse_type(struct artifact_tar_headers *headers, const unsigned char *block)
{
    static const char others[] = "123456DKLx";
    unsigned char type = block[TYPE];
    if (type == 'g')
        complain(headers, "a header of the type 'g', which is no member's", tool_and(false));
    else if (type == 'X')
        complain(headers, "a header of the type 'X', which is no member's", tool_and(false));
    else if (type == 'V')
        complain(headers, "a header of the type 'V', which is no member's", tool_and(false));
    else if (type == '1' && block[LINK] == '\0')
        complain(headers, "a hard link without a target", tool_and(true));
    else if (type == 'S')
        complain(headers, no_sparse, is_gnu(block) ? 0 : tool_and(false));
    else if (!is_file(type) && !strchr(others, type))
        complain(headers, "a header of a type that is none of a file's", 0);
    return headers->problem != NULL;
}

/* Whether it is known how far on the next header is. */
static bool is_plain(unsigned char type, uint64_t size)
{
    return size <= INT64_MAX && (is_file(type) || type == 'K' || type == 'L' || type == 'x');
}

/* By that one libarchive decides whether it is a tar at all. */
static bool is_first(const struct artifact_tar_headers *headers)
{
    return headers->header == 0;
}

/* In Go's reader GNU's name counts, in others that of the later header. */
static bool has_two_names(const struct artifact_tar_headers *headers, unsigned char type)
{
    return (type == 'L' && headers->has_records) || (type == 'x' && headers->has_long_name);
}

static void look_at_header(struct artifact_tar_headers *headers, const unsigned char *block)
{
    uint64_t size = 0;
    bool is_octal;
    headers->header = headers->next;
    if (!is_header(block, &is_octal)) /* the end, or what libarchive refuses */
        headers->is_over = true;
    else if (!is_octal)
        complain(headers, "a header's checksum is malformed", tool_and(false));
    else if (!has_numbers(block) || !parse_number(block + SIZE, LONG, &size))
        complain(headers, bad_number, tool_and(is_first(headers)));
    else if (!has_gnu_times(block))
        complain(headers, bad_number, tool_and(false));
    else if (refuse_type(headers, block))
        return;
    else if (has_two_names(headers, block[TYPE]))
        complain(headers, "a pax header and a GNU header give the same member a name",
                 tool_and(false));
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
    while (!headers->problem && !headers->is_over && headers->next < headers->offset) {
        size_t at = (size_t)(headers->next - begin);
        if (headers->records_end > 0)
            look_at_records(headers, bytes + at);
        else if (length - at >= BLOCK)
            look_at_header(headers, bytes + at);
        else
            headers->is_over = true;
    }
    if (!headers->problem)
        return length;
    return headers->header < begin ? 0 : (size_t)(headers->header - begin);
}
