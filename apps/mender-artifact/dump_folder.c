// SPDX-License-Identifier: Apache-2.0
#include "dump_folder.h"

#include "interruption.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct artifact_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct artifact_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->code = ARTIFACT_CANNOT_WRITE;
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- The directory ---- */

/* `path` is writable, and as before afterwards. */
static bool make_parents(char *path)
{
    bool ok = true;
    for (char *slash = strchr(path + 1, '/'); ok && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ok = mkdir(path, 0755) == 0 || errno == EEXIST;
        *slash = '/';
    }
    return ok;
}

bool dump_folder_open(struct dump_folder *folder, const char *path, struct artifact_error *error)
{
    *folder = (struct dump_folder){.path = path, .directory = -1, .file = -1};
    if (!path)
        return true;
    char *copy = strdup(path);
    bool is_made = copy && make_parents(copy) && (mkdir(path, 0755) == 0 || errno == EEXIST);
    free(copy);
    if (!is_made)
        return fail(error, "can not make the directory %s: %s", path, strerror(errno));
    folder->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder->directory >= 0 ||
           fail(error, "can not open the directory %s: %s", path, strerror(errno));
}

/* ---- The files ---- */

static bool note_path(struct dump_folder *folder, const char *name, struct artifact_error *error)
{
    struct artifact_strings *paths = &folder->paths;
    char **items = realloc(paths->items, (paths->count + 1) * sizeof *items);
    char *path = NULL;
    if (items)
        paths->items = items;
    if (!items || asprintf(&path, "%s/%s", folder->path, name) < 0)
        return fail(error, "out of memory");
    paths->items[paths->count++] = path;
    return true;
}

/* Where the file system has files without a name, a kill leaves no part of one. They get theirs
 * through /proc, which a bare container may lack. */
static int open_file(const struct dump_folder *folder, bool *has_name, const char *name,
                     mode_t mode)
{
    bool has_links = access("/proc/self/fd", X_OK) == 0;
    int file =
        has_links ? openat(folder->directory, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, mode) : -1;
    *has_name = !has_links || (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR));
    return *has_name ? openat(folder->directory, name,
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
                     : file;
}

static bool fail_install(const struct dump_folder *folder, const char *name,
                         struct artifact_error *error)
{
    return fail(error, "can not install %s: open %s/%s: %s%s", name, folder->path, name,
                strerror(errno),
                errno == EEXIST ? "; nothing is overwritten, use an empty directory" : "");
}

bool dump_folder_begin(struct dump_folder *folder, const char *name, mode_t mode,
                       struct artifact_error *error)
{
    if (!folder->path)
        return true;
    /* The library lets no such name pass; here is where it would matter. */
    if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return fail(error, "%s is no name of a file", name);
    if (!note_path(folder, name, error))
        return false;
    folder->file = open_file(folder, &folder->has_name, name, mode);
    if (folder->file >= 0 && folder->has_name)
        interruption_set_file(folder->directory, name);
    if (folder->file >= 0)
        return true;
    fail_install(folder, name, error);
    free(folder->paths.items[--folder->paths.count]);
    return false;
}

/* The file that was begun last, for messages. */
static const char *current_path(const struct dump_folder *folder)
{
    return folder->paths.items[folder->paths.count - 1];
}

bool dump_folder_write(const struct dump_folder *folder, const void *bytes, size_t length,
                       struct artifact_error *error)
{
    const unsigned char *at = bytes;
    while (folder->path && length > 0) {
        ssize_t written = write(folder->file, at, length);
        if (written < 0 && errno != EINTR)
            return fail(error, "write %s: %s", current_path(folder), strerror(errno));
        if (written > 0) {
            at += written;
            length -= (size_t)written;
        }
    }
    return true;
}

static const char *name_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

/* Never over a file that is there. */
static bool give_name(struct dump_folder *folder, struct artifact_error *error)
{
    char link[32];
    const char *name = name_of(current_path(folder));
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder->file);
    folder->has_name = linkat(AT_FDCWD, link, folder->directory, name, AT_SYMLINK_FOLLOW) == 0;
    return folder->has_name || fail_install(folder, name, error);
}

bool dump_folder_end(struct dump_folder *folder, struct artifact_error *error)
{
    if (folder->file < 0)
        return true;
    if (!folder->has_name && !give_name(folder, error))
        return false;
    int file = folder->file;
    folder->file = -1;
    interruption_clear_file();
    return close(file) == 0 || fail(error, "write %s: %s", current_path(folder), strerror(errno));
}

void dump_folder_close(struct dump_folder *folder, bool keep)
{
    if (!folder->path)
        return;
    /* One that was begun and not ended has a name only where it was made with one. */
    bool is_nameless = folder->file >= 0 && !folder->has_name;
    if (folder->file >= 0)
        close(folder->file);
    for (size_t i = 0; i < folder->paths.count; i++) {
        bool is_there = i + 1 < folder->paths.count || !is_nameless;
        if (!keep && is_there)
            unlinkat(folder->directory, name_of(folder->paths.items[i]), 0);
        free(folder->paths.items[i]);
    }
    interruption_clear_file();
    free(folder->paths.items);
    if (folder->directory >= 0)
        close(folder->directory);
}
