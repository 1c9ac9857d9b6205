// SPDX-License-Identifier: Apache-2.0
/* Members into a tar: ustar (pax only where a value needs it), blocks of 512, two zero blocks at
 * the end and no padding. */
#ifndef ARTIFACT_TAR_WRITER_H
#define ARTIFACT_TAR_WRITER_H

#include "compress.h"
#include <time.h>

struct artifact_tar_writer;

/* The sink is copied and must outlive the writer. */
struct artifact_tar_writer *artifact_tar_writer_new(const struct artifact_sink *sink,
                                                    struct artifact_error *error);
void artifact_tar_writer_free(struct artifact_tar_writer *writer);

/* Where in the tar the next byte goes. */
uint64_t artifact_tar_writer_position(const struct artifact_tar_writer *writer);

/* Begins a regular file of owner 0:0 with no names; `size` bytes of it must follow. */
bool artifact_tar_writer_begin(struct artifact_tar_writer *writer, const char *name, uint64_t size,
                               unsigned mode, time_t modified, struct artifact_error *error);
bool artifact_tar_writer_data(struct artifact_tar_writer *writer, const unsigned char *bytes,
                              size_t length, struct artifact_error *error);

/* So many bytes of the contents reach their place by another way than the sink. */
bool artifact_tar_writer_skip(struct artifact_tar_writer *writer, uint64_t length,
                              struct artifact_error *error);

/* A whole member at once. */
bool artifact_tar_writer_add(struct artifact_tar_writer *writer, const char *name,
                             const void *bytes, size_t length, unsigned mode, time_t modified,
                             struct artifact_error *error);

bool artifact_tar_writer_finish(struct artifact_tar_writer *writer, struct artifact_error *error);

#endif
