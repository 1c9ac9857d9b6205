// SPDX-License-Identifier: Apache-2.0
/* The arguments of a command, as they are collected and printed. */
#ifndef MENDER_ARTIFACT_COMMAND_LINE_H
#define MENDER_ARTIFACT_COMMAND_LINE_H

#include <artifact.h>

/* Zero-initialised, it is empty. */
struct command_line {
    char **words; /* owned */
    size_t count;
};

/* An option, and its value where that is not NULL; for each of several values; with a KEY:VALUE.
 * False when memory is short. */
bool command_line_add(struct command_line *line, const char *option, const char *value);
bool command_line_add_all(struct command_line *line, const char *option,
                          const struct artifact_strings *values);
bool command_line_add_pair(struct command_line *line, const char *option, const char *key,
                           const char *value);

/* On standard output: in one line, quoted where a POSIX shell needs it, or each word with a NUL. */
void command_line_print(const struct command_line *line, bool for_shell);

void command_line_clear(struct command_line *line);

#endif
