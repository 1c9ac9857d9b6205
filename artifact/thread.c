// SPDX-License-Identifier: Apache-2.0
#include "thread.h"

#include <signal.h>
#include <string.h>

bool artifact_thread_start(pthread_t *thread, void *(*run)(void *user), void *user,
                           struct artifact_error *error)
{
    sigset_t all, previous;
    sigfillset(&all);
    /* A new thread inherits the mask; one set inside of it would come too late. */
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    int number = pthread_create(thread, NULL, run, user);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    return number == 0 || artifact_fail(error, ARTIFACT_NO_MEMORY, NULL,
                                        "can not start a thread: %s", strerror(number));
}
