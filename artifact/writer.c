// SPDX-License-Identifier: Apache-2.0
/*
 * Writing an artifact: payload -> (hash | compress) into a scratch file, then the header, the
 * manifest and its signature, and at last all of them, in the order that readers demand, into the
 * output. Every payload byte is read once.
 */
#include "digest.h"
#include "header_info.h"
#include "input_file.h"
#include "json.h"
#include "manifest.h"
#include "names.h"
#include "packed_tar.h"
#include "scripts.h"
#include "sign.h"
#include "string_list.h"
#include "tar_writer.h"
#include "type_info.h"
#include "version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    FORMAT_VERSION = 3,
    MEMBER_MODE = 0600,
    /* The modes of the sources would make the result depend on who checked them out, and devices
     * ignore them. */
    PAYLOAD_MODE = 0644,
    SCRIPT_MODE = 0755,
};

/* A text member, for free(). */
struct text {
    char *bytes;
    size_t length;
};

struct writer {
    const struct artifact_spec *spec;
    const struct artifact_compressor *compressor;
    const struct artifact_progress *progress;
    time_t modified; /* of members that come from files */

    struct artifact_output *output;
    struct artifact_scripts scripts;
    struct artifact_manifest manifest;
    char checksum[ARTIFACT_HEX_SIZE]; /* of the last payload file */
    struct artifact_packed_tar *header;
    struct artifact_packed_tar *payload;
    struct text version, header_info, meta_data, manifest_text, signature;
};

/* ---- What can be refused before anything is read or written ---- */

static bool is_rootfs(const struct artifact_spec *spec)
{
    return spec->payload_type && strcmp(spec->payload_type, "rootfs-image") == 0;
}

static bool check_version(const struct artifact_spec *spec, struct artifact_error *error)
{
    unsigned version = spec->format_version;
    if (version == 0 || version == FORMAT_VERSION)
        return true;
    if (version == 2 && !is_rootfs(spec))
        return artifact_fail(error, ARTIFACT_BAD_VERSION, NULL,
                             "Module images need at least artifact format version 3");
    return artifact_fail(error, ARTIFACT_BAD_VERSION, NULL, "Artifact version %u is not supported",
                         version);
}

static bool check_compression(struct writer *writer, struct artifact_error *error)
{
    const char *id = writer->spec->compression ? writer->spec->compression : "gzip";
    writer->compressor = artifact_compressor_by_id(id);
    if (!writer->compressor || !writer->compressor->can_write)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                             "compressor '%s' is not supported: invalid compressor id: %s", id, id);
    return true;
}

/* The time of members that come from files: SOURCE_DATE_EPOCH as reproducible-builds.org has it, up
 * to what a ustar header holds. */
static bool check_time(struct writer *writer, struct artifact_error *error)
{
    const uint64_t max_seconds = (UINT64_C(1) << 33) - 1;
    const char *text = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds = 0;
    size_t digits = text ? strspn(text, "0123456789") : 0;
    if (!text || !*text)
        return true;
    for (size_t i = 0; i < digits && seconds <= max_seconds; i++)
        seconds = 10 * seconds + (uint64_t)(text[i] - '0');
    if (text[digits] || seconds > max_seconds)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                             "SOURCE_DATE_EPOCH is \"%s\", and not a number of seconds since 1970",
                             text);
    writer->modified = (time_t)seconds;
    return true;
}

static const char *name_of(const struct artifact_file *file)
{
    if (file->name)
        return file->name;
    const char *slash = strrchr(file->path, '/');
    return slash ? slash + 1 : file->path;
}

static bool check_files(const struct artifact_spec *spec, struct artifact_error *error)
{
    if (is_rootfs(spec) && spec->file_count != 1)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                             "Rootfs: Must provide exactly one update file");
    if (!spec->payload_type && (spec->file_count > 0 || spec->script_count > 0 || spec->meta_data))
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                             "an artifact without a payload can not hold files, scripts or "
                             "meta-data");
    if (spec->checksum_key && spec->file_count != 1)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                             "a checksum can be provided of exactly one payload file, not of %zu",
                             spec->file_count);
    for (size_t i = 0; i < spec->file_count; i++) {
        const char *problem = artifact_file_name_problem(name_of(&spec->files[i]));
        if (problem)
            return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, spec->files[i].path,
                                 "Payload: data file %s %s", name_of(&spec->files[i]), problem);
    }
    return true;
}

