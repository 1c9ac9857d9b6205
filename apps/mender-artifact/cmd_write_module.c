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
    {"file", 'f', OPTION_INPUT_LIST, "FILE", "Payload file; may be repeated, or left out", false},
    {"meta-data", 'm', OPTION_INPUT, "FILE", "JSON object for the update module", false},
    {"augment-type", 0, OPTION_TEXT, "TYPE",
     "Write an augmented artifact, which devices of today refuse: the type of what is added",
     false},
    {"augment-file", 0, OPTION_INPUT_LIST, "FILE", "Payload file that is added; may be repeated",
     false},
    {"augment-provides", 0, OPTION_LIST, "KEY:VALUE", "What is provided on top; may be repeated",
     false},
    {"augment-depends", 0, OPTION_LIST, "KEY:VALUE", "What is needed on top; may be repeated",
     false},
    {"augment-meta-data", 0, OPTION_INPUT, "FILE", "JSON object that is added", false},
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
                       const struct arguments *arguments, const char *option,
                       struct artifact_error *error)
{
    const char **paths = NULL;
    if (!arguments_get_list(&paths, count, arguments, option, error))
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
static bool read_meta_data(char **text, const struct arguments *arguments, const char *option,
                           struct artifact_error *error)
{
    size_t length = 0;
    const char *path = arguments_get_text(arguments, option);
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

/* Files and meta-data, of the payload and of what is added to it; both are for free(). */
static bool take_payload(struct write_request *request, struct artifact_augment *augment,
                         struct artifact_file **files, char **meta_data,
                         const struct arguments *arguments, struct artifact_error *error)
{
    struct artifact_spec *spec = &request->spec;
    if (!take_files(&files[0], &spec->file_count, arguments, "file", error) ||
        !read_meta_data(&meta_data[0], arguments, "meta-data", error) ||
        !take_files(&files[1], &augment->file_count, arguments, "augment-file", error) ||
        !read_meta_data(&meta_data[1], arguments, "augment-meta-data", error))
        return false;
    spec->files = files[0];
    spec->meta_data = meta_data[0];
    augment->files = files[1];
    augment->meta_data = meta_data[1];
    return true;
}

static bool take_augment(struct write_request *request, struct artifact_augment *augment,
                         const struct arguments *arguments, struct artifact_error *error)
{
    if (!write_request_take_pairs(request, &request->augment_provides, &augment->provides_count,
                                  arguments, "augment-provides", error) ||
        !write_request_take_pairs(request, &request->augment_depends, &augment->depends_count,
                                  arguments, "augment-depends", error))
        return false;
    augment->provides = request->augment_provides;
    augment->depends = request->augment_depends;
    augment->payload_type = arguments_get_text(arguments, "augment-type");
    bool is_used = augment->file_count > 0 || augment->provides_count > 0 ||
                   augment->depends_count > 0 || augment->meta_data;
    if (!augment->payload_type)
        return !is_used || command_fail(error, "Must give --augment-type argument if making "
                                               "augmented artifact");
    command_warn("this is an augmented artifact, which the device clients of today refuse");
    request->spec.augment = augment;
    return true;
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct write_request request;
    struct artifact_augment augment = {0};
    struct artifact_file *files[2] = {NULL, NULL};
    char *meta_data[2] = {NULL, NULL};
    const char *type = arguments_get_text(arguments, "type");
    if (!type)
        return command_fail(error, "Required flag \"type\" not set");
    bool is_written = write_request_init(&request, WRITE_MODULE, type, arguments, error) &&
                      take_payload(&request, &augment, files, meta_data, arguments, error) &&
                      take_augment(&request, &augment, arguments, error) &&
                      software_version_add(&request, arguments, error) &&
                      write_request_run(&request, arguments, error);
    write_request_clear(&request);
    for (size_t i = 0; i < 2; i++) {
        free(meta_data[i]);
        free(files[i]);
    }
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
