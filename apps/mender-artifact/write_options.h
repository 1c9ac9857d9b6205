// SPDX-License-Identifier: Apache-2.0
/* What the write commands share: their options, and the way from the command line to an
 * artifact_spec. */
#ifndef MENDER_ARTIFACT_WRITE_OPTIONS_H
#define MENDER_ARTIFACT_WRITE_OPTIONS_H

#include "command.h"

extern const struct option write_options[];   /* of every write command */
extern const struct option payload_options[]; /* of those that write a payload */
extern const struct exit_status write_exit_statuses[];

enum write_kind {
    WRITE_ROOTFS,
    WRITE_MODULE,
    WRITE_BOOTSTRAP,
};

/* A spec and the arrays that it borrows from. */
struct write_request {
    enum write_kind kind;
    const char *output; /* a path, or "-" */
    struct artifact_spec spec;
    const char **compatible_types, **depends_names, **depends_groups, **scripts;
    const char **clears_provides;
    struct artifact_pair *provides, *depends, *augment_provides, *augment_depends;
    char **owned; /* strings that were made */
    size_t owned_count;
};

/* Fills the request from the options of write_options and payload_options. Cleared by the caller in
 * every case. */
bool write_request_init(struct write_request *request, enum write_kind kind,
                        const char *payload_type, const struct arguments *arguments,
                        struct artifact_error *error);
void write_request_clear(struct write_request *request);

/* A string that lives as long as the request: printf into it. NULL when memory is short. */
const char *write_request_format(struct write_request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The pairs of an option KEY:VALUE, for an array of the request; with room for one more. */
bool write_request_take_pairs(struct write_request *request, struct artifact_pair **pairs,
                              size_t *count, const struct arguments *arguments, const char *option,
                              struct artifact_error *error);

/* Adds what is provided, unless the key is there. Once the rest is complete; both are copied. */
bool write_request_add_provide(struct write_request *request, const char *key, const char *value,
                               struct artifact_error *error);

/* Signs, writes, and looks at the size limits. */
bool write_request_run(struct write_request *request, const struct arguments *arguments,
                       struct artifact_error *error);

#endif
