// SPDX-License-Identifier: Apache-2.0
/* A file that goes into an artifact: a payload file or a state script. */
#ifndef ARTIFACT_INPUT_FILE_H
#define ARTIFACT_INPUT_FILE_H

#include "output.h"

struct artifact_input_file {
    const char *path; /* borrowed; for errors */
    const char *name; /* borrowed; for progress: the last component of path, unless changed */
    int fd;
    uint64_t size;
};

/*
 * Opens a file, of which every byte may be read just once. What has no size beforehand (a pipe, a
 * device, a file of /proc) is copied into a scratch file of the output first. Refuses directories
 * and the output itself. `what` is said in errors: "payload file".
 */
bool artifact_input_file_open(struct artifact_input_file *file, const char *what, const char *path,
                              const struct artifact_output *output, struct artifact_error *error);

/* Fine for a file that failed to open, and for {.fd = -1}. */
void artifact_input_file_close(struct artifact_input_file *file);

/* Hands the contents to the sink, exactly `size` bytes: a file that changes its size meanwhile is
 * an error. `progress` may be NULL. */
bool artifact_input_file_read(struct artifact_input_file *file, const struct artifact_sink *sink,
                              const struct artifact_progress *progress,
                              struct artifact_error *error);

#endif
