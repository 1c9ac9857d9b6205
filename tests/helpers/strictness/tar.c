// SPDX-License-Identifier: Apache-2.0
/* The headers of the payload's tar: what they are made of, whatever the names in them. */
#include "rows.h"

#include <string.h>

enum {
    BLOCK = 512,
    MODIFIED = 136, /* where fields of a header are, and how long */
    SUM = 148,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
    NUMBER = 12,
};

/* A header of the type with these records, which may be wrong, before the file. */
static struct craft with_records(char type, const char *records, size_t length)
{
    struct crafted crafted = {ONE_FILE};
    craft_header(&crafted.payload, "pax", type, length, NULL);
    craft_append(&crafted.payload, records, length);
    craft_append(&crafted.payload, (const char[BLOCK]){0}, BLOCK - length);
    craft_text(&crafted.payload, "one", "text");
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

/* The file's header with these bytes in a field. */
static struct craft with_field(size_t at, const void *bytes, size_t length)
{
    struct crafted crafted = {ONE_FILE};
    craft_text(&crafted.payload, "one", "text");
    craft_set_field(&crafted.payload, 0, at, bytes, length);
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

#define RECORDS(function, type, records)                                                           \
    static struct craft function(void)                                                             \
    {                                                                                              \
        return with_records(type, records, sizeof records - 1);                                    \
    }

#define FIELD(function, at, bytes)                                                                 \
    static struct craft function(void)                                                             \
    {                                                                                              \
        return with_field(at, bytes, sizeof bytes - 1);                                            \
    }

RECORDS(global, 'g', "13 comment=a\n")
RECORDS(solaris, 'X', "13 comment=a\n")
RECORDS(record_cut, 'x', "20 comment=a\n")
RECORDS(record_without_value, 'x', "11 comment\n")
RECORDS(record_size, 'x', "11 size=4x\n")
RECORDS(record_size_again, 'x', "11 size=99\n10 size=4\n")
RECORDS(record_time, 'x', "11 mtime=x\n")
RECORDS(record_name, 'x', "12 path=o\0n\n")
RECORDS(record_sparse, 'x', "23 GNU.sparse.name=two\n")
FIELD(number, MODIFIED, "0000000000z")
FIELD(number_negative, MODIFIED, "\xc0\0\0\0\0\0\0\0\0\0\0\0")
FIELD(number_binary, MODIFIED, "\x80\0\0\0\0\0\0\0\0\0\0\1")
FIELD(type_7, TYPE, "7")
FIELD(type_s, TYPE, "S")
FIELD(type_z, TYPE, "Z")
FIELD(type_link, TYPE, "1")
RECORDS(volume, 'V', "")

/* The name is in a pax header, and another in one of GNU tar's. */
static struct craft two_names(void)
{
    struct crafted crafted = {ONE_FILE};
    craft_pax(&crafted.payload, "path", "one");
    craft_gnu(&crafted.payload, "././@LongLink", 'L', "two", 4);
    craft_text(&crafted.payload, "three", "text");
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

/* A path's beginning where GNU tar has a time. */
static struct craft gnu_prefix(void)
{
    struct crafted crafted = {ONE_FILE};
    craft_text(&crafted.payload, "one", "text");
    craft_set_field(&crafted.payload, 0, MAGIC, "ustar  ", 8);
    craft_set_field(&crafted.payload, 0, PREFIX, "folder", 6);
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

static struct craft number_later(void)
{
    struct crafted crafted = {TWO_FILES};
    craft_text(&crafted.payload, "one", "text");
    size_t second = crafted.payload.length;
    craft_text(&crafted.payload, "two", "text");
    craft_set_field(&crafted.payload, second, MODIFIED, "0000000000z", 11);
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

static struct craft with_sum(const char *after, unsigned char added)
{
    struct crafted crafted = {ONE_FILE};
    craft_text(&crafted.payload, "one", "text");
    unsigned char *sum = crafted.payload.bytes + SUM;
    sum[5] = (unsigned char)(sum[5] + added);
    memcpy(sum + 6, after, 2);
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

static struct craft sum_wrong(void)
{
    return with_sum("\0 ", 1);
}

static struct craft sum_more(void)
{
    return with_sum(" 1", 0);
}

#define LAX_DEVICES "upstream's tool refuses it, and so do devices that read as it does"

const struct row rows_tar_headers[] = {
    {.name = "tar-global",
     .make = global,
     .ours = NO,
     .tool = NO,
     .words = "a header of the type 'g', which",
     .reason = LAX_DEVICES},
    {.name = "tar-solaris",
     .make = solaris,
     .ours = NO,
     .tool = NO,
     .words = "a header of the type 'X', which",
     .reason = LAX_DEVICES},
    {.name = "tar-volume",
     .make = volume,
     .ours = NO,
     .tool = NO,
     .words = "a header of the type 'V', which",
     .reason = LAX_DEVICES},
    {.name = "tar-record-cut",
     .make = record_cut,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "a record of a pax header is malformed"},
    {.name = "tar-record-without-value",
     .make = record_without_value,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "a record of a pax header is malformed"},
    {.name = "tar-record-size",
     .make = record_size,
     .ours = NO,
     .tool = NO,
     .words = "a record of a pax header is malformed",
     .reason = LAX_DEVICES},
    {.name = "tar-record-size-again", .make = record_size_again},
    {.name = "tar-record-time",
     .make = record_time,
     .ours = NO,
     .tool = NO,
     .words = "a record of a pax header is malformed",
     .reason = LAX_DEVICES},
    {.name = "tar-record-name",
     .make = record_name,
     .ours = NO,
     .tool = NO,
     .words = "a record of a pax header is malformed",
     .reason = LAX_DEVICES},
    {.name = "tar-record-sparse",
     .make = record_sparse,
     .ours = NO,
     .words = "sparse files are not taken",
     .reason = "what such a record says of a name counts for some readers and not for others"},
    {.name = "tar-two-names",
     .make = two_names,
     .ours = NO,
     .tool = NO,
     .words = "a pax header and a GNU header give the same member a name",
     .reason = LAX_DEVICES},
    {.name = "tar-gnu-prefix",
     .make = gnu_prefix,
     .ours = NO,
     .tool = NO,
     .words = "a number in a member's header is malformed",
     .reason = LAX_DEVICES},
    {.name = "tar-number",
     .make = number,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "a number in a member's header is malformed"},
    {.name = "tar-number-negative",
     .make = number_negative,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "a number in a member's header is malformed"},
    {.name = "tar-number-later",
     .make = number_later,
     .ours = NO,
     .tool = NO,
     .words = "a number in a member's header is malformed",
     .reason = LAX_DEVICES},
    {.name = "tar-number-binary", .make = number_binary},
    {.name = "tar-type-7", .make = type_7},
    {.name = "tar-type-link",
     .make = type_link,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "a hard link without a target"},
    {.name = "tar-type-sparse",
     .make = type_s,
     .ours = NO,
     .tool = NO,
     .words = "sparse files are not taken",
     .reason = LAX_DEVICES},
    {.name = "tar-type-unknown",
     .make = type_z,
     .ours = NO,
     .words = "a header of a type that is none of a file's",
     .reason = "only files may be in here, and this may be anything"},
    {.name = "tar-sum-wrong",
     .make = sum_wrong,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Unrecognized archive format"},
    {.name = "tar-sum-more",
     .make = sum_more,
     .ours = NO,
     .tool = NO,
     .words = "a header's checksum is malformed",
     .reason = LAX_DEVICES},
    {0},
};
