// SPDX-License-Identifier: Apache-2.0
/* What read and validate say, for programs; mender-artifact(1) describes it. */
#ifndef MENDER_ARTIFACT_PRINT_JSON_H
#define MENDER_ARTIFACT_PRINT_JSON_H

#include "options.h"

extern const struct option json_options[]; /* --json */

void print_info_json(const struct artifact_info *info);

/* `info` may be NULL. */
void print_verdict_json(const char *path, const struct artifact_errors *problems,
                        const struct artifact_info *info);

#endif
