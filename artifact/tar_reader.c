// SPDX-License-Identifier: Apache-2.0
#include "tar_reader.h"

#include "tar_headers.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* A multiple of a tar's own blocks, so that none of them ever lies across two of ours. */
enum { TAR_BLOCK = 512, BLOCK_SIZE = 256 * TAR_BLOCK };

struct artifact_tar_reader {
    struct artifact_source source;
    struct archive *archive;
    locale_t unicode;
    bool is_open;

    unsigned char *block; /* what the source gave last */
    size_t block_length;
    uint64_t block_end; /* its end, as an offset in the tar */
    struct artifact_tar_headers headers;

    uint64_t size;   /* of the current member */
    uint64_t offset; /* how much of it libarchive has given out */
    const unsigned char *rest;
    size_t rest_length; /* of that, what is not yet passed on */

    struct artifact_error *error; /* of the call under way, for what comes before libarchive */
    bool is_failing;              /* the source, once what it gave before is read */
    struct artifact_error source_error;
    bool has_input_failed; /* with that error filled: libarchive has its own words for it */
    bool is_broken;        /* there is no way to the next member */
};

/* ---- From the source ---- */

/* Fills the block unless the source ends. What comes before a failure is read first: a file that is
 * whole can be told from one that is not. */
static bool fill_block(struct artifact_tar_reader *reader, struct artifact_error *error)
{
    size_t length = 1;
    reader->block_length = 0;
    while (!reader->is_failing && length > 0 && reader->block_length < BLOCK_SIZE) {
        reader->is_failing =
            !reader->source.read(reader->source.user, reader->block + reader->block_length,
                                 BLOCK_SIZE - reader->block_length, &length, &reader->source_error);
        if (!reader->is_failing)
            reader->block_length += length;
    }
    reader->block_end += reader->block_length;
    if (!reader->is_failing || reader->block_length > 0)
        return true;
    if (error)
        *error = reader->source_error;
    return false;
}

static la_ssize_t read_block(struct archive *archive, void *user, const void **bytes)
{
    struct artifact_tar_reader *reader = user;
    if (!fill_block(reader, reader->error)) {
        reader->has_input_failed = true;
        archive_set_error(archive, EIO, "the source has failed");
        return -1;
    }
    size_t good = artifact_tar_headers_check(&reader->headers, reader->block, reader->block_length);
    reader->block_end -= reader->block_length - good;
    reader->block_length = good;
    if (good == 0 && reader->headers.problem) {
        reader->has_input_failed = true;
        artifact_refuse(reader->error, reader->headers.refused_by, NULL, "not a readable tar: %s",
                        reader->headers.problem);
        archive_set_error(archive, EILSEQ, "a header is malformed");
        return -1;
    }
    *bytes = reader->block;
    return (la_ssize_t)reader->block_length;
}

/* ---- Life ---- */

struct artifact_tar_reader *artifact_tar_reader_new(const struct artifact_source *source,
                                                    struct artifact_error *error)
{
    struct artifact_tar_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        artifact_fail_memory(error);
        return NULL;
    }
    reader->source = *source;
    reader->block = malloc(BLOCK_SIZE);
    reader->archive = archive_read_new();
    if (!reader->block || !reader->archive ||
        archive_read_support_format_tar(reader->archive) != ARCHIVE_OK) {
        artifact_fail_memory(error);
        artifact_tar_reader_free(reader);
        return NULL;
    }
    reader->unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    if (!reader->unicode) {
        artifact_fail(error, ARTIFACT_CANNOT_OPEN, NULL,
                      "can not load the locale C.UTF-8 to read names with: %s", strerror(errno));
        artifact_tar_reader_free(reader);
        return NULL;
    }
    return reader;
}

void artifact_tar_reader_free(struct artifact_tar_reader *reader)
{
    if (!reader)
        return;
    if (reader->unicode)
        freelocale(reader->unicode);
    archive_read_free(reader->archive);
    free(reader->block);
    free(reader);
}

