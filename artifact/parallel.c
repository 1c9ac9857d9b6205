// SPDX-License-Identifier: Apache-2.0
#include "parallel.h"

#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    void *job;
    bool is_done;
};

struct worker {
    struct artifact_parallel *parallel;
    unsigned number;
    pthread_t thread;
};

/* A job's place in the ring is its number modulo max_jobs. */
struct artifact_parallel {
    artifact_parallel_run *run;
    void *user;
    size_t max_jobs;
    unsigned max_threads;

    /* The owner's alone. */
    unsigned thread_count;
    uint64_t taken;
    struct worker *workers;

    /* Under the mutex. */
    pthread_mutex_t mutex;
    pthread_cond_t has_work;
    pthread_cond_t has_result;
    bool is_stopping;
    unsigned idle_count;
    uint64_t begun;
    uint64_t submitted; /* written by the owner only */
    struct slot *slots;
};

unsigned artifact_parallel_threads(unsigned wanted, unsigned max)
{
    cpu_set_t processors;
    unsigned count = wanted;
    if (wanted == 0)
        count = sched_getaffinity(0, sizeof processors, &processors) == 0
                    ? (unsigned)CPU_COUNT(&processors)
                    : 1;
    return count < max ? count : max;
}

/* ---- The workers ---- */

static struct slot *slot_of(const struct artifact_parallel *parallel, uint64_t number)
{
    return &parallel->slots[number % parallel->max_jobs];
}

/* Under the mutex, which is let go of while the job is done. */
static void do_next(struct worker *worker)
{
    struct artifact_parallel *parallel = worker->parallel;
    struct slot *slot = slot_of(parallel, parallel->begun++);
    void *job = slot->job;
    pthread_mutex_unlock(&parallel->mutex);
    parallel->run(parallel->user, worker->number, job);
    pthread_mutex_lock(&parallel->mutex);
    slot->is_done = true;
    pthread_cond_signal(&parallel->has_result);
}

static void *work(void *user)
{
    struct worker *worker = user;
    struct artifact_parallel *parallel = worker->parallel;
    pthread_mutex_lock(&parallel->mutex);
    while (!parallel->is_stopping) {
        if (parallel->begun < parallel->submitted) {
            do_next(worker);
            continue;
        }
        parallel->idle_count++;
        pthread_cond_wait(&parallel->has_work, &parallel->mutex);
        parallel->idle_count--;
    }
    pthread_mutex_unlock(&parallel->mutex);
    return NULL;
}

/* One more thread if there may be one. With fewer than wanted it is only slower. */
static bool start_worker(struct artifact_parallel *parallel, struct artifact_error *error)
{
    struct worker *worker = &parallel->workers[parallel->thread_count];
    *worker = (struct worker){.parallel = parallel, .number = parallel->thread_count};
    struct artifact_error reason;
    if (artifact_thread_start(&worker->thread, work, worker, &reason))
        parallel->thread_count++;
    return parallel->thread_count > 0 ||
           artifact_fail(error, reason.code, NULL, "%s", reason.message);
}

/* ---- Life ---- */

struct artifact_parallel *artifact_parallel_new(unsigned threads, size_t max_jobs,
                                                artifact_parallel_run *run, void *user,
                                                struct artifact_error *error)
{
    struct artifact_parallel *parallel = calloc(1, sizeof *parallel);
    struct slot *slots = calloc(max_jobs, sizeof *slots);
    struct worker *workers = calloc(threads, sizeof *workers);
    if (!parallel || !slots || !workers) {
        free(workers);
        free(slots);
        free(parallel);
        artifact_fail_memory(error);
        return NULL;
    }
    parallel->run = run;
    parallel->user = user;
    parallel->max_jobs = max_jobs;
    parallel->max_threads = threads;
    parallel->slots = slots;
    parallel->workers = workers;
    pthread_mutex_init(&parallel->mutex, NULL);
    pthread_cond_init(&parallel->has_work, NULL);
    pthread_cond_init(&parallel->has_result, NULL);
    return parallel;
}

void artifact_parallel_free(struct artifact_parallel *parallel)
{
    if (!parallel)
        return;
    pthread_mutex_lock(&parallel->mutex);
    parallel->is_stopping = true;
    pthread_cond_broadcast(&parallel->has_work);
    pthread_mutex_unlock(&parallel->mutex);
    for (unsigned i = 0; i < parallel->thread_count; i++)
        pthread_join(parallel->workers[i].thread, NULL);
    pthread_cond_destroy(&parallel->has_result);
    pthread_cond_destroy(&parallel->has_work);
    pthread_mutex_destroy(&parallel->mutex);
    free(parallel->workers);
    free(parallel->slots);
    free(parallel);
}

/* ---- Jobs ---- */

bool artifact_parallel_is_full(const struct artifact_parallel *parallel)
{
    return parallel->submitted - parallel->taken == parallel->max_jobs;
}

/* Those that were woken and are not up yet still count as idle: hence the comparison. */
static bool is_short_of_workers(struct artifact_parallel *parallel)
{
    pthread_mutex_lock(&parallel->mutex);
    bool is_short = parallel->submitted + 1 - parallel->begun > parallel->idle_count;
    pthread_mutex_unlock(&parallel->mutex);
    return is_short && parallel->thread_count < parallel->max_threads;
}

bool artifact_parallel_submit(struct artifact_parallel *parallel, void *job,
                              struct artifact_error *error)
{
    if (is_short_of_workers(parallel) && !start_worker(parallel, error))
        return false;
    pthread_mutex_lock(&parallel->mutex);
    *slot_of(parallel, parallel->submitted) = (struct slot){.job = job};
    parallel->submitted++;
    pthread_cond_signal(&parallel->has_work);
    pthread_mutex_unlock(&parallel->mutex);
    return true;
}

void *artifact_parallel_take(struct artifact_parallel *parallel)
{
    if (parallel->taken == parallel->submitted)
        return NULL;
    struct slot *slot = slot_of(parallel, parallel->taken++);
    pthread_mutex_lock(&parallel->mutex);
    while (!slot->is_done)
        pthread_cond_wait(&parallel->has_result, &parallel->mutex);
    void *job = slot->job;
    pthread_mutex_unlock(&parallel->mutex);
    return job;
}
