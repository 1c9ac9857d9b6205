// SPDX-License-Identifier: Apache-2.0
/* The options that name keys, shared by the commands that sign or verify. */
#ifndef MENDER_ARTIFACT_KEY_OPTIONS_H
#define MENDER_ARTIFACT_KEY_OPTIONS_H

#include "options.h"

/* --key for what the command does with it, and the options that stand for a --key or go with it. */
extern const struct option key_options_sign[], key_options_verify[], key_options_other[];

/* Whether --allow-unsupported was given. */
bool key_options_allow_unsupported(const struct arguments *arguments);

/*
 * Loads the key to sign with, and warns when not every device verifies with it; *key is NULL when
 * no option is given. At most one of them may be given, and not as an empty value alone. The caller
 * frees the key with EVP_PKEY_free.
 */
bool key_options_load(EVP_PKEY **key, const struct arguments *arguments,
                      struct artifact_error *error);

/* Keys to verify with, any of which may have signed. */
struct key_ring {
    EVP_PKEY **keys;
    size_t count;
};

/* Loads all that the options name: --key may be given several times, and name directories. The
 * caller clears the ring in any case. */
bool key_ring_load(struct key_ring *ring, const struct arguments *arguments,
                   struct artifact_error *error);
void key_ring_clear(struct key_ring *ring);

#endif
