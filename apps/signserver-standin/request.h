// SPDX-License-Identifier: Apache-2.0
/* What the interfaces, REST and the older HTTP, have in common. */
#ifndef STANDIN_REQUEST_H
#define STANDIN_REQUEST_H

#include "answer.h"
#include "process.h"
#include "workers.h"

#include <openssl/x509.h>
#include <stdint.h>

/* A request as HTTP brought it; everything is borrowed, and NULL where it is absent. */
struct request {
    const char *method;
    const char *path; /* not percent-decoded, without the query */
    const char *content_type, *accept, *authorization;
    const char *requested_with; /* X-Keyfactor-Requested-With */
    /* Parameters of the query, percent-encoded as they came. */
    const char *worker_name, *worker_id;
    const char *using_clientsupplied_hash, *clientside_hashdigestalgorithm;
    const char *body;
    size_t length;
    X509 *client_certificate;
    bool is_client_trusted;
};

/* `length` bytes of text, percent-decoded, for free(); NULL: malformed. */
char *request_decode(const char *text, size_t length);

/* What Java's Integer.parseInt takes: a sign if any, then digits up to 32 bits. */
bool request_parse_id(const char *text, int32_t *id);

/* Adds to the record what a worker is asked to sign: its length, and the data where it is short. */
void request_record(json_t *record, const unsigned char *data, size_t length);

/* Adds bytes as base64. */
void request_set_base64(json_t *object, const char *key, const unsigned char *bytes, size_t length);

/*
 * Asks a worker: fills `outcome`, for outcome_clear, and `number`, which counts the worker's
 * requests. Afterwards request_play_faults spoils the answer that was made of it.
 */
void request_ask(struct outcome *outcome, unsigned *number, const struct input *input);
void request_play_faults(struct answer *answer, const struct worker *worker, unsigned number);

#endif
