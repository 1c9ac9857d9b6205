// SPDX-License-Identifier: Apache-2.0
#include "craft.h"
#include "tar_reader.h"
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Gives out a tar in pieces of at most `piece` bytes, and fails at `failing_at`, if not 0. */
struct giver {
    const struct craft *tar;
    size_t position, piece, failing_at;
};

static bool give(void *user, unsigned char *bytes, size_t size, size_t *length,
                 struct artifact_error *error)
{
    struct giver *giver = user;
    if (giver->failing_at > 0 && giver->position >= giver->failing_at)
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, "disk", "the disk is on fire");
    *length = giver->tar->length - giver->position;
    *length = *length < size ? *length : size;
    *length = *length < giver->piece ? *length : giver->piece;
    memcpy(bytes, giver->tar->bytes + giver->position, *length);
    giver->position += *length;
    return true;
}

static struct artifact_tar_reader *open_reader(struct giver *giver)
{
    const struct artifact_source source = {give, giver};
    struct artifact_tar_reader *reader = artifact_tar_reader_new(&source, NULL);
    CHECK(reader != NULL);
    return reader;
}

/* Reads all members to the end of the source. */
static bool read_all(const struct craft *tar, uint64_t *trailing_bytes,
                     struct artifact_error *error)
{
    struct giver giver = {.tar = tar, .piece = SIZE_MAX};
    struct artifact_tar_reader *reader = open_reader(&giver);
    bool has_member = true, is_read = true;
    while (is_read && has_member) {
        struct artifact_member member;
        unsigned char bytes[100];
        size_t length = 1;
        is_read = artifact_tar_reader_next(reader, &has_member, &member, error);
        while (is_read && has_member && length > 0)
            is_read = artifact_tar_reader_read(reader, bytes, sizeof bytes, &length, error);
    }
    is_read = is_read && artifact_tar_reader_finish(reader, trailing_bytes, 0, error);
    artifact_tar_reader_free(reader);
    return is_read;
}

static void refuse(struct craft *tar, const char *part)
{
    uint64_t trailing_bytes;
    struct artifact_error error = {0};
    CHECK(!read_all(tar, &trailing_bytes, &error));
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_CONTAINS(error.message, part);
    craft_free(tar);
}

static void expect_trailing_data(struct craft *tar, bool is_wanted)
{
    uint64_t trailing_bytes = !is_wanted;
    struct artifact_error error = {0};
    CHECK(read_all(tar, &trailing_bytes, &error));
    CHECK_STR(error.message, "");
    CHECK_INT(trailing_bytes > 0, is_wanted);
    craft_free(tar);
}

/* ---- Members ---- */

static void test_the_size_of_pieces_changes_what_is_read(void)
{
    static const size_t pieces[] = {1, 7, 511, 512, 513, SIZE_MAX};
    struct craft tar = {0};
    craft_text(&tar, "a", "first");
    craft_text(&tar, "empty", "");
    craft_pax(&tar, "mtime", "5.25");
    craft_text(&tar, "b", "second");
    craft_end(&tar);

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        static const char *const names[] = {"a", "empty", "b"}, *const texts[] = {"first", "",
                                                                                  "second"};
        struct giver giver = {.tar = &tar, .piece = pieces[i]};
        struct artifact_tar_reader *reader = open_reader(&giver);
        struct artifact_member member;
        bool has_member = false;
        for (size_t j = 0; j < 3; j++) {
            size_t length = 0;
            CHECK(artifact_tar_reader_next(reader, &has_member, &member, NULL));
            CHECK(has_member && member.is_regular_file);
            CHECK_STR(member.name, names[j]);
            CHECK_INT(member.size, strlen(texts[j]));
            CHECK_INT(member.modified, j == 2 ? 5 : 0);
            char *text = artifact_tar_reader_slurp(reader, 100, &length, NULL);
            CHECK_STR(text, texts[j]);
            free(text);
        }
        CHECK(artifact_tar_reader_next(reader, &has_member, &member, NULL));
        CHECK(!has_member);
        artifact_tar_reader_free(reader);
    }
    craft_free(&tar);
}

static void test_unread_contents_are_taken_for_the_next_member(void)
{
    struct craft tar = {0};
    craft_text(&tar, "a", "0123456789");
    craft_text(&tar, "b", "x");
    craft_end(&tar);
    struct giver giver = {.tar = &tar, .piece = SIZE_MAX};
    struct artifact_tar_reader *reader = open_reader(&giver);
    struct artifact_member member;
    bool has_member = false;
    unsigned char bytes[4];
    size_t length = 0;
    CHECK(artifact_tar_reader_next(reader, &has_member, &member, NULL));
    CHECK(artifact_tar_reader_read(reader, bytes, 4, &length, NULL));
    CHECK_MEM(bytes, length, "0123", 4);
    CHECK(artifact_tar_reader_next(reader, &has_member, &member, NULL));
    CHECK(artifact_tar_reader_read(reader, bytes, 4, &length, NULL));
    CHECK_MEM(bytes, length, "x", 1);
    artifact_tar_reader_free(reader);
    craft_free(&tar);
}

