// SPDX-License-Identifier: Apache-2.0
/* A bar on standard error while something takes long; nothing at all where standard error is not a
 * terminal. */
#ifndef MENDER_ARTIFACT_PROGRESS_H
#define MENDER_ARTIFACT_PROGRESS_H

#include "options.h"
#include <time.h>

extern const struct option progress_options[];

struct progress_bar {
    struct artifact_progress progress; /* for the library; its user is the bar */
    struct timespec started, drawn;
    char what[32];
    bool is_shown;
};

/* The bar, or NULL's worth of it: progress_get() is what the library is given. */
void progress_init(struct progress_bar *bar, const struct arguments *arguments);
const struct artifact_progress *progress_get(const struct progress_bar *bar);

/* Takes the bar off the screen. */
void progress_clear(struct progress_bar *bar);

#endif
