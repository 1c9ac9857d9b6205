// SPDX-License-Identifier: Apache-2.0
/*
 * A tar's headers. libarchive, and so a device that reads with it, makes what it can of numbers
 * that are none and of types that it does not know; upstream's tool, and devices that read as it
 * does, refuse the tar. So the headers are looked at once more, on their way to libarchive.
 */
#ifndef ARTIFACT_TAR_HEADERS_H
#define ARTIFACT_TAR_HEADERS_H

#include "artifact.h"
#include "pax_record.h"

/* Zero-initialised is the beginning of a tar. */
struct artifact_tar_headers {
    uint64_t offset;     /* how much of the tar was seen */
    uint64_t header;     /* where the header begins that is looked at */
    uint64_t next;       /* where that goes on, or the next one begins */
    bool is_over;        /* the tar, or the looking: where it is not plain how long a member is */
    const char *problem; /* NULL: none yet */
    unsigned refused_by; /* enum artifact_reader_kind: who refuses it as well */

    uint64_t records_end; /* of a pax header's records, which go on at `next`; 0: it is none */
    struct artifact_pax_record record;
    bool has_size; /* what they said of the member that follows */
    uint64_t size;
    bool has_records, has_long_name; /* there was such a header for the member that follows */
};

/*
 * The next bytes of the tar: whole blocks, unless they are the last. Returns how many of them come
 * before a header that others refuse: where a number is neither octal nor base 256, a record of a
 * pax header is malformed, or the type is one that they take for a member's; or where it depends on
 * the reader what the member's name is. 0 after that, and when the header's beginning was in bytes
 * before these.
 */
size_t artifact_tar_headers_check(struct artifact_tar_headers *headers, const unsigned char *bytes,
                                  size_t length);

#endif
