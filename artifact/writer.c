// SPDX-License-Identifier: Apache-2.0
/*
 * Writing an artifact: payload -> (hash | compress) to its place in the output, which is foreseen,
 * and then the header, the manifest and its signature, which come before it. Into a pipe: the
 * payload to a scratch file, and all in the order that readers demand. What is compressed is read
 * once.
 */
#include "digest.h"
#include "header_tar.h"
#include "input_file.h"
#include "manifest.h"
#include "names.h"
#include "sign.h"
#include "string_list.h"
#include "version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    DEFAULT_VERSION = 3,
    MEMBER_MODE = 0600,
    /* Not that of the source, on which the result would depend; devices ignore it. */
    PAYLOAD_MODE = 0644,
};

/* What the signature covers; and once more, for what an augmented artifact adds and nobody signs.
 */
struct part {
    const char *stem; /* of the header's name: "header" */
    struct artifact_manifest manifest;
    struct artifact_text manifest_text;
    struct artifact_header_tar header;
};

struct writer {
    const struct artifact_spec *spec;
    const struct artifact_compressor *compressor;
    const struct artifact_progress *progress;
    time_t modified; /* of members that come from files */

    struct artifact_output *output;
    struct artifact_scripts scripts;
    struct part main;
    struct part augment;              /* with spec->augment */
    char checksum[ARTIFACT_HEX_SIZE]; /* of the first payload file */
    struct artifact_packed_tar *payload;
    uint64_t payload_size; /* as it is stored */
    struct artifact_text version, signature;
};

/* ---- What can be refused before anything is read or written ---- */

static unsigned version_of(const struct artifact_spec *spec)
{
    return spec->format_version ? spec->format_version : DEFAULT_VERSION;
}

static bool check_version(const struct artifact_spec *spec, struct artifact_error *error)
{
    unsigned version = version_of(spec);
    if (version == 2 && !artifact_spec_is_rootfs(spec))
        return artifact_fail(error, ARTIFACT_BAD_VERSION, NULL,
                             "Module images need at least artifact format version 3");
    return version == 2 || version == DEFAULT_VERSION ||
           artifact_fail(error, ARTIFACT_BAD_VERSION, NULL, "Artifact version %u is not supported",
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

static bool check_names(const struct artifact_file *files, size_t count,
                        struct artifact_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = artifact_file_name(&files[i]);
        const char *problem = artifact_device_file_name_problem(name);
        if (problem)
            return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, files[i].path,
                                 "Payload: data file %s %s", name, problem);
    }
    return true;
}

static bool check_files(const struct artifact_spec *spec, struct artifact_error *error)
{
    size_t augment_count = spec->augment ? spec->augment->file_count : 0;
    if (artifact_spec_is_rootfs(spec) && spec->file_count + augment_count != 1)
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
    return check_names(spec->files, spec->file_count, error);
}

static bool check_augment(const struct artifact_spec *spec, struct artifact_error *error)
{
    const struct artifact_augment *augment = spec->augment;
    if (!augment)
        return true;
    if (!spec->payload_type || version_of(spec) == 2)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                             "an empty payload, or format version 2, can not be augmented");
    if (!augment->payload_type)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                             "what augments a payload needs a type too");
    return check_names(augment->files, augment->file_count, error);
}

static bool check_headers(struct writer *writer, struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    writer->version.bytes =
        artifact_version_print(version_of(spec), &writer->version.length, error);
    return writer->version.bytes && artifact_header_tar_init(&writer->main.header, spec, error) &&
           (!spec->augment ||
            artifact_header_tar_init_augment(&writer->augment.header, spec, error));
}

