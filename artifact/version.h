// SPDX-License-Identifier: Apache-2.0
/* The member `version`: {"format":"mender","version":3}. */
#ifndef ARTIFACT_VERSION_H
#define ARTIFACT_VERSION_H

#include "error.h"

bool artifact_version_parse(char **format, unsigned *version, const char *text, size_t length,
                            struct artifact_error *error);

/* For free(). */
char *artifact_version_print(unsigned version, size_t *length, struct artifact_error *error);

#endif
