// SPDX-License-Identifier: Apache-2.0
#include "header_info.h"

#include "fields.h"
#include "names.h"
#include "string_list.h"

#include <stdlib.h>
#include <string.h>

static const char member[] = "header-info";

/* ---- Reading ---- */

/* What both devices and upstream's tool refuse. */
static bool refuse(struct artifact_problems *problems, struct artifact_error *error,
                   const char *sentence)
{
    return artifact_fail(error, ARTIFACT_INVALID, member, "%s: %s", member, sentence) ||
           artifact_problems_go_on(problems, error);
}

/* What only these do. */
static bool refuse_by(struct artifact_problems *problems, unsigned refused_by,
                      struct artifact_error *error, const char *sentence)
{
    return artifact_refuse(error, refused_by, member, "%s: %s", member, sentence) ||
           artifact_problems_go_on(problems, error);
}

/* The type of the only payload; null is an empty payload, which has none. */
static bool parse_type(struct artifact_info *info, struct artifact_problems *problems,
                       const json_t *payload, struct artifact_error *error)
{
    const json_t *type = json_object_get(payload, "type");
    if (!type)
        return refuse_by(problems, ARTIFACT_DEVICES, error, "the payload's type is missing");
    if (!json_is_null(type) && !json_is_string(type))
        return refuse(problems, error, "the payload's type is not a string");
    if (json_is_string(type) && json_string_length(type) == 0)
        return refuse(problems, error, "Unexpected empty Payload type");
    free(info->payload_type);
    info->payload_type = json_is_null(type) ? NULL : strdup(json_string_value(type));
    return json_is_null(type) || info->payload_type || artifact_fail_memory(error);
}

static bool parse_payload(struct artifact_info *info, struct artifact_problems *problems,
                          const json_t *payload, struct artifact_error *error)
{
    static const char *const known[] = {"type", NULL};
    if (!json_is_object(payload))
        return refuse(problems, error, "the payload is not an object");
    return artifact_fields_refuse_unknown(problems, payload, member, known, error) &&
           parse_type(info, problems, payload, error);
}

/* `key` is what the list is called. */
static bool parse_payloads(struct artifact_info *info, struct artifact_problems *problems,
                           const json_t *object, const char *key, struct artifact_error *error)
{
    const json_t *payloads = json_object_get(object, key);
    if (payloads && !json_is_array(payloads))
        return artifact_fail(error, ARTIFACT_INVALID, member,
                             "%s: the value of \"%s\" is not a list", member, key) ||
               artifact_problems_go_on(problems, error);
    if (json_array_size(payloads) == 0)
        return refuse(problems, error,
                      "Artifact validation failed with missing argument: No Payloads added");
    if (json_array_size(payloads) > 1 &&
        !artifact_fail(error, ARTIFACT_UNSUPPORTED, member,
                       "%s: there is more than one payload, and devices take just one", member) &&
        !artifact_problems_go_on(problems, error))
        return false;
    return parse_payload(info, problems, json_array_get(payloads, 0), error);
}

/* Devices take an artifact without a name as long as the field is there. */
static bool parse_name(struct artifact_info *info, struct artifact_problems *problems,
                       const json_t *object, struct artifact_error *error)
{
    const json_t *value = json_object_get(object, "artifact_name");
    if (!artifact_fields_string(&info->name, problems, object, member, "artifact_name", error))
        return false;
    unsigned devices = value ? 0 : ARTIFACT_DEVICES;
    bool is_told_already = value && !json_is_string(value) && !json_is_null(value);
    return *info->name || is_told_already ||
           refuse_by(problems, ARTIFACT_MENDER_ARTIFACT | devices, error,
                     "Artifact validation failed with missing argument: Artifact name");
}

static bool parse_provides(struct artifact_info *info, struct artifact_problems *problems,
                           const json_t *object, struct artifact_error *error)
{
    static const char *const known[] = {"artifact_name", "artifact_group", NULL};
    const json_t *provides = NULL;
    const json_t *value = json_object_get(object, "artifact_provides");
    if (!value || json_is_null(value))
        return refuse(problems, error,
                      "Artifact validation failed with missing argument: Empty Artifact provides");
    if (!artifact_fields_object(&provides, problems, object, member, "artifact_provides", error))
        return false;
    return !provides || (artifact_fields_refuse_unknown(problems, provides, member, known, error) &&
                         parse_name(info, problems, provides, error) &&
                         artifact_fields_string(&info->group, problems, provides, member,
                                                "artifact_group", error));
}

/* `key` is what the list of device types is called. */
static bool parse_device_types(struct artifact_info *info, struct artifact_problems *problems,
                               const json_t *object, const char *key, struct artifact_error *error)
{
    const json_t *types = json_object_get(object, key);
    if (!artifact_fields_strings(&info->compatible_types, problems, object, member, key, error))
        return false;
    bool is_told_already = types && !json_is_array(types) && !json_is_null(types);
    return json_array_size(types) > 0 || is_told_already ||
           artifact_fail(error, ARTIFACT_INVALID, member,
                         "%s: ArtifactDepends: Required field 'CompatibleDevices' not found: %s "
                         "names no device type",
                         member, key) ||
           artifact_problems_go_on(problems, error);
}

