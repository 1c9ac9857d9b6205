// SPDX-License-Identifier: Apache-2.0
/* The contents of inner members on their way to whoever asked for them. */
#ifndef ARTIFACT_CONTENTS_H
#define ARTIFACT_CONTENTS_H

#include "digest.h"
#include "inner_tar.h"

/*
 * Reads the current inner member to its end: into `digest` when that is not NULL, to the callbacks
 * of options->contents under the name `path`, telling options->progress of it as `what` when that
 * is not NULL. The callback `end` is left for artifact_contents_end, once the checksum is known to
 * be right.
 */
bool artifact_contents_copy(const struct artifact_read_options *options,
                            struct artifact_inner_tar *tar, const char *path, const char *what,
                            uint64_t size, struct artifact_digest *digest,
                            struct artifact_error *error);

bool artifact_contents_end(const struct artifact_read_options *options,
                           struct artifact_error *error);

#endif