/* Readers bound these members, ours too. */
static bool check_size(const char *member, const struct text *text, struct artifact_error *error)
{
    if (!text->bytes)
        return false;
    return text->length <= ARTIFACT_JSON_MAX_BYTES ||
           artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member, "%s: would be larger than %d bytes",
                         member, (int)ARTIFACT_JSON_MAX_BYTES);
}

/* An empty object is as good as none; that the text is no object at all is the caller's mistake. */
static bool check_meta_data(struct writer *writer, struct artifact_error *error)
{
    const char *given = writer->spec->meta_data;
    char *text = NULL;
    if (!given)
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
    writer->meta_data = (struct text){text, text ? strlen(text) : 0};
    return true;
}

/* The type-info that is to come is printed with an empty checksum, to learn now what is wrong with
 * it. */
static bool check_texts(struct writer *writer, struct artifact_error *error)
{
    struct text trial = {0};
    writer->version.bytes = artifact_version_print(FORMAT_VERSION, &writer->version.length, error);
    if (!writer->version.bytes)
        return false;
    writer->header_info.bytes =
        artifact_header_info_print(writer->spec, &writer->header_info.length, error);
    if (!check_size("header-info", &writer->header_info, error))
        return false;
    trial.bytes = artifact_type_info_print(writer->spec, "", &trial.length, error);
    bool is_ok = check_size("type-info", &trial, error) && check_meta_data(writer, error);
    free(trial.bytes);
    return is_ok;
}

static bool check(struct writer *writer, EVP_PKEY *key, struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    return check_version(spec, error) && check_compression(writer, error) &&
           check_time(writer, error) && check_files(spec, error) && check_texts(writer, error) &&
           (!key || artifact_key_check(key, error)) &&
           artifact_scripts_collect(&writer->scripts, spec->scripts, spec->script_count, error);
}

/* ---- data/0000.tar ---- */

/* Where a payload file's bytes go: past the digest into the tar, unless it takes the file. */
struct payload_sink {
    struct artifact_digest *digest;
    struct artifact_tar_writer *tar;
    bool is_file_taken;
};

static bool write_payload(void *user, const unsigned char *bytes, size_t length,
                          struct artifact_error *error)
{
    struct payload_sink *sink = user;
    return artifact_digest_update(sink->digest, bytes, length, error) &&
           (sink->is_file_taken || artifact_tar_writer_data(sink->tar, bytes, length, error));
}

static bool add_to_manifest(struct writer *writer, const char *path, const char *name,
                            const char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error)
{
    if (artifact_manifest_find(&writer->manifest, name))
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, path,
                             "%s: file already exists: two payload files have the same name", path);
    return artifact_manifest_add(&writer->manifest, name, checksum, error);
}

static bool add_payload_file(struct writer *writer, const struct artifact_file *file,
                             struct artifact_digest *digest, struct artifact_error *error)
{
    struct payload_sink target = {digest, artifact_packed_tar_get0_writer(writer->payload), false};
    struct artifact_sink sink = {write_payload, &target};
    struct artifact_input_file input = {.fd = -1};
    char *entry = artifact_string_format("data/0000/%s", name_of(file));
    bool is_ok = entry || artifact_fail_memory(error);
    is_ok = is_ok &&
            artifact_input_file_open(&input, "payload file", file->path, writer->output, error) &&
            artifact_tar_writer_begin(target.tar, name_of(file), input.size, PAYLOAD_MODE,
                                      writer->modified, error) &&
            artifact_packed_tar_take_file(writer->payload, &target.is_file_taken, input.fd,
                                          file->path, error) &&
            artifact_input_file_read(&input, &sink, writer->progress, error) &&
            artifact_digest_finish(digest, writer->checksum, error) &&
            add_to_manifest(writer, file->path, entry, writer->checksum, error);
    artifact_input_file_close(&input);
    free(entry);
    return is_ok;
}