/* The name of the first member, for free(); NULL when it is refused. */
static char *first_name(struct craft *tar)
{
    struct giver giver = {.tar = tar, .piece = SIZE_MAX};
    struct artifact_tar_reader *reader = open_reader(&giver);
    struct artifact_member member;
    bool has_member = false;
    char *name = NULL;
    if (artifact_tar_reader_next(reader, &has_member, &member, NULL) && has_member)
        name = strdup(member.name);
    artifact_tar_reader_free(reader);
    craft_free(tar);
    return name;
}

static void check_names_in_locale(const char *locale)
{
    setlocale(LC_ALL, locale);
    struct craft pax = {0}, raw = {0}, broken = {0};
    craft_pax(&pax, "path", "gr\xc3\xb6\xc3\x9f\x65");
    craft_text(&pax, "x", "");
    craft_end(&pax);
    craft_text(&raw, "gr\xc3\xb6\xc3\x9f\x65", "");
    craft_end(&raw);
    craft_pax(&broken, "path", "gr\xff");
    craft_text(&broken, "x", "");
    craft_end(&broken);

    char *pax_name = first_name(&pax), *raw_name = first_name(&raw);
    CHECK_STR(pax_name, "gr\xc3\xb6\xc3\x9f\x65");
    CHECK_STR(raw_name, "gr\xc3\xb6\xc3\x9f\x65");
    CHECK(first_name(&broken) == NULL);
    free(pax_name);
    free(raw_name);
    setlocale(LC_ALL, "C");
}

static void test_the_locale_changes_what_names_are_read(void)
{
    check_names_in_locale("C");
    check_names_in_locale("C.UTF-8");
}

static void test_something_else_passes_for_a_regular_file(void)
{
    /* hard link, symbolic link, devices, directory, FIFO */
    static const char types[] = "123456";
    for (const char *type = types; *type; type++) {
        struct craft tar = {0};
        craft_header(&tar, "x", *type, 0, "target");
        craft_end(&tar);
        struct giver giver = {.tar = &tar, .piece = SIZE_MAX};
        struct artifact_tar_reader *reader = open_reader(&giver);
        struct artifact_member member = {.is_regular_file = true};
        bool has_member = false;
        CHECK(artifact_tar_reader_next(reader, &has_member, &member, NULL));
        CHECK(has_member && !member.is_regular_file);
        artifact_tar_reader_free(reader);
        craft_free(&tar);
    }
    struct craft old = {0};
    craft_header(&old, "folder/", '0', 0, NULL);
    craft_end(&old);
    struct giver giver = {.tar = &old, .piece = SIZE_MAX};
    struct artifact_tar_reader *reader = open_reader(&giver);
    struct artifact_member member = {.is_regular_file = true};
    bool has_member = false;
    CHECK(artifact_tar_reader_next(reader, &has_member, &member, NULL));
    CHECK(!member.is_regular_file);
    artifact_tar_reader_free(reader);
    craft_free(&old);
}

static void test_a_sparse_file_is_filled_up_with_zeros(void)
{
    struct craft tar = {0};
    craft_pax(&tar, "GNU.sparse.map", "1000000,4");
    craft_pax(&tar, "GNU.sparse.size", "2000000");
    craft_text(&tar, "x", "data");
    craft_end(&tar);
    refuse(&tar, "");

    struct craft one = {0};
    craft_pax(&one, "GNU.sparse.size", "2000000");
    craft_text(&one, "x", "data");
    craft_end(&one);
    refuse(&one, "");
}

/* ---- Limits ---- */

static void test_a_pax_header_may_take_all_memory(void)
{
    struct craft tar = {0};
    size_t length = 4 * 1024 * 1024;
    char *value = malloc(length + 1);
    memset(value, 'x', length);
    value[length] = '\0';
    craft_pax(&tar, "path", value);
    craft_text(&tar, "x", "");
    craft_end(&tar);
    free(value);
    refuse(&tar, "not a readable tar");
}

static void test_headers_of_headers_exhaust_the_stack(void)
{
    struct craft tar = {0};
    for (int i = 0; i < 100; i++)
        craft_pax(&tar, "comment", "x");
    craft_text(&tar, "x", "");
    craft_end(&tar);
    refuse(&tar, "not a readable tar");
}

static void test_a_member_above_the_limit_is_read(void)
{
    struct craft tar = {0};
    craft_text(&tar, "x", "0123456789");
    craft_end(&tar);
    for (size_t limit = 9; limit <= 11; limit++) {
        struct giver giver = {.tar = &tar, .piece = SIZE_MAX};
        struct artifact_tar_reader *reader = open_reader(&giver);
        struct artifact_error error = {0};
        struct artifact_member member;
        bool has_member = false;
        size_t length = 0;
        CHECK(artifact_tar_reader_next(reader, &has_member, &member, NULL));
        char *text = artifact_tar_reader_slurp(reader, limit, &length, &error);
        CHECK_STR(text, limit < 10 ? NULL : "0123456789");
        CHECK_STR(error.message, limit < 10 ? "larger than 9 bytes" : "");
        free(text);
        artifact_tar_reader_free(reader);
    }
    craft_free(&tar);
}

