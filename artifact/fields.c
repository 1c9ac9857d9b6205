// SPDX-License-Identifier: Apache-2.0
#include "fields.h"

#include "string_list.h"

#include <string.h>

/* As upstream's tool compares: letters of ASCII in whatever case, and the long s and the Kelvin
 * sign, which are other cases of two of them. `known` is in lower case; 0: they are the same. */
static int compare_folded(const char *known, const char *key)
{
    static const char long_s[] = "\xc5\xbf", kelvin[] = "\xe2\x84\xaa";
    for (; *known; known++) {
        if (*known == 's' && strncmp(key, long_s, strlen(long_s)) == 0)
            key += strlen(long_s);
        else if (*known == 'k' && strncmp(key, kelvin, strlen(kelvin)) == 0)
            key += strlen(kelvin);
        else if (*key == *known || (*key >= 'A' && *key <= 'Z' && *key - 'A' + 'a' == *known))
            key++;
        else
            return 1;
    }
    return *key != '\0';
}

static const char *find_listed(const char *key, const char *const *known,
                               int (*compare)(const char *left, const char *right))
{
    while (*known && compare(*known, key) != 0)
        known++;
    return *known;
}

bool artifact_fields_refuse_unknown(struct artifact_problems *problems, const json_t *object,
                                    const char *member, const char *const *known,
                                    struct artifact_error *error)
{
    /* Iterating changes nothing, yet jansson's iterators ask for an object that may change. */
    json_t *iterated = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(iterated); at; at = json_object_iter_next(iterated, at)) {
        const char *key = json_object_iter_key(at);
        if (find_listed(key, known, strcmp))
            continue;
        /* Upstream's tool takes a key in whatever case. */
        unsigned tool = find_listed(key, known, compare_folded) ? 0 : ARTIFACT_MENDER_ARTIFACT;
        artifact_refuse(error, tool, member, "%s: unknown field \"%s\"", member, key);
        if (!artifact_problems_go_on(problems, error))
            return false;
    }
    return true;
}

bool artifact_fields_refuse_misspelt(struct artifact_problems *problems, const json_t *object,
                                     const char *member, const char *const *known,
                                     struct artifact_error *error)
{
    json_t *iterated = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(iterated); at; at = json_object_iter_next(iterated, at)) {
        const char *key = json_object_iter_key(at);
        const char *meant = find_listed(key, known, compare_folded);
        if (!meant || strcmp(key, meant) == 0)
            continue;
        artifact_refuse(error, 0, member,
                        "%s: the field \"%s\" is spelt \"%s\", and only some readers take both",
                        member, key, meant);
        if (!artifact_problems_go_on(problems, error))
            return false;
    }
    return true;
}

/* To upstream's tool null is as good as nothing. */
static bool refuse_type(struct artifact_problems *problems, const json_t *value, const char *member,
                        const char *key, const char *type, struct artifact_error *error)
{
    unsigned tool = json_is_null(value) ? 0 : ARTIFACT_MENDER_ARTIFACT;
    return artifact_refuse(error, ARTIFACT_DEVICES | tool, member,
                           "%s: the value of \"%s\" is not %s", member, key, type) ||
           artifact_problems_go_on(problems, error);
}

bool artifact_fields_object(const json_t **object, struct artifact_problems *problems,
                            const json_t *parent, const char *member, const char *key,
                            struct artifact_error *error)
{
    const json_t *value = json_object_get(parent, key);
    *object = json_is_object(value) ? value : NULL;
    return !value || *object || refuse_type(problems, value, member, key, "an object", error);
}

bool artifact_fields_string(char **text, struct artifact_problems *problems, const json_t *object,
                            const char *member, const char *key, struct artifact_error *error)
{
    const json_t *value = json_object_get(object, key);
    if (value && !json_is_string(value) &&
        !refuse_type(problems, value, member, key, "a string", error))
        return false;
    *text = strdup(json_is_string(value) ? json_string_value(value) : "");
    return *text || artifact_fail_memory(error);
}

bool artifact_fields_add_list(struct artifact_strings *strings, struct artifact_problems *problems,
                              const json_t *list, const char *member, const char *key,
                              struct artifact_error *error)
{
    if (!json_is_array(list))
        return refuse_type(problems, list, member, key, "a list of strings", error);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item))
            return refuse_type(problems, item, member, key, "a list of strings", error);
        if (!artifact_strings_add(strings, json_string_value(item), error))
            return false;
    }
    return true;
}

bool artifact_fields_strings(struct artifact_strings *strings, struct artifact_problems *problems,
                             const json_t *object, const char *member, const char *key,
                             struct artifact_error *error)
{
    const json_t *list = json_object_get(object, key);
    return !list || artifact_fields_add_list(strings, problems, list, member, key, error);
}
