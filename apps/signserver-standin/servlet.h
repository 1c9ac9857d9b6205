// SPDX-License-Identifier: Apache-2.0
/* The HTTP interface, which SignServer had before REST: POST /signserver/process with the data as
 * the body and the parameters in the query. */
#ifndef STANDIN_SERVLET_H
#define STANDIN_SERVLET_H

#include "request.h"

/* Whether this path is of this interface. */
bool servlet_has(const char *path);

/* As rest_answer, for a path that servlet_has. */
void servlet_answer(struct answer *answer, json_t *record, const struct workers *workers,
                    const struct request *request);

#endif
