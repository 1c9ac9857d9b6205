// SPDX-License-Identifier: Apache-2.0
/*
 * Members of a JSON object, with their types checked. `member` is the file that holds the object
 * and names it in errors, which are ARTIFACT_INVALID. What is wrong is handed to `problems`, and
 * passes for absent where reading goes on.
 */
#ifndef ARTIFACT_FIELDS_H
#define ARTIFACT_FIELDS_H

#include "json.h"
#include "problems.h"

/* Refuses keys that are not in the NULL-terminated list, which is in lower case. */
bool artifact_fields_refuse_unknown(struct artifact_problems *problems, const json_t *object,
                                    const char *member, const char *const *known,
                                    struct artifact_error *error);

/* Of an object that may hold other keys: refuses those that differ from one in the list by their
 * case only, which upstream's tool reads and devices do not. */
bool artifact_fields_refuse_misspelt(struct artifact_problems *problems, const json_t *object,
                                     const char *member, const char *const *known,
                                     struct artifact_error *error);

/* *object is what stands under `key`, borrowed, NULL when it is absent; an error for anything but
 * an object. */
bool artifact_fields_object(const json_t **object, struct artifact_problems *problems,
                            const json_t *parent, const char *member, const char *key,
                            struct artifact_error *error);

/* A copy of the string under `key`, for free(), "" when it is absent; an error for anything but a
 * string. */
bool artifact_fields_string(char **text, struct artifact_problems *problems, const json_t *object,
                            const char *member, const char *key, struct artifact_error *error);

/* Appends the strings of a list. */
bool artifact_fields_add_list(struct artifact_strings *strings, struct artifact_problems *problems,
                              const json_t *list, const char *member, const char *key,
                              struct artifact_error *error);

/* Appends the strings of the list under `key`, none when it is absent. */
bool artifact_fields_strings(struct artifact_strings *strings, struct artifact_problems *problems,
                             const json_t *object, const char *member, const char *key,
                             struct artifact_error *error);

#endif