static bool parse_depends(struct artifact_info *info, struct artifact_problems *problems,
                          const json_t *object, struct artifact_error *error)
{
    static const char *const known[] = {"artifact_name", "device_type", "artifact_group", NULL};
    const json_t *depends = NULL;
    if (!json_object_get(object, "artifact_depends"))
        return refuse_by(problems, ARTIFACT_DEVICES, error,
                         "artifact_depends is missing, which devices refuse");
    if (!artifact_fields_object(&depends, problems, object, member, "artifact_depends", error))
        return false;
    info->has_depends = depends != NULL;
    return !depends || (artifact_fields_refuse_misspelt(problems, depends, member, known, error) &&
                        parse_device_types(info, problems, depends, "device_type", error) &&
                        artifact_fields_strings(&info->depends_names, problems, depends, member,
                                                "artifact_name", error) &&
                        artifact_fields_strings(&info->depends_groups, problems, depends, member,
                                                "artifact_group", error));
}

/* The sentence is upstream's, which scripts may look for. */
static bool check_name(struct artifact_problems *problems, const char *what, const char *name,
                       struct artifact_error *error)
{
    const char *problem = name ? artifact_name_problem(name) : NULL;
    return !problem ||
           artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member, "invalid header info: %s: %s",
                           what, problem) ||
           artifact_problems_tolerate(problems, error);
}

static bool check_list(struct artifact_problems *problems, const char *what,
                       const struct artifact_strings *names, struct artifact_error *error)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *problem = artifact_name_problem(names->items[i]);
        if (!problem)
            continue;
        artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member,
                        "invalid header info: invalid artifact depends: %s at index %zu invalid: "
                        "%s",
                        what, i, problem);
        if (!artifact_problems_tolerate(problems, error))
            return false;
    }
    return true;
}

static bool check_names(const struct artifact_info *info, struct artifact_problems *problems,
                        struct artifact_error *error)
{
    return check_name(problems, "invalid artifact provides: invalid artifact name", info->name,
                      error) &&
           check_name(problems, "invalid artifact provides: invalid artifact group", info->group,
                      error) &&
           check_list(problems, "artifact name", &info->depends_names, error) &&
           check_list(problems, "compatible devices", &info->compatible_types, error) &&
           check_list(problems, "artifact group", &info->depends_groups, error);
}

static bool parse_version_3(struct artifact_info *info, struct artifact_problems *problems,
                            const json_t *object, struct artifact_error *error)
{
    static const char *const known[] = {"payloads", "artifact_provides", "artifact_depends", NULL};
    return artifact_fields_refuse_unknown(problems, object, member, known, error) &&
           parse_payloads(info, problems, object, "payloads", error) &&
           parse_provides(info, problems, object, error) &&
           parse_depends(info, problems, object, error);
}

static bool parse_version_2(struct artifact_info *info, struct artifact_problems *problems,
                            const json_t *object, struct artifact_error *error)
{
    static const char *const known[] = {"artifact_name", "updates", "device_types_compatible",
                                        NULL};
    if (!artifact_fields_refuse_unknown(problems, object, member, known, error) ||
        !parse_payloads(info, problems, object, "updates", error) ||
        !parse_name(info, problems, object, error) ||
        !parse_device_types(info, problems, object, "device_types_compatible", error))
        return false;
    if (!info->payload_type && !refuse(problems, error, "the payload has no type"))
        return false;
    info->group = strdup("");
    return info->group || artifact_fail_memory(error);
}

bool artifact_header_info_parse(struct artifact_info *info, struct artifact_problems *problems,
                                const char *text, size_t length, struct artifact_error *error)
{
    json_t *object = artifact_json_parse(member, text, length, error);
    if (!object)
        return false;
    bool is_parsed = json_is_object(object)
                         ? (info->version == 2 ? parse_version_2(info, problems, object, error)
                                               : parse_version_3(info, problems, object, error)) &&
                               check_names(info, problems, error)
                         : refuse(problems, error, "not a JSON object");
    json_decref(object);
    return is_parsed;
}

bool artifact_header_info_parse_files(struct artifact_strings *names,
                                      struct artifact_problems *problems, const char *text,
                                      size_t length, struct artifact_error *error)
{
    static const char *const known[] = {"files", NULL};
    json_t *object = artifact_json_parse("files", text, length, error);
    if (!object)
        return false;
    bool is_object = json_is_object(object) ||
                     artifact_fail(error, ARTIFACT_INVALID, "files", "files: not a JSON object");
    bool is_parsed = is_object &&
                     artifact_fields_refuse_unknown(problems, object, "files", known, error) &&
                     artifact_fields_strings(names, problems, object, "files", "files", error);
    json_decref(object);
    return is_parsed;
}

/* ---- Writing ---- */

