// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Looking up ---- */

static const struct option *find_name(option_tables tables, const char *name, size_t length)
{
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            bool is_letter = length == 1 && option->letter && option->letter == name[0];
            if (is_letter ||
                (strlen(option->name) == length && strncmp(option->name, name, length) == 0))
                return option;
        }
    }
    return NULL;
}

const struct option *options_find(option_tables tables, const char *name)
{
    return find_name(tables, name, strlen(name));
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, size_t a_length, const char *b)
{
    enum { MAX_WORD = 64 };
    size_t row[MAX_WORD + 1], b_length = strlen(b);
    if (b_length > MAX_WORD || a_length > MAX_WORD)
        return MAX_WORD;
    for (size_t k = 0; k <= b_length; k++)
        row[k] = k;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b_length; k++) {
            size_t replaced = diagonal + (a[i - 1] != b[k - 1]);
            diagonal = row[k];
            row[k] = smallest(replaced, row[k] + 1, row[k - 1] + 1);
        }
    }
    return row[b_length];
}

/* The first option of whose name this is a part. */
static const struct option *find_longer(option_tables tables, const char *name, size_t length)
{
    enum { MIN_WORD = 3 };
    for (; length >= MIN_WORD && *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            if (memmem(option->name, strlen(option->name), name, length))
                return option;
        }
    }
    return NULL;
}

/* The option that was probably meant; NULL when none comes near. */
static const struct option *find_nearest(option_tables tables, const char *name, size_t length)
{
    const struct option *nearest = NULL;
    size_t least = length / 2 < 4 ? length / 2 : 4; /* steps; more would be another word */
    for (option_tables table = tables; *table; table++) {
        for (const struct option *option = *table; option->name; option++) {
            size_t steps = distance(name, length, option->name);
            if (steps < least) {
                least = steps;
                nearest = option;
            }
        }
    }
    return nearest ? nearest : find_longer(tables, name, length);
}

/* ---- Parsing ---- */

static bool fail_unknown(option_tables tables, const char *name, size_t length,
                         struct artifact_error *error)
{
    const struct option *nearest = find_nearest(tables, name, length);
    error->code = ARTIFACT_BAD_ARGUMENT;
    snprintf(error->message, sizeof error->message,
             "Incorrect Usage: flag provided but not defined: -%.*s%s%s%s", (int)length, name,
             nearest ? " (did you mean --" : "", nearest ? nearest->name : "", nearest ? "?)" : "");
    return false;
}

static bool fail_value(const struct option *option, const char *what, struct artifact_error *error)
{
    error->code = ARTIFACT_BAD_ARGUMENT;
    snprintf(error->message, sizeof error->message, "Incorrect Usage: --%s %s", option->name, what);
    return false;
}

/* "true", "false", or NULL for what is neither. */
static const char *parse_boolean(const char *value)
{
    static const char *const words[][2] = {
        {"true", "true"}, {"false", "false"}, {"1", "true"},    {"0", "false"},
        {"t", "true"},    {"f", "false"},     {"T", "true"},    {"F", "false"},
        {"TRUE", "true"}, {"FALSE", "false"}, {"True", "true"}, {"False", "false"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(value, words[i][0]) == 0)
            return words[i][1];
    }
    return NULL;
}

/* One option; *used is how many words it took. */
static bool parse_option(struct arguments *arguments, option_tables tables, char *const *words,
                         int count, int *used, struct artifact_error *error)
{
    const char *name = words[0] + (words[0][1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct option *option = find_name(tables, name, length);
    *used = 1;
    if (!option)
        return fail_unknown(tables, name, length, error);
    if (option->kind == OPTION_FLAG) {
        value = value ? parse_boolean(value) : "true";
        if (!value)
            return fail_value(option, "takes true or false", error);
    } else if (!value) {
        if (count < 2)
            return fail_value(option, "needs a value", error);
        value = words[1];
        *used = 2;
    }
    arguments->options[arguments->option_count++] = (struct given_option){option, value};
    return true;
}

bool arguments_parse(struct arguments *arguments, option_tables tables, int count,
                     char *const *words, struct artifact_error *error)
{
    bool has_ended = false;
    arguments->options = calloc((size_t)count + 1, sizeof *arguments->options);
    arguments->operands = calloc((size_t)count + 1, sizeof *arguments->operands);
    if (!arguments->options || !arguments->operands) {
        error->code = ARTIFACT_NO_MEMORY;
        snprintf(error->message, sizeof error->message, "out of memory");
        return false;
    }
    for (int i = 0, used; i < count; i += used) {
        bool is_option = !has_ended && words[i][0] == '-' && words[i][1];
        used = 1;
        if (is_option && strcmp(words[i], "--") == 0)
            has_ended = true;
        else if (!is_option)
            arguments->operands[arguments->operand_count++] = words[i];
        else if (!parse_option(arguments, tables, words + i, count - i, &used, error))
            return false;
    }
    return true;
}

void arguments_clear(struct arguments *arguments)
{
    free(arguments->options);
    free(arguments->operands);
    *arguments = (struct arguments){0};
}

/* ---- Values ---- */

long arguments_find_last(const struct arguments *arguments, const char *name)
{
    for (size_t i = arguments->option_count; i > 0; i--) {
        if (strcmp(arguments->options[i - 1].option->name, name) == 0)
            return (long)i - 1;
    }
    return -1;
}

const char *arguments_get_raw(const struct arguments *arguments, const char *name)
{
    long at = arguments_find_last(arguments, name);
    return at < 0 ? NULL : arguments->options[at].value;
}

const char *arguments_get_text(const struct arguments *arguments, const char *name)
{
    const char *value = arguments_get_raw(arguments, name);
    return value && *value ? value : NULL;
}

const char *arguments_get_given(const struct arguments *arguments, const char *name)
{
    for (size_t i = arguments->option_count; i > 0; i--) {
        const struct given_option *given = &arguments->options[i - 1];
        if (strcmp(given->option->name, name) == 0 && *given->value)
            return given->value;
    }
    return NULL;
}

bool arguments_has_flag(const struct arguments *arguments, const char *name)
{
    const char *value = arguments_get_raw(arguments, name);
    return value && strcmp(value, "true") == 0;
}

bool arguments_get_list(const char ***values, size_t *count, const struct arguments *arguments,
                        const char *name, struct artifact_error *error)
{
    *count = 0;
    *values = calloc(arguments->option_count + 1, sizeof **values);
    if (!*values) {
        error->code = ARTIFACT_NO_MEMORY;
        snprintf(error->message, sizeof error->message, "out of memory");
        return false;
    }
    for (size_t i = 0; i < arguments->option_count; i++) {
        const char *value = arguments->options[i].value;
        if (strcmp(arguments->options[i].option->name, name) == 0 && *value)
            (*values)[(*count)++] = value;
    }
    if (*count == 0 && arguments_get_raw(arguments, name))
        (*values)[(*count)++] = "";
    return true;
}

bool arguments_check_required(const struct arguments *arguments, option_tables tables,
                              struct artifact_error *error)
{
    char names[512] = "";
    size_t count = 0, length = 0;
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            if (!option->is_required || arguments_get_raw(arguments, option->name))
                continue;
            length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                       count ? ", " : "", option->name);
            count++;
        }
    }
    if (count == 0)
        return true;
    error->code = ARTIFACT_BAD_ARGUMENT;
    snprintf(error->message, sizeof error->message, "Required flag%s \"%s\" not set",
             count > 1 ? "s" : "", names);
    return false;
}
