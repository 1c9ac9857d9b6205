// SPDX-License-Identifier: Apache-2.0
#include "contents.h"
#include "header_info.h"
#include "header_limits.h"
#include "json.h"
#include "names.h"
#include "reader.h"
#include "string_list.h"
#include "type_info.h"

#include <stdlib.h>
#include <string.h>

/* What has been read, which decides what may follow. */
enum position {
    AT_START,
    AFTER_HEADER_INFO,
    AFTER_FILES, /* of version 2 only */
    AFTER_TYPE_INFO,
    AFTER_META_DATA,
};

/* ---- The members ---- */

static bool read_header_info(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                             const struct artifact_member *member, struct artifact_error *error)
{
    (void)member;
    size_t length = 0;
    char *text = artifact_inner_tar_slurp(tar, ARTIFACT_JSON_MAX_BYTES, &length, error);
    bool is_read =
        text && artifact_header_info_parse(reader->info, &reader->problems, text, length, error);
    free(text);
    return is_read;
}

static bool check_listed(struct artifact_reader *reader, const char *name,
                         struct artifact_error *error)
{
    char *path = artifact_string_format("data/0000/%s", name);
    if (!path)
        return artifact_fail_memory(error);
    bool is_listed = artifact_manifest_find(&reader->manifest, path) ||
                     artifact_fail(error, ARTIFACT_INVALID, "files",
                                   "files: %.200s is not in the manifest", name);
    free(path);
    return is_listed;
}

/* In version 2 the names of the payload's files; the manifest has them too. */
static bool read_files(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                       const struct artifact_member *member, struct artifact_error *error)
{
    (void)member;
    size_t length = 0;
    char *text = artifact_inner_tar_slurp(tar, ARTIFACT_JSON_MAX_BYTES, &length, error);
    struct artifact_strings names = {0};
    bool is_read =
        text && artifact_header_info_parse_files(&names, &reader->problems, text, length, error);
    for (size_t i = 0; is_read && i < names.count; i++)
        is_read = check_listed(reader, names.items[i], error) ||
                  artifact_problems_go_on(&reader->problems, error);
    artifact_strings_clear(&names);
    free(text);
    return is_read;
}

static bool read_type_info(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                           const struct artifact_member *member, struct artifact_error *error)
{
    (void)member;
    size_t length = 0;
    char *text = artifact_inner_tar_slurp(tar, ARTIFACT_JSON_MAX_BYTES, &length, error);
    bool is_read =
        text && artifact_type_info_parse(reader->info, &reader->problems, text, length, error);
    free(text);
    return is_read;
}

static bool read_meta_data(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                           const struct artifact_member *member, struct artifact_error *error)
{
    if (!reader->info->payload_type)
        return artifact_fail(error, ARTIFACT_INVALID, member->name,
                             "unsupported file: %s: an empty payload has no meta-data",
                             member->name);
    size_t length = 0;
    char *text = artifact_inner_tar_slurp(tar, ARTIFACT_JSON_MAX_BYTES, &length, error);
    bool is_read = text && artifact_meta_data_parse(&reader->info->meta_data, text, length, error);
    /* Whoever writes an artifact may say null for none; in an artifact it is no object. */
    if (is_read && length > 0 && !reader->info->meta_data)
        is_read = artifact_fail(error, ARTIFACT_INVALID, "meta-data",
                                "meta-data: Top level object in meta-data must be a JSON object");
    free(text);
    return is_read;
}

static bool has_script(const struct artifact_strings *scripts, const char *name)
{
    for (size_t i = 0; i < scripts->count; i++) {
        if (strcmp(scripts->items[i], name) == 0)
            return true;
    }
    return false;
}

static bool check_script(struct artifact_reader *reader, const char *name,
                         struct artifact_error *error)
{
    const struct artifact_strings *scripts = &reader->info->scripts;
    const char *problem = artifact_script_name_problem(name);
    unsigned tool = strchr(name, '/') ? ARTIFACT_MENDER_ARTIFACT : 0;
    if (problem)
        return artifact_refuse(error, ARTIFACT_DEVICES | tool, name, "Invalid script: %.200s. %s",
                               name, problem);
    if (scripts->count == ARTIFACT_MAX_SCRIPTS)
        return artifact_refuse(error, 0, "scripts", "there are more than %d scripts",
                               (int)ARTIFACT_MAX_SCRIPTS);
    if (has_script(scripts, name))
        return artifact_refuse(error, 0, name, "Script already exists: %s", name);
    problem = artifact_device_script_name_problem(name);
    return !problem ||
           artifact_refuse(error, ARTIFACT_DEVICES, name, "script %.200s %s", name, problem) ||
           artifact_problems_tolerate(&reader->problems, error);
}

