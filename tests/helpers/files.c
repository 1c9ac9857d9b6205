// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *must(void *pointer, const char *what)
{
    if (!pointer) {
        perror(what);
        exit(2);
    }
    return pointer;
}

char *files_path(const char *directory, const char *name)
{
    char *path = NULL;
    return must(asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path, name);
}

char *files_directory(void)
{
    const char *parent = getenv("TMPDIR");
    char *path = files_path(parent && *parent ? parent : "/tmp", "artifact-test-XXXXXX");
    return must(mkdtemp(path), path);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void files_remove(char *directory)
{
    nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
}

void files_write(const char *path, const void *bytes, size_t length)
{
    FILE *file = must(fopen(path, "wb"), path);
    size_t written = length > 0 ? fwrite(bytes, 1, length, file) : 0;
    if (fclose(file) != 0 || written != length)
        must(NULL, path);
}

char *files_read(const char *path, size_t *length)
{
    FILE *file = must(fopen(path, "rb"), path);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = must(calloc(1, *length + 1), path);
    if (fread(bytes, 1, *length, file) != *length)
        must(NULL, path);
    fclose(file);
    return bytes;
}

size_t files_count(const char *directory)
{
    size_t count = 0;
    DIR *entries = must(opendir(directory), directory);
    while (readdir(entries))
        count++;
    closedir(entries);
    return count - 2; /* . and .. */
}
