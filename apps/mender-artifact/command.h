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
    const char *operands; /* "ARTIFACT"; "" for none */
    option_tables options;
    const struct exit_status *exit_statuses;
    bool (*run)(const struct arguments *arguments, struct artifact_error *error);
};

extern const struct command command_read, command_sign, command_validate, command_write_bootstrap,
    command_write_module, command_write_rootfs;

/* Fills the error with ARTIFACT_BAD_ARGUMENT and a sentence; returns false. */
bool command_fail(struct artifact_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "warning: ..." on standard error. */
void command_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
