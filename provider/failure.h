// SPDX-License-Identifier: Apache-2.0
/* What it means that libcurl brought no answer. */
#ifndef SS_FAILURE_H
#define SS_FAILURE_H

#include "attempt.h"

/* Says in `error` what went wrong on the way to the server, and what to do about it. */
enum ss_verdict ss_failure_judge(const struct ss_attempt *attempt, CURLcode code,
                                 struct ss_error *error);

#endif
