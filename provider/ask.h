// SPDX-License-Identifier: Apache-2.0
/* The private operation: asks the worker in the way that it wants to be asked, learns that way
 * where it is not known yet, and lets no signature pass that does not verify. */
#ifndef SS_ASK_H
#define SS_ASK_H

#include "check.h"

/* What is to be signed, in the forms that there are of it. */
struct ss_material {
    const struct ss_digest *digest; /* NULL: of a type that is not hashed for */
    const unsigned char *digest_bytes;
    const unsigned char *message; /* NULL: not at hand */
    size_t message_length;        /* at hand or not; 0: there is none, or it is empty */
    const unsigned char *checked; /* what ss_check_verifies is given */
    size_t checked_length;
};

/* The signature, `*length` bytes, goes to `signature`, which has room for `size`. */
bool ss_ask(const struct ss_check *check, unsigned char *signature, size_t *length, size_t size,
            const struct ss_material *material, struct ss_error *error);

/* The error of a caller who brings a digest to a worker that hashes for itself. */
bool ss_ask_refuse_digest(const struct ss_check *check, struct ss_error *error);

/* That of one whose message is longer than max-message. */
bool ss_ask_refuse_length(const struct ss_check *check, size_t length, struct ss_error *error);

#endif
