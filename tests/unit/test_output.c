// SPDX-License-Identifier: Apache-2.0
#include "files.h"
#include "output.h"
#include "temporary.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct artifact_error error;

static struct artifact_output *open_output(const char *path)
{
    error = (struct artifact_error){0};
    struct artifact_output *output = artifact_output_new(path, NULL, &error);
    if (!output)
        CHECK_STR(error.message, "");
    return output;
}

static bool write_text(const char *path, const char *text)
{
    struct artifact_output *output = open_output(path);
    bool is_ok = output && artifact_output_write(output, text, strlen(text), &error) &&
                 artifact_output_commit(output, &error);
    artifact_output_free(output);
    return is_ok;
}

static void check_file(const char *path, const char *expected)
{
    size_t length;
    char *text = files_read(path, &length);
    CHECK_MEM(text, length, expected, strlen(expected));
    free(text);
}

static mode_t mode_of(const char *path)
{
    struct stat status = {0};
    CHECK(stat(path, &status) == 0);
    return status.st_mode & 07777;
}

/* As a handler of signals does it. */
static void test_a_file_with_a_name_stays_behind_or_one_that_is_complete_is_taken_away(void)
{
    struct artifact_temporary temporary = {0};
    char *directory = files_directory();
    int fd = open(directory, O_PATH | O_DIRECTORY);
    for (int is_complete = 0; is_complete < 2; is_complete++) {
        close(openat(fd, "part", O_CREAT | O_EXCL | O_WRONLY, 0600));
        artifact_temporary_set(&temporary, fd, "part");
        if (is_complete)
            artifact_temporary_clear(&temporary);
        artifact_temporary_remove(&temporary);
        CHECK_INT(files_count(directory), is_complete);
    }
    unlinkat(fd, "part", 0);
    close(fd);
    files_remove(directory);
}

static void test_a_new_file_appears_at_commit_with_the_mode_that_the_umask_leaves(void)
{
    char *directory = files_directory(), *path = files_path(directory, "new");
    mode_t before = umask(027);
    struct artifact_output *output = open_output(path);
    CHECK(artifact_output_write(output, "text", 4, &error));
    CHECK(access(path, F_OK) != 0);
    CHECK(artifact_output_commit(output, &error));
    artifact_output_free(output);
    umask(before);
    check_file(path, "text");
    CHECK_INT(mode_of(path), 0640);
    CHECK_INT(files_count(directory), 1);
    free(path);
    files_remove(directory);
}

static void test_an_existing_file_stays_until_commit_and_its_mode_is_kept(void)
{
    char *directory = files_directory(), *path = files_path(directory, "old");
    files_write(path, "old", 3);
    chmod(path, 0604);
    struct artifact_output *output = open_output(path);
    CHECK(artifact_output_write(output, "new text", 8, &error));
    check_file(path, "old");
    CHECK(artifact_output_commit(output, &error));
    artifact_output_free(output);
    check_file(path, "new text");
    CHECK_INT(mode_of(path), 0604);
    CHECK_INT(files_count(directory), 1);
    free(path);
    files_remove(directory);
}

static void test_without_commit_nothing_is_left_and_nothing_is_changed(void)
{
    char *directory = files_directory(), *path = files_path(directory, "file");
    struct artifact_output *output = open_output(path);
    CHECK(artifact_output_write(output, "text", 4, &error));
    artifact_output_free(output);
    CHECK_INT(files_count(directory), 0);

    files_write(path, "old", 3);
    output = open_output(path);
    CHECK(artifact_output_write(output, "text", 4, &error));
    artifact_output_free(output);
    check_file(path, "old");
    CHECK_INT(files_count(directory), 1);
    free(path);
    files_remove(directory);
}

static void test_a_target_that_became_a_directory_leaves_no_debris(void)
{
    char *directory = files_directory(), *path = files_path(directory, "target");
    struct artifact_output *output = open_output(path);
    CHECK(mkdir(path, 0755) == 0);
    CHECK(!artifact_output_commit(output, &error));
    CHECK_INT(error.code, ARTIFACT_CANNOT_WRITE);
    CHECK_CONTAINS(error.message, path);
    artifact_output_free(output);
    CHECK_INT(files_count(directory), 1);
    free(path);
    files_remove(directory);
}

static void test_a_file_that_appeared_meanwhile_is_replaced(void)
{
    char *directory = files_directory(), *path = files_path(directory, "target");
    struct artifact_output *output = open_output(path);
    files_write(path, "sudden", 6);
    CHECK(artifact_output_write(output, "text", 4, &error));
    CHECK(artifact_output_commit(output, &error));
    artifact_output_free(output);
    check_file(path, "text");
    CHECK_INT(files_count(directory), 1);
    free(path);
    files_remove(directory);
}

