// SPDX-License-Identifier: Apache-2.0
#include "manifest.h"

#include "compress.h"
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char member[] = "manifest";

enum {
    HEX_LENGTH = ARTIFACT_HEX_SIZE - 1,
    NAME_OFFSET = HEX_LENGTH + 2, /* two spaces between */
    MAX_DEVICE_NAME_BYTES = 100,
};

void artifact_manifest_clear(struct artifact_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        free(manifest->entries[i].name);
    free(manifest->entries);
    free(manifest->by_name);
    *manifest = (struct artifact_manifest){0};
}

/* The first place in by_name whose entry is not before `name`. */
static size_t place_of(const struct artifact_manifest *manifest, const char *name)
{
    size_t first = 0, end = manifest->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (strcmp(manifest->entries[manifest->by_name[middle]].name, name) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

static struct artifact_manifest_entry *entry_at(struct artifact_manifest *manifest, size_t place,
                                                const char *name)
{
    if (place == manifest->count)
        return NULL;
    struct artifact_manifest_entry *entry = &manifest->entries[manifest->by_name[place]];
    return strcmp(entry->name, name) == 0 ? entry : NULL;
}

struct artifact_manifest_entry *artifact_manifest_find(struct artifact_manifest *manifest,
                                                       const char *name)
{
    return entry_at(manifest, place_of(manifest, name), name);
}

/* Makes room for one more entry. The room doubles whenever the count reaches a power of two. */
static bool grow(struct artifact_manifest *manifest, struct artifact_error *error)
{
    size_t count = manifest->count;
    if (count & (count - 1))
        return true;
    size_t room = count ? 2 * count : 1;
    struct artifact_manifest_entry *entries =
        reallocarray(manifest->entries, room, sizeof *entries);
    if (!entries)
        return artifact_fail_memory(error);
    manifest->entries = entries;
    size_t *by_name = reallocarray(manifest->by_name, room, sizeof *by_name);
    if (!by_name)
        return artifact_fail_memory(error);
    manifest->by_name = by_name;
    return true;
}

bool artifact_manifest_add(struct artifact_manifest *manifest, const char *name,
                           const char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error)
{
    size_t place = place_of(manifest, name);
    if (entry_at(manifest, place, name))
        return artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member,
                               "%s: %s: file already exists", member, name);
    if (!grow(manifest, error))
        return false;

    struct artifact_manifest_entry entry = {.name = strdup(name)};
    if (!entry.name)
        return artifact_fail_memory(error);
    memcpy(entry.checksum, checksum, HEX_LENGTH);
    memmove(&manifest->by_name[place + 1], &manifest->by_name[place],
            (manifest->count - place) * sizeof manifest->by_name[0]);
    manifest->by_name[place] = manifest->count;
    manifest->entries[manifest->count++] = entry;
    return true;
}

/* ---- Reading ---- */

static bool is_header(const char *name)
{
    static const char *const stems[] = {"header.tar", "header-augment.tar"};
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
        size_t length = strlen(stems[i]);
        if (strncmp(name, stems[i], length) == 0)
            return artifact_compressor_by_suffix(name + length) != NULL;
    }
    return false;
}

/* Whether devices refuse a name that upstream's tool refuses: they ask for no blank, and bound it.
 */
static unsigned devices_for(const char *name)
{
    bool is_fine = name[strcspn(name, " \t\r")] == '\0' && strlen(name) <= MAX_DEVICE_NAME_BYTES;
    return is_fine ? 0 : ARTIFACT_DEVICES;
}

static bool check_name(const char *name, struct artifact_error *error)
{
    static const char payload[] = "data/0000/";
    if (strcmp(name, "version") == 0 || is_header(name))
        return true;
    if (strncmp(name, payload, strlen(payload)) != 0)
        return artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT | devices_for(name), member,
                               "%s: File in manifest does not belong to any Payload: %.200s",
                               member, name);
    const char *problem = artifact_file_name_problem(name + strlen(payload));
    return !problem || artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT | devices_for(name), member,
                                       "%s: Malformed manifest entry: '%.200s': the file's name %s",
                                       member, name, problem);
}

static bool has_checksum(const char *line, size_t length)
{
    if (length <= NAME_OFFSET || line[HEX_LENGTH] != ' ' || line[HEX_LENGTH + 1] != ' ')
        return false;
    for (size_t i = 0; i < HEX_LENGTH; i++) {
        bool is_digit = line[i] >= '0' && line[i] <= '9';
        if (!is_digit && (line[i] < 'a' || line[i] > 'f'))
            return false;
    }
    return true;
}

/* As much of a line as a sentence should quote. */
static int quoted_length(size_t length)
{
    return length < 200 ? (int)length : 200;
}

