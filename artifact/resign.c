// SPDX-License-Identifier: Apache-2.0
/*
 * Signing an artifact that exists: everything is copied byte for byte, and only the member
 * manifest.sig is put in, or replaced, right after the manifest.
 */
#include "io.h"
#include "json.h"
#include "output.h"
#include "sign.h"
#include "tar_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    READ_BYTES = 1 << 16,
    MAX_MANIFEST_BYTES = ARTIFACT_JSON_MAX_BYTES,
    SIGNATURE_MODE = 0644, /* as upstream's tool has it when it signs what exists */
    TAR_END_BYTES = 1024,
};

/* Bytes of the file from a member's first header up to the next member's. */
struct range {
    uint64_t begin, end;
};

struct layout {
    struct range manifest;
    struct range signature; /* with is_signed; else empty, right after the manifest */
    bool is_signed;
    char *text; /* the manifest, for free() */
    size_t length;
};

/* ---- Where the members are ---- */

static bool fail_tar(struct archive *archive, const char *input, struct artifact_error *error)
{
    const char *problem = archive_error_string(archive);
    return artifact_fail(error, ARTIFACT_INVALID, NULL, "%s: Could not read tar header: %s", input,
                         problem ? problem : "not a tar");
}

/* The next member; its name is NULL at the end. Position is that of its header, or of the end. */
static bool next_member(struct archive *archive, struct archive_entry **entry, uint64_t *position,
                        const char *input, struct artifact_error *error)
{
    int status = archive_read_next_header(archive, entry);
    if (status == ARCHIVE_EOF)
        *entry = NULL;
    else if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
        return fail_tar(archive, input, error);
    la_int64_t header = archive_read_header_position(archive);
    if (header < 0)
        return fail_tar(archive, input, error);
    *position = (uint64_t)header;
    return true;
}

static bool is_called(struct archive_entry *entry, const char *name)
{
    const char *path = entry ? archive_entry_pathname(entry) : NULL;
    return path && strcmp(path, name) == 0;
}

static bool read_manifest(struct layout *layout, struct archive *archive,
                          struct archive_entry *entry, const char *input,
                          struct artifact_error *error)
{
    la_int64_t size = archive_entry_size(entry);
    if (size < 0 || size > MAX_MANIFEST_BYTES)
        return artifact_fail(error, ARTIFACT_INVALID, "manifest",
                             "%s: the manifest is larger than %d bytes", input,
                             (int)MAX_MANIFEST_BYTES);
    layout->text = malloc((size_t)size + 1);
    if (!layout->text)
        return artifact_fail_memory(error);
    layout->length = (size_t)size;
    return archive_read_data(archive, layout->text, layout->length) == size ||
           fail_tar(archive, input, error);
}

static bool find_members(struct layout *layout, struct archive *archive, const char *input,
                         struct artifact_error *error)
{
    struct archive_entry *entry = NULL;
    uint64_t *position = &layout->manifest.begin;
    do {
        if (!next_member(archive, &entry, position, input, error))
            return false;
        if (!entry)
            return artifact_fail(error, ARTIFACT_INVALID, "manifest",
                                 "%s: `manifest` not found. Corrupt Artifact?", input);
    } while (!is_called(entry, "manifest"));

    if (!read_manifest(layout, archive, entry, input, error) ||
        !next_member(archive, &entry, &layout->manifest.end, input, error))
        return false;
    layout->signature = (struct range){layout->manifest.end, layout->manifest.end};
    layout->is_signed = is_called(entry, "manifest.sig");
    if (layout->is_signed && !next_member(archive, &entry, &layout->signature.end, input, error))
        return false;
    /* The end of the archive has no header whose position could be relied on. */
    return entry || artifact_fail(error, ARTIFACT_INVALID, "manifest",
                                  "%s: nothing comes after the manifest. Corrupt Artifact?", input);
}

static bool find_layout(struct layout *layout, int fd, const char *input,
                        struct artifact_error *error)
{
    struct archive *archive = archive_read_new();
    if (!archive)
        return artifact_fail_memory(error);
    bool is_found = (archive_read_support_format_tar(archive) == ARCHIVE_OK &&
                     archive_read_open_fd(archive, fd, READ_BYTES) == ARCHIVE_OK) ||
                    fail_tar(archive, input, error);
    is_found = is_found && find_members(layout, archive, input, error);
    archive_read_free(archive);
    return is_found;
}

/* ---- The new member ---- */

/* A tar of a single member as it is written. */
struct member {
    char *bytes;
    size_t length;
};

static bool append(void *user, const unsigned char *bytes, size_t length,
                   struct artifact_error *error)
{
    struct member *member = user;
    char *grown = realloc(member->bytes, member->length + length);
    if (!grown)
        return artifact_fail_memory(error);
    memcpy(grown + member->length, bytes, length);
    member->bytes = grown;
    member->length += length;
    return true;
}

/* Header, contents and padding of manifest.sig: a whole tar, less the two blocks that end it. Takes
 * the text, NULL after a failure. */
static bool make_member(struct member *member, char *signature, size_t length,
                        struct artifact_error *error)
{
    struct artifact_sink sink = {append, member};
    struct artifact_tar_writer *writer = NULL;
    if (signature)
        writer = artifact_tar_writer_new(&sink, error);
    bool is_made = writer &&
                   artifact_tar_writer_add(writer, "manifest.sig", signature, length,
                                           SIGNATURE_MODE, 0, error) &&
                   artifact_tar_writer_finish(writer, error);
    artifact_tar_writer_free(writer);
    free(signature);
    if (is_made)
        member->length -= TAR_END_BYTES;
    return is_made;
}

