// SPDX-License-Identifier: Apache-2.0
#include "reader.h"

#include "augment.h"
#include "io.h"
#include "json.h"
#include "sign.h"
#include "string_list.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_MANIFEST_BYTES = 1024 * 1024,
    MAX_SIGNATURE_BYTES = 128 * 1024,
};

/* ---- The outer members ---- */

static char *slurp(struct artifact_reader *reader, const char *name, size_t max_bytes,
                   size_t *length, struct artifact_error *error)
{
    char *text = artifact_tar_reader_slurp(reader->outer, max_bytes, length, error);
    if (!text)
        artifact_fail_in_member(error, name);
    return text;
}

static bool read_version(struct artifact_reader *reader, const char *name,
                         const struct artifact_compressor *compressor, struct artifact_error *error)
{
    (void)compressor;
    struct artifact_info *info = reader->info;
    size_t length = 0;
    char *text = slurp(reader, name, ARTIFACT_JSON_MAX_BYTES, &length, error);
    bool is_read = text && artifact_digest_bytes(reader->version_checksum, text, length, error) &&
                   artifact_version_parse(&info->format, &info->version, &reader->problems, text,
                                          length, error);
    free(text);
    return is_read && (info->version == 3 ||
                       artifact_refuse(error, ARTIFACT_DEVICES, name,
                                       "%s: the format version is %u, and devices of today take "
                                       "version 3 only",
                                       name, info->version) ||
                       artifact_problems_tolerate(&reader->problems, error));
}

static bool read_manifest(struct artifact_reader *reader, const char *name,
                          const struct artifact_compressor *compressor,
                          struct artifact_error *error)
{
    (void)compressor;
    reader->manifest_text =
        slurp(reader, name, MAX_MANIFEST_BYTES, &reader->manifest_length, error);
    if (!reader->manifest_text ||
        !artifact_manifest_parse(&reader->manifest, &reader->problems, reader->manifest_text,
                                 reader->manifest_length, error))
        return false;
    struct artifact_manifest_entry *version =
        artifact_manifest_require(&reader->manifest, "version", error);
    if (!version)
        return false;
    return artifact_manifest_confirm(version, reader->version_checksum, error) ||
           artifact_fail_in_member(error, "version");
}

/* Devices decode base64 and nothing else, where other readers skip line ends. */
static bool check_base64(struct artifact_reader *reader, const char *name, const char *text,
                         size_t length, struct artifact_error *error)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789+/=";
    return strspn(text, alphabet) == length ||
           artifact_refuse(error, ARTIFACT_DEVICES, name,
                           "%s: it holds characters that are not base64, such as a newline, which "
                           "devices refuse",
                           name) ||
           artifact_problems_tolerate(&reader->problems, error);
}

static bool verify(struct artifact_reader *reader, const char *text, size_t length,
                   struct artifact_error *error)
{
    const struct artifact_read_options *options = reader->options;
    struct artifact_info *info = reader->info;
    struct artifact_error reason = {0};

    if (!reader->manifest_text)
        return true;
    info->signature = ARTIFACT_SIGNATURE_UNCHECKED;
    if (options->key_count == 0)
        return true;
    EVP_PKEY *key = NULL;
    if (artifact_manifest_verify(&key, options->keys, options->key_count, reader->manifest_text,
                                 reader->manifest_length, text, length, &reason)) {
        const char *warning = artifact_key_warning(key);
        info->signature = ARTIFACT_SIGNATURE_VERIFIED;
        return !warning || artifact_refuse(error, 0, NULL, "%s", warning) ||
               artifact_problems_note(&reader->problems, error);
    }
    if (reason.code != ARTIFACT_BAD_SIGNATURE)
        return artifact_fail(error, reason.code, reason.member, "%s", reason.message);
    info->signature = ARTIFACT_SIGNATURE_FAILED;
    snprintf(info->signature_error, sizeof info->signature_error, "%.*s",
             (int)sizeof info->signature_error - 1, reason.message);
    return true;
}

