// SPDX-License-Identifier: Apache-2.0
/*
 * A directory that members of an artifact are dumped into, as new files: nothing that is there is
 * ever overwritten or followed, and names lead to no other place. A signal that ends the program
 * leaves the files that are complete, and no part of another.
 */
#ifndef MENDER_ARTIFACT_DUMP_FOLDER_H
#define MENDER_ARTIFACT_DUMP_FOLDER_H

#include <artifact.h>
#include <sys/types.h>

/* Zero-initialised, it is one that nothing goes into. */
struct dump_folder {
    const char *path; /* borrowed; NULL: what is written to it is left out */
    int directory;
    int file;                      /* that is being written, -1: none */
    bool has_name;                 /* it can be seen already */
    struct artifact_strings paths; /* of what was written, below `path` as it was given */
};

/* Makes the directory, and those above it, where they are missing (mode 0755). `path` may be NULL.
 * Failures are ARTIFACT_CANNOT_WRITE. */
bool dump_folder_open(struct dump_folder *folder, const char *path, struct artifact_error *error);

/* A new file in it, its contents piece by piece, and its end, when it gets its name. */
bool dump_folder_begin(struct dump_folder *folder, const char *name, mode_t mode,
                       struct artifact_error *error);
bool dump_folder_write(const struct dump_folder *folder, const void *bytes, size_t length,
                       struct artifact_error *error);
bool dump_folder_end(struct dump_folder *folder, struct artifact_error *error);

/* `keep` false: removes the files that were written, not the directory. */
void dump_folder_close(struct dump_folder *folder, bool keep);

#endif