static void test_symbolic_links_are_followed_and_stay(void)
{
    char *directory = files_directory();
    char *target = files_path(directory, "target"), *link = files_path(directory, "link");
    char *chain = files_path(directory, "chain"), *dangling = files_path(directory, "dangling");
    char *later = files_path(directory, "later");
    struct stat status;
    files_write(target, "old", 3);
    CHECK(symlink("target", link) == 0 && symlink(link, chain) == 0);
    CHECK(symlink("later", dangling) == 0);

    CHECK(write_text(chain, "through both"));
    check_file(target, "through both");
    CHECK(lstat(chain, &status) == 0 && S_ISLNK(status.st_mode));
    CHECK(lstat(link, &status) == 0 && S_ISLNK(status.st_mode));
    CHECK(write_text(dangling, "made"));
    check_file(later, "made");
    CHECK_INT(files_count(directory), 5);
    free(later);
    free(dangling);
    free(chain);
    free(link);
    free(target);
    files_remove(directory);
}

static void test_a_relative_path_without_a_directory_is_fine(void)
{
    char *directory = files_directory();
    int before = open(".", O_RDONLY | O_DIRECTORY);
    CHECK(chdir(directory) == 0);
    CHECK(write_text("plain", "text"));
    check_file("plain", "text");
    CHECK(fchdir(before) == 0);
    close(before);
    files_remove(directory);
}

static void test_what_cannot_be_an_output_is_refused_with_its_path_and_reason(void)
{
    char *directory = files_directory();
    char *nowhere = files_path(directory, "no/such/file");
    char *slash = files_path(directory, "");
    char *self = files_path(directory, "self");
    CHECK(symlink("self", self) == 0);
    const struct {
        const char *path, *reason;
    } cases[] = {
        {nowhere, "No such file or directory"},
        {directory, "Is a directory"},
        {slash, "Is a directory"},
        {"", "Is a directory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK(artifact_output_new(cases[i].path, NULL, &error) == NULL);
        CHECK_INT(error.code, ARTIFACT_CANNOT_WRITE);
        CHECK_CONTAINS(error.message, cases[i].path);
        CHECK_CONTAINS(error.message, cases[i].reason);
    }
    CHECK_INT(files_count(directory), 1);
    free(self);
    free(slash);
    free(nowhere);
    files_remove(directory);
}

static void test_a_device_is_written_through_and_not_replaced(void)
{
    struct stat status;
    CHECK(write_text("/dev/null", "text"));
    CHECK(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
    CHECK(!write_text("/dev/full", "text"));
    CHECK_CONTAINS(error.message, "/dev/full: No space left on device");
}

static void test_an_input_is_recognised_under_another_name(void)
{
    char *directory = files_directory();
    char *path = files_path(directory, "file"), *hard = files_path(directory, "hard");
    char *other = files_path(directory, "other");
    struct stat status;
    files_write(path, "x", 1);
    files_write(other, "x", 1);
    CHECK(link(path, hard) == 0);
    struct artifact_output *output = open_output(path);
    CHECK(stat(hard, &status) == 0);
    CHECK(!artifact_output_refuse_input(output, hard, &status, &error));
    CHECK_INT(error.code, ARTIFACT_BAD_ARGUMENT);
    CHECK_CONTAINS(error.message, hard);
    CHECK(stat(other, &status) == 0);
    CHECK(artifact_output_refuse_input(output, other, &status, &error));
    artifact_output_free(output);
    free(other);
    free(hard);
    free(path);
    files_remove(directory);
}

static void test_parts_of_a_file_are_copied_whatever_their_offset(void)
{
    char *directory = files_directory();
    char *from = files_path(directory, "from"), *to = files_path(directory, "to");
    enum { SIZE = 700001 };
    char *bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * i % 251);
    files_write(from, bytes, SIZE);
    int fd = open(from, O_RDONLY);
    struct artifact_output *output = open_output(to);
    CHECK(artifact_output_copy(output, fd, 0, 1000, &error));
    CHECK(artifact_output_write(output, "between", 7, &error));
    CHECK(artifact_output_copy(output, fd, 1000, SIZE - 1000, &error));
    CHECK(artifact_output_copy(output, fd, SIZE, 0, &error));
    CHECK(artifact_output_commit(output, &error));
    CHECK(!artifact_output_copy(output, fd, SIZE - 1, 2, &error));
    CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
    artifact_output_free(output);
    close(fd);

    size_t length;
    char *copied = files_read(to, &length);
    CHECK_MEM(copied, 1000, bytes, 1000);
    CHECK_MEM(copied + 1000, 7, "between", 7);
    CHECK_MEM(copied + 1007, SIZE - 1000, bytes + 1000, SIZE - 1000);
    free(copied);
    free(bytes);
    free(to);
    free(from);
    files_remove(directory);
}

/* More than is moved at a time, from places before, at and after that they come to. */
static void test_contents_in_another_place_than_foreseen_are_moved(void)
{
    enum { SIZE = 700001, PLACE = 1000 };
    static const uint64_t places[] = {0, PLACE - 1, PLACE, PLACE + 512, 2 * SIZE};
    char *directory = files_directory();
    char *from = files_path(directory, "from"), *to = files_path(directory, "to");
    char *bytes = malloc(SIZE), *front = calloc(1, PLACE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * i % 251);
    files_write(from, bytes, SIZE);
    int fd = open(from, O_RDONLY);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct artifact_output *output = open_output(to);
        CHECK(artifact_output_has_places(output));
        struct artifact_copying *copying =
            artifact_output_begin_copy(output, places[i], fd, 0, SIZE, &error);
        CHECK(artifact_copying_end(copying, &error));
        CHECK(artifact_output_move(output, places[i], PLACE, SIZE, &error));
        CHECK(artifact_output_write(output, front, PLACE, &error));
        artifact_output_skip(output, SIZE);
        CHECK(artifact_output_write(output, "end", 3, &error));
        CHECK(artifact_output_commit(output, &error));
        artifact_output_free(output);

        size_t length;
        char *written = files_read(to, &length);
        CHECK_INT(length, PLACE + SIZE + 3);
        CHECK_MEM(written, PLACE, front, PLACE);
        CHECK_MEM(written + PLACE, SIZE, bytes, SIZE);
        CHECK_MEM(written + PLACE + SIZE, 3, "end", 3);
        free(written);
    }
    close(fd);
    free(front);
    free(bytes);
    free(to);
    free(from);
    files_remove(directory);
}

