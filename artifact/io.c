// SPDX-License-Identifier: Apache-2.0
#include "io.h"

#include <errno.h>
#include <unistd.h>

bool artifact_io_write(int fd, const void *bytes, size_t length)
{
    const unsigned char *rest = bytes;
    while (length > 0) {
        ssize_t written = write(fd, rest, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        rest += written;
        length -= (size_t)written;
    }
    return true;
}

bool artifact_io_write_at(int fd, uint64_t offset, const void *bytes, size_t length)
{
    const unsigned char *rest = bytes;
    while (length > 0) {
        ssize_t written = pwrite(fd, rest, length, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        rest += written;
        offset += (uint64_t)written;
        length -= (size_t)written;
    }
    return true;
}

bool artifact_io_read(int fd, void *bytes, size_t size, size_t *length)
{
    ssize_t count;
    do
        count = read(fd, bytes, size);
    while (count < 0 && errno == EINTR);
    *length = count > 0 ? (size_t)count : 0;
    return count >= 0;
}

bool artifact_io_read_at(int fd, uint64_t offset, void *bytes, size_t size, size_t *length)
{
    ssize_t count;
    do
        count = pread(fd, bytes, size, (off_t)offset);
    while (count < 0 && errno == EINTR);
    *length = count > 0 ? (size_t)count : 0;
    return count >= 0;
}

static bool is_same_time(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

bool artifact_io_is_unchanged(int fd, const struct stat *before)
{
    struct stat now;
    return fstat(fd, &now) == 0 && now.st_size == before->st_size &&
           is_same_time(&now.st_mtim, &before->st_mtim) &&
           is_same_time(&now.st_ctim, &before->st_ctim);
}
