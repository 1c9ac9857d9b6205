// SPDX-License-Identifier: Apache-2.0
/*
 * What a worker can be told to do wrong, so that a client's defences can be tried:
 *
 *     [first-N:|after-N:]NAME[:ARGUMENT]
 *
 * With first-N it happens to the worker's first N requests only, with after-N to all but those.
 */
#ifndef STANDIN_FAULTS_H
#define STANDIN_FAULTS_H

#include "answer.h"
#include "pki.h"
#include "problem.h"

#include <stdio.h>

/* How a worker is going to sign; a fault may exchange parts of it. */
struct plan {
    const struct credential *signer;
    X509 *certificate; /* borrowed; the one shown in the answer */
    bool alters_input, alters_signature, omits_signature;
};

struct fault {
    const struct fault_kind *kind;
    unsigned from, until; /* plays for requests with from <= number < until, counted from 0 */
    unsigned number;      /* the argument's number, when it has one */
    char *text;           /* its text, the same */
};

bool fault_parse(struct fault *fault, const char *text, struct problem *problem);
void fault_clear(struct fault *fault);

/* Whether it needs a second key and certificate in fault_alter_plan. */
bool fault_needs_other(const struct fault *fault);

bool fault_is_due(const struct fault *fault, unsigned number);

/* The two moments at which a fault that is due may act. */
void fault_alter_plan(const struct fault *fault, struct plan *plan, const struct credential *other);
void fault_alter_answer(const struct fault *fault, struct answer *answer);

/* One line for each fault, for the help. */
void faults_print_help(FILE *out);

#endif
