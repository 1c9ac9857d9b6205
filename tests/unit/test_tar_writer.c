// SPDX-License-Identifier: Apache-2.0
#include "craft.h"
#include "tar_writer.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static struct artifact_error error;

struct target {
    struct craft tar;
    size_t refuse_from; /* fail when this many bytes would be reached; 0: never */
};

static bool append(void *user, const unsigned char *bytes, size_t length,
                   struct artifact_error *failure)
{
    struct target *target = user;
    if (target->refuse_from > 0 && target->tar.length + length >= target->refuse_from)
        return artifact_fail(failure, ARTIFACT_CANNOT_WRITE, NULL, "the sink is full");
    craft_append(&target->tar, bytes, length);
    return true;
}

static struct artifact_tar_writer *open_writer(struct target *target)
{
    struct artifact_sink sink = {append, target};
    error = (struct artifact_error){0};
    struct artifact_tar_writer *writer = artifact_tar_writer_new(&sink, &error);
    CHECK(writer != NULL);
    return writer;
}

static bool is_zero(const unsigned char *bytes, size_t length)
{
    while (length > 0 && *bytes == 0) {
        bytes++;
        length--;
    }
    return length == 0;
}

static void test_members_are_plain_ustar_and_the_end_is_not_padded(void)
{
    struct target target = {0};
    struct artifact_tar_writer *writer = open_writer(&target);
    CHECK(artifact_tar_writer_add(writer, "version", "hello", 5, 0600, 0, &error));
    CHECK(artifact_tar_writer_add(writer, "empty", "", 0, 0644, 1700000000, &error));
    CHECK(artifact_tar_writer_finish(writer, &error));
    artifact_tar_writer_free(writer);

    const unsigned char *tar = target.tar.bytes;
    if (CHECK_INT(target.tar.length, 512 + 512 + 512 + 1024)) {
        CHECK_STR((const char *)tar, "version");
        CHECK_INT(strtol((const char *)tar + 100, NULL, 8), 0600); /* mode */
        CHECK_INT(strtol((const char *)tar + 108, NULL, 8), 0);    /* uid */
        CHECK_INT(strtol((const char *)tar + 116, NULL, 8), 0);    /* gid */
        CHECK_MEM(tar + 124, 11, "00000000005", 11);               /* size */
        CHECK_MEM(tar + 136, 11, "00000000000", 11);               /* mtime */
        CHECK_INT(tar[156], '0');                                  /* a regular file */
        CHECK_MEM(tar + 257, 8,
                  "ustar\0"
                  "00",
                  8);
        CHECK(is_zero(tar + 265, 64)); /* names of owner and group */
        CHECK_MEM(tar + 512, 5, "hello", 5);
        CHECK(is_zero(tar + 517, 507));
        CHECK_STR((const char *)tar + 1024, "empty");
        CHECK_INT(strtol((const char *)tar + 1024 + 136, NULL, 8), 1700000000);
        CHECK(is_zero(tar + 1536, 1024));
    }
    craft_free(&target.tar);
}

static void test_an_empty_tar_is_two_zero_blocks(void)
{
    struct target target = {0};
    struct artifact_tar_writer *writer = open_writer(&target);
    CHECK(artifact_tar_writer_finish(writer, &error));
    artifact_tar_writer_free(writer);
    CHECK_INT(target.tar.length, 1024);
    CHECK(is_zero(target.tar.bytes, target.tar.length));
    craft_free(&target.tar);
}

static void test_the_longest_payload_name_needs_no_pax_header(void)
{
    char name[91] = "";
    memset(name, 'n', 90);
    struct target target = {0};
    struct artifact_tar_writer *writer = open_writer(&target);
    CHECK(artifact_tar_writer_add(writer, name, "", 0, 0600, 0, &error));
    CHECK(artifact_tar_writer_finish(writer, &error));
    artifact_tar_writer_free(writer);
    CHECK_INT(target.tar.length, 512 + 1024);
    CHECK_MEM(target.tar.bytes, 91, name, 91);
    craft_free(&target.tar);
}

static void test_a_size_that_ustar_cannot_hold_gets_a_pax_header(void)
{
    struct target target = {0};
    struct artifact_tar_writer *writer = open_writer(&target);
    CHECK(artifact_tar_writer_begin(writer, "big", UINT64_C(1) << 33, 0600, 0, &error));
    CHECK(target.tar.length > 512 && target.tar.bytes[156] == 'x');
    artifact_tar_writer_free(writer);
    craft_free(&target.tar);
}

static void test_a_member_that_is_too_short_is_not_filled_with_zeros(void)
{
    struct target target = {0};
    struct artifact_tar_writer *writer = open_writer(&target);
    CHECK(artifact_tar_writer_begin(writer, "short", 10, 0600, 0, &error));
    CHECK(artifact_tar_writer_data(writer, (const unsigned char *)"123456789", 9, &error));
    CHECK(!artifact_tar_writer_begin(writer, "next", 1, 0600, 0, &error));
    CHECK_CONTAINS(error.message, "short: 1 bytes are missing");
    CHECK(!artifact_tar_writer_finish(writer, &error));
    artifact_tar_writer_free(writer);
    craft_free(&target.tar);
}

static void test_a_member_that_is_too_long_is_refused(void)
{
    struct target target = {0};
    struct artifact_tar_writer *writer = open_writer(&target);
    CHECK(artifact_tar_writer_begin(writer, "long", 1, 0600, 0, &error));
    CHECK(!artifact_tar_writer_data(writer, (const unsigned char *)"12", 2, &error));
    CHECK_CONTAINS(error.message, "long: longer than announced");
    artifact_tar_writer_free(writer);
    craft_free(&target.tar);
}

static void test_a_failing_sink_is_reported_by_its_own_error(void)
{
    struct target target = {.refuse_from = 600};
    struct artifact_tar_writer *writer = open_writer(&target);
    bool is_ok = artifact_tar_writer_add(writer, "a", "x", 1, 0600, 0, &error) &&
                 artifact_tar_writer_finish(writer, &error);
    CHECK(!is_ok);
    CHECK_STR(error.message, "the sink is full");
    artifact_tar_writer_free(writer);
    craft_free(&target.tar);
}

static void test_freeing_an_unfinished_writer_writes_nothing(void)
{
    struct target target = {0};
    struct artifact_tar_writer *writer = open_writer(&target);
    CHECK(artifact_tar_writer_begin(writer, "a", 3, 0600, 0, &error));
    size_t length = target.tar.length;
    artifact_tar_writer_free(writer);
    CHECK_INT(target.tar.length, length);
    artifact_tar_writer_free(NULL);
    craft_free(&target.tar);
}

UNIT_TESTS("tar_writer", UNIT_TEST(test_members_are_plain_ustar_and_the_end_is_not_padded),
           UNIT_TEST(test_an_empty_tar_is_two_zero_blocks),
           UNIT_TEST(test_the_longest_payload_name_needs_no_pax_header),
           UNIT_TEST(test_a_size_that_ustar_cannot_hold_gets_a_pax_header),
           UNIT_TEST(test_a_member_that_is_too_short_is_not_filled_with_zeros),
           UNIT_TEST(test_a_member_that_is_too_long_is_refused),
           UNIT_TEST(test_a_failing_sink_is_reported_by_its_own_error),
           UNIT_TEST(test_freeing_an_unfinished_writer_writes_nothing))
