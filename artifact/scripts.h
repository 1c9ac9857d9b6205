// SPDX-License-Identifier: Apache-2.0
/* State scripts as the caller names them: files, and directories of such. */
#ifndef ARTIFACT_SCRIPTS_H
#define ARTIFACT_SCRIPTS_H

#include "error.h"

struct artifact_script {
    char *path;
    const char *name; /* its last component, within path */
};

/* Owns its items. Zero-initialised is empty. */
struct artifact_scripts {
    struct artifact_script *items;
    size_t count;
};

void artifact_scripts_clear(struct artifact_scripts *scripts);

/*
 * Fills an empty list with the files, and with every entry of the directories (not of those below),
 * sorted by name. Names that devices refuse, and a name that comes twice, are errors.
 */
bool artifact_scripts_collect(struct artifact_scripts *scripts, const char *const *paths,
                              size_t count, struct artifact_error *error);

#endif
