// SPDX-License-Identifier: Apache-2.0
/* read(2) and write(2) that go on after a signal and after less than was asked for. */
#ifndef ARTIFACT_IO_H
#define ARTIFACT_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* All of the bytes; false with errno. */
bool artifact_io_write(int fd, const void *bytes, size_t length);

/* All of the bytes at an offset, which does not move where the file stands; false with errno. */
bool artifact_io_write_at(int fd, uint64_t offset, const void *bytes, size_t length);

/* Up to `size` bytes from where the file stands, *length 0 at its end; false with errno. */
bool artifact_io_read(int fd, void *bytes, size_t size, size_t *length);

/* The same from an offset, which does not move where the file stands. */
bool artifact_io_read_at(int fd, uint64_t offset, void *bytes, size_t size, size_t *length);

/* Whether a file has the size and the times that it had: nobody has written to it since. */
bool artifact_io_is_unchanged(int fd, const struct stat *before);

#endif