static bool read_script(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                        const struct artifact_member *member, struct artifact_error *error)
{
    const char *name = member->name + strlen("scripts/");
    return check_script(reader, name, error) &&
           artifact_strings_add(&reader->info->scripts, name, error) &&
           artifact_contents_copy(reader->options, tar, member->name, NULL, member->size, NULL,
                                  error) &&
           artifact_contents_end(reader->options, error);
}

/* ---- Their order ---- */

enum { V2 = 2, V3 = 3, ANY = 0 };

/* A member that comes elsewhere in another version has a row for each. */
static const struct rule {
    const char *name;
    bool is_folder; /* the name is what the member's begins with */
    unsigned version;
    enum position place, next;
    bool (*read)(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                 const struct artifact_member *member, struct artifact_error *error);
} rules[] = {
    {"header-info", false, ANY, AT_START, AFTER_HEADER_INFO, read_header_info},
    {"scripts/", true, ANY, AFTER_HEADER_INFO, AFTER_HEADER_INFO, read_script},
    {"headers/0000/files", false, V2, AFTER_HEADER_INFO, AFTER_FILES, read_files},
    {"headers/0000/type-info", false, V2, AFTER_FILES, AFTER_TYPE_INFO, read_type_info},
    {"headers/0000/type-info", false, V3, AFTER_HEADER_INFO, AFTER_TYPE_INFO, read_type_info},
    {"headers/0000/meta-data", false, ANY, AFTER_TYPE_INFO, AFTER_META_DATA, read_meta_data},
};

/* What is added to an artifact has no scripts. */
static bool is_rule_for(const struct artifact_reader *reader, const struct rule *rule)
{
    return (rule->version == ANY || rule->version == reader->info->version) &&
           !(reader->is_augment && rule->is_folder);
}

static const struct rule *find_rule(const struct artifact_reader *reader, const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        bool is_match = rules[i].is_folder
                            ? strncmp(name, rules[i].name, strlen(rules[i].name)) == 0
                            : strcmp(name, rules[i].name) == 0;
        if (is_match && is_rule_for(reader, &rules[i]))
            return &rules[i];
    }
    return NULL;
}

static bool fail_unknown(const char *name, struct artifact_error *error)
{
    static const char payload[] = "headers/0000/";
    if (strncmp(name, payload, strlen(payload)) == 0)
        return artifact_fail(error, ARTIFACT_INVALID, name, "unsupported file: %.200s", name);
    return artifact_fail(error, ARTIFACT_INVALID, name, "invalid header path \"%.200s\"", name);
}

/* Upstream's tool takes a directory, the payload's files in any order and more than once, and for
 * header-info whatever begins so. */
static bool fail_place(const char *name, struct artifact_error *error)
{
    bool is_of_payload = strncmp(name, "headers/0000/", strlen("headers/0000/")) == 0;
    return artifact_refuse(
        error, ARTIFACT_DEVICES | (is_of_payload ? 0 : ARTIFACT_MENDER_ARTIFACT), name,
        "invalid header path \"%.200s\": out of place; header-info, scripts/*, "
        "headers/0000/type-info and [headers/0000/meta-data] are wanted, in this order",
        name);
}

static bool fail_first(const char *name, struct artifact_error *error)
{
    bool is_prefixed = strncmp(name, "header-info", strlen("header-info")) == 0;
    return artifact_refuse(
        error, ARTIFACT_DEVICES | (is_prefixed ? 0 : ARTIFACT_MENDER_ARTIFACT), name,
        "invalid header path \"%.200s\": the first member is not header-info", name);
}

/* What was met, and what may follow it. */
struct progress {
    enum position position;
    bool has_type_info; /* in whatever place */
};

