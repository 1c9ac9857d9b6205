// SPDX-License-Identifier: Apache-2.0
/* Keeps an artifact_temporary up to date, in an order that a signal may interrupt anywhere. */
#ifndef ARTIFACT_TEMPORARY_H
#define ARTIFACT_TEMPORARY_H

#include "artifact.h"

/* Before a file of that name is made, or as soon as it is. The name is shorter than that of any
 * file may be; the descriptor is borrowed until artifact_temporary_clear. */
void artifact_temporary_set(struct artifact_temporary *temporary, int directory_fd,
                            const char *name);

/* After it has got another name, or is removed. */
void artifact_temporary_clear(struct artifact_temporary *temporary);

#endif
