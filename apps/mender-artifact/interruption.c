// SPDX-License-Identifier: Apache-2.0
#include "interruption.h"

#include <stdatomic.h>
#include <stdio.h>

/* A handler has no other way to learn of anything. */
static struct artifact_temporary temporary;

struct artifact_temporary *interruption_get0_temporary(void)
{
    return &temporary;
}

void interruption_set_file(int directory_fd, const char *name)
{
    temporary.directory_fd = directory_fd;
    snprintf(temporary.name, sizeof temporary.name, "%s", name);
    atomic_signal_fence(memory_order_seq_cst);
    temporary.is_there = 1;
}

void interruption_clear_file(void)
{
    temporary.is_there = 0;
    atomic_signal_fence(memory_order_seq_cst);
}

/* The signal has its default action again, which follows when this returns. */
static void end(int number)
{
    artifact_temporary_remove(&temporary);
    raise(number);
}

void interruption_init(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU, SIGXFSZ};
    enum { COUNT = sizeof numbers / sizeof numbers[0] };
    struct sigaction action = {.sa_handler = end, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT; i++)
        sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < COUNT; i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(numbers[i], &action, NULL);
    }
}
