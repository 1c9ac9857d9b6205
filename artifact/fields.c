// SPDX-License-Identifier: Apache-2.0
#include "fields.h"

#include "string_list.h"

#include <string.h>

static bool is_listed(const char *key, const char *const *known)
{
    while (*known && strcmp(*known, key) != 0)
        known++;
    return *known != NULL;
}

bool artifact_fields_refuse_unknown(const json_t *object, const char *member,
                                    const char *const *known, struct artifact_error *error)
{
    /* Iterating changes nothing, yet jansson's iterators ask for an object that may change. */
    json_t *iterated = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(iterated); at; at = json_object_iter_next(iterated, at)) {
        const char *key = json_object_iter_key(at);
        if (!is_listed(key, known))
            return artifact_fail(error, ARTIFACT_INVALID, member, "%s: unknown field \"%s\"",
                                 member, key);
    }
    return true;
}

static bool fail_type(struct artifact_error *error, const char *member, const char *key,
                      const char *type)
{
    return artifact_fail(error, ARTIFACT_INVALID, member, "%s: the value of \"%s\" is not %s",
                         member, key, type);
}

bool artifact_fields_object(const json_t **object, const json_t *parent, const char *member,
                            const char *key, struct artifact_error *error)
{
    *object = json_object_get(parent, key);
    if (*object && !json_is_object(*object))
        return fail_type(error, member, key, "an object");
    return true;
}

bool artifact_fields_string(char **text, const json_t *object, const char *member, const char *key,
                            struct artifact_error *error)
{
    const json_t *value = json_object_get(object, key);
    if (value && !json_is_string(value))
        return fail_type(error, member, key, "a string");
    *text = strdup(value ? json_string_value(value) : "");
    return *text || artifact_fail_memory(error);
}

bool artifact_fields_add_list(struct artifact_strings *strings, const json_t *list,
                              const char *member, const char *key, struct artifact_error *error)
{
    if (!json_is_array(list))
        return fail_type(error, member, key, "a list of strings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (!item)
            return fail_type(error, member, key, "a list of strings");
        if (!artifact_strings_add(strings, item, error))
            return false;
    }
    return true;
}

bool artifact_fields_strings(struct artifact_strings *strings, const json_t *object,
                             const char *member, const char *key, struct artifact_error *error)
{
    const json_t *list = json_object_get(object, key);
    return !list || artifact_fields_add_list(strings, list, member, key, error);
}
