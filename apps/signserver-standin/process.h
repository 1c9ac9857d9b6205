// SPDX-License-Identifier: Apache-2.0
/*
 * One request to a PlainSigner, whichever interface it came by: the checks in SignServer's order,
 * and the signature.
 */
#ifndef STANDIN_PROCESS_H
#define STANDIN_PROCESS_H

#include "authorize.h"
#include "faults.h"
#include "workers.h"

/* What SignServer says when it does not want to say more. */
extern const char process_unforeseen[];

struct input {
    struct worker *worker;
    bool is_addressed_by_id;
    const unsigned char *data;
    size_t length;
    /* The request's metadata of these names; NULL: absent. */
    const char *using_clientsupplied_hash;
    const char *clientside_hashdigestalgorithm;
    const struct client *client;
};

struct outcome {
    unsigned status; /* 200, or what the request is refused with */
    char *error;     /* then SignServer's words; NULL when memory ran out */
    unsigned char *signature;
    size_t length;
    X509 *certificate; /* borrowed from the worker */
};

/* `number` counts the worker's requests, for its faults. */
void process(struct outcome *outcome, const struct input *input, unsigned number);

void outcome_clear(struct outcome *outcome);

#endif