/* ---- Broken and foreign archives ---- */

static void test_a_cut_tar_is_accepted(void)
{
    struct craft whole = {0};
    craft_text(&whole, "a", "0123456789");
    for (size_t cut = 0; cut < 512 + 10; cut += 29) {
        struct craft tar = {0};
        craft_append(&tar, whole.bytes, cut);
        refuse(&tar, "not a readable tar");
    }
    craft_free(&whole);
}

static void test_a_damaged_header_is_skipped(void)
{
    struct craft tar = {0};
    craft_text(&tar, "a", "x");
    size_t second = tar.length;
    craft_text(&tar, "b", "x");
    craft_text(&tar, "c", "x");
    craft_end(&tar);
    tar.bytes[second] ^= 1;
    refuse(&tar, "not a readable tar");
}

static void test_something_that_is_no_tar_is_read(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } others[] = {
        {"PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22}, /* an empty zip */
        {"!<arch>\n", 8},
        {"\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0", 20}, /* gzip */
        {"hello", 5},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct craft tar = {0};
        craft_append(&tar, others[i].bytes, others[i].length);
        refuse(&tar, "not a readable tar");
    }
}

static void test_the_sources_own_error_is_hidden(void)
{
    struct craft tar = {0};
    craft_text(&tar, "a", "0123456789");
    craft_end(&tar);
    struct giver giver = {.tar = &tar, .piece = 512, .failing_at = 512};
    struct artifact_tar_reader *reader = open_reader(&giver);
    struct artifact_error error = {0};
    struct artifact_member member;
    bool has_member = false;
    unsigned char bytes[10];
    size_t length = 0;
    /* What came before is read first. */
    CHECK(artifact_tar_reader_next(reader, &has_member, &member, &error) && has_member);
    CHECK(!artifact_tar_reader_read(reader, bytes, sizeof bytes, &length, &error));
    CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
    CHECK_STR(error.message, "the disk is on fire");
    CHECK(artifact_tar_reader_is_broken(reader));
    artifact_tar_reader_free(reader);
    craft_free(&tar);
}

/* ---- The end ---- */

static void test_an_archive_without_end_blocks_is_refused(void)
{
    struct craft none = {0}, one = {0};
    craft_text(&none, "a", "x");
    craft_text(&one, "a", "x");
    craft_end(&one);
    one.length -= 512;
    expect_trailing_data(&none, false);
    expect_trailing_data(&one, false);
}

static void test_half_an_end_is_an_end_whatever_follows(void)
{
    struct craft cut = {0}, other = {0};
    craft_text(&cut, "a", "x");
    craft_end(&cut);
    cut.length -= 10;
    refuse(&cut, "the second block of its end is cut");
    craft_text(&other, "a", "x");
    craft_end(&other);
    other.bytes[other.length - 1] = 'x';
    refuse(&other, "the second block of its end is not of zeros");
}

static void test_data_after_the_end_goes_unseen(void)
{
    static const unsigned char zeros[512];
    for (size_t blocks = 0; blocks < 1000; blocks = blocks * 3 + 1) {
        struct craft padded = {0}, trailed = {0};
        craft_text(&padded, "a", "x");
        craft_text(&trailed, "a", "x");
        craft_end(&padded);
        craft_end(&trailed);
        for (size_t i = 0; i < blocks; i++) {
            craft_append(&padded, zeros, sizeof zeros);
            craft_append(&trailed, zeros, sizeof zeros);
        }
        craft_append(&trailed, "x", 1);
        expect_trailing_data(&padded, false);
        expect_trailing_data(&trailed, true);
    }
    struct craft second = {0};
    craft_text(&second, "a", "x");
    craft_end(&second);
    craft_text(&second, "b", "x");
    craft_end(&second);
    expect_trailing_data(&second, true);
}

static void test_an_empty_archive_has_members(void)
{
    struct craft tar = {0};
    craft_end(&tar);
    expect_trailing_data(&tar, false);
}

UNIT_TESTS("tar_reader", UNIT_TEST(test_the_size_of_pieces_changes_what_is_read),
           UNIT_TEST(test_unread_contents_are_taken_for_the_next_member),
           UNIT_TEST(test_the_locale_changes_what_names_are_read),
           UNIT_TEST(test_something_else_passes_for_a_regular_file),
           UNIT_TEST(test_a_sparse_file_is_filled_up_with_zeros),
           UNIT_TEST(test_a_pax_header_may_take_all_memory),
           UNIT_TEST(test_headers_of_headers_exhaust_the_stack),
           UNIT_TEST(test_a_member_above_the_limit_is_read), UNIT_TEST(test_a_cut_tar_is_accepted),
           UNIT_TEST(test_a_damaged_header_is_skipped),
           UNIT_TEST(test_something_that_is_no_tar_is_read),
           UNIT_TEST(test_the_sources_own_error_is_hidden),
           UNIT_TEST(test_an_archive_without_end_blocks_is_refused),
           UNIT_TEST(test_half_an_end_is_an_end_whatever_follows),
           UNIT_TEST(test_data_after_the_end_goes_unseen),
           UNIT_TEST(test_an_empty_archive_has_members))
