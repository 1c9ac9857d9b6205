// SPDX-License-Identifier: Apache-2.0
#include "temporary.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

void artifact_temporary_set(struct artifact_temporary *temporary, int directory_fd,
                            const char *name)
{
    artifact_temporary_clear(temporary);
    temporary->directory_fd = directory_fd;
    snprintf(temporary->name, sizeof temporary->name, "%s", name);
    atomic_signal_fence(memory_order_seq_cst);
    temporary->is_there = 1;
    atomic_signal_fence(memory_order_seq_cst);
}

void artifact_temporary_clear(struct artifact_temporary *temporary)
{
    atomic_signal_fence(memory_order_seq_cst);
    temporary->is_there = 0;
    atomic_signal_fence(memory_order_seq_cst);
}

/* unlinkat may be called in a handler: signal-safety(7). */
void artifact_temporary_remove(const struct artifact_temporary *temporary)
{
    if (temporary->is_there)
        unlinkat(temporary->directory_fd, temporary->name, 0);
}
