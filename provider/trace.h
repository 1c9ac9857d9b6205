// SPDX-License-Identifier: Apache-2.0
/*
 * What is asked of servers and what they answer, for a person who wants to know why something does
 * not work: a line for each attempt, to the file of the setting trace or to standard error. No
 * header of a request is ever in it, and so no credential. Where it cannot be written, nothing else
 * is disturbed.
 */
#ifndef SS_TRACE_H
#define SS_TRACE_H

#include "transport.h"

/* An attempt that has ended; all borrowed. */
struct ss_trace_attempt {
    const char *base_url;
    unsigned number; /* 1 for the first of an operation */
    long long milliseconds;
    const struct ss_http_request *request;
    const struct ss_http_answer *answer; /* status 0: there was none */
    const struct ss_error *error;
};

void ss_trace(const struct ss_settings *settings, const struct ss_trace_attempt *attempt);

#endif
