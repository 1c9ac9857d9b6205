// SPDX-License-Identifier: Apache-2.0
/* One SignServer worker: where it is, and one exchange with it. Joins wire and transport, which do
 * not know each other. */
#ifndef SS_WORKER_H
#define SS_WORKER_H

#include "settings.h"
#include "transport.h"
#include "uri.h"
#include "wire.h"

struct ss_worker; /* immutable */

/* Takes what it needs from `uri` (copied). Transport and settings are borrowed and must outlive the
 * worker. */
struct ss_worker *ss_worker_new(struct ss_transport *transport, const struct ss_settings *settings,
                                const struct ss_uri *uri, struct ss_error *error);
void ss_worker_free(struct ss_worker *worker);

/* "worker NAME", as messages name it before a host is known. Borrowed. */
const char *ss_worker_get0_name(const struct ss_worker *worker);

/* NAME alone, as quoted. Borrowed. */
const char *ss_worker_get0_bare_name(const struct ss_worker *worker);

/* What ss_worker_new was given. Borrowed. */
const struct ss_settings *ss_worker_get0_settings(const struct ss_worker *worker);

/* The normal form of its URI; two workers with the same one are the same worker. Borrowed. */
const char *ss_worker_get0_uri(const struct ss_worker *worker);

/* Whether its answers show its certificate; otherwise only a pin can tell its public key. */
bool ss_worker_shows_certificate(const struct ss_worker *worker);

/*
 * Sends one process request (data is a digest when `digest` names one, else the message) and takes
 * the answer. The signature is what the server sent: nothing about it was checked. Every failure
 * names worker, host and the server's words. The caller clears the answer in every case. `libctx`
 * is what the certificate is parsed in. `host` (256 bytes, or NULL) is filled with the server that
 * answered.
 */
bool ss_worker_process(struct ss_worker *worker, struct ss_process_answer *answer, char *host,
                       const char *digest, const unsigned char *data, size_t data_length,
                       OSSL_LIB_CTX *libctx, struct ss_error *error);

#endif
