// SPDX-License-Identifier: Apache-2.0
#ifndef ARTIFACT_ERROR_H
#define ARTIFACT_ERROR_H

#include "artifact.h"

/*
 * Fills `error` (NULL is fine) with a code, the member or file concerned (NULL: none) and a
 * sentence, and returns false, so that a failing function can end with `return artifact_fail(...)`.
 */
bool artifact_fail(struct artifact_error *error, enum artifact_code code, const char *member,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * The same for what is wrong with an artifact, ARTIFACT_INVALID, where not just everyone refuses
 * it: `readers` are those who do. artifact_fail with ARTIFACT_INVALID or ARTIFACT_BAD_SIGNATURE
 * means both devices and upstream's tool, with ARTIFACT_UNSUPPORTED devices.
 */
bool artifact_refuse(struct artifact_error *error, unsigned readers, const char *member,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Sentences quote names out of hostile archives: what could move a terminal's cursor or begin a new
 * line of a log becomes '?'. Whatever fills an error does that already.
 */
void artifact_replace_controls(char *text);

/* Puts a context in front of the sentence of a failure: "context: sentence". Returns false. */
bool artifact_fail_prefix(struct artifact_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Puts "NAME: " in front of the sentence of a failure, and NAME where the error says which member
 * it is about, unless that is known already. Returns false. Names that come out of an archive may
 * be of any length, and are cut so that the rest of the sentence can be read.
 */
bool artifact_fail_in_member(struct artifact_error *error, const char *name);

/* Out of memory, said once for the whole room. Returns false. */
bool artifact_fail_memory(struct artifact_error *error);

/*
 * The same for a failed call of OpenSSL: ": " and what the newest telling entry of the error queue
 * says are appended to the sentence (a provider's entry names its server and the answer it had).
 * Empties the queue. Returns false.
 */
bool artifact_fail_openssl(struct artifact_error *error, enum artifact_code code,
                           const char *member, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether it is what the artifact says that cannot be read, and not reading itself that failed. */
bool artifact_error_is_of_contents(const struct artifact_error *error);

#endif
