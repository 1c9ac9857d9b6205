// SPDX-License-Identifier: Apache-2.0
/* Signals that end the program: it takes away what is not complete, and ends by the signal. */
#ifndef MENDER_ARTIFACT_INTERRUPTION_H
#define MENDER_ARTIFACT_INTERRUPTION_H

#include <artifact.h>

/* Once, at the program's start. A signal that is ignored stays so. */
void interruption_init(void);

/* The file that is taken away, for the library to say which it is. */
struct artifact_temporary *interruption_get0_temporary(void);

/* The same for a file that is made here: from when it is there until it is complete. One at a time;
 * the descriptor is borrowed. */
void interruption_set_file(int directory_fd, const char *name);
void interruption_clear_file(void);

#endif
