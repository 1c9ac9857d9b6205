// SPDX-License-Identifier: Apache-2.0
/*
 * libarchive makes the headers. Contents go past it, since it would cut them into blocks of 512
 * bytes and hand out each one by itself.
 */
#include "tar_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_BYTES = 512,
    END_BYTES = 2 * BLOCK_BYTES,
};

struct artifact_tar_writer {
    struct artifact_sink sink;
    uint64_t position;
    char *name;             /* of the member that was begun, NULL before the first */
    uint64_t missing_bytes; /* of its contents */
    size_t padding;         /* what then fills its last block */
};

struct artifact_tar_writer *artifact_tar_writer_new(const struct artifact_sink *sink,
                                                    struct artifact_error *error)
{
    struct artifact_tar_writer *writer = calloc(1, sizeof *writer);
    if (writer)
        writer->sink = *sink;
    else
        artifact_fail_memory(error);
    return writer;
}

void artifact_tar_writer_free(struct artifact_tar_writer *writer)
{
    if (!writer)
        return;
    free(writer->name);
    free(writer);
}

uint64_t artifact_tar_writer_position(const struct artifact_tar_writer *writer)
{
    return writer->position;
}

static bool write_bytes(struct artifact_tar_writer *writer, const void *bytes, size_t length,
                        struct artifact_error *error)
{
    writer->position += length;
    return length == 0 || writer->sink.write(writer->sink.user, bytes, length, error);
}

static bool write_zeros(struct artifact_tar_writer *writer, size_t length,
                        struct artifact_error *error)
{
    static const unsigned char zeros[END_BYTES];
    return write_bytes(writer, zeros, length, error);
}

/* ---- Headers ---- */

/* What libarchive gives out on behalf of one header. */
struct header {
    struct artifact_tar_writer *writer;
    struct artifact_error *error;
    bool has_failed;  /* the sink, with the error filled */
    bool is_complete; /* what comes now would be contents and the end of the archive */
};

/*
 * libarchive is told that all went well even when it did not: after a failure of its client it
 * would never free what it holds for him.
 */
static la_ssize_t take_header(struct archive *archive, void *user, const void *bytes, size_t length)
{
    (void)archive;
    struct header *header = user;
    if (!header->has_failed && !header->is_complete)
        header->has_failed = !write_bytes(header->writer, bytes, length, header->error);
    return (la_ssize_t)length;
}

static bool make_header(struct archive *archive, struct archive_entry *entry, struct header *header)
{
    /* "Restricted" is ustar for every member that ustar can hold, and pax for the others. Without
     * blocks nothing is kept back, and the contents that libarchive makes up when it is freed are
     * few calls. */
    bool is_made =
        archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
        archive_write_add_filter_none(archive) == ARCHIVE_OK &&
        archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK &&
        archive_write_open2(archive, header, NULL, take_header, NULL, NULL) == ARCHIVE_OK &&
        archive_write_header(archive, entry) == ARCHIVE_OK;
    header->is_complete = true;
    if (is_made || header->has_failed)
        return !header->has_failed;
    const char *problem = archive_error_string(archive);
    return artifact_fail(header->error, ARTIFACT_CANNOT_WRITE, NULL, "cannot write tar: %s",
                         problem ? problem : "out of memory");
}

static bool write_header(struct artifact_tar_writer *writer, uint64_t size, unsigned mode,
                         time_t modified, struct artifact_error *error)
{
    struct header header = {.writer = writer, .error = error};
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    bool is_written = false;
    if (!archive || !entry) {
        artifact_fail_memory(error);
        goto out;
    }
    archive_entry_set_pathname(entry, writer->name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, (mode_t)mode);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_mtime(entry, modified, 0);
    is_written = make_header(archive, entry, &header);
out:
    archive_entry_free(entry);
    archive_write_free(archive);
    return is_written;
}

/* ---- Members ---- */

/* Fills the last block of the member before, which must have got all of its contents. */
static bool end_member(struct artifact_tar_writer *writer, struct artifact_error *error)
{
    if (writer->missing_bytes > 0)
        return artifact_fail(error, ARTIFACT_CANNOT_WRITE, writer->name,
                             "%s: %llu bytes are missing", writer->name,
                             (unsigned long long)writer->missing_bytes);
    size_t padding = writer->padding;
    writer->padding = 0;
    return write_zeros(writer, padding, error);
}

bool artifact_tar_writer_begin(struct artifact_tar_writer *writer, const char *name, uint64_t size,
                               unsigned mode, time_t modified, struct artifact_error *error)
{
    if (!end_member(writer, error))
        return false;
    if (size > INT64_MAX)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, name, "%s: too large", name);
    free(writer->name);
    writer->name = strdup(name);
    if (!writer->name)
        return artifact_fail_memory(error);
    if (!write_header(writer, size, mode, modified, error))
        return false;
    writer->missing_bytes = size;
    writer->padding = (BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES;
    return true;
}

/* So much less is missing. */
static bool take_contents(struct artifact_tar_writer *writer, uint64_t length,
                          struct artifact_error *error)
{
    if (length > writer->missing_bytes)
        return artifact_fail(error, ARTIFACT_CANNOT_WRITE, writer->name,
                             "%s: longer than announced", writer->name ? writer->name : "tar");
    writer->missing_bytes -= length;
    return true;
}

bool artifact_tar_writer_skip(struct artifact_tar_writer *writer, uint64_t length,
                              struct artifact_error *error)
{
    writer->position += length;
    return take_contents(writer, length, error);
}

bool artifact_tar_writer_data(struct artifact_tar_writer *writer, const unsigned char *bytes,
                              size_t length, struct artifact_error *error)
{
    return take_contents(writer, length, error) && write_bytes(writer, bytes, length, error);
}

bool artifact_tar_writer_add(struct artifact_tar_writer *writer, const char *name,
                             const void *bytes, size_t length, unsigned mode, time_t modified,
                             struct artifact_error *error)
{
    return artifact_tar_writer_begin(writer, name, length, mode, modified, error) &&
           artifact_tar_writer_data(writer, bytes, length, error);
}

bool artifact_tar_writer_finish(struct artifact_tar_writer *writer, struct artifact_error *error)
{
    return end_member(writer, error) && write_zeros(writer, END_BYTES, error);
}
