// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a target without an engine: `fuzz_PARSER FOLDER` on every file of a folder, and on the empty
 * input. The name is printed before its run, so that the last one is the one that failed.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Memory of exactly the file's size, so that a sanitizer sees the first byte that is read too far.
 */
static bool run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    uint8_t *bytes = NULL;
    bool is_run = false;

    if (file == NULL || fstat(fileno(file), &status) != 0)
        goto out;
    bytes = malloc((size_t)status.st_size);
    if (bytes == NULL || fread(bytes, 1, (size_t)status.st_size, file) != (size_t)status.st_size)
        goto out;
    puts(path);
    LLVMFuzzerTestOneInput(bytes, (size_t)status.st_size);
    is_run = true;
out:
    if (!is_run)
        perror(path);
    free(bytes);
    if (file != NULL)
        fclose(file);
    return is_run;
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of their names, the same on every file system. */
static bool run_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_seed, alphasort);
    bool ok = count > 0;

    if (!ok)
        fprintf(stderr, "%s: no seeds\n", folder);
    for (int i = 0; i < count; i++) {
        char path[4096];

        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        ok = run_file(path) && ok;
        free(entries[i]);
    }
    free(entries);
    return ok;
}

int main(int argc, char **argv)
{
    static const uint8_t nothing[1];

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    LLVMFuzzerTestOneInput(nothing, 0);
    return run_folder(argv[1]) ? 0 : 1;
}
