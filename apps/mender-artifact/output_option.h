// SPDX-License-Identifier: Apache-2.0
/* Where a command writes to, "-" for standard output: what must be right about it beforehand. */
#ifndef MENDER_ARTIFACT_OUTPUT_OPTION_H
#define MENDER_ARTIFACT_OUTPUT_OPTION_H

#include "options.h"

/* Whether it is written through, as a pipe or a device is, and no file that appears when it is
 * complete. */
bool output_is_stream(const char *output);

/* Refuses the terminal, and each file that an option names as an input (OPTION_INPUT), under
 * whatever name. The artifacts that are operands are for the command to judge. */
bool output_check(const char *output, const struct arguments *arguments,
                  struct artifact_error *error);

#endif
