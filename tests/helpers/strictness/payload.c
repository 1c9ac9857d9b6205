// SPDX-License-Identifier: Apache-2.0
/* The payload. */
#include "rows.h"

/* ---- Payloads ---- */

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MAX_FILES 3

/* The manifest lists what `crafted` says; the tar holds these names, each with this text. */
static struct craft with_payload(struct crafted crafted, const char *const names[MAX_FILES + 1],
                                 const char *text)
{
    for (; *names; names++)
        craft_text(&crafted.payload, *names, text);
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

#define PAYLOAD(function, listed, text, ...)                                                       \
    static struct craft function(void)                                                             \
    {                                                                                              \
        return with_payload((struct crafted){listed},                                              \
                            (const char *const[MAX_FILES + 1]){__VA_ARGS__}, text);                \
    }

PAYLOAD(file_unlisted, ONE_FILE, "text", "one", "two", NULL)
PAYLOAD(file_missing, TWO_FILES, "text", "one", NULL)
PAYLOAD(file_changed, ONE_FILE, "TEXT", "one", NULL)
PAYLOAD(file_twice, ONE_FILE, "text", "one", "one", NULL)
PAYLOAD(files_in_other_order, TWO_FILES, "text", "two", "one", NULL)

static struct craft file_is_link(void)
{
    struct crafted crafted = {.more_manifest = EMPTY_SHA256 "  data/0000/link\n"};
    craft_header(&crafted.payload, "link", '2', 0, "/etc/passwd");
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

static struct craft file_is_directory(void)
{
    struct crafted crafted = {0};
    craft_header(&crafted.payload, "dd/", '5', 0, NULL);
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

/* ---- The rows ---- */

const struct row rows_payload[] = {
    {.name = "file-unlisted",
     .make = file_unlisted,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "can not find data file: two"},
    {.name = "file-missing",
     .make = file_missing,
     .ours = NO,
     .tool = NO,
     .words = "not part of artifact: data/0000/two",
     .reason = "the tool refuses it: something is missing"},
    {.name = "file-changed",
     .make = file_changed,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "one: invalid checksum"},
    {.name = "file-name-blank",
     {.files = {{"a b", "text"}}},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "data file a b contains forbidden"},
    {.name = "file-name-colon",
     {.files = {{"a:b", "text"}}},
     .ours = NO,
     .tool = NO,
     .words = "data file a:b contains forbidden",
     .reason = TOOL_REFUSES},
    {.name = "file-name-dots",
     {.files = {{"..", "text"}}},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "data file .. is the name of a directory"},
    {.name = "file-twice",
     .make = file_twice,
     .ours = NO,
     .words = "data file one is there twice",
     .reason = "the second would take the place of the first"},
    {.name = "files-in-other-order", .make = files_in_other_order},
    {.name = "file-is-link",
     .make = file_is_link,
     .ours = NO,
     .words = "link: not a regular file",
     .reason = "a link leads out of the directory that a device unpacks into"},
    {.name = "file-is-directory",
     .make = file_is_directory,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "dd/: not a regular file"},
    {.name = "rootfs-two-files",
     {.header_info = ROOTFS_INFO, .type_info = "{\"type\":\"rootfs-image\"}", TWO_FILES},
     .ours = NO,
     .tool = NO,
     .words = "exactly one update file",
     .reason = "the tool refuses it: only one can be installed"},
    {.name = "rootfs-no-file",
     {.header_info = ROOTFS_INFO, .type_info = "{\"type\":\"rootfs-image\"}"}},
    {.name = "file-empty", {.files = {{"one", ""}}}},
    {0},
};
