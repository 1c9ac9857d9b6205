// SPDX-License-Identifier: Apache-2.0
/* An augmented artifact: what header-augment.tar says, laid over what the header says. */
#ifndef ARTIFACT_AUGMENT_H
#define ARTIFACT_AUGMENT_H

#include "error.h"

/*
 * Provides, depends and meta-data are merged key by key, and what is added wins; its payload type,
 * and its clears if it has any, take the place of those that are there. Where one of the two has an
 * object or a list and the other has not, they cannot be merged. What moves to `info` is taken out
 * of `augment`, which the caller frees.
 */
bool artifact_augment_merge(struct artifact_info *info, struct artifact_info *augment,
                            struct artifact_error *error);

#endif