/* ---- Members ---- */

bool artifact_tar_reader_is_broken(const struct artifact_tar_reader *reader)
{
    return reader->is_broken;
}

static bool fail_archive(struct artifact_tar_reader *reader, struct artifact_error *error)
{
    reader->is_broken = true;
    if (reader->has_input_failed)
        return false;
    if (archive_errno(reader->archive) == ENOMEM)
        return artifact_fail_memory(error);
    const char *text = archive_error_string(reader->archive);
    return artifact_fail(error, ARTIFACT_INVALID, NULL, "not a readable tar: %s",
                         text ? text : "unknown error");
}

/*
 * What libarchive only warns of (a name that cannot be converted, a number that makes no sense) is
 * not what the maker of the archive meant, and devices refuse it.
 */
static int next_entry(struct artifact_tar_reader *reader, struct archive_entry **entry)
{
    if (!reader->is_open) {
        int status = archive_read_open(reader->archive, reader, NULL, read_block, NULL);
        if (status != ARCHIVE_OK)
            return status;
        reader->is_open = true;
    }
    return archive_read_next_header(reader->archive, entry);
}

static bool describe(struct artifact_tar_reader *reader, struct artifact_member *member,
                     struct archive_entry *entry, struct artifact_error *error)
{
    const char *name = archive_entry_pathname(entry);
    if (!name)
        return artifact_fail(error, ARTIFACT_INVALID, NULL,
                             "not a readable tar: a member's name is not valid UTF-8");
    if (archive_entry_sparse_count(entry) > 0)
        return artifact_refuse(error, 0, NULL, "%.200s: sparse files are not taken", name);
    int64_t size = archive_entry_size(entry);
    if (size < 0)
        return artifact_fail(error, ARTIFACT_INVALID, NULL, "%.200s: its size is negative", name);
    reader->size = (uint64_t)size;
    *member = (struct artifact_member){
        .name = name,
        .size = reader->size,
        .modified = archive_entry_mtime(entry),
        .is_regular_file = archive_entry_filetype(entry) == AE_IFREG &&
                           !archive_entry_hardlink(entry) && archive_entry_size_is_set(entry),
    };
    return true;
}

bool artifact_tar_reader_next(struct artifact_tar_reader *reader, bool *has_member,
                              struct artifact_member *member, struct artifact_error *error)
{
    struct archive_entry *entry = NULL;
    reader->error = error;
    reader->rest_length = 0;
    reader->offset = 0;
    reader->size = 0;

    /* libarchive converts the UTF-8 of pax headers to the locale's characters. */
    locale_t previous = uselocale(reader->unicode);
    int status = next_entry(reader, &entry);
    bool is_fine = status == ARCHIVE_EOF ||
                   (status == ARCHIVE_OK && describe(reader, member, entry, error)) ||
                   (status != ARCHIVE_OK && fail_archive(reader, error));
    uselocale(previous);
    *has_member = is_fine && status == ARCHIVE_OK;
    return is_fine;
}

/* ---- Contents ---- */

/* The next piece of the member, or none at its end. Pieces must follow each other without a gap. */
static bool next_piece(struct artifact_tar_reader *reader, struct artifact_error *error)
{
    const void *bytes = NULL;
    size_t length = 0;
    la_int64_t offset = 0;
    reader->error = error;
    int status = archive_read_data_block(reader->archive, &bytes, &length, &offset);
    if (status != ARCHIVE_OK && status != ARCHIVE_EOF)
        return fail_archive(reader, error);
    if (status == ARCHIVE_EOF)
        length = 0;
    else if ((uint64_t)offset != reader->offset)
        return artifact_refuse(error, 0, NULL, "sparse files are not taken");

    reader->rest = bytes;
    reader->rest_length = length;
    reader->offset += length;
    bool is_short = status == ARCHIVE_EOF && reader->offset != reader->size;
    reader->is_broken = is_short || reader->offset > reader->size;
    if (reader->is_broken)
        return artifact_fail(error, ARTIFACT_INVALID, NULL,
                             "not a readable tar: a member is not as long as its header says");
    return true;
}