static bool read_signature(struct artifact_reader *reader, const char *name,
                           const struct artifact_compressor *compressor,
                           struct artifact_error *error)
{
    (void)compressor;
    size_t length = 0;
    reader->info->signature = ARTIFACT_SIGNATURE_UNREAD;
    char *text = slurp(reader, name, MAX_SIGNATURE_BYTES, &length, error);
    bool is_read = text && check_base64(reader, name, text, length, error) &&
                   verify(reader, text, length, error);
    free(text);
    return is_read;
}

static bool read_manifest_augment(struct artifact_reader *reader, const char *name,
                                  const struct artifact_compressor *compressor,
                                  struct artifact_error *error)
{
    (void)compressor;
    if (reader->info->version == 2)
        return artifact_fail(error, ARTIFACT_INVALID, name,
                             "%s: in version 2 of the format artifacts can not be augmented", name);
    size_t length = 0;
    char *text = slurp(reader, name, MAX_MANIFEST_BYTES, &length, error);
    bool is_read =
        text &&
        (artifact_manifest_parse_augment(&reader->manifest, &reader->problems, text, length,
                                         error) ||
         artifact_fail_prefix(error, "%s", name)) &&
        (artifact_refuse(error, ARTIFACT_DEVICES, name,
                         "%s: the artifact is augmented, and devices of today refuse that", name) ||
         artifact_problems_tolerate(&reader->problems, error));
    free(text);
    return is_read;
}

/* What is wrong inside an artifact is told with the member's name; other failures, such as those of
 * callbacks, are complete. */
static bool name_member(struct artifact_error *error, const char *name)
{
    return artifact_error_is_of_contents(error) && artifact_fail_in_member(error, name);
}

/* A member that is a tar, whose problems have its name in front. */
static bool read_tar(struct artifact_reader *reader, const char *name,
                     const struct artifact_compressor *compressor, bool is_header,
                     struct artifact_error *error)
{
    reader->problems.member = name;
    bool is_read = is_header ? artifact_header_read(reader, name, compressor, error)
                             : artifact_payload_read(reader, compressor, error);
    reader->problems.member = NULL;
    return is_read || name_member(error, name);
}

static bool read_header(struct artifact_reader *reader, const char *name,
                        const struct artifact_compressor *compressor, struct artifact_error *error)
{
    reader->info->compression = strdup(compressor->id);
    if (!reader->info->compression)
        return artifact_fail_memory(error);
    return read_tar(reader, name, compressor, true, error);
}

/* Of a version and a payload that are not known yet. */
static struct artifact_info *new_info(struct artifact_error *error)
{
    struct artifact_info *info = calloc(1, sizeof *info);
    char *type = info ? strdup("") : NULL;
    if (!type) {
        free(info);
        artifact_fail_memory(error);
        return NULL;
    }
    info->version = 3;
    info->payload_type = type;
    return info;
}

/* What is added is read by itself, and then laid over what the header says, unless it is wanted
 * apart.
 */
static bool read_header_augment(struct artifact_reader *reader, const char *name,
                                const struct artifact_compressor *compressor,
                                struct artifact_error *error)
{
    struct artifact_info *header = reader->info;
    struct artifact_info *augment = new_info(error);
    if (!augment)
        return false;
    augment->version = header->version;
    reader->info = augment;
    reader->is_augment = true;
    bool is_read = read_tar(reader, name, compressor, true, error);
    reader->is_augment = false;
    reader->info = header;
    if (is_read && reader->options->augment_apart) {
        header->augment = augment;
        return true;
    }
    is_read =
        is_read && (artifact_augment_merge(header, augment, error) || name_member(error, name));
    artifact_info_free(augment);
    return is_read;
}

static bool read_payload(struct artifact_reader *reader, const char *name,
                         const struct artifact_compressor *compressor, struct artifact_error *error)
{
    return read_tar(reader, name, compressor, false, error);
}

/* ---- Their order ---- */

