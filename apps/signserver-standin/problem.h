// SPDX-License-Identifier: Apache-2.0
/* What went wrong, as a sentence for the person who started the server; only main.c prints it. */
#ifndef STANDIN_PROBLEM_H
#define STANDIN_PROBLEM_H

#include <stdbool.h>

struct problem {
    char text[512];
};

/* Fills `problem` and returns false, so that a failing function can end with `return fail(...)`. */
bool fail(struct problem *problem, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A call of libcrypto failed: the sentence, with libcrypto's own reason behind it. Empties its
 * error queue and returns false. */
bool fail_crypto(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns false. */
bool fail_memory(struct problem *problem);

#endif
