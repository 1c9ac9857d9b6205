// SPDX-License-Identifier: Apache-2.0
/* The directory with the throw-away keys, certificates and state files of one running server. */
#ifndef STANDIN_DIRECTORY_H
#define STANDIN_DIRECTORY_H

#include "problem.h"

#include <stddef.h>

struct directory {
    char *path;        /* absolute */
    bool is_temporary; /* nobody named it: it goes when the server goes */
};

/*
 * Opens the directory `path`, and makes it (mode 0700) when it is not there; NULL makes a fresh one
 * in $TMPDIR or /tmp. One that others may write to is refused: they could exchange the keys.
 */
bool directory_open(struct directory *directory, const char *path, struct problem *problem);

/* Removes a temporary directory with its files; always frees. */
void directory_close(struct directory *directory);

/* PATH/NAME, for free(); NULL when memory runs out. */
char *directory_path(const struct directory *directory, const char *name);

/* Writes the file in one step: whoever finds it finds it complete. */
bool directory_write(const struct directory *directory, const char *name, unsigned mode,
                     const void *bytes, size_t length, struct problem *problem);

/* It is no mistake when there is no such file. */
void directory_remove(const struct directory *directory, const char *name);

#endif
