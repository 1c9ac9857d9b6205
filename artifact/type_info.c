// SPDX-License-Identifier: Apache-2.0
#include "type_info.h"

#include "fields.h"
#include "string_list.h"

#include <stdlib.h>
#include <string.h>

static const char member[] = "type-info";

/* ---- Reading ---- */

/* Devices do not compare the two. */
static bool refuse_mismatch(struct artifact_problems *problems, struct artifact_error *error)
{
    return artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member,
                           "%s: Type in type-info header does not match header-info", member) ||
           artifact_problems_go_on(problems, error);
}

static bool refuse_missing(struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_INVALID, member, "%s: the type is missing", member);
}

static bool is_equal(const char *left, const char *right)
{
    return left == right || (left && right && strcmp(left, right) == 0);
}

/* A payload without files or module (null in header-info) has the type null here too. */
static bool check_type(const struct artifact_info *info, struct artifact_problems *problems,
                       const json_t *object, struct artifact_error *error)
{
    const json_t *type = json_object_get(object, "type");
    const char *text = json_string_value(type);
    bool is_rootfs = is_equal(info->payload_type, "rootfs-image");
    if (!type)
        return refuse_missing(error) || (is_rootfs ? artifact_problems_tolerate(problems, error)
                                                   : artifact_problems_go_on(problems, error));
    if (!text && !json_is_null(type))
        return artifact_fail(error, ARTIFACT_INVALID, member,
                             "%s: the value of \"type\" is not a string", member) ||
               artifact_problems_go_on(problems, error);
    bool is_known = !is_equal(info->payload_type, "");
    if (!is_known || is_equal(text, info->payload_type))
        return true;
    if (!is_rootfs || (text && *text))
        return refuse_mismatch(problems, error);
    return artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member,
                           "%s: the type is empty, as releases 3.3 to 4.3 of mender-artifact "
                           "wrote it",
                           member) ||
           artifact_problems_note(problems, error);
}

static int compare_pairs(const void *left, const void *right)
{
    return strcmp(((const struct artifact_pair *)left)->key,
                  ((const struct artifact_pair *)right)->key);
}

static bool add_provide(struct artifact_info *info, struct artifact_problems *problems,
                        const char *key, const json_t *value, struct artifact_error *error)
{
    if (!json_is_string(value))
        return artifact_fail(error, ARTIFACT_INVALID, member,
                             "%s: Invalid TypeInfo provides type: the value of \"%s\" is not a "
                             "string",
                             member, key) ||
               artifact_problems_go_on(problems, error);
    struct artifact_pair *pair = &info->provides[info->provides_count++];
    pair->key = strdup(key);
    pair->value = strdup(json_string_value(value));
    return (pair->key && pair->value) || artifact_fail_memory(error);
}

static bool parse_provides(struct artifact_info *info, struct artifact_problems *problems,
                           json_t *object, struct artifact_error *error)
{
    const json_t *provides = NULL;
    if (!artifact_fields_object(&provides, problems, object, member, "artifact_provides", error))
        return false;
    if (json_object_size(provides) == 0)
        return true;
    info->provides = calloc(json_object_size(provides), sizeof info->provides[0]);
    if (!info->provides)
        return artifact_fail_memory(error);

    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(object, "artifact_provides"), key, value)
    {
        if (!add_provide(info, problems, key, value, error))
            return false;
    }
    qsort(info->provides, info->provides_count, sizeof info->provides[0], compare_pairs);
    return true;
}

static int compare_alternatives(const void *left, const void *right)
{
    return strcmp(((const struct artifact_alternatives *)left)->key,
                  ((const struct artifact_alternatives *)right)->key);
}

static bool add_depend(struct artifact_info *info, struct artifact_problems *problems,
                       const char *key, const json_t *value, struct artifact_error *error)
{
    if (!json_is_string(value) && !json_is_array(value))
        return artifact_fail(error, ARTIFACT_INVALID, member,
                             "%s: Invalid TypeInfo depends type: the value of \"%s\" is neither a "
                             "string nor a list of strings",
                             member, key) ||
               artifact_problems_go_on(problems, error);
    struct artifact_alternatives *depend = &info->depends[info->depends_count++];
    depend->key = strdup(key);
    if (!depend->key)
        return artifact_fail_memory(error);
    if (json_is_string(value))
        return artifact_strings_add(&depend->values, json_string_value(value), error);
    depend->is_list = true;
    return artifact_fields_add_list(&depend->values, problems, value, member, key, error) &&
           (artifact_refuse(error, ARTIFACT_DEVICES, member,
                            "%s: artifact_depends gives a list for \"%s\", and devices take a "
                            "string only",
                            member, key) ||
            artifact_problems_tolerate(problems, error));
}

static bool parse_depends(struct artifact_info *info, struct artifact_problems *problems,
                          json_t *object, struct artifact_error *error)
{
    const json_t *depends = NULL;
    if (!artifact_fields_object(&depends, problems, object, member, "artifact_depends", error))
        return false;
    if (json_object_size(depends) == 0)
        return true;
    info->depends = calloc(json_object_size(depends), sizeof info->depends[0]);
    if (!info->depends)
        return artifact_fail_memory(error);

    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(object, "artifact_depends"), key, value)
    {
        if (!add_depend(info, problems, key, value, error))
            return false;
    }
    qsort(info->depends, info->depends_count, sizeof info->depends[0], compare_alternatives);
    return true;
}

