// SPDX-License-Identifier: Apache-2.0
/* What is wrong with an artifact, in one line that says who refuses it. */
#ifndef MENDER_ARTIFACT_PRINT_PROBLEM_H
#define MENDER_ARTIFACT_PRINT_PROBLEM_H

#include <artifact.h>

/*
 * "SENTENCE (refused by devices)"; "warning: ..." for what is a warning only. Of signatures it is
 * upstream's sentence, which scripts know, and nothing else.
 */
void problem_describe(char *line, size_t size, const struct artifact_error *problem);

/* "warning: SENTENCE (refused by devices)" on standard error; the file may be NULL, and comes
 * first. */
void print_warning(const char *file, const struct artifact_error *warning);

#endif