/* copy_file_range(2) does not write to pipes, nor read from what is no file. */
static void test_copying_falls_back_where_the_kernel_cannot(void)
{
    char *directory = files_directory(), *from = files_path(directory, "from");
    files_write(from, "0123456789", 10);
    int fd = open(from, O_RDONLY), ends[2];
    CHECK(pipe(ends) == 0);
    char path[32], read_back[16] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
    struct artifact_output *output = open_output(path);
    CHECK(artifact_output_copy(output, fd, 2, 5, &error));
    artifact_output_free(output);
    CHECK_INT(read(ends[0], read_back, sizeof read_back), 5);
    CHECK_STR(read_back, "23456");
    close(ends[0]);
    close(ends[1]);
    close(fd);
    free(from);
    files_remove(directory);
}

static void test_attributes_of_another_file_are_taken_over(void)
{
    char *directory = files_directory();
    char *model = files_path(directory, "model"), *path = files_path(directory, "file");
    struct stat status;
    files_write(model, "x", 1);
    chmod(model, 0751);
    CHECK(stat(model, &status) == 0);
    struct artifact_output *output = open_output(path);
    artifact_output_keep_attributes(output, &status);
    CHECK(artifact_output_commit(output, &error));
    artifact_output_free(output);
    CHECK_INT(mode_of(path), 0751);
    free(path);
    free(model);
    files_remove(directory);
}

static void test_scratch_files_have_no_name(void)
{
    char *directory = files_directory(), *path = files_path(directory, "file");
    struct artifact_output *output = open_output(path);
    int fd = artifact_output_scratch(output, &error);
    char bytes[4] = "";
    CHECK(fd >= 0);
    CHECK_INT(write(fd, "abc", 3), 3);
    CHECK_INT(pread(fd, bytes, 3, 0), 3);
    CHECK_STR(bytes, "abc");
    artifact_output_free(output);
    CHECK_INT(files_count(directory), 0);
    close(fd);
    free(path);
    files_remove(directory);
}

UNIT_TESTS("output",
           UNIT_TEST(test_a_file_with_a_name_stays_behind_or_one_that_is_complete_is_taken_away),
           UNIT_TEST(test_a_new_file_appears_at_commit_with_the_mode_that_the_umask_leaves),
           UNIT_TEST(test_an_existing_file_stays_until_commit_and_its_mode_is_kept),
           UNIT_TEST(test_without_commit_nothing_is_left_and_nothing_is_changed),
           UNIT_TEST(test_a_target_that_became_a_directory_leaves_no_debris),
           UNIT_TEST(test_a_file_that_appeared_meanwhile_is_replaced),
           UNIT_TEST(test_symbolic_links_are_followed_and_stay),
           UNIT_TEST(test_a_relative_path_without_a_directory_is_fine),
           UNIT_TEST(test_what_cannot_be_an_output_is_refused_with_its_path_and_reason),
           UNIT_TEST(test_a_device_is_written_through_and_not_replaced),
           UNIT_TEST(test_an_input_is_recognised_under_another_name),
           UNIT_TEST(test_parts_of_a_file_are_copied_whatever_their_offset),
           UNIT_TEST(test_contents_in_another_place_than_foreseen_are_moved),
           UNIT_TEST(test_copying_falls_back_where_the_kernel_cannot),
           UNIT_TEST(test_attributes_of_another_file_are_taken_over),
           UNIT_TEST(test_scratch_files_have_no_name))
