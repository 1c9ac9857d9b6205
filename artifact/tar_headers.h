// SPDX-License-Identifier: Apache-2.0
/*
 * The numbers in a tar's headers. libarchive makes of what is no number what it can, where others
 * refuse the tar; so its headers are looked at once more, on their way to libarchive.
 */
#ifndef ARTIFACT_TAR_HEADERS_H
#define ARTIFACT_TAR_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is the beginning of a tar. */
struct artifact_tar_headers {
    uint64_t offset; /* how much of the tar was seen */
    uint64_t next;   /* where the next header begins */
    bool is_over;    /* the tar, or the looking: where it is not plain how long a member is */
    bool is_bad;     /* a number was none */
};

/*
 * The next bytes of the tar: whole blocks, unless they are the last. Returns how many of them come
 * before a header in which a number is neither octal nor base 256; none any more after that.
 */
size_t artifact_tar_headers_check(struct artifact_tar_headers *headers, const unsigned char *bytes,
                                  size_t length);

#endif