/* Up to `size` bytes of the member, where they lie. */
static bool take_piece(struct artifact_tar_reader *reader, const unsigned char **bytes, size_t size,
                       size_t *length, struct artifact_error *error)
{
    *length = 0;
    if (reader->rest_length == 0 && !next_piece(reader, error))
        return false;
    *bytes = reader->rest;
    *length = reader->rest_length < size ? reader->rest_length : size;
    if (*length > 0)
        reader->rest += *length;
    reader->rest_length -= *length;
    return true;
}

bool artifact_tar_reader_borrow(struct artifact_tar_reader *reader, const unsigned char **bytes,
                                size_t *length, struct artifact_error *error)
{
    return take_piece(reader, bytes, SIZE_MAX, length, error);
}

bool artifact_tar_reader_read(struct artifact_tar_reader *reader, unsigned char *bytes, size_t size,
                              size_t *length, struct artifact_error *error)
{
    const unsigned char *piece = NULL;
    if (!take_piece(reader, &piece, size, length, error))
        return false;
    if (*length > 0)
        memcpy(bytes, piece, *length);
    return true;
}

char *artifact_tar_reader_slurp(struct artifact_tar_reader *reader, size_t max_bytes,
                                size_t *length, struct artifact_error *error)
{
    if (reader->size > max_bytes) {
        artifact_refuse(error, 0, NULL, "larger than %zu bytes", max_bytes);
        return NULL;
    }
    size_t size = (size_t)reader->size, filled = 0, taken = 1;
    char *text = malloc(size + 1);
    if (!text) {
        artifact_fail_memory(error);
        return NULL;
    }
    while (taken > 0) {
        if (!artifact_tar_reader_read(reader, (unsigned char *)text + filled, size - filled + 1,
                                      &taken, error)) {
            free(text);
            return NULL;
        }
        filled += taken;
    }
    text[filled] = '\0';
    *length = filled;
    return text;
}

/* ---- After the end ---- */

/* How many of the bytes there are up to the last that is not zero. */
static size_t length_without_zeros(const unsigned char *bytes, size_t length)
{
    if (length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0))
        return 0;
    while (bytes[length - 1] == 0)
        length--;
    return length;
}

bool artifact_tar_reader_finish(struct artifact_tar_reader *reader, uint64_t *trailing_bytes,
                                uint64_t max_bytes, struct artifact_error *error)
{
    /* libarchive has taken the end's blocks, and what it left is the tail of the last block. */
    uint64_t taken = (uint64_t)archive_filter_bytes(reader->archive, 0);
    uint64_t left = reader->block_end - taken;
    size_t length = left < reader->block_length ? (size_t)left : reader->block_length;
    const unsigned char *bytes = reader->block + reader->block_length - length;
    uint64_t end = (uint64_t)archive_read_header_position(reader->archive);

    /* Without its second block an archive may end, but nothing else may be in its place. */
    if (taken - end == TAR_BLOCK && left > 0)
        return artifact_fail(error, ARTIFACT_INVALID, NULL,
                             "not a readable tar: the second block of its end is %s",
                             left < TAR_BLOCK ? "cut" : "not of zeros");
    uint64_t seen = 0;
    *trailing_bytes = 0;
    do {
        if (max_bytes > 0 && reader->block_end - taken > max_bytes)
            return artifact_refuse(error, 0, NULL,
                                   "more than %" PRIu64 " bytes follow the end of the archive",
                                   max_bytes);
        size_t used = length_without_zeros(bytes, length);
        if (used > 0)
            *trailing_bytes = seen + used;
        seen += length;
        if (!fill_block(reader, error))
            return false;
        bytes = reader->block;
        length = reader->block_length;
    } while (length > 0);
    return true;
}
