// SPDX-License-Identifier: Apache-2.0
#include "header_info.h"

#include "fields.h"
#include "names.h"
#include "string_list.h"

#include <stdlib.h>
#include <string.h>

static const char member[] = "header-info";

/* ---- Reading ---- */

static bool fail(struct artifact_error *error, const char *sentence)
{
    return artifact_fail(error, ARTIFACT_INVALID, member, "%s: %s", member, sentence);
}

/* The type of the only payload; null is an empty payload, which has none. */
static bool parse_payload(struct artifact_info *info, const json_t *payload,
                          struct artifact_error *error)
{
    static const char *const known[] = {"type", NULL};
    if (!json_is_object(payload))
        return fail(error, "the payload is not an object");
    if (!artifact_fields_refuse_unknown(payload, member, known, error))
        return false;

    const json_t *type = json_object_get(payload, "type");
    if (json_is_null(type))
        return true;
    if (!json_is_string(type))
        return fail(error, "the payload's type is missing or not a string");
    if (json_string_length(type) == 0)
        return fail(error, "Unexpected empty Payload type");
    info->payload_type = strdup(json_string_value(type));
    return info->payload_type || artifact_fail_memory(error);
}

/* `key` is what the list is called. */
static bool parse_payloads(struct artifact_info *info, const json_t *object, const char *key,
                           struct artifact_error *error)
{
    const json_t *payloads = json_object_get(object, key);
    if (payloads && !json_is_array(payloads))
        return artifact_fail(error, ARTIFACT_INVALID, member,
                             "%s: the value of \"%s\" is not a list", member, key);
    if (json_array_size(payloads) == 0)
        return fail(error, "Artifact validation failed with missing argument: No Payloads added");
    if (json_array_size(payloads) > 1)
        return artifact_fail(error, ARTIFACT_UNSUPPORTED, member,
                             "%s: there is more than one payload, and devices take just one",
                             member);
    return parse_payload(info, json_array_get(payloads, 0), error);
}

static bool parse_provides(struct artifact_info *info, const json_t *object,
                           struct artifact_error *error)
{
    static const char *const known[] = {"artifact_name", "artifact_group", NULL};
    const json_t *provides = NULL;
    if (!artifact_fields_object(&provides, object, member, "artifact_provides", error))
        return false;
    if (!provides)
        return fail(error,
                    "Artifact validation failed with missing argument: Empty Artifact provides");
    if (!artifact_fields_refuse_unknown(provides, member, known, error) ||
        !artifact_fields_string(&info->name, provides, member, "artifact_name", error) ||
        !artifact_fields_string(&info->group, provides, member, "artifact_group", error))
        return false;
    if (!*info->name)
        return fail(error, "Artifact validation failed with missing argument: Artifact name");
    return true;
}

static bool parse_depends(struct artifact_info *info, const json_t *object,
                          struct artifact_error *error)
{
    const json_t *depends = NULL;
    if (!artifact_fields_object(&depends, object, member, "artifact_depends", error))
        return false;
    if (!depends)
        return fail(error, "artifact_depends is missing, which devices refuse");
    info->has_depends = true;
    if (!artifact_fields_strings(&info->compatible_types, depends, member, "device_type", error) ||
        !artifact_fields_strings(&info->depends_names, depends, member, "artifact_name", error) ||
        !artifact_fields_strings(&info->depends_groups, depends, member, "artifact_group", error))
        return false;
    if (info->compatible_types.count == 0)
        return fail(error, "ArtifactDepends: Required field 'CompatibleDevices' not found: "
                           "device_type names no device type");
    return true;
}

/* The sentence is upstream's, which scripts may look for. */
static bool check_name(struct artifact_strings *problems, const char *what, const char *name,
                       struct artifact_error *error)
{
    const char *problem = artifact_name_problem(name);
    return !problem || artifact_strings_add_format(problems, error, "invalid header info: %s: %s",
                                                   what, problem);
}

static bool check_list(struct artifact_strings *problems, const char *what,
                       const struct artifact_strings *names, struct artifact_error *error)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *problem = artifact_name_problem(names->items[i]);
        if (problem && !artifact_strings_add_format(
                           problems, error,
                           "invalid header info: invalid artifact depends: %s at index %zu "
                           "invalid: %s",
                           what, i, problem))
            return false;
    }
    return true;
}

static bool check_names(const struct artifact_info *info, struct artifact_strings *problems,
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

static bool parse_version_3(struct artifact_info *info, const json_t *object,
                            struct artifact_error *error)
{
    static const char *const known[] = {"payloads", "artifact_provides", "artifact_depends", NULL};
    return artifact_fields_refuse_unknown(object, member, known, error) &&
           parse_payloads(info, object, "payloads", error) && parse_provides(info, object, error) &&
           parse_depends(info, object, error);
}

static bool parse_version_2(struct artifact_info *info, const json_t *object,
                            struct artifact_error *error)
{
    static const char *const known[] = {"artifact_name", "updates", "device_types_compatible",
                                        NULL};
    if (!artifact_fields_refuse_unknown(object, member, known, error) ||
        !parse_payloads(info, object, "updates", error) ||
        !artifact_fields_string(&info->name, object, member, "artifact_name", error) ||
        !artifact_fields_strings(&info->compatible_types, object, member, "device_types_compatible",
                                 error))
        return false;
    if (!info->payload_type)
        return fail(error, "the payload has no type");
    if (!*info->name)
        return fail(error, "Artifact validation failed with missing argument: Artifact name");
    if (info->compatible_types.count == 0)
        return fail(error, "device_types_compatible names no device type");
    info->group = strdup("");
    return info->group || artifact_fail_memory(error);
}

bool artifact_header_info_parse(struct artifact_info *info, struct artifact_strings *problems,
                                const char *text, size_t length, struct artifact_error *error)
{
    json_t *object = artifact_json_parse(member, text, length, error);
    if (!object)
        return false;
    bool is_object = json_is_object(object) || fail(error, "not a JSON object");
    bool is_parsed = is_object &&
                     (info->version == 2 ? parse_version_2(info, object, error)
                                         : parse_version_3(info, object, error)) &&
                     check_names(info, problems, error);
    json_decref(object);
    return is_parsed;
}

bool artifact_header_info_parse_files(struct artifact_strings *names, const char *text,
                                      size_t length, struct artifact_error *error)
{
    static const char *const known[] = {"files", NULL};
    json_t *object = artifact_json_parse("files", text, length, error);
    if (!object)
        return false;
    bool is_object = json_is_object(object) ||
                     artifact_fail(error, ARTIFACT_INVALID, "files", "files: not a JSON object");
    bool is_parsed = is_object && artifact_fields_refuse_unknown(object, "files", known, error) &&
                     artifact_fields_strings(names, object, "files", "files", error);
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
