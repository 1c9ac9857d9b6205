// SPDX-License-Identifier: Apache-2.0
/* Help and shell completion, made from the tables of commands and options. */
#ifndef MENDER_ARTIFACT_HELP_H
#define MENDER_ARTIFACT_HELP_H

#include "command.h"

/* All to standard output. */
void help_print_general(void);
void help_print_command(const struct command *command);
void help_print_group(const char *group);

/*
 * Candidates for the word that comes next, one per line: options of the command when the last of
 * the words begins with a dash, else commands. With _CLI_ZSH_AUTOCOMPLETE_HACK=1 in the environment
 * lines are NAME:SUMMARY.
 */
void help_print_candidates(int count, char *const *words);

#endif
