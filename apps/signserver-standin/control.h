// SPDX-License-Identifier: Apache-2.0
/* One server a directory: who runs, into the background, and how to stop it. */
#ifndef STANDIN_CONTROL_H
#define STANDIN_CONTROL_H

#include "directory.h"
#include "problem.h"

#include <sys/types.h>

/* The file `pid` of the directory, locked for as long as the server runs; -1: none. */
struct claim {
    int file;
};

/* False when another server runs in this directory. */
bool claim_take(struct claim *claim, const struct directory *directory, struct problem *problem);
void claim_release(struct claim *claim, const struct directory *directory);

/* Ends the server of the directory `path`, and waits until it has gone. */
bool control_stop(const char *path, struct problem *problem);

/* The two sides of a fork. */
struct background {
    bool is_parent;
    pid_t child;
    int pipe; /* the end that is this side's */
};

/*
 * Forks; the child gets a session of its own and none of the descriptors above 2, so that nobody
 * waits for it to close them.
 */
bool background_start(struct background *background, struct problem *problem);

/* The parent: waits for background_ready, or the child's end. The exit status to pass on. */
int background_wait(struct background *background);

/* The child: all is well. Standard input and output go to /dev/null, standard error to `log`. */
bool background_ready(struct background *background, const struct directory *directory,
                      struct problem *problem);

#endif
