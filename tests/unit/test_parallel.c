// SPDX-License-Identifier: Apache-2.0
#include "parallel.h"
#include "unit.h"

#include <pthread.h>
#include <stdlib.h>

enum { JOB_COUNT = 500, MAX_JOBS = 5 };

static struct artifact_error error;

struct job {
    unsigned number;
    unsigned long result;
};

/* Jobs of very different length, so that they are done in another order than they were given. */
static void run(void *user, unsigned worker, void *user_job)
{
    (void)worker;
    struct job *job = user_job;
    const unsigned *factor = user;
    volatile unsigned long sum = 0;
    for (unsigned i = 0; i < job->number % 7 * 2000; i++)
        sum = sum + 1;
    job->result = (unsigned long)job->number * *factor;
}

static void check_order(unsigned threads, size_t max_jobs)
{
    static struct job jobs[JOB_COUNT];
    unsigned factor = 3, expected = 0;
    struct artifact_parallel *parallel =
        artifact_parallel_new(threads, max_jobs, run, &factor, &error);
    if (!CHECK(parallel != NULL))
        return;
    for (unsigned i = 0; i < JOB_COUNT || expected < JOB_COUNT;) {
        bool is_next_taken = i == JOB_COUNT || artifact_parallel_is_full(parallel);
        if (!is_next_taken) {
            jobs[i] = (struct job){.number = i};
            CHECK(artifact_parallel_submit(parallel, &jobs[i], &error));
            i++;
            continue;
        }
        const struct job *job = artifact_parallel_take(parallel);
        if (!CHECK(job != NULL))
            break;
        CHECK_INT(job->number, expected);
        CHECK_INT(job->result, 3 * expected);
        expected++;
    }
    CHECK(artifact_parallel_take(parallel) == NULL);
    artifact_parallel_free(parallel);
}

static void test_jobs_come_back_in_the_order_in_which_they_were_given(void)
{
    check_order(1, 1);
    check_order(1, MAX_JOBS);
    check_order(4, MAX_JOBS);
    check_order(16, 3);
}

/* Two jobs that end only when both have begun. */
struct meeting {
    pthread_mutex_t mutex;
    pthread_cond_t has_come;
    unsigned count;
    bool has_worker[2];
};

static void meet(void *user, unsigned worker, void *job)
{
    (void)job;
    struct meeting *meeting = user;
    pthread_mutex_lock(&meeting->mutex);
    meeting->has_worker[worker] = true;
    meeting->count++;
    pthread_cond_broadcast(&meeting->has_come);
    while (meeting->count < 2)
        pthread_cond_wait(&meeting->has_come, &meeting->mutex);
    pthread_mutex_unlock(&meeting->mutex);
}

static void test_two_threads_work_at_once_under_different_numbers(void)
{
    struct meeting meeting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, {false}};
    int first = 1, second = 2;
    struct artifact_parallel *parallel = artifact_parallel_new(2, 2, meet, &meeting, &error);
    CHECK(artifact_parallel_submit(parallel, &first, &error));
    CHECK(artifact_parallel_submit(parallel, &second, &error));
    CHECK(artifact_parallel_take(parallel) == &first);
    CHECK(artifact_parallel_take(parallel) == &second);
    CHECK(meeting.has_worker[0] && meeting.has_worker[1]);
    artifact_parallel_free(parallel);
}

static void test_jobs_in_flight_may_be_left_behind(void)
{
    static struct job jobs[MAX_JOBS];
    unsigned factor = 1;
    struct artifact_parallel *parallel = artifact_parallel_new(2, MAX_JOBS, run, &factor, &error);
    for (unsigned i = 0; i < MAX_JOBS; i++)
        CHECK(artifact_parallel_submit(parallel, &jobs[i], &error));
    artifact_parallel_free(parallel);
    artifact_parallel_free(artifact_parallel_new(2, MAX_JOBS, run, &factor, &error));
    artifact_parallel_free(NULL);
}

/* No address space has room for the stack of another thread. */
static void set_stack_size(size_t size)
{
    pthread_attr_t attributes;
    CHECK_INT(pthread_attr_init(&attributes), 0);
    CHECK_INT(pthread_attr_setstacksize(&attributes, size), 0);
    CHECK_INT(pthread_setattr_default_np(&attributes), 0);
    pthread_attr_destroy(&attributes);
}

static void test_a_job_that_finds_no_thread_is_not_waited_for(void)
{
    struct job job = {.number = 7};
    unsigned factor = 1;
    struct artifact_parallel *parallel = artifact_parallel_new(2, MAX_JOBS, run, &factor, &error);
    set_stack_size((size_t)1 << 48);
    CHECK(!artifact_parallel_submit(parallel, &job, &error));
    CHECK_INT(error.code, ARTIFACT_NO_MEMORY);
    CHECK(artifact_parallel_take(parallel) == NULL);
    set_stack_size((size_t)1 << 23);
    CHECK(artifact_parallel_submit(parallel, &job, &error));
    CHECK(artifact_parallel_take(parallel) == &job);
    CHECK_INT(job.result, 7);
    artifact_parallel_free(parallel);
}

static void test_the_number_of_threads_is_bounded(void)
{
    CHECK_INT(artifact_parallel_threads(3, 12), 3);
    CHECK_INT(artifact_parallel_threads(100, 12), 12);
    CHECK(artifact_parallel_threads(0, 12) >= 1);
    CHECK_INT(artifact_parallel_threads(0, 1), 1);
}

UNIT_TESTS("parallel", UNIT_TEST(test_jobs_come_back_in_the_order_in_which_they_were_given),
           UNIT_TEST(test_two_threads_work_at_once_under_different_numbers),
           UNIT_TEST(test_jobs_in_flight_may_be_left_behind),
           UNIT_TEST(test_a_job_that_finds_no_thread_is_not_waited_for),
           UNIT_TEST(test_the_number_of_threads_is_bounded))
