// SPDX-License-Identifier: Apache-2.0
/* SignServer's REST interface, as far as a client that signs needs it. */
#ifndef STANDIN_REST_H
#define STANDIN_REST_H

#include "request.h"

/* Everything below this path is for rest_answer. */
extern const char rest_root[];

/*
 * Answers. For a request to a worker it adds to `record` what is known about it: worker, metaData,
 * length and data.
 */
void rest_answer(struct answer *answer, json_t *record, const struct workers *workers,
                 const struct request *request);

#endif
