// SPDX-License-Identifier: Apache-2.0
/* JSON: what is read can be printed, and printing is canonical: it does not change the second time.
 */
#include "fuzz.h"

#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Reals whose text reads as an integer that is another value, or makes others of the text so: -0,
 * and what 64 bits cannot hold.
 */
static bool has_real_of_integer_text(const json_t *value)
{
    if (json_is_real(value)) {
        double number = json_real_value(value);
        return (number == 0 && signbit(number)) || fabs(number) >= 0x1p63;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (has_real_of_integer_text(json_array_get(value, i)))
            return true;
    }
    json_t *iterated = (json_t *)(uintptr_t)value;
    for (void *at = json_object_iter(iterated); at; at = json_object_iter_next(iterated, at)) {
        if (has_real_of_integer_text(json_object_iter_value(at)))
            return true;
    }
    return false;
}

static char *print(const json_t *value, bool is_sorted)
{
    struct artifact_error error = {0};
    size_t length = 0;
    char *printed = artifact_json_print(value, is_sorted, &length, &error);
    REQUIRE(printed && strlen(printed) == length);
    return printed;
}

static char *print_again(const char *text, bool is_sorted)
{
    struct artifact_error error = {0};
    json_t *value = artifact_json_parse("again", text, strlen(text), &error);
    REQUIRE(value);
    char *printed = print(value, is_sorted);
    json_decref(value);
    return printed;
}

static void require_canonical(const json_t *value, bool is_sorted)
{
    char *first = print(value, is_sorted);
    /* Escapes make a text longer, and it may pass the limit. */
    if (strlen(first) <= ARTIFACT_JSON_MAX_BYTES) {
        char *second = print_again(first, is_sorted);
        char *third = print_again(second, is_sorted);
        REQUIRE(strcmp(first, second) == 0 || has_real_of_integer_text(value));
        REQUIRE(strcmp(second, third) == 0);
        free(third);
        free(second);
    }
    free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct artifact_error error = {0};
    json_t *value = artifact_json_parse("text", (const char *)data, size, &error);

    if (value) {
        require_canonical(value, true);
        require_canonical(value, false);
    } else {
        REQUIRE(error.code == ARTIFACT_INVALID);
        fuzz_require_sentence(error.message);
    }
    json_decref(value);
    return 0;
}
