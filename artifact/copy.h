// SPDX-License-Identifier: Apache-2.0
/* From one file into another: blocks are shared, or copied by a server, where that can be. */
#ifndef ARTIFACT_COPY_H
#define ARTIFACT_COPY_H

#include "error.h"

/* Where bytes go. */
struct artifact_copy_target {
    int fd;
    const char *path; /* borrowed; for errors */
    bool has_offset;  /* false: where the file stands, which is all that a pipe knows */
    uint64_t offset;  /* with has_offset */
};

/* Copies `length` bytes from `offset` on; that there are fewer is an error. */
bool artifact_copy(const struct artifact_copy_target *target, int from_fd, uint64_t offset,
                   uint64_t length, struct artifact_error *error);

/* A copy that is made on a thread of its own. */
struct artifact_copying;

/* To a target with an offset. Both files must stay open, and neither part be touched, until the
 * end. NULL on failure. */
struct artifact_copying *artifact_copying_begin(const struct artifact_copy_target *target,
                                                int from_fd, uint64_t offset, uint64_t length,
                                                struct artifact_error *error);

/* Waits for the end, tells how it went, and frees. */
bool artifact_copying_end(struct artifact_copying *copying, struct artifact_error *error);

/* Gives up as soon as may be, and frees. */
void artifact_copying_free(struct artifact_copying *copying);

#endif
