// SPDX-License-Identifier: Apache-2.0
/*
 * A source that is read on a thread of its own, two megabytes ahead at most, so that what makes the
 * bytes (reading, decompressing) runs beside what becomes of them (hashing). Bytes, the end and
 * errors come in the order in which they would come without it.
 */
#ifndef ARTIFACT_READ_AHEAD_H
#define ARTIFACT_READ_AHEAD_H

#include "compress.h"

struct artifact_read_ahead;

/* From here on the source belongs to the thread, until its end or error was read from here, or this
 * is freed. The source is copied. */
struct artifact_read_ahead *artifact_read_ahead_new(const struct artifact_source *source,
                                                    struct artifact_error *error);

/* Leaves no thread behind: waits for the read that is under way, which for a pipe is until its
 * writer writes or closes. */
void artifact_read_ahead_free(struct artifact_read_ahead *ahead);

/* The `read` of an artifact_source; user is the struct artifact_read_ahead. */
bool artifact_read_ahead_read(void *user, unsigned char *bytes, size_t size, size_t *length,
                              struct artifact_error *error);

#endif
