// SPDX-License-Identifier: Apache-2.0
/* An image of a running device's root file system, taken over ssh. */
#ifndef MENDER_ARTIFACT_SNAPSHOT_H
#define MENDER_ARTIFACT_SNAPSHOT_H

#include "ssh.h"
#include "write_options.h"

extern const struct option snapshot_options[];

/* A snapshot is in a file without a name, which is gone with the process. Zero-initialised is none,
 * but for the file descriptor. */
struct snapshot {
    struct ssh ssh;
    int fd;        /* -1: none */
    char path[64]; /* by which the file can be opened */
};

/* Takes the image from the device at the address, and has it repaired as after a crash, by fsck. */
bool snapshot_take(struct snapshot *snapshot, const char *address,
                   const struct arguments *arguments, struct artifact_error *error);
void snapshot_clear(struct snapshot *snapshot);

/* Asks the device what its root file system provides, and adds to the request what that has not. */
bool snapshot_add_provides(const struct snapshot *snapshot, struct write_request *request,
                           struct artifact_error *error);

#endif
