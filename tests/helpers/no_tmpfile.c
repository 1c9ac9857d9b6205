// SPDX-License-Identifier: Apache-2.0
/* Preloaded, it makes every file system one that has no files without a name, as NFS and vfat are:
 * O_TMPFILE fails. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_at(int directory, const char *path, int flags, va_list arguments)
{
    mode_t mode = 0;
    if ((flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if (flags & O_CREAT)
        mode = va_arg(arguments, mode_t);
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

__attribute__((visibility("default"))) int openat(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    int fd = open_at(directory, path, flags, arguments);
    va_end(arguments);
    return fd;
}

__attribute__((visibility("default"))) int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    int fd = open_at(AT_FDCWD, path, flags, arguments);
    va_end(arguments);
    return fd;
}