/* What has been read, which decides what may follow. */
enum state {
    AT_START,
    AFTER_VERSION,
    AFTER_MANIFEST,
    AFTER_SIGNATURE,
    AFTER_MANIFEST_AUGMENT,
    AFTER_HEADER,
    AFTER_AUGMENTED_HEADER,
    AFTER_HEADER_AUGMENT,
    AFTER_PAYLOAD,
};

#define IN(state) (1u << (state))

/* A member of which there are two rows is allowed in two places with different sequels. */
static const struct rule {
    const char *name;
    bool is_tar;      /* the suffix of a compressor follows the name */
    unsigned allowed; /* the states, as bits */
    enum state next;
    bool (*read)(struct artifact_reader *reader, const char *name,
                 const struct artifact_compressor *compressor, struct artifact_error *error);
} rules[] = {
    {"version", false, IN(AT_START), AFTER_VERSION, read_version},
    {"manifest", false, IN(AFTER_VERSION), AFTER_MANIFEST, read_manifest},
    {"manifest.sig", false, IN(AFTER_MANIFEST), AFTER_SIGNATURE, read_signature},
    {"manifest-augment", false, IN(AFTER_MANIFEST) | IN(AFTER_SIGNATURE), AFTER_MANIFEST_AUGMENT,
     read_manifest_augment},
    {"header.tar", true, IN(AFTER_MANIFEST) | IN(AFTER_SIGNATURE), AFTER_HEADER, read_header},
    {"header.tar", true, IN(AFTER_MANIFEST_AUGMENT), AFTER_AUGMENTED_HEADER, read_header},
    {"header-augment.tar", true, IN(AFTER_AUGMENTED_HEADER), AFTER_HEADER_AUGMENT,
     read_header_augment},
    {"data/0000.tar", true, IN(AFTER_HEADER) | IN(AFTER_HEADER_AUGMENT), AFTER_PAYLOAD,
     read_payload},
};

/* Whether the rule is for this name, and what the member is compressed with. */
static bool is_rule_for(const struct rule *rule, const char *name,
                        const struct artifact_compressor **compressor)
{
    size_t length = strlen(rule->name);
    if (strncmp(name, rule->name, length) != 0)
        return false;
    *compressor = rule->is_tar ? artifact_compressor_by_suffix(name + length) : NULL;
    return rule->is_tar ? *compressor != NULL : name[length] == '\0';
}

static const struct rule *find_rule(enum state state, const char *name,
                                    const struct artifact_compressor **compressor)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].allowed & IN(state) && is_rule_for(&rules[i], name, compressor))
            return &rules[i];
    }
    return NULL;
}

/* "manifest foo": what came after version, for free(). */
static char *join(const struct artifact_strings *names)
{
    char *text = strdup("");
    for (size_t i = 1; text && i < names->count; i++) {
        char *longer = artifact_string_format("%s%s%s", text, i > 1 ? " " : "", names->items[i]);
        free(text);
        text = longer;
    }
    return text;
}

static bool begins_with(const char *name, const char *part)
{
    return strncmp(name, part, strlen(part)) == 0;
}

/* data/N.tar and a suffix: what upstream's tool takes for a payload. */
static bool is_any_payload(const char *name)
{
    static const char folder[] = "data/";
    if (!begins_with(name, folder))
        return false;
    const char *number = name + strlen(folder);
    size_t length = strspn(number, "0123456789");
    return length > 0 && begins_with(number + length, ".tar") &&
           artifact_compressor_by_suffix(number + length + strlen(".tar"));
}

/* What comes next is the payload, or nothing. */
static bool is_before_data(enum state state)
{
    return state < AFTER_HEADER || state == AFTER_AUGMENTED_HEADER;
}

/* Who refuses a member of this name that has no place here. Devices read nothing after the payload,
 * and of a header's name not the suffix. */
