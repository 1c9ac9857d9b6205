// SPDX-License-Identifier: Apache-2.0
/*
 * What the fuzz targets share. A target is one LLVMFuzzerTestOneInput for one parser, and what must
 * hold whatever the input is a REQUIRE. With the preset `fuzz` libFuzzer makes up the inputs; in
 * every other build driver.c runs the seeds.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts with the condition's text unless it holds. */
void fuzz_require(bool holds, const char *file, int line, const char *text);

#define REQUIRE(condition) fuzz_require((condition), __FILE__, __LINE__, #condition)

/* A sentence for a user: not empty, and without control characters, whatever it quotes. */
void fuzz_require_sentence(const char *text);

/* A NUL-terminated copy, for free(). */
char *fuzz_text(const uint8_t *data, size_t size);

/* The same of the first line less its newline; data and size become what follows it. */
char *fuzz_take_line(const uint8_t **data, size_t *size);

#endif
