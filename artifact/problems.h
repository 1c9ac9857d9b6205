// SPDX-License-Identifier: Apache-2.0
/*
 * What is wrong with an artifact, as one reading of it finds it. Each check fills an error
 * (artifact_refuse, artifact_fail) and hands it to one of the three functions below, which say
 * whether to go on:
 *
 *     return is_fine || artifact_refuse(error, ...) || artifact_problems_go_on(problems, error);
 *
 * The same one again, right after it, is not told twice.
 *
 * Zero-initialised is a lenient reading, which fails with the first thing that is broken.
 */
#ifndef ARTIFACT_PROBLEMS_H
#define ARTIFACT_PROBLEMS_H

#include "error.h"

struct artifact_problems {
    bool is_strict;     /* what is tolerated otherwise is a failure too */
    bool is_reporting;  /* nothing is a failure as long as reading can go on */
    const char *member; /* what is being read, for the sentences of what is broken in it */
    struct artifact_errors found;
};

void artifact_problems_init(struct artifact_problems *problems,
                            const struct artifact_read_options *options);
void artifact_problems_clear(struct artifact_problems *problems);

/* The artifact is broken, and yet reading can go on: it does so to report what else is wrong. */
bool artifact_problems_go_on(struct artifact_problems *problems,
                             const struct artifact_error *error);

/* The same for what ends the reading: the last of the problems. */
bool artifact_problems_end(struct artifact_problems *problems, const struct artifact_error *error);

/* Some reader refuses it; a lenient reading only warns. `error` is never NULL. */
bool artifact_problems_tolerate(struct artifact_problems *problems,
                                const struct artifact_error *error);

/* Worth a warning, and not more, in any reading. `error` is never NULL. */
bool artifact_problems_note(struct artifact_problems *problems, const struct artifact_error *error);

/* Moves the last of those found to this place among them. */
void artifact_problems_move_last(struct artifact_problems *problems, size_t place);

/* At the end: reports what the options want reported, and moves the rest to the warnings. */
bool artifact_problems_settle(struct artifact_problems *problems,
                              const struct artifact_read_options *options,
                              struct artifact_errors *warnings, struct artifact_error *error);

#endif
