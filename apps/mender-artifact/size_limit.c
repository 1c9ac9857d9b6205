// SPDX-License-Identifier: Apache-2.0
#include "size_limit.h"

#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};

enum { UNIT_COUNT = sizeof units / sizeof units[0], MAX_DIGITS = 15 };

/* The unit at the end of the text as a factor; 0 when there is no such unit. */
static uint64_t parse_unit(const char *text, size_t length)
{
    uint64_t factor = 1;
    for (size_t i = 0; i < UNIT_COUNT; i++, factor *= 1000) {
        if (strlen(units[i]) == length && strncasecmp(units[i], text, length) == 0)
            return factor;
    }
    return length == 0 ? 1 : 0;
}

/* Digits with an optional fraction, times the factor; what is below a byte is dropped. */
static bool parse_number(uint64_t *bytes, const char *text, size_t length, uint64_t factor)
{
    uint64_t whole = 0, fraction = 0, scale = 1;
    size_t i = 0, digits = 0;
    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++, digits++)
        whole = whole * 10 + (uint64_t)(text[i] - '0');
    if (i < length && text[i] == '.') {
        for (i++; i < length && text[i] >= '0' && text[i] <= '9'; i++, digits++) {
            fraction = fraction * 10 + (uint64_t)(text[i] - '0');
            scale *= 10;
        }
    }
    if (i < length || digits == 0 || digits > MAX_DIGITS || whole > UINT64_MAX / factor / 2)
        return false;
    *bytes = whole * factor + (uint64_t)((double)fraction / (double)scale * (double)factor);
    return true;
}

static bool fail_size(struct artifact_error *error, const char *option, const char *what,
                      const char *text)
{
    error->code = ARTIFACT_CANNOT_WRITE;
    snprintf(error->message, sizeof error->message, "invalid --%s: %s: %s", option, what, text);
    return false;
}

bool size_limit_parse(uint64_t *bytes, const struct arguments *arguments, const char *option,
                      struct artifact_error *error)
{
    static const char blanks[] = " \t";
    const char *text = arguments_get_text(arguments, option);
    *bytes = 0;
    if (!text)
        return true;
    const char *start = text + strspn(text, blanks);
    size_t number_length = strspn(start, "0123456789.");
    const char *unit = start + number_length + strspn(start + number_length, blanks);
    size_t unit_length = strcspn(unit, blanks);
    uint64_t factor = parse_unit(unit, unit_length);
    if (number_length > 0 && factor == 0) {
        error->code = ARTIFACT_CANNOT_WRITE;
        snprintf(error->message, sizeof error->message,
                 "invalid --%s: unsupported unit: %.*s (supported: B, KB, MB, GB, TB)", option,
                 (int)unit_length, unit);
        return false;
    }
    if (unit[unit_length + strspn(unit + unit_length, blanks)] != '\0' ||
        !parse_number(bytes, start, number_length, factor))
        return fail_size(error, option, "invalid size format", text);
    return *bytes > 0 || fail_size(error, option, "less than one byte", text);
}

const struct option payload_limit_options[] = {
    {"max-payload-size", 0, OPTION_TEXT, "SIZE",
     "Refuse a payload that is larger when it is decompressed: a number with B, KB, MB, GB or TB",
     false},
    {0},
};

bool payload_limit_parse(uint64_t *bytes, const struct arguments *arguments,
                         struct artifact_error *error)
{
    if (size_limit_parse(bytes, arguments, "max-payload-size", error))
        return true;
    error->code = ARTIFACT_BAD_ARGUMENT;
    return false;
}

void size_limit_print(char *text, size_t size, uint64_t bytes)
{
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1000 && unit + 1 < UNIT_COUNT; unit++)
        value /= 1000;
    if (unit == 0)
        snprintf(text, size, "%" PRIu64 " B", bytes);
    else
        snprintf(text, size, "%.1f %s", value, units[unit]);
}
