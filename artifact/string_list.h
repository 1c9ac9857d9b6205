// SPDX-License-Identifier: Apache-2.0
/* Lists of strings that own their items. */
#ifndef ARTIFACT_STRING_LIST_H
#define ARTIFACT_STRING_LIST_H

#include "error.h"

void artifact_strings_clear(struct artifact_strings *strings);
bool artifact_strings_add(struct artifact_strings *strings, const char *item,
                          struct artifact_error *error);

/* Adds a sentence for a user, in which control characters become '?'. */
bool artifact_strings_add_format(struct artifact_strings *strings, struct artifact_error *error,
                                 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* malloc'ed text of a printf, NULL on failure; for free(). */
char *artifact_string_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
