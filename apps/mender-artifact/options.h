// SPDX-License-Identifier: Apache-2.0
/*
 * Options of commands. Each command lists tables of options; parsing, help and completion all come
 * from these tables, and a test holds the manual to them.
 */
#ifndef MENDER_ARTIFACT_OPTIONS_H
#define MENDER_ARTIFACT_OPTIONS_H

#include <artifact.h>
#include <stdbool.h>
#include <stddef.h>

enum option_kind {
    OPTION_FLAG,       /* --force, also --force=false */
    OPTION_TEXT,       /* the last one given counts; an empty value counts as not given */
    OPTION_LIST,       /* each one given counts; commas separate nothing */
    OPTION_INPUT,      /* a text that names a file to read, which no output may be */
    OPTION_INPUT_LIST, /* a list of such */
};

struct option {
    const char *name; /* without dashes; NULL ends a table */
    char letter;      /* '\0': none */
    enum option_kind kind;
    const char *argument; /* what the help calls the value */
    const char *help;
    bool is_required;
};

/* One option as it stood on the command line. */
struct given_option {
    const struct option *option;
    const char *value; /* "true" or "false" of a flag */
};

/* What the command line holds, in its order; strings are borrowed from it. */
struct arguments {
    struct given_option *options;
    size_t option_count;
    const char **operands;
    size_t operand_count;
};

/* The tables of a command, NULL-terminated. */
typedef const struct option *const *option_tables;

/*
 * Parses what follows the command's name, options and operands in any order. False with a sentence;
 * the caller clears the arguments in every case.
 */
bool arguments_parse(struct arguments *arguments, option_tables tables, int count,
                     char *const *words, struct artifact_error *error);
void arguments_clear(struct arguments *arguments);

/* Names the required options that are missing, as one sentence. */
bool arguments_check_required(const struct arguments *arguments, option_tables tables,
                              struct artifact_error *error);

bool arguments_has_flag(const struct arguments *arguments, const char *name);

/* The last value of an option, NULL when it was not given or is empty. */
const char *arguments_get_text(const struct arguments *arguments, const char *name);

/* The last value, "" included; NULL when the option was not given. */
const char *arguments_get_raw(const struct arguments *arguments, const char *name);

/* The last value that is not empty, NULL when there is none. For keys: an empty one, given later,
 * must not take back that something is to be signed or verified. */
const char *arguments_get_given(const struct arguments *arguments, const char *name);

/* The number of values of a list, and the values in an array for free(); false when memory is
 * short. Of several values those that are empty are left out, as upstream's tool has it: a script's
 * variable that is not set adds nothing. One that is alone is a value. */
bool arguments_get_list(const char ***values, size_t *count, const struct arguments *arguments,
                        const char *name, struct artifact_error *error);

/* Position on the command line of the last option of that name, -1 when it was not given. */
long arguments_find_last(const struct arguments *arguments, const char *name);

/* The option of that name or letter, NULL when the tables have none. */
const struct option *options_find(option_tables tables, const char *name);

#endif
