// SPDX-License-Identifier: Apache-2.0
/* A directory of a test's own, and files in it. What fails here ends the test program. */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include <stddef.h>

/* A new empty directory in $TMPDIR; its path, for files_remove. */
char *files_directory(void);

/* Removes the directory with all that is in it, and frees the path. */
void files_remove(char *directory);

/* "DIRECTORY/NAME", for free(). */
char *files_path(const char *directory, const char *name);

/* Makes the file, or replaces what is in it. */
void files_write(const char *path, const void *bytes, size_t length);

/* The contents, NUL-terminated, for free(). */
char *files_read(const char *path, size_t *length);

/* How many entries, hidden ones included, the directory has. */
size_t files_count(const char *directory);

#endif
