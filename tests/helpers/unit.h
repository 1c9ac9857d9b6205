// SPDX-License-Identifier: Apache-2.0
/*
 * CUnit with assertions that show both values, and one main for every test program:
 *
 *     static void test_a_short_name_is_accepted(void) { CHECK_STR(problem("x"), NULL); }
 *     UNIT_TESTS("names", UNIT_TEST(test_a_short_name_is_accepted))
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>

struct unit_test {
    const char *name;
    void (*run)(void);
};

/* Each check records a failure with file and line and goes on; it returns whether it held. */
bool unit_check(bool holds, const char *file, int line, const char *text);
bool unit_check_str(const char *actual, const char *expected, const char *file, int line);
bool unit_check_int(long long actual, long long expected, const char *file, int line);
bool unit_check_mem(const void *actual, size_t actual_length, const void *expected,
                    size_t expected_length, const char *file, int line);
bool unit_check_contains(const char *text, const char *part, const char *file, int line);

#define CHECK(condition) unit_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_STR(actual, expected) unit_check_str((actual), (expected), __FILE__, __LINE__)
#define CHECK_INT(actual, expected)                                                                \
    unit_check_int((long long)(actual), (long long)(expected), __FILE__, __LINE__)
#define CHECK_MEM(actual, actual_length, expected, expected_length)                                \
    unit_check_mem((actual), (actual_length), (expected), (expected_length), __FILE__, __LINE__)
#define CHECK_CONTAINS(text, part) unit_check_contains((text), (part), __FILE__, __LINE__)

/* Runs the tests and returns the exit status of the program. */
int unit_main(const char *suite, const struct unit_test *tests, size_t count);

#define UNIT_TEST(function)                                                                        \
    {                                                                                              \
#function, function                                                                        \
    }
#define UNIT_TESTS(suite, ...)                                                                     \
    int main(void)                                                                                 \
    {                                                                                              \
        static const struct unit_test tests[] = {__VA_ARGS__};                                     \
        return unit_main(suite, tests, sizeof tests / sizeof tests[0]);                            \
    }

#endif
