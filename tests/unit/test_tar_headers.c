// SPDX-License-Identifier: Apache-2.0
#include "craft.h"
#include "tar_headers.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static const char bad_number[] = "a number in a member's header is malformed",
                  bad_record[] = "a record of a pax header is malformed";

enum {
    THE_TOOL = ARTIFACT_MENDER_ARTIFACT,
    EVERYONE = ARTIFACT_MENDER_ARTIFACT | ARTIFACT_DEVICES
};

/* Looks at the tar in such pieces; returns how many bytes came before what is wrong. */
static size_t look(struct artifact_tar_headers *headers, const struct craft *tar, size_t piece)
{
    size_t good = 0;
    for (size_t at = 0; at < tar->length; at += piece) {
        size_t rest = tar->length - at;
        good += artifact_tar_headers_check(headers, tar->bytes + at, rest < piece ? rest : piece);
    }
    return good;
}

static const size_t pieces[] = {512, 3 * 512, 1 << 20};

/* In whatever pieces it comes. */
static void refuse(struct craft *tar, const char *problem, unsigned refused_by)
{
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct artifact_tar_headers headers = {0};
        CHECK(look(&headers, tar, pieces[i]) < tar->length);
        CHECK(headers.problem != NULL);
        CHECK_CONTAINS(headers.problem, problem);
        CHECK_INT(headers.refused_by, refused_by);
    }
    craft_free(tar);
}

static void expect_fine(struct craft *tar)
{
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct artifact_tar_headers headers = {0};
        CHECK_INT(look(&headers, tar, pieces[i]), tar->length);
        CHECK(headers.problem == NULL);
    }
    craft_free(tar);
}

/* The sum of a header, of bytes as they are or as signed ones, and what comes after its digits. */
static void seal(unsigned char *header, bool is_signed, const char *after)
{
    char digits[16];
    int sum = 0;
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += header[i] - (is_signed && header[i] > 0x7f ? 0x100 : 0);
    memset(header + 148, 0, 8);
    memcpy(header + 148, digits,
           (size_t)snprintf(digits, sizeof digits, "%05o%s", (unsigned)sum & 077777, after));
}

/* Adds a member in whose header a field has this text, and the sum is right. */
static void append_with_field(struct craft *tar, size_t at, size_t length, const char *text)
{
    size_t begin = tar->length;
    craft_text(tar, "b", "");
    unsigned char *header = tar->bytes + begin;
    memset(header + at, 0, length);
    memcpy(header + at, text, strlen(text));
    seal(header, false, "");
}

/* A tar of two members, the second of which is such a one. */
static struct craft with_field(size_t at, size_t length, const char *text)
{
    struct craft tar = {0};
    craft_text(&tar, "a", "0123456789");
    append_with_field(&tar, at, length, text);
    craft_end(&tar);
    return tar;
}

static void test_what_a_number_is_not_is_guessed(void)
{
    static const struct {
        size_t at, length;
    } fields[] = {{100, 8}, {108, 8}, {116, 8}, {124, 12}, {136, 12}, {329, 8}, {337, 8}};
    static const char *const numbers[] = {"", "0000000", " 0 ", "0", "\x80"},
                             *const others[] = {"z",  "0x",  "8",
                                                "-1", "0 1", "\xbf\xff\xff\xff\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        for (size_t j = 0; j < sizeof numbers / sizeof numbers[0]; j++) {
            struct craft tar = with_field(fields[i].at, fields[i].length, numbers[j]);
            expect_fine(&tar);
        }
        /* The last is too large only where there is room for it. */
        for (size_t j = 0; j < sizeof others / sizeof others[0] - (fields[i].length == 8); j++) {
            struct craft tar = with_field(fields[i].at, fields[i].length, others[j]);
            refuse(&tar, bad_number, THE_TOOL);
        }
    }
}

/* Whatever the contents look like, they are no headers. */
static void test_contents_are_taken_for_headers(void)
{
    char zeds[2048];
    memset(zeds, 'z', sizeof zeds);
    for (size_t length = 0; length < sizeof zeds; length += 511) {
        struct craft tar = {0};
        craft_pax(&tar, "comment", "x");
        craft_file(&tar, "a", zeds, length);
        craft_file(&tar, "b", zeds, length);
        craft_end(&tar);
        expect_fine(&tar);
    }
    struct craft tar = {0};
    craft_pax(&tar, "size", "2048");
    craft_header(&tar, "a", '0', 0, NULL);
    craft_append(&tar, zeds, sizeof zeds);
    craft_end(&tar);
    expect_fine(&tar);
}

/* Into the block in which tars are read, of 128 KiB, or across its end, comes a pax header with a
 * size; after the member of that size comes a header whose number is none. */