static bool read_member(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                        const struct artifact_member *member, struct progress *progress,
                        struct artifact_error *error)
{
    const struct rule *rule = find_rule(reader, member->name);
    if (!member->is_regular_file)
        return artifact_refuse(error, ARTIFACT_DEVICES, member->name,
                               "%.200s: not a regular file, and nothing else may be in here",
                               member->name);
    if (progress->position == AT_START && (!rule || rule->place != AT_START))
        return fail_first(member->name, error);
    if (!rule)
        return fail_unknown(member->name, error);
    progress->has_type_info |= rule->next == AFTER_TYPE_INFO;
    if (rule->place != progress->position)
        return fail_place(member->name, error);
    progress->position = rule->next;
    return rule->read(reader, tar, member, error);
}

/* Nothing is known of what comes before header-info, and without it. */
static bool goes_on(struct artifact_reader *reader, const struct artifact_inner_tar *tar,
                    const struct progress *progress, const struct artifact_error *error)
{
    return progress->position != AT_START && !artifact_inner_tar_is_broken(tar) &&
           artifact_problems_go_on(&reader->problems, error);
}

static bool read_members(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                         struct artifact_error *error)
{
    struct progress progress = {AT_START, false};
    bool has_member = true;
    while (has_member) {
        struct artifact_member member;
        if (!artifact_inner_tar_next(tar, &has_member, &member, error))
            return false;
        if (has_member && !read_member(reader, tar, &member, &progress, error) &&
            !goes_on(reader, tar, &progress, error))
            return false;
    }
    if (progress.position == AT_START)
        return artifact_fail(error, ARTIFACT_INVALID, NULL, "header-info is missing");
    bool is_complete =
        progress.has_type_info ||
        artifact_fail(error, ARTIFACT_INVALID, NULL, "headers/0000/type-info is missing") ||
        artifact_problems_go_on(&reader->problems, error);
    return is_complete && artifact_inner_tar_finish(tar, error);
}

/* NULL where the manifest does not list the header, and reading goes on. */
static bool check_header(struct artifact_inner_tar *tar, struct artifact_digest *digest,
                         struct artifact_manifest_entry *entry, struct artifact_error *error)
{
    char checksum[ARTIFACT_HEX_SIZE];
    return !entry || (artifact_inner_tar_drain(tar, error) &&
                      artifact_digest_finish(digest, checksum, error) &&
                      artifact_manifest_confirm(entry, checksum, error));
}

/*
 * The checksum is over the stored bytes and known only at their end. When it is wrong that is the
 * first thing to tell, whatever the contents looked like.
 */
static bool read_checked(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                         struct artifact_digest *digest, struct artifact_manifest_entry *entry,
                         struct artifact_error *error)
{
    struct artifact_problems *problems = &reader->problems;
    struct artifact_error checksum_error = {0};
    size_t place = problems->found.count;
    bool is_read = read_members(reader, tar, error);
    bool can_check = is_read || (artifact_error_is_of_contents(error) &&
                                 !artifact_tar_reader_is_broken(reader->outer));
    if (!can_check || check_header(tar, digest, entry, &checksum_error))
        return is_read;
    if (artifact_problems_go_on(problems, &checksum_error)) {
        artifact_problems_move_last(problems, place);
        return is_read;
    }
    *error = checksum_error;
    return false;
}

/* The signature has to cover the header, and nothing that claims to be added later. */
static bool check_listing(struct artifact_reader *reader,
                          const struct artifact_manifest_entry *entry, const char *name,
                          struct artifact_error *error)
{
    if (!entry)
        artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, name,
                        "checksum missing for file: '%s': the manifest does not list it", name);
    else if (entry->is_augmented != reader->is_augment)
        artifact_refuse(error, 0, name,
                        "checksum missing for file: '%s': the other manifest lists it", name);
    else
        return true;
    return artifact_problems_go_on(&reader->problems, error);
}

bool artifact_header_read(struct artifact_reader *reader, const char *name,
                          const struct artifact_compressor *compressor,
                          struct artifact_error *error)
{
    struct artifact_manifest_entry *entry = artifact_manifest_find(&reader->manifest, name);
    if (!check_listing(reader, entry, name, error))
        return false;
    struct artifact_inner_tar *tar = NULL;
    struct artifact_digest *digest = artifact_digest_new(error);
    if (digest)
        tar = artifact_inner_tar_new(reader->outer, compressor, false, ARTIFACT_HEADER_MAX_BYTES,
                                     digest, error);
    bool is_read = tar && read_checked(reader, tar, digest, entry, error);
    artifact_inner_tar_free(tar);
    artifact_digest_free(digest);
    return is_read;
}
