// SPDX-License-Identifier: Apache-2.0
/*
 * header.tar and data/0000.tar in the making: a tar, compressed on its way into a scratch file,
 * since its size must be known before it can become a member of the artifact; or, where it will
 * have its place is known, straight there.
 */
#ifndef ARTIFACT_PACKED_TAR_H
#define ARTIFACT_PACKED_TAR_H

#include "digest.h"
#include "output.h"
#include "tar_writer.h"

struct artifact_packed_tar;

/* `place` is where in the output the tar is to begin; NULL: it goes to a scratch file of the
 * output.
 */
struct artifact_packed_tar *artifact_packed_tar_new(const struct artifact_output *output,
                                                    const uint64_t *place,
                                                    const struct artifact_compressor *compressor,
                                                    int level, unsigned threads,
                                                    struct artifact_error *error);
void artifact_packed_tar_free(struct artifact_packed_tar *packed);

/* Where the members go; owned by the packed tar. */
struct artifact_tar_writer *artifact_packed_tar_get0_writer(struct artifact_packed_tar *packed);

/*
 * Offers a file as all of the contents of the member that was just begun. Where nothing compresses
 * them it is taken (into a scratch file once only): the contents must then not go to the writer,
 * and are copied from the file into the artifact. A file that is changed in between is an error
 * then. `path` is borrowed, for that error.
 */
bool artifact_packed_tar_take_file(struct artifact_packed_tar *packed, bool *is_taken, int fd,
                                   const char *path, struct artifact_error *error);

/* Ends the tar; its size is known from here on. */
bool artifact_packed_tar_finish(struct artifact_packed_tar *packed, struct artifact_error *error);

/* The SHA-256 of what is finished, as it is stored: reads all of it once more. Not with a file
 * taken. */
bool artifact_packed_tar_checksum(const struct artifact_packed_tar *packed,
                                  char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error);

/* Of what is finished, as it is stored. */
uint64_t artifact_packed_tar_size(const struct artifact_packed_tar *packed);

/*
 * What is finished as the contents of the member that was just begun. They go into `output` past
 * the writer, inside the kernel where that is possible, unless they are there. Without an output
 * the writer only learns how long they are.
 */
bool artifact_packed_tar_add_contents(const struct artifact_packed_tar *packed,
                                      struct artifact_tar_writer *outer,
                                      struct artifact_output *output, struct artifact_error *error);

/* Moves a tar that is in the output to another place in it. Nothing of a tar in a scratch file. */
bool artifact_packed_tar_move(struct artifact_packed_tar *packed, uint64_t place,
                              struct artifact_error *error);

#endif
