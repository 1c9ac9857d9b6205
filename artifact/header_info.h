// SPDX-License-Identifier: Apache-2.0
/* The member `header-info` of header.tar: the artifact's name, what it goes on, and the type of its
 * payload. */
#ifndef ARTIFACT_HEADER_INFO_H
#define ARTIFACT_HEADER_INFO_H

#include "problems.h"

/*
 * Fills name, group, compatible types, depends and payload_type of `info` (empty there before), as
 * its `version` has them. Breaches of the name rules are tolerated, all others broken. Where
 * reading goes on, what could not be told is NULL or empty, and payload_type stays as it was.
 */
bool artifact_header_info_parse(struct artifact_info *info, struct artifact_problems *problems,
                                const char *text, size_t length, struct artifact_error *error);

/* Appends the names that the member `headers/0000/files` of version 2 lists. */
bool artifact_header_info_parse_files(struct artifact_strings *names,
                                      struct artifact_problems *problems, const char *text,
                                      size_t length, struct artifact_error *error);

/* Checks the names in `spec` and prints the member as its format version has it, for free(). */
char *artifact_header_info_print(const struct artifact_spec *spec, size_t *length,
                                 struct artifact_error *error);

/* The member `headers/0000/files` of version 2, which lists the payload's files; for free(). */
char *artifact_header_info_print_files(const struct artifact_spec *spec, size_t *length,
                                       struct artifact_error *error);

#endif
