// SPDX-License-Identifier: Apache-2.0
/*
 * header.tar in the making, and header-augment.tar: header-info, state scripts, and under
 * headers/0000 type-info, meta-data and, in format version 2, files.
 */
#ifndef ARTIFACT_HEADER_TAR_H
#define ARTIFACT_HEADER_TAR_H

#include "packed_tar.h"
#include "scripts.h"

/* A text member, for free(). */
struct artifact_text {
    char *bytes;
    size_t length;
};

/* Refuses what readers would, ours too: they bound these members. False without another word when
 * there are no bytes, because whoever made them has failed. */
bool artifact_text_check(const struct artifact_text *text, const char *member,
                         struct artifact_error *error);

/* Zero-initialised is empty. */
struct artifact_header_tar {
    struct artifact_spec spec; /* what this header says; it borrows as the caller's does */
    struct artifact_text header_info, meta_data;
    bool has_meta_data; /* which may have no bytes */
    struct artifact_packed_tar *packed;
};

bool artifact_spec_is_rootfs(const struct artifact_spec *spec);

/*
 * Take from a spec what the header says, and check it. That of format version 2 has no provides and
 * depends; the augmenting one, of a spec with an augment, has that augment's in their place.
 */
bool artifact_header_tar_init(struct artifact_header_tar *header, const struct artifact_spec *spec,
                              struct artifact_error *error);
bool artifact_header_tar_init_augment(struct artifact_header_tar *header,
                                      const struct artifact_spec *spec,
                                      struct artifact_error *error);
void artifact_header_tar_clear(struct artifact_header_tar *header);

/*
 * Packs the header, and gives its checksum. `payload_checksum` goes under the spec's checksum_key;
 * `modified` is the time of scripts.
 */
bool artifact_header_tar_pack(struct artifact_header_tar *header, char checksum[ARTIFACT_HEX_SIZE],
                              const struct artifact_output *output,
                              const struct artifact_compressor *compressor,
                              const struct artifact_scripts *scripts, const char *payload_checksum,
                              time_t modified, struct artifact_error *error);

#endif
