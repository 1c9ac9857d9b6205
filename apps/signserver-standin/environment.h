// SPDX-License-Identifier: Apache-2.0
/* The variables that lead a client to the server: for a shell, and for a command. */
#ifndef STANDIN_ENVIRONMENT_H
#define STANDIN_ENVIRONMENT_H

#include "directory.h"
#include "problem.h"

struct environment {
    char **variables; /* NAME=VALUE, ended by NULL; of our own ones first */
    size_t own;       /* how many of them are ours */
};

/* Ours, and what this process's environment has beside them. */
bool environment_init(struct environment *environment, const struct directory *directory,
                      const char *url, struct problem *problem);

/* Writes the file `env` with our variables as shell commands. */
bool environment_write(const struct environment *environment, const struct directory *directory,
                       struct problem *problem);

void environment_clear(struct environment *environment);

#endif
