// SPDX-License-Identifier: Apache-2.0
#include "copy.h"
#include "files.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 5 * 1024 * 1024 + 77 };

static struct artifact_error error;

/* A file of SIZE bytes of which no two parts are alike, and one to copy it to. */
struct fixture {
    char *directory, *from_path, *to_path, *bytes;
    int from, to;
};

static void fixture_init(struct fixture *fixture)
{
    fixture->directory = files_directory();
    fixture->from_path = files_path(fixture->directory, "from");
    fixture->to_path = files_path(fixture->directory, "to");
    fixture->bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        fixture->bytes[i] = (char)(i * 31 + i / 4096);
    files_write(fixture->from_path, fixture->bytes, SIZE);
    fixture->from = open(fixture->from_path, O_RDONLY);
    fixture->to = open(fixture->to_path, O_RDWR | O_CREAT, 0600);
    CHECK(fixture->from >= 0 && fixture->to >= 0);
    error = (struct artifact_error){0};
}

static void fixture_clear(struct fixture *fixture)
{
    close(fixture->from);
    close(fixture->to);
    free(fixture->bytes);
    free(fixture->from_path);
    free(fixture->to_path);
    files_remove(fixture->directory);
}

static struct artifact_copy_target target_of(const struct fixture *fixture, uint64_t offset)
{
    return (struct artifact_copy_target){
        .fd = fixture->to, .path = "to", .has_offset = true, .offset = offset};
}

static void test_copies_beside_each_other_reach_their_places(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const uint64_t half = SIZE / 2;
    const struct artifact_copy_target first = target_of(&fixture, 0),
                                      second = target_of(&fixture, half);
    struct artifact_copying *one =
        artifact_copying_begin(&second, fixture.from, half, SIZE - half, &error);
    struct artifact_copying *other = artifact_copying_begin(&first, fixture.from, 0, half, &error);
    CHECK(artifact_copying_end(one, &error));
    CHECK(artifact_copying_end(other, &error));
    size_t length;
    char *copied = files_read(fixture.to_path, &length);
    CHECK_MEM(copied, length, fixture.bytes, SIZE);
    free(copied);
    fixture_clear(&fixture);
}

static void check_copy(uint64_t from, uint64_t to)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const struct artifact_copy_target target = target_of(&fixture, to);
    CHECK(artifact_copy(&target, fixture.from, from, SIZE - from, &error));
    size_t length;
    char *copied = files_read(fixture.to_path, &length);
    if (CHECK_INT(length, to + SIZE - from))
        CHECK_MEM(copied + to, length - to, fixture.bytes + from, SIZE - from);
    free(copied);
    fixture_clear(&fixture);
}

/* Whether blocks may be shared depends on how they lie: alike, or shifted against each other. */
static void test_bytes_reach_their_place_however_the_two_files_lie(void)
{
    static const uint64_t offsets[] = {0, 77, 512, 4096, 1 << 20, (1 << 20) + 512};
    enum { COUNT = sizeof offsets / sizeof offsets[0] };
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++)
            check_copy(offsets[i], offsets[j]);
    }
}

static void test_a_file_that_is_shorter_than_it_was_is_told_at_the_end(void)
{
    static const uint64_t lengths[] = {100, SIZE}; /* without and with a thread */
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;
        fixture_init(&fixture);
        const struct artifact_copy_target target = target_of(&fixture, 0);
        struct artifact_copying *copying = artifact_copying_begin(
            &target, fixture.from, SIZE - lengths[i] + 1, lengths[i], &error);
        CHECK(!artifact_copying_end(copying, &error));
        CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
        CHECK_CONTAINS(error.message, "it became shorter meanwhile");
        fixture_clear(&fixture);
    }
}

static void test_what_cannot_be_written_is_told_with_its_path(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const struct artifact_copy_target target = {
        .fd = fixture.from, .path = "read-only", .has_offset = true, .offset = SIZE};
    struct artifact_copying *copying =
        artifact_copying_begin(&target, fixture.from, 0, SIZE, &error);
    CHECK(!artifact_copying_end(copying, &error));
    CHECK_INT(error.code, ARTIFACT_CANNOT_WRITE);
    CHECK_CONTAINS(error.message, "read-only");
    fixture_clear(&fixture);
}

static void test_a_copy_that_is_given_up_leaves_no_thread_and_no_memory(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const struct artifact_copy_target target = target_of(&fixture, 0);
    artifact_copying_free(artifact_copying_begin(&target, fixture.from, 0, SIZE, &error));
    artifact_copying_free(NULL);
    fixture_clear(&fixture);
}

UNIT_TESTS("copy", UNIT_TEST(test_copies_beside_each_other_reach_their_places),
           UNIT_TEST(test_bytes_reach_their_place_however_the_two_files_lie),
           UNIT_TEST(test_a_file_that_is_shorter_than_it_was_is_told_at_the_end),
           UNIT_TEST(test_what_cannot_be_written_is_told_with_its_path),
           UNIT_TEST(test_a_copy_that_is_given_up_leaves_no_thread_and_no_memory))
