// SPDX-License-Identifier: Apache-2.0
#include "json.h"
#include "unit.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static struct artifact_error error;

/* What a text looks like when it was read and printed again; for free(). */
static char *print_again(const char *text, bool is_sorted)
{
    size_t length = 0;
    char *printed = NULL;
    json_t *value = artifact_json_parse("member", text, strlen(text), &error);
    if (CHECK(value != NULL))
        printed = artifact_json_print(value, is_sorted, &length, &error);
    if (CHECK(printed != NULL))
        CHECK_INT(length, strlen(printed));
    json_decref(value);
    return printed;
}

static void check_printed(const char *text, const char *expected)
{
    char *printed = print_again(text, true);
    CHECK_STR(printed, expected);
    free(printed);
}

static void check_refused(const char *text, size_t length)
{
    error = (struct artifact_error){0};
    json_t *value = artifact_json_parse("type-info", text, length, &error);
    CHECK(value == NULL);
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_STR(error.member, "type-info");
    CHECK_CONTAINS(error.message, "type-info: ");
    json_decref(value);
}

static void test_output_is_minified_and_keys_are_sorted_by_bytes_at_every_level(void)
{
    check_printed(" { \"b\" : [ 1 , { \"z\" : null , \"a\" : true } ] , \"B\" : false } ",
                  "{\"B\":false,\"b\":[1,{\"a\":true,\"z\":null}]}");
    check_printed("{\"\xc3\xa9\":1,\"z\":2,\"\":3}", "{\"\":3,\"z\":2,\"\xc3\xa9\":1}");
}

static void test_unsorted_output_keeps_the_order(void)
{
    char *printed = print_again("{\"b\":1,\"a\":2,\"c\":{}}", false);
    CHECK_STR(printed, "{\"b\":1,\"a\":2,\"c\":{}}");
    free(printed);
}

static void test_strings_are_escaped_as_upstream_escapes_them(void)
{
    check_printed("\"<&>\"", "\"\\u003c\\u0026\\u003e\"");
    check_printed("\"\\u2028\\u2029\\u202a\"", "\"\\u2028\\u2029\xe2\x80\xaa\"");
    check_printed("\"\\b\\f\\n\\r\\t\\u0001\\u001f\"", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\"");
    check_printed("\"\\\"\\\\\\/\x7f\"", "\"\\\"\\\\/\x7f\"");
    check_printed("\"\\u00e9\\ud83d\\ude00\"", "\"\xc3\xa9\xf0\x9f\x98\x80\"");
    check_printed("{\"<\":0}", "{\"\\u003c\":0}");
}

static void test_integers_stay_exact(void)
{
    check_printed("[9007199254740993,-9223372036854775808,0,-1]",
                  "[9007199254740993,-9223372036854775808,0,-1]");
}

static void test_numbers_print_as_the_shortest_form_that_reads_back(void)
{
    check_printed("[1.50,1.0,0.1,-0.0,123.456,1e2]", "[1.5,1,0.1,-0,123.456,100]");
    check_printed("[1e20,1e21,1.5e21,1e-6,1e-7,1.5e-9]",
                  "[100000000000000000000,1e+21,1.5e+21,0.000001,1e-7,1.5e-9]");
    check_printed("[5e-324,1.7976931348623157e308,0.30000000000000004]",
                  "[5e-324,1.7976931348623157e+308,0.30000000000000004]");
    check_printed("[0.00001234]", "[0.00001234]");
}

static void test_integers_beyond_64_bits_are_read_as_numbers(void)
{
    check_printed("[12345678901234567890]", "[12345678901234567000]");
}

static void test_a_decimal_comma_of_the_locale_does_not_reach_the_output(void)
{
    /* Where no such locale is installed this repeats the test above. */
    setlocale(LC_ALL, "de_DE.UTF-8");
    check_printed("[1.5]", "[1.5]");
    setlocale(LC_ALL, "C");
}

static void test_what_is_not_exactly_one_json_text_is_refused(void)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "{}{}",
        "{} x",
        "[1,]",
        "{'a':1}",
        "\"\x80\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "nul",
        "1e999",
        "[01]",
        "\"a\nb\"",
        "{\"a\":1,\"a\":2}",
        "\xef\xbb\xbf{}",
        "// x\n{}",
        "NaN",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_refused(bad[i], strlen(bad[i]));
    check_refused("{}\0", 3);
}

/* jansson takes them. */
static void test_a_nul_behind_a_number_or_a_word_is_refused(void)
{
    check_refused("1\0", 2);
    check_refused("[1.5\0]", 6);
    check_refused("{\"a\":null\0,\"b\":true\0}", 22);
}

static void test_oversized_texts_are_refused(void)
{
    size_t length = ARTIFACT_JSON_MAX_BYTES + 1;
    char *text = malloc(length);
    memset(text, ' ', length);
    text[0] = '1';
    check_refused(text, length);
    json_t *value = artifact_json_parse("member", text, length - 1, &error);
    CHECK(value != NULL);
    json_decref(value);
    free(text);
}

static void test_nesting_is_bounded(void)
{
    size_t length = ARTIFACT_JSON_MAX_BYTES;
    char *text = malloc(length);
    memset(text, '[', length);
    check_refused(text, length);
    free(text);
}

static void test_text_that_is_no_utf8_cannot_be_built_into_json(void)
{
    CHECK(artifact_json_string("member", "\xff", &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_BAD_ARGUMENT);
}

/* ---- Memory ---- */

/* How many times there is some. */
static size_t memory_left;

static void *give_memory(size_t size)
{
    if (memory_left > 0) {
        memory_left--;
        return malloc(size);
    }
    errno = ENOMEM;
    return NULL;
}

static void test_short_memory_is_not_called_an_error_in_the_text(void)
{
    static const char text[] = "{\"key\":[1,2.5,\"text\",{\"a\":null,\"b\":true}],\"\\u00e4\":12}";
    json_t *value = NULL;
    size_t count = 0;
    json_set_alloc_funcs(give_memory, free);
    for (; !value && count < 1000; count++) {
        error = (struct artifact_error){0};
        memory_left = count;
        value = artifact_json_parse("member", text, strlen(text), &error);
        if (!value)
            CHECK_INT(error.code, ARTIFACT_NO_MEMORY);
    }
    CHECK(value != NULL);
    CHECK(count > 5);
    json_decref(value);

    error = (struct artifact_error){0};
    memory_left = 0;
    CHECK(artifact_json_string("member", "text", &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_NO_MEMORY);
    json_set_alloc_funcs(malloc, free);
}

UNIT_TESTS("json", UNIT_TEST(test_output_is_minified_and_keys_are_sorted_by_bytes_at_every_level),
           UNIT_TEST(test_unsorted_output_keeps_the_order),
           UNIT_TEST(test_strings_are_escaped_as_upstream_escapes_them),
           UNIT_TEST(test_integers_stay_exact),
           UNIT_TEST(test_numbers_print_as_the_shortest_form_that_reads_back),
           UNIT_TEST(test_integers_beyond_64_bits_are_read_as_numbers),
           UNIT_TEST(test_a_decimal_comma_of_the_locale_does_not_reach_the_output),
           UNIT_TEST(test_what_is_not_exactly_one_json_text_is_refused),
           UNIT_TEST(test_a_nul_behind_a_number_or_a_word_is_refused),
           UNIT_TEST(test_oversized_texts_are_refused), UNIT_TEST(test_nesting_is_bounded),
           UNIT_TEST(test_text_that_is_no_utf8_cannot_be_built_into_json),
           UNIT_TEST(test_short_memory_is_not_called_an_error_in_the_text))