static unsigned who_refuses_place(enum state state, const char *name)
{
    bool is_tool_content = state == AT_START ? begins_with(name, "version")
                                             : !is_before_data(state) && is_any_payload(name);
    bool are_devices_content =
        is_before_data(state) ? begins_with(name, "header.tar.") : state == AFTER_PAYLOAD;
    return (is_tool_content ? 0 : ARTIFACT_MENDER_ARTIFACT) |
           (are_devices_content ? 0 : ARTIFACT_DEVICES);
}

static bool fail_place(enum state state, const struct artifact_strings *seen, const char *name,
                       struct artifact_error *error)
{
    unsigned refused_by = who_refuses_place(state, name);
    if (state == AT_START)
        return artifact_refuse(
            error, refused_by, name,
            "can not read version file: the first member is %.200s, and not version", name);
    if (!is_before_data(state))
        return artifact_refuse(
            error, refused_by, name,
            "invalid data file name: %.200s: after the header comes data/0000.tar, with "
            "its compressor's suffix, and nothing else",
            name);
    char *names = join(seen);
    if (!names)
        return artifact_fail_memory(error);
    artifact_refuse(
        error, refused_by, name,
        "Invalid structure: [%.300s], wrong element: %.200s: version, manifest, [manifest.sig], "
        "header.tar and data/0000.tar are wanted, in this order",
        names, name);
    free(names);
    return false;
}

static bool fail_end(const struct artifact_reader *reader, enum state state,
                     struct artifact_error *error)
{
    if (state < AFTER_HEADER)
        return artifact_fail(error, ARTIFACT_INVALID, NULL,
                             "The artifact does not contain all required fields: %s is missing",
                             state == AT_START        ? "version"
                             : state == AFTER_VERSION ? "manifest"
                                                      : "header.tar");
    if (!artifact_manifest_check_all_seen(&reader->manifest, error)) {
        error->refused_by |= ARTIFACT_DEVICES;
        return false;
    }
    return artifact_refuse(error, ARTIFACT_DEVICES, NULL,
                           "The artifact does not contain all required fields: data/0000.tar is "
                           "missing, which devices ask for even when it is empty");
}

static bool read_member(struct artifact_reader *reader, const struct artifact_member *member,
                        enum state *state, struct artifact_strings *seen,
                        struct artifact_error *error)
{
    /* Reading what is in a member may take away the name of it. */
    if (!artifact_strings_add(seen, member->name, error))
        return false;
    const char *name = seen->items[seen->count - 1];
    const struct artifact_compressor *compressor = NULL;
    const struct rule *rule = find_rule(*state, name, &compressor);
    if (!rule)
        return fail_place(*state, seen, name, error);
    *state = rule->next;
    if (!member->is_regular_file)
        return artifact_fail(error, ARTIFACT_INVALID, name, "%s: not a regular file", name);
    return rule->read(reader, name, compressor, error);
}

/* Whether the member has its place in one of the states that have passed, or in none. A header in
 * no compression that we know is neither: it is what is missing. */
static bool is_surplus(enum state state, const char *name)
{
    if (begins_with(name, "header.tar.") && state < AFTER_HEADER)
        return false;
    const struct artifact_compressor *compressor = NULL;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (is_rule_for(&rules[i], name, &compressor) && rules[i].next > state)
            return false;
    }
    return state > AT_START;
}

/* A member whose contents are broken, or that should not be here, can be passed over; where one is
 * missing, what follows has no meaning. */
static bool goes_on(struct artifact_reader *reader, enum state before, enum state state,
                    const struct artifact_strings *seen, const struct artifact_error *error)
{
    bool was_placed = state != before;
    return !artifact_tar_reader_is_broken(reader->outer) &&
           (was_placed || (seen->count > 0 && is_surplus(state, seen->items[seen->count - 1]))) &&
           artifact_problems_go_on(&reader->problems, error);
}

static bool next_member(struct artifact_reader *reader, bool *has_member,
                        struct artifact_member *member, const struct artifact_strings *seen,
                        struct artifact_error *error)
{
    if (artifact_tar_reader_next(reader->outer, has_member, member, error))
        return true;
    if (error->code != ARTIFACT_INVALID)
        return false;
    if (seen->count == 0)
        return artifact_fail_prefix(error, "can not read version file");
    return artifact_fail_prefix(error, "after %s", seen->items[seen->count - 1]);
}

