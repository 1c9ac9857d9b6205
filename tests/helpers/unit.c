// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <CUnit/Basic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool record(bool holds, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool record(bool holds, const char *file, int line, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    CU_assertImplementation(holds, (unsigned)line, text, file, "", CU_FALSE);
    return holds;
}

bool unit_check(bool holds, const char *file, int line, const char *text)
{
    return record(holds, file, line, "%s", text);
}

bool unit_check_str(const char *actual, const char *expected, const char *file, int line)
{
    bool is_equal = actual == expected || (actual && expected && strcmp(actual, expected) == 0);
    return record(is_equal, file, line, "is \"%s\", expected \"%s\"", actual ? actual : "(null)",
                  expected ? expected : "(null)");
}

bool unit_check_int(long long actual, long long expected, const char *file, int line)
{
    return record(actual == expected, file, line, "is %lld, expected %lld", actual, expected);
}

bool unit_check_mem(const void *actual, size_t actual_length, const void *expected,
                    size_t expected_length, const char *file, int line)
{
    bool is_equal =
        actual_length == expected_length &&
        (actual_length == 0 || (actual && memcmp(actual, expected, actual_length) == 0));
    return record(is_equal, file, line, "%zu bytes differ from the expected %zu", actual_length,
                  expected_length);
}

bool unit_check_contains(const char *text, const char *part, const char *file, int line)
{
    return record(text && strstr(text, part), file, line, "\"%s\" does not contain \"%s\"",
                  text ? text : "(null)", part);
}

int unit_main(const char *suite_name, const struct unit_test *tests, size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
    bool is_ready = suite != NULL;
    for (size_t i = 0; is_ready && i < count; i++)
        is_ready = CU_add_test(suite, tests[i].name, tests[i].run) != NULL;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    bool has_passed = is_ready && CU_basic_run_tests() == CUE_SUCCESS &&
                      CU_get_number_of_failures() == 0 && CU_get_number_of_tests_run() == count;
    CU_cleanup_registry();
    return has_passed ? 0 : 1;
}
