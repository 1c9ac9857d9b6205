// SPDX-License-Identifier: Apache-2.0
/* The decoder of gzip, for the struct in compress_gzip.c, and as compress.h has it. */
#ifndef ARTIFACT_GUNZIP_H
#define ARTIFACT_GUNZIP_H

#include "compress.h"

/* threads 0: one for each processor; 12 at most. They make no difference but to the speed. */
struct artifact_decoder *artifact_gunzip_new(const struct artifact_source *source, unsigned threads,
                                             struct artifact_error *error);
bool artifact_gunzip(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                     size_t *length, struct artifact_error *error);
void artifact_gunzip_free(struct artifact_decoder *decoder);

#endif
