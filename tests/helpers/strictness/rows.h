// SPDX-License-Identifier: Apache-2.0
/*
 * The corpus of interop/strictness.bats: artifacts in each of which one rule of the format is
 * broken, or just not broken. A file holds the rows of one section of what the format's rules are;
 * each ends with a row without a name.
 */
#ifndef TESTS_STRICTNESS_ROWS_H
#define TESTS_STRICTNESS_ROWS_H

#include "craft.h"

enum verdict { OK, WARN, NO };

struct row {
    const char *name;
    struct crafted crafted;
    struct craft (*make)(void);      /* instead of `crafted` */
    enum verdict ours, tool, device; /* the tool is the newest of upstream's */
    bool is_new;                     /* its release 3.9 says the opposite */
    const char *words;               /* of our verdict, so that it is for the right cause */
    const char *reason;              /* why we differ from the tool or a device */
};

extern const struct row rows_outer[], rows_tar_headers[], rows_version[], rows_manifest[],
    rows_header[], rows_type_info[], rows_payload[], rows_compressed[], rows_augment[];

#define DEVICES_REFUSE "devices refuse it"
#define TOOL_REFUSES "the tool refuses it"

#define INFO(payloads, provides, depends)                                                          \
    "{\"payloads\":" payloads ",\"artifact_provides\":" provides ",\"artifact_depends\":" depends  \
    "}"
#define MOD "[{\"type\":\"mod\"}]"
#define NAME "{\"artifact_name\":\"name\"}"
#define DEV "{\"device_type\":[\"dev\"]}"
#define ROOTFS_INFO INFO("[{\"type\":\"rootfs-image\"}]", NAME, DEV)
#define EMPTY_INFO INFO("[{\"type\":null}]", NAME, DEV)

#define ONE_FILE .files = {{"one", "text"}}
#define TWO_FILES .files = {{"one", "text"}, {"two", "text"}}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X260 X64 X64 X64 X64 "xxxx"

/* Members of a header, their names and texts in turn, NULL at the end. */
#define HEADER_INFO "header-info", CRAFT_HEADER_INFO
#define TYPE_INFO "headers/0000/type-info", CRAFT_TYPE_INFO
#define SCRIPT(path) path, "#!/bin/sh\n"

/* A tar of these members; a name that ends with '/' is a directory. */
struct craft rows_tar(const char *const *members);

/* An artifact with such a header. */
struct craft rows_with_header(const char *const *members);

#define HEADER(function, ...)                                                                      \
    static struct craft function(void)                                                             \
    {                                                                                              \
        return rows_with_header((const char *const[]){__VA_ARGS__});                               \
    }

#endif
