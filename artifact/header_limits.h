// SPDX-License-Identifier: Apache-2.0
/* How much of a header is read, whoever made it, and so how much of it is written. */
#ifndef ARTIFACT_HEADER_LIMITS_H
#define ARTIFACT_HEADER_LIMITS_H

enum {
    ARTIFACT_HEADER_MAX_BYTES = 64 << 20, /* decompressed, scripts and all */
    ARTIFACT_MAX_SCRIPTS = 4096,
};

#endif
