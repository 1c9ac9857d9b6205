// SPDX-License-Identifier: Apache-2.0
#include "version.h"

#include "fields.h"
#include "string_list.h"

#include <stdlib.h>
#include <string.h>

static const char member[] = "version";

/* ---- Reading ---- */

/* As devices find it: in whatever case. */
static bool has_format(const json_t *object)
{
    json_t *iterated = (json_t *)(uintptr_t)object;
    void *at = json_object_iter(iterated);
    while (at && strcasecmp(json_object_iter_key(at), "format") != 0)
        at = json_object_iter_next(iterated, at);
    return at != NULL;
}

/* Upstream's tool reads any format, devices take this one only. */
static bool parse_format(char **format, struct artifact_problems *problems, const json_t *object,
                         struct artifact_error *error)
{
    const json_t *value = json_object_get(object, "format");
    if (!artifact_fields_string(format, problems, object, member, "format", error))
        return false;
    bool is_told_already = value ? !json_is_string(value) : has_format(object);
    return is_told_already || strcmp(*format, "mender") == 0 ||
           artifact_refuse(error, ARTIFACT_DEVICES, member,
                           "%s: the format is \"%s\", and not \"mender\"", member, *format) ||
           artifact_problems_go_on(problems, error);
}

static bool parse_number(unsigned *version, struct artifact_problems *problems,
                         const json_t *object, struct artifact_error *error)
{
    const json_t *value = json_object_get(object, "version");
    json_int_t number = json_integer_value(value);
    if (number == 2 || number == 3) {
        *version = (unsigned)number;
        return true;
    }
    if (json_is_real(value) && json_real_value(value) == 3.0)
        artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member,
                        "%s: the value of \"version\" is not an integer", member);
    else if (value && !json_is_integer(value))
        artifact_fail(error, ARTIFACT_INVALID, member,
                      "%s: the value of \"version\" is not an integer", member);
    else if (number == 1)
        artifact_fail(error, ARTIFACT_INVALID, member,
                      "%s: Mender-Artifact version 1 is no longer supported", member);
    else
        artifact_fail(error, ARTIFACT_INVALID, member,
                      "%s: unsupported version: %" JSON_INTEGER_FORMAT, member, number);
    return artifact_problems_go_on(problems, error);
}

bool artifact_version_parse(char **format, unsigned *version, struct artifact_problems *problems,
                            const char *text, size_t length, struct artifact_error *error)
{
    static const char *const known[] = {"format", "version", NULL};
    bool is_parsed = false;
    char *found = NULL;

    *version = 3;
    json_t *object = artifact_json_parse(member, text, length, error);
    if (!object)
        return false;
    if (!json_is_object(object)) {
        artifact_fail(error, ARTIFACT_INVALID, member, "%s: not a JSON object", member);
        goto out;
    }
    if (!artifact_fields_refuse_unknown(problems, object, member, known, error) ||
        !parse_format(&found, problems, object, error) ||
        !parse_number(version, problems, object, error))
        goto out;

    *format = found;
    found = NULL;
    is_parsed = true;
out:
    free(found);
    json_decref(object);
    return is_parsed;
}

/* ---- Writing ---- */

char *artifact_version_print(unsigned version, size_t *length, struct artifact_error *error)
{
    char *text = artifact_string_format("{\"format\":\"mender\",\"version\":%u}", version);
    if (!text) {
        artifact_fail_memory(error);
        return NULL;
    }
    *length = strlen(text);
    return text;
}
