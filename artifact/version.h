// SPDX-License-Identifier: Apache-2.0
/* The member `version`: {"format":"mender","version":3}. */
#ifndef ARTIFACT_VERSION_H
#define ARTIFACT_VERSION_H

#include "problems.h"

/* Where reading goes on, what could not be told is NULL, and version 3. */
bool artifact_version_parse(char **format, unsigned *version, struct artifact_problems *problems,
                            const char *text, size_t length, struct artifact_error *error);

/* For free(). */
char *artifact_version_print(unsigned version, size_t *length, struct artifact_error *error);

#endif
