// SPDX-License-Identifier: Apache-2.0
#include "print_json.h"

#include "text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct option json_options[] = {
    {"json", 0, OPTION_FLAG, NULL, "Print JSON, for programs", false},
    {0},
};

/* Half a report is none. */
static void check_memory(bool is_there)
{
    if (is_there)
        return;
    fputs("out of memory\n", stderr);
    exit(EXIT_FAILURE);
}

static void set(json_t *object, const char *key, json_t *value)
{
    check_memory(json_object_set_new(object, key, value) == 0);
}

static void append(json_t *array, json_t *value)
{
    check_memory(json_array_append_new(array, value) == 0);
}

/* Text of the artifact is UTF-8 by the rules of the format; a path, and a sentence that quotes it,
 * may be anything. */
static json_t *text(const char *value)
{
    json_t *string = json_string(value);
    char *copy = string ? NULL : strdup(value);
    if (!copy)
        return string;
    text_make_printable(copy, "\t\n");
    string = json_string(copy);
    free(copy);
    return string;
}

static json_t *list(const struct artifact_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->count; i++)
        append(array, text(strings->items[i]));
    return array;
}

static json_t *readers(unsigned refused_by)
{
    json_t *array = json_array();
    if (refused_by & ARTIFACT_DEVICES)
        append(array, json_string("devices"));
    if (refused_by & ARTIFACT_MENDER_ARTIFACT)
        append(array, json_string("mender-artifact"));
    return array;
}

static json_t *problem_list(const struct artifact_errors *problems)
{
    json_t *array = json_array();
    for (size_t i = 0; i < problems->count; i++) {
        const struct artifact_error *problem = &problems->items[i];
        json_t *object = json_object();
        set(object, "member", text(problem->member));
        set(object, "message", text(problem->message));
        set(object, "refused_by", readers(problem->refused_by));
        append(array, object);
    }
    return array;
}

static json_t *provides(const struct artifact_info *info)
{
    json_t *object = json_object();
    for (size_t i = 0; i < info->provides_count; i++)
        set(object, info->provides[i].key, text(info->provides[i].value));
    return object;
}

static json_t *depends(const struct artifact_info *info)
{
    json_t *object = json_object();
    for (size_t i = 0; i < info->depends_count; i++)
        set(object, info->depends[i].key, list(&info->depends[i].values));
    return object;
}

/* RFC 3339, in UTC. */
static json_t *time_of(time_t modified)
{
    struct tm utc;
    char text_of_time[64] = "";
    if (gmtime_r(&modified, &utc))
        strftime(text_of_time, sizeof text_of_time, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text_of_time);
}

static json_t *files(const struct artifact_info *info)
{
    json_t *array = json_array();
    for (size_t i = 0; i < info->file_count; i++) {
        const struct artifact_payload_file *file = &info->files[i];
        json_t *object = json_object();
        set(object, "name", text(file->name));
        set(object, "size", json_integer((json_int_t)file->size));
        set(object, "checksum", text(file->checksum));
        set(object, "modified", time_of(file->modified));
        append(array, object);
    }
    return array;
}

static json_t *signature(const struct artifact_info *info)
{
    static const char *const words[] = {
        [ARTIFACT_SIGNATURE_NONE] = "none",         [ARTIFACT_SIGNATURE_UNCHECKED] = "unchecked",
        [ARTIFACT_SIGNATURE_VERIFIED] = "verified", [ARTIFACT_SIGNATURE_FAILED] = "failed",
        [ARTIFACT_SIGNATURE_UNREAD] = NULL,
    };
    const char *word = words[info->signature];
    return word ? json_string(word) : json_null();
}

/* What stands for the meta-data until it is printed: a NUL, which no text of an artifact holds, and
 * how jansson writes that. */
static json_t *meta_data_mark(void)
{
    return json_stringn("", 1);
}
static const char printed_mark[] = "\"\\u0000\"";

static json_t *payload(const struct artifact_info *info)
{
    json_t *object = json_object();
    set(object, "type", info->payload_type ? text(info->payload_type) : json_null());
    set(object, "provides", provides(info));
    set(object, "depends", depends(info));
    set(object, "clears_provides",
        info->has_clears_provides ? list(&info->clears_provides) : json_null());
    set(object, "meta_data", info->meta_data ? meta_data_mark() : json_null());
    set(object, "files", files(info));
    return object;
}

/* Standard output is checked at the end. The meta-data is printed as the library gives it: numbers
 * that jansson has no type for would not survive being parsed again. */
static void print(json_t *object, const char *meta_data)
{
    char *text = json_dumps(object, JSON_INDENT(2));
    check_memory(text != NULL);
    const char *mark = strstr(text, printed_mark);
    if (mark)
        printf("%.*s%s%s\n", (int)(mark - text), text, meta_data, mark + strlen(printed_mark));
    else
        puts(text);
    free(text);
    json_decref(object);
}

void print_info_json(const struct artifact_info *info)
{
    json_t *object = json_object();
    set(object, "format", text(info->format));
    set(object, "version", json_integer(info->version));
    set(object, "compression", text(info->compression));
    set(object, "name", text(info->name));
    set(object, "group", text(info->group));
    set(object, "signature", signature(info));
    set(object, "compatible_types", list(&info->compatible_types));
    set(object, "depends_names", list(&info->depends_names));
    set(object, "depends_groups", list(&info->depends_groups));
    set(object, "scripts", list(&info->scripts));
    set(object, "augmented", json_boolean(info->is_augmented));
    set(object, "payload", payload(info));
    set(object, "warnings", problem_list(&info->warnings));
    print(object, info->meta_data);
}

void print_verdict_json(const char *path, const struct artifact_errors *problems,
                        const struct artifact_info *info)
{
    static const struct artifact_errors nothing;
    json_t *object = json_object();
    set(object, "artifact", text(path));
    set(object, "valid", json_boolean(problems->count == 0));
    set(object, "signature", info ? signature(info) : json_null());
    set(object, "errors", problem_list(problems));
    set(object, "warnings", problem_list(info ? &info->warnings : &nothing));
    print(object, NULL);
}
