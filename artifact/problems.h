// SPDX-License-Identifier: Apache-2.0
/* What is wrong with an artifact without being the end of its reading: errors, warnings or reports,
 * as the options of the reading say. */
#ifndef ARTIFACT_PROBLEMS_H
#define ARTIFACT_PROBLEMS_H

#include "error.h"

/* After a failure to which reading need not end: reports it where that is asked for, and returns
 * whether to go on. */
bool artifact_problems_go_on(const struct artifact_read_options *options,
                             const struct artifact_error *error);

/* At the end: reports them, or fails with the first when the reading is strict, or makes them
 * warnings. */
bool artifact_problems_settle(const struct artifact_read_options *options,
                              const struct artifact_strings *problems,
                              struct artifact_strings *warnings, struct artifact_error *error);

#endif
