// SPDX-License-Identifier: Apache-2.0
/* Threads of a library in somebody else's program. */
#ifndef ARTIFACT_THREAD_H
#define ARTIFACT_THREAD_H

#include "error.h"

#include <pthread.h>

/* Starts a thread that takes no signals: they are for the threads of the program. */
bool artifact_thread_start(pthread_t *thread, void *(*run)(void *user), void *user,
                           struct artifact_error *error);

#endif
