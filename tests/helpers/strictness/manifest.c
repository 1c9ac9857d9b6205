// SPDX-License-Identifier: Apache-2.0
/* The member manifest. */
#include "rows.h"

#include <string.h>

/* ---- Manifests ---- */

static void put(struct craft *manifest, size_t at, size_t removed, const char *text)
{
    struct craft edited = {0};
    craft_append(&edited, manifest->bytes, at);
    craft_append(&edited, text, strlen(text));
    craft_append(&edited, manifest->bytes + at + removed, manifest->length - at - removed);
    craft_free(manifest);
    *manifest = edited;
}

static void one_space(struct craft *manifest)
{
    put(manifest, 64, 2, " ");
}

static void star(struct craft *manifest)
{
    put(manifest, 64, 2, " *");
}

static void three_spaces(struct craft *manifest)
{
    put(manifest, 64, 2, "   ");
}

static void leading_space(struct craft *manifest)
{
    put(manifest, 0, 0, " ");
}

static void blank_line(struct craft *manifest)
{
    put(manifest, 0, 0, "\n");
}

static void carriage_returns(struct craft *manifest)
{
    for (size_t i = manifest->length; i-- > 0;) {
        if (manifest->bytes[i] == '\n')
            put(manifest, i, 0, "\r");
    }
}

static void no_final_newline(struct craft *manifest)
{
    manifest->length--;
}

static void uppercase(struct craft *manifest)
{
    for (size_t i = 0; i < 64; i++) {
        if (manifest->bytes[i] >= 'a')
            manifest->bytes[i] = (unsigned char)(manifest->bytes[i] - 'a' + 'A');
    }
}

/* The last line first. */
static void other_order(struct craft *manifest)
{
    char line[256] = "";
    size_t begin = manifest->length - 1;
    while (begin > 0 && manifest->bytes[begin - 1] != '\n')
        begin--;
    memcpy(line, manifest->bytes + begin, manifest->length - begin);
    manifest->length = begin;
    put(manifest, 0, 0, line);
}

static void no_version(struct craft *manifest)
{
    manifest->length -= strlen(ZEROS "  version\n");
}

static void no_header(struct craft *manifest)
{
    put(manifest, 0, strlen(ZEROS "  header.tar\n"), "");
}

static void wrong_version(struct craft *manifest)
{
    put(manifest, manifest->length - strlen(ZEROS "  version\n"), 64, ZEROS);
}

static void wrong_header(struct craft *manifest)
{
    put(manifest, 0, 64, ZEROS);
}

/* ---- The rows ---- */

const struct row rows_manifest[] = {
    {.name = "manifest-one-space",
     {.edit_manifest = one_space},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "malformed checksum line"},
    {.name = "manifest-star",
     {.edit_manifest = star},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "malformed checksum line"},
    {.name = "manifest-three-spaces",
     {.edit_manifest = three_spaces},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "not belong to any Payload:  header.tar"},
    {.name = "manifest-leading-space",
     {.edit_manifest = leading_space},
     .ours = NO,
     .device = NO,
     .words = "malformed checksum line: ' ",
     .reason = DEVICES_REFUSE},
    {.name = "manifest-blank-line",
     {.edit_manifest = blank_line},
     .ours = NO,
     .device = NO,
     .words = "malformed checksum line: ''",
     .reason = DEVICES_REFUSE},
    {.name = "manifest-crlf",
     {ONE_FILE, .edit_manifest = carriage_returns},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "header.tar?"},
    {.name = "manifest-no-newline",
     {.edit_manifest = no_final_newline},
     .ours = NO,
     .tool = NO,
     .words = "does not end with a newline",
     .reason = "the tool loses the last line"},
    {.name = "manifest-uppercase",
     {.edit_manifest = uppercase},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "malformed checksum line"},
    {.name = "manifest-twice",
     {.more_manifest = ZEROS "  version\n"},
     .ours = NO,
     .tool = NO,
     .words = "version: file already exists",
     .reason = "which of the two counts is anybody's guess; the tool refuses it"},
    {.name = "manifest-ghost",
     {.more_manifest = ZEROS "  ghost\n"},
     .ours = NO,
     .tool = NO,
     .words = "not belong to any Payload: ghost",
     .reason = "the tool refuses it: something is missing"},
    {.name = "manifest-data-0001",
     {.more_manifest = ZEROS "  data/0001/x\n"},
     .ours = NO,
     .tool = NO,
     .words = "not belong to any Payload: data/0001/x",
     .reason = "the tool refuses it: something is missing"},
    {.name = "manifest-data-digits",
     {.more_manifest = ZEROS "  data/000/x\n"},
     .ours = NO,
     .tool = NO,
     .words = "not belong to any Payload: data/000/x",
     .reason = TOOL_REFUSES},
    {.name = "manifest-data-nested",
     {.more_manifest = ZEROS "  data/0000/a/b\n"},
     .ours = NO,
     .tool = NO,
     .words = "Malformed manifest entry: 'data/0000/a/b'",
     .reason = TOOL_REFUSES},
    {.name = "manifest-data-letters",
     {.more_manifest = ZEROS "  data/abcd/b\n"},
     .ours = NO,
     .tool = NO,
     .words = "not belong to any Payload: data/abcd/b",
     .reason = TOOL_REFUSES},
    {.name = "manifest-no-header",
     {.edit_manifest = no_header},
     .ours = NO,
     .tool = NO,
     .words = "checksum missing for file: 'header.tar'",
     .reason = "the tool refuses it: nothing would protect the header"},
    {.name = "version-checksum",
     {.edit_manifest = wrong_version},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "version: invalid checksum"},
    {.name = "version-not-in-manifest",
     {.edit_manifest = no_version},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "checksum missing for file: 'version'"},
    {.name = "header-checksum",
     {.edit_manifest = wrong_header},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "header.tar: invalid checksum"},
    {.name = "manifest-long-name",
     {.files = {{X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxx", "text"}}},
     .ours = NO,
     .device = NO,
     .words = "longer than the 90 characters",
     .reason = DEVICES_REFUSE},
    {.name = "manifest-other-order", {.edit_manifest = other_order}},
    {0},
};
