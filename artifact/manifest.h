// SPDX-License-Identifier: Apache-2.0
/* The member `manifest`: one line per file, "HEX  NAME\n", and nothing else (sha256sum's text
 * form). */
#ifndef ARTIFACT_MANIFEST_H
#define ARTIFACT_MANIFEST_H

#include "digest.h"
#include "problems.h"

struct artifact_manifest_entry {
    char *name;
    char checksum[ARTIFACT_HEX_SIZE];
    bool is_augmented; /* listed by manifest-augment, which no signature covers */
    bool is_seen;      /* the file was met while reading */
};

/* Entries in the order they were added. Owns everything. Zero-initialised is empty. */
struct artifact_manifest {
    struct artifact_manifest_entry *entries;
    size_t count;
    size_t *by_name; /* the entries' indices, sorted by their names */
};

void artifact_manifest_clear(struct artifact_manifest *manifest);

/* Refuses a name that is there already. */
bool artifact_manifest_add(struct artifact_manifest *manifest, const char *name,
                           const char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error);

/* Borrowed until the next addition; NULL when there is none. */
struct artifact_manifest_entry *artifact_manifest_find(struct artifact_manifest *manifest,
                                                       const char *name);

/*
 * Fills an empty manifest from the member's bytes; refuses everything that is not in canonical
 * form, and names that neither the format nor a device knows. Where reading goes on, such lines are
 * left out.
 */
bool artifact_manifest_parse(struct artifact_manifest *manifest, struct artifact_problems *problems,
                             const char *text, size_t length, struct artifact_error *error);

/* The same of `manifest-augment`, whose entries come after those of the manifest, and are of none
 * of its files. */
bool artifact_manifest_parse_augment(struct artifact_manifest *manifest,
                                     struct artifact_problems *problems, const char *text,
                                     size_t length, struct artifact_error *error);

/* The entry of a file that is met, or an error when it has none. */
struct artifact_manifest_entry *artifact_manifest_require(struct artifact_manifest *manifest,
                                                          const char *name,
                                                          struct artifact_error *error);

/* Marks the entry as met, and checks that the checksum is the one it gives. The sentence leaves out
 * whose it is. */
bool artifact_manifest_confirm(struct artifact_manifest_entry *entry,
                               const char checksum[ARTIFACT_HEX_SIZE],
                               struct artifact_error *error);

/* Names the files that the manifest lists and that were not met. */
bool artifact_manifest_check_all_seen(const struct artifact_manifest *manifest,
                                      struct artifact_error *error);

/* The member's bytes, NUL-terminated, for free(); NULL on failure. */
char *artifact_manifest_print(const struct artifact_manifest *manifest, size_t *length,
                              struct artifact_error *error);

#endif
