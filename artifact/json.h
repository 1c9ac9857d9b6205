// SPDX-License-Identifier: Apache-2.0
/* Strict reading and canonical printing, over jansson. */
#ifndef ARTIFACT_JSON_H
#define ARTIFACT_JSON_H

#include "error.h"
#include <jansson.h>

/* JSON members are refused above this size, and above a depth that jansson bounds itself. */
enum { ARTIFACT_JSON_MAX_BYTES = 1 << 20 };

/*
 * Reads exactly one JSON text: UTF-8, no duplicate keys, nothing but white space after it. `member`
 * names it in errors. Integers are exact; one that 64 bits cannot hold makes those of the whole
 * text doubles, which they are to the readers on devices. The caller owns the result (json_decref).
 */
json_t *artifact_json_parse(const char *member, const char *text, size_t length,
                            struct artifact_error *error);

/* Minified, keys sorted bytewise at every level when `is_sorted`, strings escaped as upstream's
 * tool does. For free(). */
char *artifact_json_print(const json_t *value, bool is_sorted, size_t *length,
                          struct artifact_error *error);

/* A string value for an object or list to be printed; NULL with ARTIFACT_BAD_ARGUMENT for text that
 * is no UTF-8. */
json_t *artifact_json_string(const char *member, const char *text, struct artifact_error *error);

/* Sets a member of an object that is being built, and takes ownership of the value. A NULL value
 * fails, with an error that is filled already. */
bool artifact_json_take(json_t *object, const char *key, json_t *value,
                        struct artifact_error *error);

/* The same with a list of strings; nothing is set when there are none. */
bool artifact_json_set_strings(json_t *object, const char *member, const char *key,
                               const char *const *items, size_t count,
                               struct artifact_error *error);

#endif