static bool refuse_line(const char *line, size_t length, unsigned refused_by,
                        struct artifact_error *error)
{
    return artifact_refuse(error, refused_by, member,
                           "%s: malformed checksum line: '%.*s': 64 lower-case hex digits, two "
                           "spaces and a name are wanted",
                           member, quoted_length(length), line);
}

/* A line without its newline. */
static bool parse_line(struct artifact_manifest *manifest, const char *line, size_t length,
                       struct artifact_error *error)
{
    if (!has_checksum(line, length) || memchr(line, '\0', length))
        return refuse_line(line, length, ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT, error);

    char checksum[ARTIFACT_HEX_SIZE] = "";
    memcpy(checksum, line, HEX_LENGTH);
    char *name = strndup(line + NAME_OFFSET, length - NAME_OFFSET);
    if (!name)
        return artifact_fail_memory(error);
    bool is_added =
        check_name(name, error) && artifact_manifest_add(manifest, name, checksum, error);
    free(name);
    return is_added;
}

/* Upstream's tool passes over blank lines, and blanks before a checksum. */
static bool skip_blanks(const char **line, size_t *length, struct artifact_error *error)
{
    const char *whole = *line;
    size_t whole_length = *length;
    while (*length > 0 && (**line == ' ' || **line == '\t')) {
        ++*line;
        --*length;
    }
    return (*length > 0 && *length == whole_length) ||
           refuse_line(whole, whole_length, ARTIFACT_DEVICES, error);
}

static bool refuse_last_line(const char *line, size_t length, struct artifact_error *error)
{
    return artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member,
                           "%s: Garbled entry in manifest: '%.*s': the last line does not end with "
                           "a newline",
                           member, quoted_length(length), line);
}

bool artifact_manifest_parse(struct artifact_manifest *manifest, struct artifact_problems *problems,
                             const char *text, size_t length, struct artifact_error *error)
{
    const char *line = text, *end = text + length;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t line_length = (size_t)((newline ? newline : end) - line);
        bool goes_on =
            (newline || refuse_last_line(line, line_length, error) ||
             artifact_problems_go_on(problems, error)) &&
            (skip_blanks(&line, &line_length, error) || artifact_problems_go_on(problems, error)) &&
            (line_length == 0 || parse_line(manifest, line, line_length, error) ||
             artifact_problems_go_on(problems, error));
        if (!goes_on)
            return false;
        line = newline ? newline + 1 : end;
    }
    return true;
}

bool artifact_manifest_parse_augment(struct artifact_manifest *manifest,
                                     struct artifact_problems *problems, const char *text,
                                     size_t length, struct artifact_error *error)
{
    size_t first = manifest->count;
    if (!artifact_manifest_parse(manifest, problems, text, length, error))
        return false;
    for (size_t i = first; i < manifest->count; i++)
        manifest->entries[i].is_augmented = true;
    return true;
}

/* ---- What reading finds ---- */

struct artifact_manifest_entry *artifact_manifest_require(struct artifact_manifest *manifest,
                                                          const char *name,
                                                          struct artifact_error *error)
{
    struct artifact_manifest_entry *entry = artifact_manifest_find(manifest, name);
    if (!entry)
        artifact_fail(error, ARTIFACT_INVALID, name,
                      "checksum missing for file: '%s': the manifest does not list it", name);
    return entry;
}

bool artifact_manifest_confirm(struct artifact_manifest_entry *entry,
                               const char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error)
{
    entry->is_seen = true;
    return strcmp(checksum, entry->checksum) == 0 ||
           artifact_fail(error, ARTIFACT_INVALID, entry->name,
                         "invalid checksum; expected: [%s]; actual: [%s]", entry->checksum,
                         checksum);
}

bool artifact_manifest_check_all_seen(const struct artifact_manifest *manifest,
                                      struct artifact_error *error)
{
    char names[512] = "";
    size_t length = 0;
    for (size_t i = 0; i < manifest->count && length < sizeof names; i++) {
        const struct artifact_manifest_entry *entry = &manifest->entries[i];
        if (!entry->is_seen)
            length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                       length > 0 ? ", " : "", entry->name);
    }
    if (length > 0)
        return artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, member,
                               "Files found in manifest(s), that were not part of artifact: %s",
                               names);
    return true;
}

/* ---- Writing ---- */

char *artifact_manifest_print(const struct artifact_manifest *manifest, size_t *length,
                              struct artifact_error *error)
{
    size_t size = 1;
    for (size_t i = 0; i < manifest->count; i++)
        size += NAME_OFFSET + strlen(manifest->entries[i].name) + strlen("\n");
    char *text = malloc(size);
    if (!text) {
        artifact_fail_memory(error);
        return NULL;
    }
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < manifest->count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s  %s\n",
                                 manifest->entries[i].checksum, manifest->entries[i].name);
    *length = used;
    return text;
}