static bool read_members(struct artifact_reader *reader, enum state *state,
                         struct artifact_strings *seen, struct artifact_error *error)
{
    bool has_member = true;
    while (has_member) {
        struct artifact_member member;
        enum state before = *state;
        if (!next_member(reader, &has_member, &member, seen, error))
            return false;
        if (has_member && !read_member(reader, &member, state, seen, error) &&
            !goes_on(reader, before, *state, seen, error))
            return false;
    }
    if (*state != AFTER_PAYLOAD)
        return fail_end(reader, *state, error);
    return !reader->has_whole_payload ||
           artifact_manifest_check_all_seen(&reader->manifest, error) ||
           artifact_problems_go_on(&reader->problems, error);
}

/* ---- The whole ---- */

/* Every reader stops at the end of the archive, so what follows it is harmless, and nothing the
 * signature knows of. */
static bool read_rest(struct artifact_reader *reader, struct artifact_error *error)
{
    uint64_t trailing_bytes = 0;
    return artifact_tar_reader_finish(reader->outer, &trailing_bytes, 0, error) &&
           (trailing_bytes == 0 ||
            artifact_refuse(error, 0, NULL,
                            "there is data after the end of the artifact, which no checksum "
                            "covers and every reader ignores") ||
            artifact_problems_note(&reader->problems, error));
}

struct file {
    const char *path;
    int fd;
};

static bool read_file(void *user, unsigned char *bytes, size_t size, size_t *length,
                      struct artifact_error *error)
{
    const struct file *file = user;
    return artifact_io_read(file->fd, bytes, size, length) ||
           artifact_fail(error, ARTIFACT_CANNOT_OPEN, NULL, "Can not open artifact: read %s: %s",
                         file->path, strerror(errno));
}

static bool read_artifact(struct artifact_reader *reader, struct artifact_error *error)
{
    struct artifact_strings seen = {0};
    enum state state = AT_START;
    bool is_read = (read_members(reader, &state, &seen, error) && read_rest(reader, error)) ||
                   artifact_problems_end(&reader->problems, error);
    /* What was found is reported also when something else was the end. */
    if (is_read || reader->options->report)
        is_read = artifact_problems_settle(&reader->problems, reader->options,
                                           &reader->info->warnings, error) &&
                  is_read;
    if (state <= AFTER_MANIFEST)
        reader->info->signature = ARTIFACT_SIGNATURE_UNREAD;
    artifact_strings_clear(&seen);
    return is_read;
}

struct artifact_info *artifact_read(const char *path, const struct artifact_read_options *options,
                                    struct artifact_error *error)
{
    static const struct artifact_read_options no_options;
    /* Checks write to it although reading goes on. */
    struct artifact_error failure = {0};
    struct artifact_reader reader = {.options = options ? options : &no_options};
    struct artifact_info *info = NULL;

    struct file file = {.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0) {
        artifact_fail(error, ARTIFACT_CANNOT_OPEN, NULL, "Can not open artifact: open %s: %s", path,
                      strerror(errno));
        return NULL;
    }
    posix_fadvise(file.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    artifact_problems_init(&reader.problems, reader.options);
    reader.info = new_info(&failure);
    if (reader.info)
        reader.outer =
            artifact_tar_reader_new(&(struct artifact_source){read_file, &file}, &failure);
    if (!reader.outer || !read_artifact(&reader, &failure)) {
        if (error)
            *error = failure;
        goto out;
    }

    info = reader.info;
    reader.info = NULL;
out:
    artifact_tar_reader_free(reader.outer);
    artifact_info_free(reader.info);
    artifact_problems_clear(&reader.problems);
    artifact_manifest_clear(&reader.manifest);
    free(reader.manifest_text);
    close(file.fd);
    return info;
}
