// SPDX-License-Identifier: Apache-2.0
/*
 * Jobs that several threads do beside each other, and that come back in the order in which they
 * were given. What is in flight is bounded by the caller, who owns the jobs and all that is in
 * them. The functions here are for one thread, that of the owner.
 */
#ifndef ARTIFACT_PARALLEL_H
#define ARTIFACT_PARALLEL_H

#include "error.h"

struct artifact_parallel;

/* Does one job. `worker` is a number below that of the threads, and no two calls with the same
 * number run at once. What goes wrong is noted in the job. */
typedef void artifact_parallel_run(void *user, unsigned worker, void *job);

/* How many threads to have: those wanted, or for 0 one for each processor that this process may
 * use; 1 to max. */
unsigned artifact_parallel_threads(unsigned wanted, unsigned max);

/* Threads are started when there is work for them. At most max_jobs are in flight. */
struct artifact_parallel *artifact_parallel_new(unsigned threads, size_t max_jobs,
                                                artifact_parallel_run *run, void *user,
                                                struct artifact_error *error);

/* Waits for what is being done, forgets what is not begun, and leaves no thread behind. */
void artifact_parallel_free(struct artifact_parallel *parallel);

/* Whether max_jobs are in flight: submitted, and not taken back. */
bool artifact_parallel_is_full(const struct artifact_parallel *parallel);

/* Gives a job away; not when it is full. Fails, and the job stays the caller's, when there is no
 * thread and none can be started. */
bool artifact_parallel_submit(struct artifact_parallel *parallel, void *job,
                              struct artifact_error *error);

/* Waits until the oldest job is done, and takes it back. NULL: none is in flight. */
void *artifact_parallel_take(struct artifact_parallel *parallel);

#endif
