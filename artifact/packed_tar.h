// SPDX-License-Identifier: Apache-2.0
/*
 * header.tar and data/0000.tar in the making: a tar, compressed on its way into a scratch
 * file, since its size must be known before it can become a member of the artifact.
 */
#ifndef ARTIFACT_PACKED_TAR_H
#define ARTIFACT_PACKED_TAR_H

#include "digest.h"
#include "output.h"
#include "tar_writer.h"

struct artifact_packed_tar;

/* The scratch file is one of the output. */
struct artifact_packed_tar *artifact_packed_tar_new(const struct artifact_output *output,
                                                    const struct artifact_compressor *compressor,
                                                    int level, unsigned threads,
                                                    struct artifact_error *error);
void artifact_packed_tar_free(struct artifact_packed_tar *packed);

/* Where the members go; owned by the packed tar. */
struct artifact_tar_writer *artifact_packed_tar_get0_writer(struct artifact_packed_tar *packed);

/*
 * Offers a file as all of the contents of the member that was just begun. Where nothing compresses
 * them it is taken, once for each packed tar: the contents must then not go to the writer, and are
 * copied from the file into the artifact. A file that is changed in between is an error then.
 * `path` is borrowed, for that error.
 */
bool artifact_packed_tar_take_file(struct artifact_packed_tar *packed, bool *is_taken, int fd,
                                   const char *path, struct artifact_error *error);

/* Ends the tar; its size is known from here on. */
bool artifact_packed_tar_finish(struct artifact_packed_tar *packed, struct artifact_error *error);

/* The SHA-256 of what is finished, as it is stored: reads all of it once more. Not with a file
 * taken. */
bool artifact_packed_tar_checksum(const struct artifact_packed_tar *packed,
                                  char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error);

/*
 * Makes a member of what is finished: mode 0600, as upstream's tool has it. `outer` writes into
 * `output`, and the contents go there past it, inside the kernel where that is possible.
 */
bool artifact_packed_tar_add_to(const struct artifact_packed_tar *packed,
                                struct artifact_tar_writer *outer, struct artifact_output *output,
                                const char *name, time_t modified, struct artifact_error *error);

#endif
