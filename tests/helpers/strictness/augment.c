// SPDX-License-Identifier: Apache-2.0
/* Augmented artifacts: no device of today takes any. */
#include "rows.h"

#include <stdio.h>
#include <string.h>

/* What the members hold; NULL is as it should be. */
struct augmented {
    const char *const *header; /* of a module image, by default */
    const char *const *added;  /* none by default */
    const char *file, *added_file;
    const char *more_manifest; /* lines of manifest-augment */
};

static void add_sum(struct craft *manifest, const char *name, const void *bytes, size_t length)
{
    char line[256];
    craft_sha256(line, bytes, length);
    snprintf(line + 64, sizeof line - 64, "  %s\n", name);
    craft_append(manifest, line, strlen(line));
}

static void add_file(struct craft *payload, struct craft *manifest, const char *name)
{
    char path[128];
    if (!name)
        return;
    snprintf(path, sizeof path, "data/0000/%s", name);
    craft_text(payload, name, "text");
    add_sum(manifest, path, "text", strlen("text"));
}

static struct craft make(const struct augmented *augmented)
{
    static const char *const module[] = {HEADER_INFO, TYPE_INFO, NULL};
    struct craft header = rows_tar(augmented->header ? augmented->header : module), artifact = {0},
                 manifest = {0}, augment = {0}, payload = {0}, added = {0};
    add_file(&payload, &manifest, augmented->file);
    add_file(&payload, &augment, augmented->added_file);
    craft_end(&payload);
    add_sum(&manifest, "header.tar", header.bytes, header.length);
    add_sum(&manifest, "version", CRAFT_VERSION, strlen(CRAFT_VERSION));
    if (augmented->added) {
        added = rows_tar(augmented->added);
        add_sum(&augment, "header-augment.tar", added.bytes, added.length);
    }
    if (augmented->more_manifest)
        craft_append(&augment, augmented->more_manifest, strlen(augmented->more_manifest));

    craft_text(&artifact, "version", CRAFT_VERSION);
    craft_file(&artifact, "manifest", manifest.bytes, manifest.length);
    craft_file(&artifact, "manifest-augment", augment.bytes, augment.length);
    craft_file(&artifact, "header.tar", header.bytes, header.length);
    if (augmented->added)
        craft_file(&artifact, "header-augment.tar", added.bytes, added.length);
    craft_file(&artifact, "data/0000.tar", payload.bytes, payload.length);
    craft_end(&artifact);
    craft_free(&payload);
    craft_free(&augment);
    craft_free(&manifest);
    craft_free(&added);
    craft_free(&header);
    return artifact;
}

#define MEMBERS(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define AUGMENT(function, ...)                                                                     \
    static struct craft function(void)                                                             \
    {                                                                                              \
        return make(&(struct augmented){__VA_ARGS__});                                             \
    }
#define AS_BASE .added = MEMBERS(HEADER_INFO, TYPE_INFO)
#define ROOTFS "header-info", ROOTFS_INFO, "headers/0000/type-info", "{\"type\":\"rootfs-image\"}"
#define EMPTY "header-info", EMPTY_INFO, "headers/0000/type-info", "{\"type\":null}"

AUGMENT(augment_good, AS_BASE, .file = "one")
AUGMENT(augment_file, AS_BASE, .file = "one", .added_file = "two")
AUGMENT(augment_without_header, .file = "one", .more_manifest = ZEROS "  data/0000/two\n")
AUGMENT(augment_script,
        .added = MEMBERS(HEADER_INFO, SCRIPT("scripts/ArtifactInstall_Enter_00"), TYPE_INFO))
AUGMENT(augment_empty_type,
        .added = MEMBERS("header-info", INFO("[{\"type\":\"\"}]", NAME, DEV), TYPE_INFO))
AUGMENT(augment_in_both, AS_BASE, .file = "one", .more_manifest = ZEROS "  data/0000/one\n")
AUGMENT(augment_ghost, AS_BASE, .more_manifest = ZEROS "  data/0000/two\n")
AUGMENT(augment_rootfs, .header = MEMBERS(ROOTFS), .added = MEMBERS(ROOTFS), .file = "one",
        .added_file = "two")
AUGMENT(augment_rootfs_script, .header = MEMBERS(ROOTFS),
        .added = MEMBERS(ROOTFS, SCRIPT("headers/0000/scripts/ArtifactInstall_Enter_00")))
AUGMENT(augment_rootfs_signature, .header = MEMBERS(ROOTFS),
        .added = MEMBERS(ROOTFS, "headers/0000/signatures/one", "x"))
AUGMENT(augment_of_nothing, .header = MEMBERS(EMPTY), AS_BASE)
AUGMENT(augment_to_nothing, .file = "one", .added = MEMBERS(EMPTY))
AUGMENT(augment_file_only, .file = "one", .added = MEMBERS(HEADER_INFO), .added_file = "two")

/* ---- The rows ---- */

const struct row rows_augment[] = {
    {.name = "augment-good",
     .make = augment_good,
     .ours = NO,
     .device = NO,
     .words = "the artifact is augmented",
     .reason = DEVICES_REFUSE},
    {.name = "augment-file",
     .make = augment_file,
     .ours = NO,
     .device = NO,
     .words = "the artifact is augmented",
     .reason = DEVICES_REFUSE},
    {.name = "augment-without-header",
     .make = augment_without_header,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "wrong element: data/0000.tar"},
    {.name = "augment-script",
     .make = augment_script,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "invalid header path \"scripts/"},
    {.name = "augment-empty-type",
     .make = augment_empty_type,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Unexpected empty Payload type"},
    {.name = "augment-in-both",
     .make = augment_in_both,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "data/0000/one: file already exists"},
    {.name = "augment-ghost",
     .make = augment_ghost,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "not part of artifact: data/0000/two"},
    {.name = "augment-rootfs-two-files",
     .make = augment_rootfs,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Rootfs: Must provide exactly one update file"},
    {.name = "augment-rootfs-script",
     .make = augment_rootfs_script,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "unsupported file: headers/0000/scripts/"},
    {.name = "augment-rootfs-signature",
     .make = augment_rootfs_signature,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "unsupported file: headers/0000/signatures/"},
    {.name = "augment-of-nothing",
     .make = augment_of_nothing,
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .device = NO,
     .words = "Empty payload can not have augmented header"},
    {.name = "augment-to-nothing",
     .make = augment_to_nothing,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Empty payload can not have augmented header"},
    {.name = "augment-file-only",
     .make = augment_file_only,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "header-augment.tar: headers/0000/type-info is missing"},
    {0},
};
