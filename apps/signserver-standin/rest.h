// SPDX-License-Identifier: Apache-2.0
/* SignServer's REST interface, as far as a client that signs needs it. */
#ifndef STANDIN_REST_H
#define STANDIN_REST_H

#include "answer.h"
#include "workers.h"

#include <openssl/x509.h>

/* A request as HTTP brought it; everything is borrowed, and NULL where it is absent. */
struct request {
    const char *method;
    const char *path; /* not percent-decoded, without the query */
    const char *content_type, *accept, *authorization;
    const char *requested_with; /* X-Keyfactor-Requested-With */
    const char *body;
    size_t length;
    X509 *client_certificate;
    bool is_client_trusted;
};

/* Everything below this path is for rest_answer. */
extern const char rest_root[];

/*
 * Answers. For a request to a worker it adds to `record` what is known about it: worker, metaData,
 * length and data.
 */
void rest_answer(struct answer *answer, json_t *record, const struct workers *workers,
                 const struct request *request);

#endif
