// SPDX-License-Identifier: Apache-2.0
/* What the command that dump prints does not write again. */
#ifndef MENDER_ARTIFACT_DUMP_DIFFERENCES_H
#define MENDER_ARTIFACT_DUMP_DIFFERENCES_H

#include <artifact.h>

/* A warning for each thing that this artifact, read with augment_apart, has and a write command
 * refuses, or writes otherwise. What reading warns of is not said again. */
void dump_differences_warn(const struct artifact_info *info);

#endif
