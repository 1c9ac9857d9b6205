// SPDX-License-Identifier: Apache-2.0
#include "read_ahead.h"
#include "unit.h"

#include <pthread.h>

static struct artifact_error error;

/* Bytes that count up, in pieces of uneven length, and then the end or an error. */
struct numbers {
    uint64_t count;
    uint64_t end;
    bool fails;
    bool has_asked_after_the_end;
    pthread_t reader; /* the thread that read last */
};

static unsigned char byte_at(uint64_t offset)
{
    return (unsigned char)(offset * 31 >> 3);
}

static bool count_up(void *user, unsigned char *bytes, size_t size, size_t *length,
                     struct artifact_error *failure)
{
    struct numbers *numbers = user;
    numbers->reader = pthread_self();
    numbers->has_asked_after_the_end |= numbers->count > numbers->end;
    if (numbers->count == numbers->end) {
        numbers->count++;
        *length = 0;
        return !numbers->fails ||
               artifact_fail(failure, ARTIFACT_CANNOT_OPEN, "somewhere", "the source broke");
    }
    uint64_t rest = numbers->end - numbers->count;
    size_t part = (size_t)(numbers->count * 7 % 50000) + 1;
    if (part > size)
        part = size;
    *length = rest < part ? (size_t)rest : part;
    for (size_t i = 0; i < *length; i++)
        bytes[i] = byte_at(numbers->count++);
    return true;
}

static struct artifact_read_ahead *open_numbers(struct numbers *numbers)
{
    struct artifact_source source = {count_up, numbers};
    struct artifact_read_ahead *ahead = artifact_read_ahead_new(&source, &error);
    CHECK(ahead != NULL);
    return ahead;
}

/* How many bytes came in order, before the end, an error, or a byte that is another. */
static uint64_t read_all(struct artifact_read_ahead *ahead, size_t size, bool *is_ok)
{
    static unsigned char bytes[300000];
    uint64_t total = 0;
    size_t length = 1;
    *is_ok = true;
    while (*is_ok && length > 0) {
        *is_ok = artifact_read_ahead_read(ahead, bytes, size, &length, &error);
        for (size_t i = 0; i < length; i++) {
            if (bytes[i] != byte_at(total))
                return total;
            total++;
        }
    }
    return total;
}

static void test_all_bytes_come_in_their_order(void)
{
    static const uint64_t ends[] = {0, 1, 131072, 5000000};
    static const size_t sizes[] = {100, 300000};
    for (size_t i = 0; i < 8; i++) {
        struct numbers numbers = {.end = ends[i / 2]};
        struct artifact_read_ahead *ahead = open_numbers(&numbers);
        bool is_ok;
        CHECK_INT(read_all(ahead, sizes[i % 2], &is_ok), numbers.end);
        CHECK(is_ok);
        CHECK_INT(read_all(ahead, 100, &is_ok), 0);
        CHECK(is_ok);
        artifact_read_ahead_free(ahead);
        CHECK(!numbers.has_asked_after_the_end);
        CHECK(!pthread_equal(numbers.reader, pthread_self()));
    }
}

static void test_an_error_comes_after_the_bytes_before_it_and_stays(void)
{
    struct numbers numbers = {.end = 3000000, .fails = true};
    struct artifact_read_ahead *ahead = open_numbers(&numbers);
    bool is_ok;
    CHECK_INT(read_all(ahead, 5000, &is_ok), numbers.end);
    for (int i = 0; i < 2; i++) {
        CHECK(!is_ok);
        CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
        CHECK_STR(error.member, "somewhere");
        CHECK_STR(error.message, "the source broke");
        error = (struct artifact_error){0};
        CHECK_INT(read_all(ahead, 5000, &is_ok), 0);
    }
    artifact_read_ahead_free(ahead);
}

/* The thread waits for room when it is freed. */
static void test_what_nobody_wants_to_read_is_left(void)
{
    struct numbers numbers = {.end = UINT64_C(1) << 40};
    struct artifact_read_ahead *ahead = open_numbers(&numbers);
    unsigned char byte;
    size_t length = 0;
    CHECK(artifact_read_ahead_read(ahead, &byte, 1, &length, &error));
    artifact_read_ahead_free(ahead);
    CHECK(numbers.count <= 2 << 20);
    artifact_read_ahead_free(NULL);
}

UNIT_TESTS("read_ahead", UNIT_TEST(test_all_bytes_come_in_their_order),
           UNIT_TEST(test_an_error_comes_after_the_bytes_before_it_and_stays),
           UNIT_TEST(test_what_nobody_wants_to_read_is_left))