static bool parse_clears(struct artifact_info *info, struct artifact_problems *problems,
                         const json_t *object, struct artifact_error *error)
{
    static const char key[] = "clears_artifact_provides";
    info->has_clears_provides = json_object_get(object, key) != NULL;
    return artifact_fields_strings(&info->clears_provides, problems, object, member, key, error);
}

bool artifact_type_info_parse(struct artifact_info *info, struct artifact_problems *problems,
                              const char *text, size_t length, struct artifact_error *error)
{
    static const char *const known[] = {"type", "artifact_provides", "artifact_depends",
                                        "clears_artifact_provides", NULL};
    json_t *object = artifact_json_parse(member, text, length, error);
    if (!object)
        return false;
    bool is_object = json_is_object(object) || artifact_fail(error, ARTIFACT_INVALID, member,
                                                             "%s: not a JSON object", member);
    bool is_parsed =
        is_object && artifact_fields_refuse_misspelt(problems, object, member, known, error) &&
        check_type(info, problems, object, error) &&
        parse_provides(info, problems, object, error) &&
        parse_depends(info, problems, object, error) && parse_clears(info, problems, object, error);
    json_decref(object);
    return is_parsed;
}

bool artifact_meta_data_parse(char **out, const char *text, size_t length,
                              struct artifact_error *error)
{
    static const char meta_data[] = "meta-data";
    *out = NULL;
    if (length == 0)
        return true;
    json_t *object = artifact_json_parse(meta_data, text, length, error);
    if (!object)
        return false;

    bool is_parsed = json_is_null(object);
    if (json_is_object(object)) {
        size_t out_length;
        *out = artifact_json_print(object, true, &out_length, error);
        is_parsed = *out != NULL;
    } else if (!is_parsed) {
        artifact_fail(error, ARTIFACT_INVALID, meta_data,
                      "%s: Top level object in meta-data must be a JSON object", meta_data);
    }
    json_decref(object);
    return is_parsed;
}

/* ---- Writing ---- */

/*
 * These belong to header-info. In type-info a depends entry would silently replace the one there,
 * the list of compatible devices included, and a provides entry would be ignored.
 */
static bool refuse_reserved(const char *key, struct artifact_error *error)
{
    static const char *const reserved[] = {"artifact_name", "artifact_group", "device_type"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(key, reserved[i]) == 0)
            return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member,
                                 "\"%s\" can not be a key of provides or depends: it has an "
                                 "option of its own",
                                 key);
    }
    return true;
}

/* By key, and those of one key in the order they were given in. */
static int compare_given(const void *left, const void *right)
{
    const struct artifact_pair *first = *(const struct artifact_pair *const *)left;
    const struct artifact_pair *second = *(const struct artifact_pair *const *)right;
    int order = strcmp(first->key, second->key);
    return order ? order : (first > second) - (first < second);
}

static bool add_pair(json_t *map, const struct artifact_pair *pair, struct artifact_error *error)
{
    if (!refuse_reserved(pair->key, error))
        return false;
    json_t *key = artifact_json_string(member, pair->key, error);
    if (!key)
        return false;
    json_decref(key);
    return artifact_json_take(map, pair->key, artifact_json_string(member, pair->value, error),
                              error);
}

/* Sets a map of the pairs, sorted by key; of one key the last wins. Nothing when there are none. */
static bool set_pairs(json_t *object, const char *key, const struct artifact_pair *pairs,
                      size_t count, struct artifact_error *error)
{
    if (count == 0)
        return true;
    const struct artifact_pair **sorted = calloc(count, sizeof *sorted);
    json_t *map = json_object();
    bool is_ok = (sorted && map) || artifact_fail_memory(error);
    for (size_t i = 0; is_ok && i < count; i++)
        sorted[i] = &pairs[i];
    if (is_ok)
        qsort(sorted, count, sizeof *sorted, compare_given);
    for (size_t i = 0; is_ok && i < count; i++)
        is_ok = add_pair(map, sorted[i], error);
    free(sorted);
    if (is_ok)
        return artifact_json_take(object, key, map, error);
    json_decref(map);
    return false;
}

/* The checksum comes after what the caller provides, and so wins. */
static bool set_provides(json_t *object, const struct artifact_spec *spec, const char *checksum,
                         struct artifact_error *error)
{
    size_t count = spec->provides_count;
    struct artifact_pair *pairs = calloc(count + 1, sizeof *pairs);
    if (!pairs)
        return artifact_fail_memory(error);
    if (count > 0)
        memcpy(pairs, spec->provides, count * sizeof *pairs);
    if (spec->checksum_key)
        pairs[count++] = (struct artifact_pair){spec->checksum_key, checksum};
    bool is_set = set_pairs(object, "artifact_provides", pairs, count, error);
    free(pairs);
    return is_set;
}

char *artifact_type_info_print(const struct artifact_spec *spec, const char *checksum,
                               size_t *length, struct artifact_error *error)
{
    char *text = NULL;
    json_t *object = json_object();
    if (!object) {
        artifact_fail_memory(error);
        return NULL;
    }
    json_t *type =
        spec->payload_type ? artifact_json_string(member, spec->payload_type, error) : json_null();
    if (artifact_json_take(object, "type", type, error) &&
        set_pairs(object, "artifact_depends", spec->depends, spec->depends_count, error) &&
        set_provides(object, spec, checksum, error) &&
        artifact_json_set_strings(object, member, "clears_artifact_provides", spec->clears_provides,
                                  spec->clears_provides_count, error))
        text = artifact_json_print(object, false, length, error);
    json_decref(object);
    return text;
}