static bool make_payload(struct writer *writer, struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    writer->payload = artifact_packed_tar_new(writer->output, writer->compressor,
                                              spec->compression_level, spec->threads, error);
    if (!writer->payload)
        return false;
    struct artifact_digest *digest = artifact_digest_new(error);
    bool is_ok = digest != NULL;
    for (size_t i = 0; is_ok && i < spec->file_count; i++)
        is_ok = add_payload_file(writer, &spec->files[i], digest, error);
    artifact_digest_free(digest);
    return is_ok && artifact_packed_tar_finish(writer->payload, error);
}

/* ---- header.tar ---- */

static bool write_tar(void *user, const unsigned char *bytes, size_t length,
                      struct artifact_error *error)
{
    return artifact_tar_writer_data(user, bytes, length, error);
}

static bool add_script(struct writer *writer, const struct artifact_script *script,
                       struct artifact_tar_writer *tar, struct artifact_error *error)
{
    struct artifact_sink sink = {write_tar, tar};
    struct artifact_input_file input = {.fd = -1};
    char *name = artifact_string_format("scripts/%s", script->name);
    bool is_ok = name || artifact_fail_memory(error);
    is_ok =
        is_ok &&
        artifact_input_file_open(&input, "script file", script->path, writer->output, error) &&
        artifact_tar_writer_begin(tar, name, input.size, SCRIPT_MODE, writer->modified, error) &&
        artifact_input_file_read(&input, &sink, NULL, error);
    artifact_input_file_close(&input);
    free(name);
    return is_ok;
}

static bool add_text(struct artifact_tar_writer *tar, const char *name, const struct text *text,
                     struct artifact_error *error)
{
    return artifact_tar_writer_add(tar, name, text->bytes, text->length, MEMBER_MODE, 0, error);
}

static bool add_header_members(struct writer *writer, const struct text *type_info,
                               struct artifact_error *error)
{
    struct artifact_tar_writer *tar = artifact_packed_tar_get0_writer(writer->header);
    bool is_ok = add_text(tar, "header-info", &writer->header_info, error);
    for (size_t i = 0; is_ok && i < writer->scripts.count; i++)
        is_ok = add_script(writer, &writer->scripts.items[i], tar, error);
    bool has_meta_data = writer->meta_data.bytes || is_rootfs(writer->spec);
    return is_ok && add_text(tar, "headers/0000/type-info", type_info, error) &&
           (!has_meta_data || add_text(tar, "headers/0000/meta-data", &writer->meta_data, error));
}

static bool make_header(struct writer *writer, char checksum[ARTIFACT_HEX_SIZE],
                        struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    struct text type_info = {0};
    writer->header = artifact_packed_tar_new(writer->output, writer->compressor,
                                             spec->compression_level, spec->threads, error);
    if (!writer->header)
        return false;
    type_info.bytes = artifact_type_info_print(spec, writer->checksum, &type_info.length, error);
    bool is_ok = check_size("type-info", &type_info, error) &&
                 add_header_members(writer, &type_info, error) &&
                 artifact_packed_tar_finish(writer->header, error) &&
                 artifact_packed_tar_checksum(writer->header, checksum, error);
    free(type_info.bytes);
    return is_ok;
}

/* ---- The whole ---- */

/* "header.tar.gz", "data/0000.tar.gz"; for free(). */
static char *tar_name(const struct writer *writer, const char *stem, struct artifact_error *error)
{
    char *name = artifact_string_format("%s.tar%s", stem, writer->compressor->suffix);
    if (!name)
        artifact_fail_memory(error);
    return name;
}

