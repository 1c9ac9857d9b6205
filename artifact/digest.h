// SPDX-License-Identifier: Apache-2.0
#ifndef ARTIFACT_DIGEST_H
#define ARTIFACT_DIGEST_H

#include "error.h"

/* SHA-256 as the manifest writes it: 64 lower-case hex digits and a terminator. */
enum { ARTIFACT_HEX_SIZE = 65 };

/* SHA-256 of what passes by. */
struct artifact_digest;

struct artifact_digest *artifact_digest_new(struct artifact_error *error);
void artifact_digest_free(struct artifact_digest *digest);
bool artifact_digest_update(struct artifact_digest *digest, const void *data, size_t length,
                            struct artifact_error *error);

/* Writes the hex form and starts over, so that one object serves several files. */
bool artifact_digest_finish(struct artifact_digest *digest, char hex[ARTIFACT_HEX_SIZE],
                            struct artifact_error *error);

/* The same for bytes that are all there. */
bool artifact_digest_bytes(char hex[ARTIFACT_HEX_SIZE], const void *data, size_t length,
                           struct artifact_error *error);

#endif
