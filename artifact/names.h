// SPDX-License-Identifier: Apache-2.0
/* What may be called what. Each check returns NULL when the name is fine, else what is wrong with
 * it ("too many characters"). */
#ifndef ARTIFACT_NAMES_H
#define ARTIFACT_NAMES_H

#include "artifact.h"

/* Artifact names, groups and device types: up to 256 bytes of UTF-8; letters, marks, numbers,
 * punctuation, symbols, space. */
const char *artifact_name_problem(const char *name);

/* What the file is called in the artifact. */
const char *artifact_file_name(const struct artifact_file *file);

/* Payload files: [A-Za-z0-9_.,-]+, not "." or "..", and at most NAME_MAX bytes. */
const char *artifact_file_name_problem(const char *name);

/* The same, and at most 90 bytes, since devices bound "data/0000/NAME" to 100. */
const char *artifact_device_file_name_problem(const char *name);

/* State scripts, the whole name:
 * Artifact(Install|Reboot|Rollback|RollbackReboot|Commit|Failure)_(Enter|Leave|Error)_NN[_text] */
const char *artifact_script_name_problem(const char *name);

/* The same, and ASCII only: devices unpack in the C locale, which has no words for other
 * characters.
 */
const char *artifact_device_script_name_problem(const char *name);

#endif