/* The first of the names that breaks a rule, in the words of check_names. */
static bool refuse_bad_name(const char *what, const char *name, struct artifact_error *error)
{
    const char *problem = artifact_name_problem(name);
    return !problem || artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member,
                                     "invalid artifact provides: invalid %s: %s", what, problem);
}

static bool refuse_bad_list(const char *what, const char *const *names, size_t count,
                            struct artifact_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const char *problem = artifact_name_problem(names[i]);
        if (problem)
            return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member,
                                 "invalid artifact depends: %s at index %zu invalid: %s", what, i,
                                 problem);
    }
    return true;
}

static bool check_spec(const struct artifact_spec *spec, struct artifact_error *error)
{
    if (spec->payload_type && !*spec->payload_type)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member, "Unexpected empty Payload type");
    if (!spec->name || !*spec->name)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member, "the artifact needs a name");
    if (spec->compatible_type_count == 0)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member,
                             "the artifact needs at least one compatible device type");
    return refuse_bad_name("artifact name", spec->name, error) &&
           (!spec->group || refuse_bad_name("artifact group", spec->group, error)) &&
           refuse_bad_list("artifact name", spec->depends_names, spec->depends_name_count, error) &&
           refuse_bad_list("compatible devices", spec->compatible_types,
                           spec->compatible_type_count, error) &&
           refuse_bad_list("artifact group", spec->depends_groups, spec->depends_group_count,
                           error);
}

static json_t *payloads_of(const struct artifact_spec *spec, struct artifact_error *error)
{
    json_t *type =
        spec->payload_type ? artifact_json_string(member, spec->payload_type, error) : json_null();
    if (!type)
        return NULL;
    json_t *payloads = json_pack("[{s:o}]", "type", type);
    if (!payloads)
        artifact_fail_memory(error);
    return payloads;
}

static json_t *provides_of(const struct artifact_spec *spec, struct artifact_error *error)
{
    json_t *provides = json_object();
    bool has_group = spec->group && *spec->group;
    if (!provides) {
        artifact_fail_memory(error);
        return NULL;
    }
    if (artifact_json_take(provides, "artifact_name",
                           artifact_json_string(member, spec->name, error), error) &&
        (!has_group || artifact_json_take(provides, "artifact_group",
                                          artifact_json_string(member, spec->group, error), error)))
        return provides;
    json_decref(provides);
    return NULL;
}

static json_t *depends_of(const struct artifact_spec *spec, struct artifact_error *error)
{
    json_t *depends = json_object();
    if (!depends) {
        artifact_fail_memory(error);
        return NULL;
    }
    if (artifact_json_set_strings(depends, member, "artifact_name", spec->depends_names,
                                  spec->depends_name_count, error) &&
        artifact_json_set_strings(depends, member, "device_type", spec->compatible_types,
                                  spec->compatible_type_count, error) &&
        artifact_json_set_strings(depends, member, "artifact_group", spec->depends_groups,
                                  spec->depends_group_count, error))
        return depends;
    json_decref(depends);
    return NULL;
}

/* The order of the fields is upstream's, down to the lists. */
static bool set_fields(json_t *object, const struct artifact_spec *spec,
                       struct artifact_error *error)
{
    return artifact_json_take(object, "payloads", payloads_of(spec, error), error) &&
           artifact_json_take(object, "artifact_provides", provides_of(spec, error), error) &&
           artifact_json_take(object, "artifact_depends", depends_of(spec, error), error);
}

/* Version 2 has neither groups nor other artifacts to depend on. */
static bool set_fields_of_2(json_t *object, const struct artifact_spec *spec,
                            struct artifact_error *error)
{
    return artifact_json_take(object, "artifact_name",
                              artifact_json_string(member, spec->name, error), error) &&
           artifact_json_take(object, "updates", payloads_of(spec, error), error) &&
           artifact_json_set_strings(object, member, "device_types_compatible",
                                     spec->compatible_types, spec->compatible_type_count, error);
}

char *artifact_header_info_print(const struct artifact_spec *spec, size_t *length,
                                 struct artifact_error *error)
{
    if (!check_spec(spec, error))
        return NULL;
    char *text = NULL;
    json_t *object = json_object();
    if (!object) {
        artifact_fail_memory(error);
        return NULL;
    }
    if (spec->format_version == 2 ? set_fields_of_2(object, spec, error)
                                  : set_fields(object, spec, error))
        text = artifact_json_print(object, false, length, error);
    json_decref(object);
    return text;
}

char *artifact_header_info_print_files(const struct artifact_spec *spec, size_t *length,
                                       struct artifact_error *error)
{
    char *text = NULL;
    json_t *object = json_object();
    const char **names = calloc(spec->file_count + 1, sizeof *names);
    bool is_ok = (object && names) || artifact_fail_memory(error);
    for (size_t i = 0; is_ok && i < spec->file_count; i++)
        names[i] = artifact_file_name(&spec->files[i]);
    if (is_ok &&
        artifact_json_set_strings(object, "files", "files", names, spec->file_count, error))
        text = artifact_json_print(object, false, length, error);
    free(names);
    json_decref(object);
    return text;
}
