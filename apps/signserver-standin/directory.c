// SPDX-License-Identifier: Apache-2.0
#include "directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_temporary(char **path, struct problem *problem)
{
    const char *parent = getenv("TMPDIR");
    if (!parent || !parent[0])
        parent = "/tmp";
    if (asprintf(path, "%s/signserver-standin-XXXXXX", parent) < 0) {
        *path = NULL;
        return fail_memory(problem);
    }
    if (!mkdtemp(*path))
        return fail(problem, "%s: cannot make a directory there: %s", parent, strerror(errno));
    return true;
}

static bool make_named(const char *path, struct problem *problem)
{
    struct stat status;
    if (mkdir(path, 0700) == 0)
        return true;
    if (errno != EEXIST || stat(path, &status) != 0)
        return fail(problem, "%s: cannot make this directory: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return fail(problem, "%s: not a directory", path);
    if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(problem, "%s: others may write to this directory; name one that is yours alone",
                    path);
    return true;
}

bool directory_open(struct directory *directory, const char *path, struct problem *problem)
{
    char *temporary = NULL;
    *directory = (struct directory){.is_temporary = !path};
    if (!(path ? make_named(path, problem) : make_temporary(&temporary, problem))) {
        free(temporary);
        return false;
    }
    directory->path = realpath(path ? path : temporary, NULL);
    free(temporary);
    return directory->path || fail(problem, "%s: %s", path ? path : "TMPDIR", strerror(errno));
}

static void remove_tree(const char *path)
{
    DIR *listing = opendir(path);
    if (!listing)
        return;
    for (const struct dirent *entry = readdir(listing); entry; entry = readdir(listing))
        unlinkat(dirfd(listing), entry->d_name, 0);
    closedir(listing);
    rmdir(path);
}

void directory_close(struct directory *directory)
{
    if (directory->path && directory->is_temporary)
        remove_tree(directory->path);
    free(directory->path);
    *directory = (struct directory){0};
}

char *directory_path(const struct directory *directory, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", directory->path, name) < 0 ? NULL : path;
}

static bool write_all(int file, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(file, bytes, length);
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0) {
            bytes += count;
            length -= (size_t)count;
        }
    }
    return true;
}

bool directory_write(const struct directory *directory, const char *name, unsigned mode,
                     const void *bytes, size_t length, struct problem *problem)
{
    bool ok = false;
    int file = -1;
    char *path = directory_path(directory, name), *fresh = NULL;
    if (!path || asprintf(&fresh, "%s.new", path) < 0) {
        fresh = NULL;
        fail_memory(problem);
        goto out;
    }
    unlink(fresh); /* of a server that was killed while it wrote */
    file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    ok = file >= 0 && write_all(file, bytes, length) && rename(fresh, path) == 0;
    if (!ok)
        fail(problem, "%s: cannot write this file: %s", path, strerror(errno));
out:
    if (file >= 0)
        close(file);
    free(fresh);
    free(path);
    return ok;
}

void directory_remove(const struct directory *directory, const char *name)
{
    char *path = directory_path(directory, name);
    if (path)
        unlink(path);
    free(path);
}
