// SPDX-License-Identifier: Apache-2.0
/* The report of `mender-artifact read`, the text of upstream's tool since 4.3. */
#ifndef MENDER_ARTIFACT_PRINT_H
#define MENDER_ARTIFACT_PRINT_H

#include <artifact.h>

/*
 * To standard output. Control characters and what is no UTF-8, which a hostile artifact may hold,
 * are shown as \xNN, in meta-data as \u00NN.
 */
void print_info(const struct artifact_info *info);

#endif
