// SPDX-License-Identifier: Apache-2.0
#include "scripts.h"

#include "header_limits.h"
#include "names.h"
#include "string_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void artifact_scripts_clear(struct artifact_scripts *scripts)
{
    for (size_t i = 0; i < scripts->count; i++)
        free(scripts->items[i].path);
    free(scripts->items);
    *scripts = (struct artifact_scripts){0};
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Takes ownership of the path, also when it fails; NULL is out of memory. */
static bool take_file(struct artifact_scripts *scripts, char *path, struct artifact_error *error)
{
    struct artifact_script *items =
        path ? reallocarray(scripts->items, scripts->count + 1, sizeof *items) : NULL;
    if (!items) {
        free(path);
        return artifact_fail_memory(error);
    }
    scripts->items = items;
    const char *name = last_component(path);
    items[scripts->count++] = (struct artifact_script){path, name};
    const char *problem = artifact_script_name_problem(name);
    if (is_directory(path))
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, path,
                             "%s: is a directory below one of scripts, where none are looked for",
                             path);
    if (problem)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, path, "Invalid script name: \"%s\". %s",
                             name, problem);
    problem = artifact_device_script_name_problem(name);
    return !problem || artifact_fail(error, ARTIFACT_BAD_ARGUMENT, path,
                                     "Invalid script name: \"%s\" %s", name, problem);
}

static bool add_directory(struct artifact_scripts *scripts, const char *path,
                          struct artifact_error *error)
{
    bool is_ok = true;
    struct dirent *entry;
    DIR *directory = opendir(path);
    if (!directory)
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, path,
                             "can not read the directory of scripts: %s: %s", path,
                             strerror(errno));
    errno = 0;
    while (is_ok && (entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            is_ok = take_file(scripts, artifact_string_format("%s/%s", path, entry->d_name), error);
        errno = 0;
    }
    if (is_ok && errno != 0)
        is_ok =
            artifact_fail(error, ARTIFACT_CANNOT_OPEN, path,
                          "can not read the directory of scripts: %s: %s", path, strerror(errno));
    closedir(directory);
    return is_ok;
}

static bool add_path(struct artifact_scripts *scripts, const char *path,
                     struct artifact_error *error)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, path, "can not stat script file: %s: %s",
                             path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return add_directory(scripts, path, error);
    return take_file(scripts, strdup(path), error);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct artifact_script *)left)->name,
                  ((const struct artifact_script *)right)->name);
}

bool artifact_scripts_collect(struct artifact_scripts *scripts, const char *const *paths,
                              size_t count, struct artifact_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!add_path(scripts, paths[i], error))
            return false;
    }
    if (scripts->count > ARTIFACT_MAX_SCRIPTS)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, "scripts",
                             "there are more than %d scripts", (int)ARTIFACT_MAX_SCRIPTS);
    if (scripts->count > 0)
        qsort(scripts->items, scripts->count, sizeof scripts->items[0], compare_names);
    for (size_t i = 1; i < scripts->count; i++) {
        if (compare_names(&scripts->items[i - 1], &scripts->items[i]) == 0)
            return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, scripts->items[i].path,
                                 "Script already exists: %s", scripts->items[i].name);
    }
    return true;
}
