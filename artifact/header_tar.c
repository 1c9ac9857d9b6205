// SPDX-License-Identifier: Apache-2.0
#include "header_tar.h"

#include "header_info.h"
#include "header_limits.h"
#include "input_file.h"
#include "json.h"
#include "string_list.h"
#include "type_info.h"

#include <stdlib.h>
#include <string.h>

enum {
    MEMBER_MODE = 0600,
    /* The modes of the sources would make the result depend on who checked them out, and devices
     * ignore them. */
    SCRIPT_MODE = 0755,
    FRAME_BYTES = 4096, /* more than a tar puts around the contents of a member, and at its end */
};

bool artifact_spec_is_rootfs(const struct artifact_spec *spec)
{
    return spec->payload_type && strcmp(spec->payload_type, "rootfs-image") == 0;
}

bool artifact_text_check(const struct artifact_text *text, const char *member,
                         struct artifact_error *error)
{
    if (!text->bytes)
        return false;
    return text->length <= ARTIFACT_JSON_MAX_BYTES ||
           artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member, "%s: would be larger than %d bytes",
                         member, (int)ARTIFACT_JSON_MAX_BYTES);
}

/* ---- What it says ---- */

/* An empty object is as good as none; that the text is no object at all is the caller's mistake. */
static bool take_meta_data(struct artifact_header_tar *header, struct artifact_error *error)
{
    const char *given = header->spec.meta_data;
    char *text = NULL;
    header->has_meta_data = given && !*given;
    if (!given || !*given)
        return true;
    if (!artifact_meta_data_parse(&text, given, strlen(given), error)) {
        if (error && error->code == ARTIFACT_INVALID)
            error->code = ARTIFACT_BAD_ARGUMENT;
        return false;
    }
    if (text && strcmp(text, "{}") == 0) {
        free(text);
        text = NULL;
    }
    header->meta_data = (struct artifact_text){text, text ? strlen(text) : 0};
    header->has_meta_data = text != NULL;
    return !text || artifact_text_check(&header->meta_data, "meta-data", error);
}

/* The type-info that is to come is printed with an empty checksum, to learn now what is wrong with
 * it. */
static bool take_texts(struct artifact_header_tar *header, struct artifact_error *error)
{
    struct artifact_text trial = {0};
    header->header_info.bytes =
        artifact_header_info_print(&header->spec, &header->header_info.length, error);
    if (!artifact_text_check(&header->header_info, "header-info", error))
        return false;
    trial.bytes = artifact_type_info_print(&header->spec, "", &trial.length, error);
    bool is_ok = artifact_text_check(&trial, "type-info", error) && take_meta_data(header, error);
    free(trial.bytes);
    return is_ok;
}

bool artifact_header_tar_init(struct artifact_header_tar *header, const struct artifact_spec *spec,
                              struct artifact_error *error)
{
    *header = (struct artifact_header_tar){.spec = *spec};
    if (spec->format_version == 2) {
        header->spec.provides_count = 0;
        header->spec.depends_count = 0;
        header->spec.clears_provides_count = 0;
        header->spec.checksum_key = NULL;
    }
    return take_texts(header, error);
}

/* What is cleared is said in the first header only. */
bool artifact_header_tar_init_augment(struct artifact_header_tar *header,
                                      const struct artifact_spec *spec,
                                      struct artifact_error *error)
{
    const struct artifact_augment *augment = spec->augment;
    *header = (struct artifact_header_tar){.spec = *spec};
    header->spec.payload_type = augment->payload_type;
    header->spec.provides = augment->provides;
    header->spec.provides_count = augment->provides_count;
    header->spec.depends = augment->depends;
    header->spec.depends_count = augment->depends_count;
    header->spec.clears_provides_count = 0;
    header->spec.checksum_key = NULL;
    header->spec.meta_data = augment->meta_data;
    return take_texts(header, error);
}

void artifact_header_tar_clear(struct artifact_header_tar *header)
{
    artifact_packed_tar_free(header->packed);
    free(header->meta_data.bytes);
    free(header->header_info.bytes);
    *header = (struct artifact_header_tar){0};
}

/* ---- Members ---- */