static void test_what_a_number_is_not_is_guessed_after_a_size_in_a_pax_header(void)
{
    static const size_t lengths[] = {0, 1000, (1 << 17) - 1536, (1 << 17) - 1024, (1 << 17) - 512};
    static char contents[1 << 17];
    memset(contents, 'z', sizeof contents);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct craft tar = {0};
        craft_file(&tar, "first", contents, lengths[i]);
        craft_pax(&tar, "size", "2048");
        craft_header(&tar, "a", '0', 0, NULL);
        craft_append(&tar, contents, 2048);
        struct craft whole = {0};
        craft_append(&whole, tar.bytes, tar.length);
        append_with_field(&tar, 108, 8, "z");
        craft_end(&tar);
        craft_end(&whole);
        refuse(&tar, bad_number, THE_TOOL);
        expect_fine(&whole);
    }
}

static void test_values_in_pax_headers_that_others_refuse_are_taken(void)
{
    static const struct {
        const char *key, *value;
        bool is_fine;
    } rows[] = {
        {"uid", "-1", true},     {"uid", "9223372036854775807", true},
        {"mtime", "5.", true},   {"mtime", "-5.25", true},
        {"atime", "", true},     {"comment", "abc", true},
        {"uid", "abc", false},   {"uid", "9223372036854775808", false},
        {"gid", "1.5", false},   {"mtime", "1..5", false},
        {"mtime", ".5", false},  {"mtime", " 5", false},
        {"atime", "1e5", false}, {"ctime", "-", false},
        {"size", "-1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct craft tar = {0};
        craft_pax(&tar, rows[i].key, rows[i].value);
        craft_text(&tar, "a", "1");
        craft_end(&tar);
        if (rows[i].is_fine)
            expect_fine(&tar);
        else
            refuse(&tar, bad_record, THE_TOOL);
    }
}

/* For libarchive the name would end there. */
static void test_a_name_with_a_nul_is_cut(void)
{
    struct craft tar = {0};
    craft_header(&tar, "pax", 'x', 12, NULL);
    craft_append(&tar, "12 path=f\0g\n", 12);
    craft_append(&tar, (const char[500]){0}, 500);
    craft_text(&tar, "a", "1");
    craft_end(&tar);
    refuse(&tar, bad_record, THE_TOOL);
}

/* An empty member of the type, whose header has these twelve bytes as its time. */
static struct craft with_header(char type, const void *mtime, bool is_signed, const char *after)
{
    struct craft tar = {0};
    craft_header(&tar, "a", type, 0, NULL);
    memcpy(tar.bytes + 136, mtime, 12);
    seal(tar.bytes, is_signed, after);
    return tar;
}

static void test_after_a_header_that_is_unusual_nothing_is_looked_at(void)
{
    static const struct {
        char type;
        const char *mtime;
        bool is_signed;
        const char *after;
    } rows[] = {{'0', "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", true, ""},
                {'0', "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false, ""},
                {'7', "00000000000", false, ""},
                {'\0', "00000000000", false, " "}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int is_bad = 0; is_bad <= 1; is_bad++) {
            struct craft tar =
                with_header(rows[i].type, rows[i].mtime, rows[i].is_signed, rows[i].after);
            append_with_field(&tar, 108, 8, is_bad ? "z" : "0");
            craft_end(&tar);
            if (is_bad)
                refuse(&tar, bad_number, THE_TOOL);
            else
                expect_fine(&tar);
        }
    }
}

static void test_a_header_that_others_refuse_is_read(void)
{
    static const struct {
        char type;
        const char *mtime, *after, *problem;
        unsigned refused_by;
    } rows[] = {
        {'0', "00000000000", " 11", "a header's checksum is malformed", THE_TOOL},
        {'0', "1 \0001\0\0\0\0\0\0\0", "", bad_number, EVERYONE},
        {'0', "\xc0\0\0\0\0\0\0\0\0\0\0", "", bad_number, EVERYONE},
        {'g', "00000000000", "", "a header of the type 'g', which is no member's", THE_TOOL},
        {'X', "00000000000", "", "a header of the type 'X', which is no member's", THE_TOOL},
        {'V', "00000000000", "", "a header of the type 'V', which is no member's", THE_TOOL},
        {'S', "00000000000", "", "sparse files are not taken", THE_TOOL},
        {'1', "00000000000", "", "a hard link without a target", EVERYONE},
        {'Z', "00000000000", "", "a header of a type that is none of a file's", 0},
        {'A', "00000000000", "", "a header of a type that is none of a file's", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct craft tar = with_header(rows[i].type, rows[i].mtime, false, rows[i].after);
        craft_text(&tar, "b", "1");
        craft_end(&tar);
        refuse(&tar, rows[i].problem, rows[i].refused_by);
    }
}

static void test_a_malformed_record_of_a_pax_header_is_passed_over(void)
{
    static const struct {
        const char *records;
        unsigned refused_by;
    } rows[] = {
        {"x size=1\n", EVERYONE},
        {"14 comment=1\n", EVERYONE},
        {"8 size=1\n", EVERYONE},
        {"9 size1 \n", EVERYONE},
        {"5 =1\n", EVERYONE},
        {"9 size=1\n7", EVERYONE},
        {"9 size=1 ", EVERYONE},
        {"0 a=b\n", EVERYONE},
        {"99999999999999999999 a=b\n", EVERYONE},
        {"11 size=1x\n", THE_TOOL},
        {"11 size=1\n", THE_TOOL},
        {"11 size=-1\n", THE_TOOL},
        {"29 size=99999999999999999999\n", THE_TOOL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct craft tar = {0};
        size_t length = strlen(rows[i].records);
        craft_header(&tar, "pax", 'x', length, NULL);
        craft_append(&tar, rows[i].records, length);
        craft_append(&tar, (const char[512]){0}, 512 - length);
        craft_text(&tar, "a", "1");
        craft_end(&tar);
        refuse(&tar, bad_record, rows[i].refused_by);
    }
}

/* ---- Names ---- */

/* Each header has a name of its own for the member, and readers differ in which of them counts. */
static void test_the_name_that_counts_depends_on_the_reader(void)
{
    for (int is_pax_first = 0; is_pax_first <= 1; is_pax_first++) {
        struct craft tar = {0};
        if (is_pax_first)
            craft_pax(&tar, "path", "one");
        craft_gnu(&tar, "././@LongLink", 'L', "two", 4);
        if (!is_pax_first)
            craft_pax(&tar, "path", "one");
        craft_text(&tar, "a", "1");
        craft_end(&tar);
        refuse(&tar, "a pax header and a GNU header give the same member a name", THE_TOOL);
    }
}

static void test_headers_of_several_members_are_taken_for_those_of_one(void)
{
    struct craft tar = {0};
    craft_pax(&tar, "path", "one");
    craft_text(&tar, "a", "1");
    craft_gnu(&tar, "././@LongLink", 'L', "two", 4);
    craft_text(&tar, "b", "1");
    craft_pax(&tar, "path", "three");
    craft_text(&tar, "c", "1");
    craft_end(&tar);
    expect_fine(&tar);
}

/* Where GNU's headers have times, early ones of Go's have the beginning of a path, which others do
 * not read. */
static void test_a_directory_where_there_are_times_is_passed_over(void)
{
    static const struct {
        size_t at;
        const char bytes[12];
        bool is_fine;
    } rows[] = {
        {345, "folder", false},
        {357, "folder", false},
        {345, "", true},
        {345, "00000000001", true},
        {345, "\x80\0\0\0\0\0\0\0\0\0\1", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct craft tar = {0};
        craft_text(&tar, "a", "1");
        craft_set_field(&tar, 0, 257, "ustar  \0", 8);
        craft_set_field(&tar, 0, rows[i].at, rows[i].bytes, 12);
        craft_end(&tar);
        if (rows[i].is_fine)
            expect_fine(&tar);
        else
            refuse(&tar, bad_number, THE_TOOL);
    }
}

/* Of a sparse file one reader takes the name from such a record, and another from the header. */
static void test_a_record_of_a_sparse_file_renames_a_member(void)
{
    static const char *const keys[] = {"GNU.sparse.name", "GNU.sparse.major", "GNU.sparse.a"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct craft tar = {0};
        craft_pax(&tar, keys[i], "1");
        craft_text(&tar, "a", "1");
        craft_end(&tar);
        refuse(&tar, "sparse files are not taken", 0);
    }
    struct craft other = {0};
    craft_pax(&other, "GNU.sparse", "1");
    craft_pax(&other, "GNU.volume.name", "1");
    craft_text(&other, "a", "1");
    craft_end(&other);
    expect_fine(&other);
}

UNIT_TESTS("tar_headers", UNIT_TEST(test_what_a_number_is_not_is_guessed),
           UNIT_TEST(test_contents_are_taken_for_headers),
           UNIT_TEST(test_what_a_number_is_not_is_guessed_after_a_size_in_a_pax_header),
           UNIT_TEST(test_values_in_pax_headers_that_others_refuse_are_taken),
           UNIT_TEST(test_a_name_with_a_nul_is_cut),
           UNIT_TEST(test_after_a_header_that_is_unusual_nothing_is_looked_at),
           UNIT_TEST(test_a_header_that_others_refuse_is_read),
           UNIT_TEST(test_a_malformed_record_of_a_pax_header_is_passed_over),
           UNIT_TEST(test_the_name_that_counts_depends_on_the_reader),
           UNIT_TEST(test_headers_of_several_members_are_taken_for_those_of_one),
           UNIT_TEST(test_a_directory_where_there_are_times_is_passed_over),
           UNIT_TEST(test_a_record_of_a_sparse_file_renames_a_member))
