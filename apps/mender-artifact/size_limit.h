// SPDX-License-Identifier: Apache-2.0
/* Sizes as people type and read them: powers of 1000. */
#ifndef MENDER_ARTIFACT_SIZE_LIMIT_H
#define MENDER_ARTIFACT_SIZE_LIMIT_H

#include "options.h"

/* The value of a size option in bytes, 0 when it was not given: digits, an optional fraction, B,
 * KB, MB, GB or TB. Nothing would be within a limit of 0, and it is refused. */
bool size_limit_parse(uint64_t *bytes, const struct arguments *arguments, const char *option,
                      struct artifact_error *error);

/* --max-payload-size, for the commands that read; 0 when it was not given. */
extern const struct option payload_limit_options[];
bool payload_limit_parse(uint64_t *bytes, const struct arguments *arguments,
                         struct artifact_error *error);

/* "2.0 MB", "512 B". */
void size_limit_print(char *text, size_t size, uint64_t bytes);

#endif
