// SPDX-License-Identifier: Apache-2.0
/* The options that name a key, shared by the commands that sign or verify. */
#ifndef MENDER_ARTIFACT_KEY_OPTIONS_H
#define MENDER_ARTIFACT_KEY_OPTIONS_H

#include "options.h"

/* --key for what the command does with it, and the options that stand for a --key. */
extern const struct option key_options_sign[], key_options_verify[], key_options_other[];

/*
 * Loads the key that the options name; *key is NULL when they name none. At most one of them may be
 * given. The caller frees the key with EVP_PKEY_free.
 */
bool key_options_load(EVP_PKEY **key, const struct arguments *arguments, enum artifact_key_use use,
                      struct artifact_error *error);

#endif