/* After the payload files come the header and the version. */
static bool complete_manifest(struct writer *writer, const char *header_checksum,
                              struct artifact_error *error)
{
    char version_checksum[ARTIFACT_HEX_SIZE];
    char *header = tar_name(writer, "header", error);
    bool is_ok = header &&
                 artifact_manifest_add(&writer->manifest, header, header_checksum, error) &&
                 artifact_digest_bytes(version_checksum, writer->version.bytes,
                                       writer->version.length, error) &&
                 artifact_manifest_add(&writer->manifest, "version", version_checksum, error);
    free(header);
    if (!is_ok)
        return false;
    writer->manifest_text.bytes =
        artifact_manifest_print(&writer->manifest, &writer->manifest_text.length, error);
    return check_size("manifest", &writer->manifest_text, error);
}

static bool sign_manifest(struct writer *writer, EVP_PKEY *key, struct artifact_error *error)
{
    if (!key)
        return true;
    writer->signature.bytes =
        artifact_manifest_sign(key, writer->manifest_text.bytes, writer->manifest_text.length,
                               &writer->signature.length, error);
    return writer->signature.bytes != NULL;
}

static bool write_output(void *user, const unsigned char *bytes, size_t length,
                         struct artifact_error *error)
{
    return artifact_output_write(user, bytes, length, error);
}

static bool assemble(struct writer *writer, struct artifact_error *error)
{
    struct artifact_sink sink = {write_output, writer->output};
    struct artifact_tar_writer *tar = artifact_tar_writer_new(&sink, error);
    char *header = tar_name(writer, "header", error);
    char *payload = tar_name(writer, "data/0000", error);
    bool is_ok =
        tar && header && payload && add_text(tar, "version", &writer->version, error) &&
        add_text(tar, "manifest", &writer->manifest_text, error) &&
        (!writer->signature.bytes || add_text(tar, "manifest.sig", &writer->signature, error)) &&
        artifact_packed_tar_add_to(writer->header, tar, writer->output, header, writer->modified,
                                   error) &&
        artifact_packed_tar_add_to(writer->payload, tar, writer->output, payload, writer->modified,
                                   error) &&
        artifact_tar_writer_finish(tar, error);
    free(payload);
    free(header);
    artifact_tar_writer_free(tar);
    return is_ok;
}

/* A file is complete before it appears, so that one that is too large never does. */
static bool check_output_size(const struct writer *writer, const char *output,
                              struct artifact_error *error)
{
    struct stat status;
    uint64_t max_size = writer->spec->max_size;
    if (strcmp(output, "-") == 0 || fstat(artifact_output_fd(writer->output), &status) != 0 ||
        !S_ISREG(status.st_mode))
        return true;
    if (writer->spec->size)
        *writer->spec->size = (uint64_t)status.st_size;
    if (max_size == 0 || (uint64_t)status.st_size <= max_size)
        return true;
    return artifact_fail(error, ARTIFACT_CANNOT_WRITE, output,
                         "Artifact size %" PRIu64 " bytes exceeds maximum allowed size %" PRIu64
                         " bytes; %s is not written",
                         (uint64_t)status.st_size, max_size, output);
}

static void writer_clear(struct writer *writer)
{
    free(writer->signature.bytes);
    free(writer->manifest_text.bytes);
    free(writer->meta_data.bytes);
    free(writer->header_info.bytes);
    free(writer->version.bytes);
    artifact_packed_tar_free(writer->payload);
    artifact_packed_tar_free(writer->header);
    artifact_manifest_clear(&writer->manifest);
    artifact_scripts_clear(&writer->scripts);
    artifact_output_free(writer->output);
}

bool artifact_write(const struct artifact_spec *spec, const char *output, EVP_PKEY *key,
                    const struct artifact_progress *progress, struct artifact_error *error)
{
    char header_checksum[ARTIFACT_HEX_SIZE];
    struct writer writer = {.spec = spec, .progress = progress};
    bool is_written = check(&writer, key, error);
    if (is_written)
        writer.output = artifact_output_new(output, error);
    is_written = writer.output && make_payload(&writer, error) &&
                 make_header(&writer, header_checksum, error) &&
                 complete_manifest(&writer, header_checksum, error) &&
                 sign_manifest(&writer, key, error) && assemble(&writer, error) &&
                 check_output_size(&writer, output, error) &&
                 artifact_output_commit(writer.output, error);
    writer_clear(&writer);
    return is_written;
}
