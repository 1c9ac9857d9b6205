// SPDX-License-Identifier: Apache-2.0
/* Text that may come from a hostile artifact, on its way to a terminal. */
#ifndef MENDER_ARTIFACT_TEXT_H
#define MENDER_ARTIFACT_TEXT_H

#include <stddef.h>

/*
 * How many bytes of a well-formed UTF-8 character the text, which ends with a NUL, begins with; 0
 * when they are none, or are a control: C0, DEL, or C1, which a terminal may take for the start of
 * a command.
 */
size_t text_printable_length(const unsigned char *text);

/* Puts a question mark in place of every byte that is none of such a character, nor among `kept`.
 */
void text_make_printable(char *text, const char *kept);

#endif