static bool check(struct writer *writer, EVP_PKEY *key, struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    return check_version(spec, error) && check_compression(writer, error) &&
           check_time(writer, error) && check_files(spec, error) && check_augment(spec, error) &&
           check_headers(writer, error) &&
           (!key || artifact_key_check(key, spec->allow_unsupported, error)) &&
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

static bool add_to_manifest(struct writer *writer, struct part *part,
                            const struct artifact_file *file,
                            const char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error)
{
    char *name = artifact_string_format("data/0000/%s", artifact_file_name(file));
    bool is_ok = name || artifact_fail_memory(error);
    if (is_ok && (artifact_manifest_find(&writer->main.manifest, name) ||
                  artifact_manifest_find(&writer->augment.manifest, name)))
        is_ok = artifact_fail(error, ARTIFACT_BAD_ARGUMENT, file->path,
                              "%s: file already exists: two payload files have the same name",
                              file->path);
    is_ok = is_ok && artifact_manifest_add(&part->manifest, name, checksum, error);
    free(name);
    return is_ok;
}

static bool add_payload_file(struct writer *writer, struct part *part,
                             const struct artifact_file *file, struct artifact_digest *digest,
                             struct artifact_error *error)
{
    struct payload_sink target = {digest, artifact_packed_tar_get0_writer(writer->payload), false};
    struct artifact_sink sink = {write_payload, &target};
    struct artifact_input_file input = {.fd = -1};
    char checksum[ARTIFACT_HEX_SIZE];
    bool is_ok =
        artifact_input_file_open(&input, "payload file", file->path, writer->output, error);
    input.name = artifact_file_name(file);
    if (is_ok && file->refuse_empty && input.size == 0)
        is_ok = artifact_fail(error, ARTIFACT_CANNOT_OPEN, file->path, "%s: is empty", file->path);
    is_ok = is_ok &&
            artifact_tar_writer_begin(target.tar, input.name, input.size, PAYLOAD_MODE,
                                      writer->modified, error) &&
            artifact_packed_tar_take_file(writer->payload, &target.is_file_taken, input.fd,
                                          file->path, error) &&
            artifact_input_file_read(&input, &sink, writer->progress, error) &&
            artifact_digest_finish(digest, checksum, error) &&
            add_to_manifest(writer, part, file, checksum, error);
    if (is_ok && !*writer->checksum)
        memcpy(writer->checksum, checksum, sizeof checksum);
    artifact_input_file_close(&input);
    return is_ok;
}

static bool add_payload_files(struct writer *writer, struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    const struct artifact_augment *augment = spec->augment;
    struct artifact_digest *digest = artifact_digest_new(error);
    bool is_ok = digest != NULL;
    for (size_t i = 0; is_ok && i < spec->file_count; i++)
        is_ok = add_payload_file(writer, &writer->main, &spec->files[i], digest, error);
    for (size_t i = 0; is_ok && augment && i < augment->file_count; i++)
        is_ok = add_payload_file(writer, &writer->augment, &augment->files[i], digest, error);
    artifact_digest_free(digest);
    return is_ok;
}

static bool make_payload(struct writer *writer, const uint64_t *place, struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    writer->payload = artifact_packed_tar_new(writer->output, place, writer->compressor,
                                              spec->compression_level, spec->threads, error);
    if (!writer->payload || !add_payload_files(writer, error) ||
        !artifact_packed_tar_finish(writer->payload, error))
        return false;
    writer->payload_size = artifact_packed_tar_size(writer->payload);
    return true;
}

/* ---- Headers and manifests ---- */

/* "header.tar.gz", "data/0000.tar.gz"; for free(). */
static char *tar_name(const struct writer *writer, const char *stem, struct artifact_error *error)
{
    char *name = artifact_string_format("%s.tar%s", stem, writer->compressor->suffix);
    if (!name)
        artifact_fail_memory(error);
    return name;
}

/* After the payload files comes the header. */
static bool make_header(struct writer *writer, struct part *part,
                        const struct artifact_scripts *scripts, struct artifact_error *error)
{
    char checksum[ARTIFACT_HEX_SIZE];
    char *name = tar_name(writer, part->stem, error);
    bool is_ok =
        name &&
        artifact_header_tar_pack(&part->header, checksum, writer->output, writer->compressor,
                                 scripts, writer->checksum, writer->modified, error) &&
        artifact_manifest_add(&part->manifest, name, checksum, error);
    free(name);
    return is_ok;
}

static bool print_manifest(struct part *part, const char *member, struct artifact_error *error)
{
    part->manifest_text.bytes =
        artifact_manifest_print(&part->manifest, &part->manifest_text.length, error);
    return artifact_text_check(&part->manifest_text, member, error);
}

static bool make_main(struct writer *writer, struct artifact_error *error)
{
    char checksum[ARTIFACT_HEX_SIZE];
    return make_header(writer, &writer->main, &writer->scripts, error) &&
           artifact_digest_bytes(checksum, writer->version.bytes, writer->version.length, error) &&
           artifact_manifest_add(&writer->main.manifest, "version", checksum, error) &&
           print_manifest(&writer->main, "manifest", error);
}

/* It has no scripts. */
static bool make_augment(struct writer *writer, struct artifact_error *error)
{
    const struct artifact_scripts none = {0};
    return !writer->spec->augment || (make_header(writer, &writer->augment, &none, error) &&
                                      print_manifest(&writer->augment, "manifest-augment", error));
}

static bool sign_manifest(struct writer *writer, EVP_PKEY *key, struct artifact_error *error)
{
    if (!key)
        return true;
    writer->signature.bytes =
        artifact_manifest_sign(key, writer->main.manifest_text.bytes,
                               writer->main.manifest_text.length, &writer->signature.length, error);
    return writer->signature.bytes != NULL;
}

/* ---- The members in the order that readers demand ---- */

static bool write_output(void *user, const unsigned char *bytes, size_t length,
                         struct artifact_error *error)
{
    return !user || artifact_output_write(user, bytes, length, error);
}

/* Into nothing but a measure, when there is no output. */
static struct artifact_tar_writer *outer_tar(struct artifact_output *output,
                                             struct artifact_error *error)
{
    struct artifact_sink sink = {write_output, output};
    return artifact_tar_writer_new(&sink, error);
}

/* Nothing when there is no such text. */
static bool add_text(struct artifact_tar_writer *tar, const char *name,
                     const struct artifact_text *text, struct artifact_error *error)
{
    return !text->bytes ||
           artifact_tar_writer_add(tar, name, text->bytes, text->length, MEMBER_MODE, 0, error);
}

static bool begin_packed(const struct writer *writer, struct artifact_tar_writer *tar,
                         const char *stem, uint64_t size, struct artifact_error *error)
{
    char *name = tar_name(writer, stem, error);
    bool is_begun =
        name && artifact_tar_writer_begin(tar, name, size, MEMBER_MODE, writer->modified, error);
    free(name);
    return is_begun;
}

/* Nothing when there is no such header. */
static bool add_header(const struct writer *writer, struct artifact_tar_writer *tar,
                       const struct part *part, struct artifact_output *output,
                       struct artifact_error *error)
{
    const struct artifact_packed_tar *packed = part->header.packed;
    return !packed ||
           (begin_packed(writer, tar, part->stem, artifact_packed_tar_size(packed), error) &&
            artifact_packed_tar_add_contents(packed, tar, output, error));
}

/* All that comes before the payload's contents. */
static bool write_front(const struct writer *writer, struct artifact_tar_writer *tar,
                        struct artifact_output *output, struct artifact_error *error)
{
    const struct part *main = &writer->main, *augment = &writer->augment;
    return add_text(tar, "version", &writer->version, error) &&
           add_text(tar, "manifest", &main->manifest_text, error) &&
           add_text(tar, "manifest.sig", &writer->signature, error) &&
           add_text(tar, "manifest-augment", &augment->manifest_text, error) &&
           add_header(writer, tar, main, output, error) &&
           add_header(writer, tar, augment, output, error) &&
           begin_packed(writer, tar, "data/0000", writer->payload_size, error);
}

static bool measure_front(const struct writer *writer, uint64_t *length,
                          struct artifact_error *error)
{
    struct artifact_tar_writer *tar = outer_tar(NULL, error);
    bool is_measured = tar && write_front(writer, tar, NULL, error);
    *length = is_measured ? artifact_tar_writer_position(tar) : 0;
    artifact_tar_writer_free(tar);
    return is_measured;
}

static bool assemble(struct writer *writer, struct artifact_error *error)
{
    uint64_t place = 0;
    struct artifact_tar_writer *tar = outer_tar(writer->output, error);
    bool is_ok = tar && measure_front(writer, &place, error) &&
                 artifact_packed_tar_move(writer->payload, place, error) &&
                 write_front(writer, tar, writer->output, error) &&
                 artifact_packed_tar_add_contents(writer->payload, tar, writer->output, error) &&
                 artifact_tar_writer_finish(tar, error);
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

static void part_clear(struct part *part)
{
    artifact_header_tar_clear(&part->header);
    free(part->manifest_text.bytes);
    artifact_manifest_clear(&part->manifest);
}

static void writer_clear(struct writer *writer)
{
    free(writer->signature.bytes);
    free(writer->version.bytes);
    artifact_packed_tar_free(writer->payload);
    part_clear(&writer->augment);
    part_clear(&writer->main);
    artifact_scripts_clear(&writer->scripts);
    artifact_output_free(writer->output);
}

/* ---- Where the payload will be ---- */

/* A pipe among the scripts can not be read twice. */
static bool are_regular(const struct artifact_scripts *scripts)
{
    struct stat status;
    for (size_t i = 0; i < scripts->count; i++) {
        if (stat(scripts->items[i].path, &status) != 0 || !S_ISREG(status.st_mode))
            return false;
    }
    return true;
}

/* Every file with the same checksum, and about how much they become. */
static bool draft_files(struct writer *draft, struct part *part, const struct artifact_file *files,
                        size_t count, struct artifact_error *error)
{
    struct stat status;
    for (size_t i = 0; i < count; i++) {
        if (!add_to_manifest(draft, part, &files[i], draft->checksum, error))
            return false;
        if (stat(files[i].path, &status) == 0 && S_ISREG(status.st_mode))
            draft->payload_size += (uint64_t)status.st_size;
    }
    return true;
}

static bool draft_signature(struct writer *draft, const EVP_PKEY *key, struct artifact_error *error)
{
    if (!key)
        return true;
    draft->signature.length = artifact_manifest_signature_length(key);
    draft->signature.bytes = calloc(1, draft->signature.length + 1);
    return draft->signature.bytes || artifact_fail_memory(error);
}

/*
 * All that comes before the payload has a length that is known before the payload is read, since
 * checksums are as long as each other: all but the compressed header, which may become a little
 * longer or shorter with another checksum in it. So a draft of it is made, of which only the length
 * is used. Where that was wrong in the end, the payload is moved.
 */
static bool foresee_place(const struct writer *writer, const EVP_PKEY *key, uint64_t *place,
                          struct artifact_error *error)
{
    const struct artifact_spec *spec = writer->spec;
    const struct artifact_augment *augment = spec->augment;
    struct writer draft = {.spec = spec,
                           .compressor = writer->compressor,
                           .modified = writer->modified,
                           .output = writer->output,
                           .scripts = writer->scripts,
                           .main.stem = writer->main.stem,
                           .augment.stem = writer->augment.stem};
    bool is_ok =
        check_headers(&draft, error) &&
        artifact_digest_bytes(draft.checksum, draft.version.bytes, draft.version.length, error) &&
        draft_files(&draft, &draft.main, spec->files, spec->file_count, error) &&
        (!augment ||
         draft_files(&draft, &draft.augment, augment->files, augment->file_count, error)) &&
        make_main(&draft, error) && make_augment(&draft, error) &&
        draft_signature(&draft, key, error) && measure_front(&draft, place, error);
    draft.output = NULL;
    draft.scripts = (struct artifact_scripts){0};
    writer_clear(&draft);
    return is_ok;
}

/* ---- The whole ---- */

static bool place_payload(struct writer *writer, const EVP_PKEY *key, struct artifact_error *error)
{
    uint64_t place = 0;
    if (!artifact_output_has_places(writer->output) || !are_regular(&writer->scripts))
        return make_payload(writer, NULL, error);
    return foresee_place(writer, key, &place, error) && make_payload(writer, &place, error);
}

bool artifact_write(const struct artifact_spec *spec, const char *output, EVP_PKEY *key,
                    const struct artifact_progress *progress, struct artifact_error *error)
{
    struct writer writer = {.spec = spec,
                            .progress = progress,
                            .main.stem = "header",
                            .augment.stem = "header-augment"};
    bool is_written = check(&writer, key, error);
    if (is_written)
        writer.output = artifact_output_new(output, spec->temporary, error);
    is_written = writer.output && place_payload(&writer, key, error) && make_main(&writer, error) &&
                 make_augment(&writer, error) && sign_manifest(&writer, key, error) &&
                 assemble(&writer, error) && check_output_size(&writer, output, error) &&
                 artifact_output_commit(writer.output, error);
    writer_clear(&writer);
    return is_written;
}
