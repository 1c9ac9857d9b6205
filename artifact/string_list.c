// SPDX-License-Identifier: Apache-2.0
#include "string_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void artifact_strings_clear(struct artifact_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->items[i]);
    free(strings->items);
    *strings = (struct artifact_strings){0};
}

/* Takes ownership of the item, also when it fails; NULL is out of memory. */
static bool take_item(struct artifact_strings *strings, char *item, struct artifact_error *error)
{
    char **items = item ? reallocarray(strings->items, strings->count + 1, sizeof items[0]) : NULL;
    if (!items) {
        free(item);
        return artifact_fail_memory(error);
    }
    strings->items = items;
    strings->items[strings->count++] = item;
    return true;
}

bool artifact_strings_add(struct artifact_strings *strings, const char *item,
                          struct artifact_error *error)
{
    return take_item(strings, strdup(item), error);
}

static char *format_string(const char *format, va_list arguments)
    __attribute__((format(printf, 1, 0)));

static char *format_string(const char *format, va_list arguments)
{
    char *text = NULL;
    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

bool artifact_strings_add_format(struct artifact_strings *strings, struct artifact_error *error,
                                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *item = format_string(format, arguments);
    va_end(arguments);
    if (item)
        artifact_replace_controls(item);
    return take_item(strings, item, error);
}

char *artifact_string_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = format_string(format, arguments);
    va_end(arguments);
    return text;
}
