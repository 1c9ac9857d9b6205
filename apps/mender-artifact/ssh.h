// SPDX-License-Identifier: Apache-2.0
/* Scripts that run on a device, through the ssh(1) that is first in PATH. */
#ifndef MENDER_ARTIFACT_SSH_H
#define MENDER_ARTIFACT_SSH_H

#include "command.h"

/* Whether the word is an address, "ssh://[user@]host[:port]"; IPv6 addresses in brackets. */
bool ssh_is_address(const char *word);

struct ssh {
    char destination[512]; /* as ssh takes it: [user@]host */
    char port[8];          /* "": as ssh has it */
    const char **extra;    /* --ssh-args; the array is for free() */
    size_t extra_count;
};

/* From the address, and the options --ssh-args. Cleared by the caller in every case. */
bool ssh_init(struct ssh *ssh, const char *address, const struct arguments *arguments,
              struct artifact_error *error);
void ssh_clear(struct ssh *ssh);

/*
 * Runs the script, which must not have single quotes in it, with /bin/sh on the device. It prints
 * the line `marker` when it has what it needs; what comes before goes to our standard error, and
 * what comes after it, to the byte, into the file `to_fd`, at most `max_bytes`. Until the marker,
 * for two minutes at most, our terminal's echo is off, since a password may be asked for there.
 *
 * ARTIFACT_CANNOT_WRITE when ssh can not be run, the marker does not come, or the script fails:
 * then *status is its exit status, 255 when it is ssh that failed, and -1 otherwise.
 */
bool ssh_run(int *status, const struct ssh *ssh, const char *script, const char *marker, int to_fd,
             uint64_t max_bytes, struct artifact_error *error);

#endif
