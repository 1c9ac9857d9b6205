// SPDX-License-Identifier: Apache-2.0
#include "key_options.h"
#include "progress.h"
#include "software_version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { META_DATA_MAX_BYTES = 1 << 20 };

static const struct option options[] = {
    {"type", 'T', OPTION_TEXT, "TYPE",
     "Type of the payload: the name of the update module on the device", true},
    {"file", 'f', OPTION_LIST, "FILE", "Payload file; may be repeated, or left out", false},
    {"meta-data", 'm', OPTION_TEXT, "FILE", "JSON object for the update module", false},
    {0},
};

static const struct option *const tables[] = {
    write_options,
    options,
    payload_options,
    software_version_options,
    key_options_sign,
    key_options_other,
    progress_options,
    common_options,
    NULL,
};

static bool take_files(struct artifact_file **files, size_t *count,
                       const struct arguments *arguments, struct artifact_error *error)
{
    const char **paths = NULL;
    if (!arguments_get_list(&paths, count, arguments, "file", error))
        return false;
    *files = calloc(*count + 1, sizeof **files);
    for (size_t i = 0; *files && i < *count; i++)
        (*files)[i].path = paths[i];
    free(paths);
    return *files || command_fail(error, "out of memory");
}

/* Up to META_DATA_MAX_BYTES and one more, with a NUL behind them; NULL with errno. For free(). */
static char *read_file(const char *path, size_t *length)
{
    int number = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *bytes = malloc(META_DATA_MAX_BYTES + 2);
    if (bytes) {
        *length = fread(bytes, 1, META_DATA_MAX_BYTES + 1, file);
        bytes[*length] = '\0';
    }
    if (!bytes || ferror(file)) {
        number = errno;
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    errno = number;
    return bytes;
}

/* The file as text, for free(); *text stays NULL when there is no such option. */
static bool read_meta_data(char **text, const struct arguments *arguments,
                           struct artifact_error *error)
{
    size_t length = 0;
    const char *path = arguments_get_text(arguments, "meta-data");
    if (!path)
        return true;
    *text = read_file(path, &length);
    if (!*text)
        return command_fail(error, "can not read meta-data file %s: %s", path, strerror(errno));
    if (length > META_DATA_MAX_BYTES)
        return command_fail(error, "meta-data file %s: larger than %d bytes", path,
                            (int)META_DATA_MAX_BYTES);
    /* To the library no text means no meta-data; here a program failed to write it. */
    if (length == 0)
        return command_fail(error, "meta-data file %s: is empty", path);
    return strlen(*text) == length || command_fail(error, "meta-data file %s: not a text", path);
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct write_request request;
    struct artifact_file *files = NULL;
    char *meta_data = NULL;
    size_t count = 0;
    const char *type = arguments_get_text(arguments, "type");
    if (!type)
        return command_fail(error, "Required flag \"type\" not set");
    bool is_written = write_request_init(&request, WRITE_MODULE, type, arguments, error) &&
                      take_files(&files, &count, arguments, error) &&
                      read_meta_data(&meta_data, arguments, error);
    if (is_written) {
        request.spec.files = files;
        request.spec.file_count = count;
        request.spec.meta_data = meta_data;
        is_written = software_version_add(&request, arguments, error) &&
                     write_request_run(&request, arguments, error);
    }
    write_request_clear(&request);
    free(meta_data);
    free(files);
    return is_written;
}

const struct command command_write_module = {
    "write module-image",
    "Write an artifact for an update module",
    "",
    tables,
    write_exit_statuses,
    run,
};
