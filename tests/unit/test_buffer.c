// SPDX-License-Identifier: Apache-2.0
#include "buffer.h"
#include "files.h"
#include "unit.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void test_what_is_appended_is_there_with_a_nul_behind(void)
{
    struct ss_buffer buffer;

    ss_buffer_init(&buffer, 100);
    CHECK(ss_buffer_append(&buffer, "ab", 2));
    CHECK(ss_buffer_append(&buffer, "\0c", 2));
    CHECK_MEM(buffer.bytes, buffer.length, "ab\0c", 4);
    CHECK_INT(buffer.bytes[4], 0);
    ss_buffer_clear(&buffer);
    CHECK(buffer.bytes == NULL);
    CHECK_INT(buffer.max_bytes, 100);
}

static void test_the_ceiling_is_reached_and_never_passed(void)
{
    struct ss_buffer buffer;

    ss_buffer_init(&buffer, 3);
    CHECK(ss_buffer_append(&buffer, "abc", 3));
    CHECK(!ss_buffer_append(&buffer, "d", 1));
    CHECK(!ss_buffer_append(&buffer, "d", SIZE_MAX));
    CHECK_MEM(buffer.bytes, buffer.length, "abc", 3);
    ss_buffer_clear(&buffer);
}

static void test_growing_keeps_the_contents(void)
{
    struct ss_buffer buffer;
    bool is_whole = true;

    ss_buffer_init(&buffer, 100000);
    for (size_t i = 0; i < 100000; i++)
        is_whole = ss_buffer_append(&buffer, &(unsigned char){(unsigned char)i}, 1) && is_whole;
    for (size_t i = 0; i < buffer.length; i++)
        is_whole = buffer.bytes[i] == (unsigned char)i && is_whole;
    CHECK(is_whole);
    CHECK_INT(buffer.length, 100000);
    CHECK(!ss_buffer_append(&buffer, "x", 1));
    ss_buffer_clear(&buffer);
}

static int errno_of(const char *path, size_t max_bytes)
{
    struct ss_buffer buffer;
    int number = 0;

    ss_buffer_init(&buffer, max_bytes);
    if (!ss_buffer_read_file(&buffer, path))
        number = errno;
    ss_buffer_clear(&buffer);
    return number;
}

static void test_a_file_is_read_whole_or_not_at_all(void)
{
    char *directory = files_directory();
    char *path = files_path(directory, "file");
    char *fifo = files_path(directory, "fifo");
    struct ss_buffer buffer;

    files_write(path, "0123456789", 10);
    CHECK_INT(mkfifo(fifo, 0600), 0);
    ss_buffer_init(&buffer, 10);
    CHECK(ss_buffer_read_file(&buffer, path));
    CHECK_MEM(buffer.bytes, buffer.length, "0123456789", 10);
    ss_buffer_clear(&buffer);
    CHECK_INT(errno_of(path, 9), EFBIG);
    CHECK_INT(errno_of("/nonexistent/file", 9), ENOENT);
    CHECK_INT(errno_of(directory, 9), EISDIR);
    CHECK_INT(errno_of(fifo, 9), EINVAL); /* and does not wait for a writer */
    free(path);
    free(fifo);
    files_remove(directory);
}

UNIT_TESTS("buffer", UNIT_TEST(test_what_is_appended_is_there_with_a_nul_behind),
           UNIT_TEST(test_the_ceiling_is_reached_and_never_passed),
           UNIT_TEST(test_growing_keeps_the_contents),
           UNIT_TEST(test_a_file_is_read_whole_or_not_at_all))
