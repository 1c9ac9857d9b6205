// SPDX-License-Identifier: Apache-2.0
/* Files that appear whole or not at all: written beside the target and renamed over it. */
#ifndef ARTIFACT_OUTPUT_H
#define ARTIFACT_OUTPUT_H

#include "compress.h"
#include "copy.h"
#include <sys/stat.h>

struct artifact_output;

/*
 * A new output for `path` ("-": standard output, which is written through). Of an existing target a
 * symbolic link is followed, and mode and owner are kept. Until artifact_output_commit nothing is
 * to be seen of it, not even after SIGKILL where the file system has O_TMPFILE. `temporary`, which
 * may be NULL, tells of the name that it has otherwise, and outlives the output.
 */
struct artifact_output *artifact_output_new(const char *path, struct artifact_temporary *temporary,
                                            struct artifact_error *error);

/* Refuses an output that is the very file `input` describes (device and inode). */
bool artifact_output_refuse_input(const struct artifact_output *output, const char *input_path,
                                  const struct stat *input, struct artifact_error *error);

int artifact_output_fd(const struct artifact_output *output);
bool artifact_output_write(struct artifact_output *output, const void *bytes, size_t length,
                           struct artifact_error *error);

/* Appends `length` bytes of another file from `offset` (copy.h). */
bool artifact_output_copy(struct artifact_output *output, int from_fd, uint64_t offset,
                          uint64_t length, struct artifact_error *error);

/* Whether contents can be in their place, an offset from the beginning, before what comes before
 * them is written: not in a pipe. */
bool artifact_output_has_places(const struct artifact_output *output);

/* Begins to copy `length` bytes of another file from `offset` to their place. */
struct artifact_copying *artifact_output_begin_copy(const struct artifact_output *output,
                                                    uint64_t place, int from_fd, uint64_t offset,
                                                    uint64_t length, struct artifact_error *error);

/* Moves what is in its place to another one. Nothing may stand after either. */
bool artifact_output_move(const struct artifact_output *output, uint64_t from, uint64_t to,
                          uint64_t length, struct artifact_error *error);

/* What is written next comes after so many bytes that are in their place already. */
void artifact_output_skip(struct artifact_output *output, uint64_t length);

/* Mode (and owner where permitted) of the finished file; without it 0666 less the umask, or what
 * the target had. */
void artifact_output_keep_attributes(struct artifact_output *output, const struct stat *of);

/* Puts the file in its place; one that replaces another is synced first. On failure the target is
 * as it was, unless it is only the directory that could not be synced afterwards. */
bool artifact_output_commit(struct artifact_output *output, struct artifact_error *error);

/* Without a commit before it, the output vanishes. */
void artifact_output_free(struct artifact_output *output);

/* An unnamed scratch file in the directory of the output (for standard output
 * of $TMPDIR, or /var/tmp), -1 on
 * failure. The caller closes it. */
int artifact_output_scratch(const struct artifact_output *output, struct artifact_error *error);

#endif
