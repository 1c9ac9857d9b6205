// SPDX-License-Identifier: Apache-2.0
/*
 * Members of a tar, one after the other, from a source that need not be seekable; libarchive with
 * our limits: ustar, pax and GNU headers and no other format, no sparse files, and nothing that
 * libarchive itself only warns of. Names are bytes; the program's locale changes nothing.
 *
 * Errors name no member: who reads knows what the tar is called. They are ARTIFACT_INVALID, unless
 * the source has failed, whose error is passed up as it is.
 */
#ifndef ARTIFACT_TAR_READER_H
#define ARTIFACT_TAR_READER_H

#include "compress.h"
#include <time.h>

struct artifact_tar_reader;

struct artifact_member {
    const char *name; /* borrowed until the next call; exactly as stored */
    uint64_t size;
    time_t modified;
    bool is_regular_file;
};

/* The source is copied and must outlive the reader. */
struct artifact_tar_reader *artifact_tar_reader_new(const struct artifact_source *source,
                                                    struct artifact_error *error);
void artifact_tar_reader_free(struct artifact_tar_reader *reader);

/* The next member, or *has_member false at the end of the archive. */
bool artifact_tar_reader_next(struct artifact_tar_reader *reader, bool *has_member,
                              struct artifact_member *member, struct artifact_error *error);

/* After a failure: whether nothing more can be read. */
bool artifact_tar_reader_is_broken(const struct artifact_tar_reader *reader);

/* Contents of the current member, where they lie until the next call: *length 0 at its end. */
bool artifact_tar_reader_borrow(struct artifact_tar_reader *reader, const unsigned char **bytes,
                                size_t *length, struct artifact_error *error);

/* The same, copied: up to size bytes. */
bool artifact_tar_reader_read(struct artifact_tar_reader *reader, unsigned char *bytes, size_t size,
                              size_t *length, struct artifact_error *error);

/* The whole current member, NUL-terminated, for free(); an error above max_bytes. */
char *artifact_tar_reader_slurp(struct artifact_tar_reader *reader, size_t max_bytes,
                                size_t *length, struct artifact_error *error);

/*
 * After the end of the archive: reads the source to its end, and tells how many bytes follow up to
 * the last that is not the zero of padding. More than max_bytes in all are refused; 0 is no limit.
 */
bool artifact_tar_reader_finish(struct artifact_tar_reader *reader, uint64_t *trailing_bytes,
                                uint64_t max_bytes, struct artifact_error *error);

#endif
