// SPDX-License-Identifier: Apache-2.0
/* What a command of mender-artifact is. Each lives in a file of its own, cmd_NAME.c. */
#ifndef MENDER_ARTIFACT_COMMAND_H
#define MENDER_ARTIFACT_COMMAND_H

#include "options.h"

/* An exit status for a kind of failure; every other failure is 1. Ends with {ARTIFACT_OK, 0}. */
struct exit_status {
    enum artifact_code code;
    int status;
};

struct command {
    const char *name; /* as typed: "read", "write rootfs-image" */
    const char *summary;
    const char *
        operand; /* the only one there may be: "ARTIFACT"; "" for none; any number: "ARTIFACT..." */
    option_tables options;
    const struct exit_status *exit_statuses;
    bool (*run)(const struct arguments *arguments, struct artifact_error *error);
};

/* All of them, those of a group ("write ...") next to each other; NULL-terminated. */
extern const struct command *const commands[];

extern const struct option common_options[]; /* of every command */

/* The command that the words begin with, NULL for none; *used is how many words its name takes. */
const struct command *command_find(int *used, int count, char *const *words);

/* What follows the group in a command's name: "rootfs-image" for "write"; NULL when it is of no
 * such group. */
const char *command_skip_group(const struct command *command, const char *group);
bool command_is_group(const char *word);

/* Fills the error with ARTIFACT_BAD_ARGUMENT and a sentence; returns false. */
bool command_fail(struct artifact_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "warning: ..." on standard error, in one line whatever is in it. */
void command_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