static bool write_tar(void *user, const unsigned char *bytes, size_t length,
                      struct artifact_error *error)
{
    return artifact_tar_writer_data(user, bytes, length, error);
}

/* Before a member is begun, whose contents may be too large to copy them just to see. `label` is
 * what the caller knows it by. */
static bool check_room(const struct artifact_tar_writer *tar, const char *label, uint64_t size,
                       struct artifact_error *error)
{
    uint64_t used = artifact_tar_writer_position(tar) + FRAME_BYTES;
    return (size <= ARTIFACT_HEADER_MAX_BYTES && used <= ARTIFACT_HEADER_MAX_BYTES - size) ||
           artifact_fail(error, ARTIFACT_BAD_ARGUMENT, label,
                         "%s: the header would be larger than %d bytes", label,
                         (int)ARTIFACT_HEADER_MAX_BYTES);
}

static bool add_script(struct artifact_tar_writer *tar, const struct artifact_output *output,
                       const struct artifact_script *script, time_t modified,
                       struct artifact_error *error)
{
    struct artifact_sink sink = {write_tar, tar};
    struct artifact_input_file input = {.fd = -1};
    char *name = artifact_string_format("scripts/%s", script->name);
    bool is_ok = name || artifact_fail_memory(error);
    is_ok = is_ok && artifact_input_file_open(&input, "script file", script->path, output, error) &&
            check_room(tar, script->path, input.size, error) &&
            artifact_tar_writer_begin(tar, name, input.size, SCRIPT_MODE, modified, error) &&
            artifact_input_file_read(&input, &sink, NULL, error);
    artifact_input_file_close(&input);
    free(name);
    return is_ok;
}

static bool add_text(struct artifact_tar_writer *tar, const char *name,
                     const struct artifact_text *text, struct artifact_error *error)
{
    return check_room(tar, name, text->length, error) &&
           artifact_tar_writer_add(tar, name, text->bytes, text->length, MEMBER_MODE, 0, error);
}

static bool add_files(struct artifact_tar_writer *tar, const struct artifact_spec *spec,
                      struct artifact_error *error)
{
    struct artifact_text files = {0};
    if (spec->format_version != 2)
        return true;
    files.bytes = artifact_header_info_print_files(spec, &files.length, error);
    bool is_added = artifact_text_check(&files, "files", error) &&
                    add_text(tar, "headers/0000/files", &files, error);
    free(files.bytes);
    return is_added;
}

static bool add_type_info(struct artifact_tar_writer *tar, const struct artifact_spec *spec,
                          const char *payload_checksum, struct artifact_error *error)
{
    struct artifact_text type_info = {0};
    type_info.bytes = artifact_type_info_print(spec, payload_checksum, &type_info.length, error);
    bool is_added = artifact_text_check(&type_info, "type-info", error) &&
                    add_text(tar, "headers/0000/type-info", &type_info, error);
    free(type_info.bytes);
    return is_added;
}

bool artifact_header_tar_pack(struct artifact_header_tar *header, char checksum[ARTIFACT_HEX_SIZE],
                              const struct artifact_output *output,
                              const struct artifact_compressor *compressor,
                              const struct artifact_scripts *scripts, const char *payload_checksum,
                              time_t modified, struct artifact_error *error)
{
    const struct artifact_spec *spec = &header->spec;
    header->packed = artifact_packed_tar_new(output, NULL, compressor, spec->compression_level,
                                             spec->threads, error);
    if (!header->packed)
        return false;
    struct artifact_tar_writer *tar = artifact_packed_tar_get0_writer(header->packed);
    bool is_ok = add_text(tar, "header-info", &header->header_info, error);
    for (size_t i = 0; is_ok && i < scripts->count; i++)
        is_ok = add_script(tar, output, &scripts->items[i], modified, error);
    return is_ok && add_files(tar, spec, error) &&
           add_type_info(tar, spec, payload_checksum, error) &&
           (!header->has_meta_data ||
            add_text(tar, "headers/0000/meta-data", &header->meta_data, error)) &&
           artifact_packed_tar_finish(header->packed, error) &&
           artifact_packed_tar_checksum(header->packed, checksum, error);
}