static bool sign(struct member *member, const struct layout *layout, EVP_PKEY *key,
                 struct artifact_error *error)
{
    size_t length = 0;
    char *signature = artifact_manifest_sign(key, layout->text, layout->length, &length, error);
    return make_member(member, signature, length, error);
}

/* How long the member will be, but for a signature whose length varies. */
static bool foresee_length(size_t *member_length, const EVP_PKEY *key, struct artifact_error *error)
{
    struct member member = {0};
    size_t length = artifact_manifest_signature_length(key);
    char *text = calloc(1, length + 1);
    if (!text)
        return artifact_fail_memory(error);
    bool is_made = make_member(&member, text, length, error);
    *member_length = member.length;
    free(member.bytes);
    return is_made;
}

/* ---- The whole ---- */

static int open_input(const char *input, struct stat *status, struct artifact_error *error)
{
    int fd = open(input, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, status) != 0) {
        artifact_fail(error, ARTIFACT_CANNOT_OPEN, input, "Can not open: %s: %s", input,
                      strerror(errno));
    } else if (!S_ISREG(status->st_mode)) {
        artifact_fail(error, ARTIFACT_CANNOT_OPEN, input,
                      "Can not open: %s: only a regular file can be signed", input);
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* What was checked, what was signed and what is copied must be one and the same. */
static bool check_unchanged(int fd, const struct stat *before, const char *input,
                            struct artifact_error *error)
{
    struct stat named;
    if (artifact_io_is_unchanged(fd, before) && stat(input, &named) == 0 &&
        named.st_dev == before->st_dev && named.st_ino == before->st_ino)
        return true;
    return artifact_fail(error, ARTIFACT_CANNOT_OPEN, input, "%s: was changed while it was signed",
                         input);
}

static bool check_contents(const char *input, const struct artifact_sign_options *options,
                           const struct artifact_progress *progress, struct artifact_error *error)
{
    if (options && options->no_check)
        return true;
    struct artifact_read_options reading = {.progress = progress};
    struct artifact_info *info = artifact_read(input, &reading, error);
    if (!info)
        return artifact_fail_prefix(error, "%s is not signed", input);
    for (size_t i = 0; options && options->warn && i < info->warnings.count; i++)
        options->warn(options->warn_user, &info->warnings.items[i]);
    artifact_info_free(info);
    return true;
}

/* What comes after the signature, and goes to its place while the artifact is checked and signed.
 */
struct rest {
    uint64_t begin, length;           /* in the input */
    uint64_t place;                   /* in the output */
    struct artifact_copying *copying; /* NULL: into a pipe, which has no places */
};

static bool begin_rest(struct rest *rest, const struct artifact_output *output, int fd,
                       uint64_t size, const struct layout *layout, const EVP_PKEY *key,
                       struct artifact_error *error)
{
    size_t member_length = 0;
    rest->begin = layout->signature.end;
    rest->length = size - rest->begin;
    if (!artifact_output_has_places(output))
        return true;
    if (!foresee_length(&member_length, key, error))
        return false;
    rest->place = layout->manifest.end + member_length;
    rest->copying =
        artifact_output_begin_copy(output, rest->place, fd, rest->begin, rest->length, error);
    return rest->copying != NULL;
}

/* Before what comes before it is written, which may be longer than was foreseen. */
static bool end_rest(struct rest *rest, const struct artifact_output *output, uint64_t place,
                     struct artifact_error *error)
{
    struct artifact_copying *copying = rest->copying;
    rest->copying = NULL;
    return !copying || (artifact_copying_end(copying, error) &&
                        artifact_output_move(output, rest->place, place, rest->length, error));
}

static bool add_rest(const struct rest *rest, struct artifact_output *output, int fd,
                     struct artifact_error *error)
{
    if (!artifact_output_has_places(output))
        return artifact_output_copy(output, fd, rest->begin, rest->length, error);
    artifact_output_skip(output, rest->length);
    return true;
}

static bool write_signed(struct artifact_output *output, int fd, const struct layout *layout,
                         const struct member *member, struct rest *rest,
                         struct artifact_error *error)
{
    return end_rest(rest, output, layout->manifest.end + member->length, error) &&
           artifact_output_copy(output, fd, 0, layout->manifest.end, error) &&
           artifact_output_write(output, member->bytes, member->length, error) &&
           add_rest(rest, output, fd, error);
}

bool artifact_sign(const char *input, const char *output, EVP_PKEY *key,
                   const struct artifact_sign_options *options,
                   const struct artifact_progress *progress, struct artifact_error *error)
{
    bool is_signed = false;
    struct stat status;
    struct layout layout = {0};
    struct member member = {0};
    struct rest rest = {0};
    struct artifact_output *target = NULL;
    int fd = open_input(input, &status, error);
    if (fd < 0)
        return false;

    bool allow_unsupported = options && options->allow_unsupported;
    if (!artifact_key_check(key, allow_unsupported, error) ||
        !find_layout(&layout, fd, input, error))
        goto out;
    if (layout.is_signed && !(options && options->force)) {
        artifact_fail(error, ARTIFACT_BAD_ARGUMENT, "manifest.sig",
                      "Artifact already signed, refusing to re-sign. Use force option to override");
        goto out;
    }
    target = artifact_output_new(output, options ? options->temporary : NULL, error);
    if (!target)
        goto out;
    artifact_output_keep_attributes(target, &status);
    is_signed = begin_rest(&rest, target, fd, (uint64_t)status.st_size, &layout, key, error) &&
                check_contents(input, options, progress, error) &&
                sign(&member, &layout, key, error) &&
                write_signed(target, fd, &layout, &member, &rest, error) &&
                check_unchanged(fd, &status, input, error) && artifact_output_commit(target, error);
out:
    artifact_copying_free(rest.copying);
    artifact_output_free(target);
    free(member.bytes);
    free(layout.text);
    close(fd);
    return is_signed;
}
