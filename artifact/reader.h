// SPDX-License-Identifier: Apache-2.0
/*
 * One reading of an artifact, as the files that do it share it: reader.c goes through the outer
 * members, header_reader.c through those of header.tar, payload_reader.c through the payload's.
 */
#ifndef ARTIFACT_READER_H
#define ARTIFACT_READER_H

#include "inner_tar.h"
#include "manifest.h"
#include "problems.h"

struct artifact_reader {
    const struct artifact_read_options *options; /* never NULL */
    struct artifact_tar_reader *outer;
    struct artifact_info *info; /* what is being filled: while `is_augment`, another one */
    bool is_augment;            /* a header-augment.tar is being read */
    struct artifact_problems problems;

    uint64_t payload_size;  /* of the files that came so far */
    bool has_whole_payload; /* all members of data/0000.tar were met */

    char version_checksum[ARTIFACT_HEX_SIZE];
    struct artifact_manifest manifest;
    char *manifest_text; /* the raw bytes, which are what a signature is over */
    size_t manifest_length;
};

/*
 * Each reads the current outer member into `info`, and marks in the manifest what was met. Before
 * they return true nothing in `info` may be believed. Errors do not name the outer member, problems
 * do. After a failure the next outer member can be read, unless the outer tar itself is broken.
 */
bool artifact_header_read(struct artifact_reader *reader, const char *name,
                          const struct artifact_compressor *compressor,
                          struct artifact_error *error);
bool artifact_payload_read(struct artifact_reader *reader,
                           const struct artifact_compressor *compressor,
                           struct artifact_error *error);

#endif
