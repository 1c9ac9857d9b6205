// SPDX-License-Identifier: Apache-2.0
/* Requests of the transport, for its tests. Not for threads, but for post_to. */
#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include "transport.h"

/* Of the last request that was made with post or post_once. */
extern struct ss_error error;

/* For these URLs, up to a NULL: a connect-timeout of 2 s, a timeout of 10 s and 2 retries. Valid
 * until the next call. */
struct ss_settings settings_for(const char *url, ...) __attribute__((sentinel));

bool post_to(struct ss_transport *transport, struct ss_http_answer *answer, const char *authority,
             struct ss_error *own_error);

/* The status of a request, 0 when it failed. */
long post(struct ss_transport *transport);
/* The same, with a transport of its own. */
long post_once(const struct ss_settings *settings);

long long now_ms(void);

#endif
