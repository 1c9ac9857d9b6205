// SPDX-License-Identifier: Apache-2.0
/* Where the passphrase of an encrypted key comes from: a file, or whoever sits at the terminal. */
#ifndef MENDER_ARTIFACT_PASSPHRASE_H
#define MENDER_ARTIFACT_PASSPHRASE_H

#include "options.h"

struct passphrase {
    bool is_from_file;
    bool is_missing; /* was asked for, and nobody there to answer */
    char text[1024]; /* of the file: its first line */
};

/* Reads the file of --key-passphrase-file, where there is one. The caller clears it in any case. */
bool passphrase_init(struct passphrase *passphrase, const struct arguments *arguments,
                     struct artifact_error *error);
void passphrase_clear(struct passphrase *passphrase);

/* The `passphrase` of artifact_key_options; user is the struct passphrase. Asks on the terminal
 * where there is no file. */
bool passphrase_give(void *user, const char *uri, char *text, size_t size);

#endif
