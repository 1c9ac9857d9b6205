// SPDX-License-Identifier: Apache-2.0
/* An answer on its way, as well or as badly as it is meant to arrive. */
#ifndef STANDIN_DELIVERY_H
#define STANDIN_DELIVERY_H

#include "answer.h"

struct MHD_Connection;

/*
 * Queues the answer, late if it is to be late, unless `stop`, a descriptor, becomes readable before
 * that. Takes the answer's text. False: the connection is to be closed.
 */
bool deliver(struct MHD_Connection *http, struct answer *answer, int stop);

#endif
