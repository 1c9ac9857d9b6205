// SPDX-License-Identifier: Apache-2.0
/*
 * A corpus of artifacts in each of which one rule of the format is broken, or just not broken:
 *
 *     strictness DIRECTORY
 *
 * writes NAME.mender for each row, and prints the rows, their columns separated by tabs: NAME, our
 * verdict, that of the reference's newest tool, of its release 3.9, and of a device, the words of
 * our refusal or warning, and why we differ from one of the others ("-": nothing).
 */
#include "craft.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum verdict { OK, WARN, NO };

struct row {
    const char *name;
    struct crafted crafted;
    struct craft (*make)(void); /* instead of `crafted` */
    enum verdict ours, tool, device;
    bool is_new; /* release 3.9 says the opposite of the newest tool */
    const char *words;
    const char *reason;
};

#define INFO(payloads, provides, depends)                                                          \
    "{\"payloads\":" payloads ",\"artifact_provides\":" provides ",\"artifact_depends\":" depends  \
    "}"
#define MOD "[{\"type\":\"mod\"}]"
#define NAME "{\"artifact_name\":\"name\"}"
#define DEV "{\"device_type\":[\"dev\"]}"
#define ROOTFS_INFO INFO("[{\"type\":\"rootfs-image\"}]", NAME, DEV)
#define EMPTY_INFO INFO("[{\"type\":null}]", NAME, DEV)
#define ONE_FILE .files = {{"one", "text"}}
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X260 X64 X64 X64 X64 "xxxx"

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

/* ---- Headers ---- */

#define MAX_MEMBERS 6

/* A header of these members, "NAME" and text in turn, NULL at the end; a name that ends with '/' is
 * a directory. */
static struct craft with_header(const char *const members[2 * MAX_MEMBERS])
{
    struct crafted crafted = {0};
    for (; members[0]; members += 2) {
        if (members[0][strlen(members[0]) - 1] == '/')
            craft_header(&crafted.header, members[0], '5', 0, NULL);
        else
            craft_text(&crafted.header, members[0], members[1]);
    }
    craft_end(&crafted.header);
    return craft_artifact(&crafted);
}

#define HEADER(name, ...)                                                                          \
    static struct craft name(void)                                                                 \
    {                                                                                              \
        return with_header((const char *const[2 *MAX_MEMBERS]){__VA_ARGS__});                      \
    }
#define HEADER_INFO "header-info", CRAFT_HEADER_INFO
#define TYPE_INFO "headers/0000/type-info", CRAFT_TYPE_INFO
#define SCRIPT(path) path, "#!/bin/sh\n"

HEADER(header_info_bak, "header-info.bak", CRAFT_HEADER_INFO, TYPE_INFO, NULL)
HEADER(header_info_second, TYPE_INFO, HEADER_INFO, NULL)
HEADER(script_nested, HEADER_INFO, SCRIPT("scripts/sub/ArtifactInstall_Enter_00"), TYPE_INFO, NULL)
HEADER(script_dots, HEADER_INFO, SCRIPT("scripts/../ArtifactInstall_Enter_00"), TYPE_INFO, NULL)
HEADER(script_late, HEADER_INFO, TYPE_INFO, SCRIPT("scripts/ArtifactInstall_Enter_00"), NULL)
HEADER(script_twice, HEADER_INFO, SCRIPT("scripts/ArtifactInstall_Enter_00"),
       SCRIPT("scripts/ArtifactInstall_Enter_00"), TYPE_INFO, NULL)
HEADER(header_directory, HEADER_INFO, "headers/", "", TYPE_INFO, NULL)
HEADER(headers_dots, HEADER_INFO, "headers/0000/../../type-info", CRAFT_TYPE_INFO, NULL)
HEADER(headers_0001, HEADER_INFO, "headers/0001/type-info", CRAFT_TYPE_INFO, NULL)
HEADER(headers_unknown, HEADER_INFO, TYPE_INFO, "headers/0000/foo", "x", NULL)
HEADER(headers_files, HEADER_INFO, "headers/0000/files", "{\"files\":[\"one\"]}", TYPE_INFO, NULL)
HEADER(type_info_missing, HEADER_INFO, NULL)
HEADER(type_info_empty, HEADER_INFO, "headers/0000/type-info", "", NULL)
HEADER(type_info_twice, HEADER_INFO, TYPE_INFO, TYPE_INFO, NULL)
HEADER(meta_data_first, HEADER_INFO, "headers/0000/meta-data", "{}", TYPE_INFO, NULL)
HEADER(meta_data_empty, HEADER_INFO, TYPE_INFO, "headers/0000/meta-data", "", NULL)

/* ---- The whole archive ---- */

static struct craft good(void)
{
    return craft_artifact(&(struct crafted){ONE_FILE});
}

static struct craft nothing(void)
{
    return (struct craft){0};
}

static struct craft no_tar(void)
{
    struct craft text = {0};
    craft_append(&text, X260, strlen(X260));
    return text;
}

static struct craft version_named(const char *name)
{
    struct craft artifact = good();
    struct craft renamed = {0};
    craft_text(&renamed, name, CRAFT_VERSION);
    memcpy(artifact.bytes, renamed.bytes, renamed.length);
    craft_free(&renamed);
    return artifact;
}

static struct craft version_prefix(void)
{
    return version_named("version-foo");
}

static struct craft version_dot(void)
{
    return version_named("./version");
}

static struct craft cut(void)
{
    struct craft artifact = good();
    artifact.length -= 1024 + 1024 + 100;
    return artifact;
}

static struct craft no_end(void)
{
    struct craft artifact = good();
    artifact.length -= 1024;
    return artifact;
}

static struct craft data_after_end(void)
{
    struct craft artifact = good();
    craft_append(&artifact, X260, strlen(X260));
    return artifact;
}

static struct craft data_after_payload_end(void)
{
    struct crafted crafted = {ONE_FILE};
    craft_text(&crafted.payload, "one", "text");
    craft_end(&crafted.payload);
    for (int i = 0; i < 200; i++)
        craft_append(&crafted.payload, X64 X64 X64, 192);
    return craft_artifact(&crafted);
}

static struct craft ends_before_header(void)
{
    struct craft artifact = {0};
    craft_text(&artifact, "version", CRAFT_VERSION);
    craft_end(&artifact);
    return artifact;
}

static struct craft with_member(const char *name, char type)
{
    struct craft artifact = no_end();
    craft_header(&artifact, name, type, 0, NULL);
    craft_end(&artifact);
    return artifact;
}

static struct craft foreign_member(void)
{
    return with_member("foo", '0');
}

static struct craft second_payload(void)
{
    return with_member("data/0000.tar", '0');
}

static struct craft payload_0001(void)
{
    return with_member("data/0001.tar", '0');
}

static struct craft data_directory(void)
{
    return with_member("data/", '5');
}

static struct craft pax(void)
{
    struct crafted crafted = {ONE_FILE};
    craft_pax(&crafted.payload, "path", "one");
    craft_text(&crafted.payload, "other", "text");
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

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
#define TWO_FILES .files = {{"one", "text"}, {"two", "text"}}

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

/* ---- Augmented artifacts ---- */

static void add_sum(struct craft *manifest, const char *name, const void *bytes, size_t length)
{
    char line[256];
    craft_sha256(line, bytes, length);
    snprintf(line + 64, sizeof line - 64, "  %s\n", name);
    craft_append(manifest, line, strlen(line));
}

static struct craft make_header_tar(const char *const *members)
{
    struct craft header = {0};
    for (; *members; members += 2)
        craft_text(&header, members[0], members[1]);
    craft_end(&header);
    return header;
}

#define AUGMENT_INFO "{\"payloads\":[{\"type\":\"mod\"}]}"

/* Without further members none of header-augment.tar is there. */
static struct craft with_augment(const char *header_info, const char *const *members,
                                 const char *more_manifest)
{
    const char *const base[] = {"header-info", header_info, TYPE_INFO, NULL};
    struct craft header = make_header_tar(base), artifact = {0}, manifest = {0}, augment = {0},
                 payload = {0}, added = members ? make_header_tar(members) : (struct craft){0};
    craft_text(&payload, "one", "text");
    craft_end(&payload);
    add_sum(&manifest, "data/0000/one", "text", 4);
    add_sum(&manifest, "header.tar", header.bytes, header.length);
    add_sum(&manifest, "version", CRAFT_VERSION, strlen(CRAFT_VERSION));
    if (members)
        add_sum(&augment, "header-augment.tar", added.bytes, added.length);
    craft_append(&augment, more_manifest, strlen(more_manifest));

    craft_text(&artifact, "version", CRAFT_VERSION);
    craft_file(&artifact, "manifest", manifest.bytes, manifest.length);
    craft_file(&artifact, "manifest-augment", augment.bytes, augment.length);
    craft_file(&artifact, "header.tar", header.bytes, header.length);
    if (members)
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

#define AUGMENT(function, more_manifest, ...)                                                      \
    static struct craft function(void)                                                             \
    {                                                                                              \
        return with_augment(CRAFT_HEADER_INFO, (const char *const[]){__VA_ARGS__}, more_manifest); \
    }

AUGMENT(augment_good, "", "header-info", AUGMENT_INFO, TYPE_INFO, NULL)
AUGMENT(augment_script, "", "header-info", AUGMENT_INFO, SCRIPT("scripts/ArtifactInstall_Enter_00"),
        TYPE_INFO, NULL)
AUGMENT(augment_empty_type, "", "header-info", "{\"payloads\":[{\"type\":\"\"}]}", TYPE_INFO, NULL)
AUGMENT(augment_in_both, ZEROS "  data/0000/one\n", "header-info", AUGMENT_INFO, TYPE_INFO, NULL)
AUGMENT(augment_ghost, ZEROS "  data/0000/two\n", "header-info", AUGMENT_INFO, TYPE_INFO, NULL)

static struct craft augment_without_header(void)
{
    return with_augment(CRAFT_HEADER_INFO, NULL, ZEROS "  data/0000/two\n");
}

/* ---- The rows ---- */

static const struct row rows[] = {
    /* 2.1 Outer structure */
    {.name = "good", .make = good},
    {.name = "outer-empty", .make = nothing, .ours = NO, .tool = NO, .device = NO},
    {.name = "outer-no-tar", .make = no_tar, .ours = NO, .tool = NO, .device = NO},
    {.name = "outer-no-version", {.version = ""}, .ours = NO, .tool = NO, .device = NO},
    {.name = "outer-version-prefix", .make = version_prefix, .ours = NO, .device = NO},
    {.name = "outer-version-dot", .make = version_dot, .ours = NO, .tool = NO, .device = NO},
    {.name = "outer-no-manifest", {.manifest = ""}, .ours = NO, .tool = NO, .device = NO},
    {.name = "outer-ends-early", .make = ends_before_header, .ours = NO, .tool = NO, .device = NO},
    {.name = "outer-foreign-member",
     .make = foreign_member,
     .ours = NO,
     .tool = NO,
     .words = "invalid data file name",
     .reason = "a device stops reading after the payload; the tool refuses it"},
    {.name = "outer-data-directory", .make = data_directory, .ours = NO, .tool = NO, .device = NO},
    {.name = "outer-data-name",
     {.data_name = "data/foo.tar"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "outer-data-bz2",
     {.data_name = "data/0000.tar.bz2"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "outer-data-digits", {.data_name = "data/0.tar"}, .ours = NO, .device = NO},
    {.name = "outer-second-payload",
     .make = second_payload,
     .ours = NO,
     .reason = "nothing says what it is for, and no checksum covers it"},
    {.name = "outer-payload-0001",
     .make = payload_0001,
     .ours = NO,
     .reason = "nothing says what it is for, and no checksum covers it"},
    {.name = "outer-no-data-with-files",
     {.data_name = "", ONE_FILE},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "not part of artifact: data/0000/one"},
    {.name = "outer-no-data", {.data_name = ""}, .ours = NO, .device = NO},
    {.name = "outer-header-suffix",
     {.header_name = "header.tar.gz"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it: the suffix says what the contents are"},
    {.name = "outer-data-suffix",
     {.data_name = "data/0000.tar.gz"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it: the suffix says what the contents are"},
    {.name = "outer-header-bz2",
     {.header_name = "header.tar.bz2"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it, and the name is none of the format's"},
    {.name = "outer-pax", .make = pax},
    {.name = "outer-no-end", .make = no_end},
    {.name = "outer-data-after-end",
     .make = data_after_end,
     .ours = WARN,
     .words = "data after the end"},
    {.name = "payload-data-after-end", .make = data_after_payload_end, .ours = NO, .device = NO},
    {.name = "outer-cut", .make = cut, .ours = NO, .tool = NO, .device = NO},

    /* 2.2 version */
    {.name = "version-1",
     {.version = "{\"format\":\"mender\",\"version\":1}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "version-0",
     {.version = "{\"format\":\"mender\",\"version\":0}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "version-4",
     {.version = "{\"format\":\"mender\",\"version\":4}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "version-missing",
     {.version = "{\"format\":\"mender\"}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "version-string",
     {.version = "{\"format\":\"mender\",\"version\":\"3\"}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "version-float",
     {.version = "{\"format\":\"mender\",\"version\":3.0}"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it: a version is an integer"},
    {.name = "version-unknown-key",
     {.version = "{\"format\":\"mender\",\"version\":3,\"x\":1}"},
     .ours = NO,
     .tool = NO,
     .words = "x",
     .reason = "the tool refuses what it does not know"},
    {.name = "version-format",
     {.version = "{\"format\":\"other\",\"version\":3}"},
     .ours = NO,
     .device = NO},
    {.name = "version-format-missing", {.version = "{\"version\":3}"}, .ours = NO, .device = NO},
    {.name = "version-text-after", {.version = CRAFT_VERSION "x"}, .ours = NO, .device = NO},
    {.name = "version-key-case",
     {.version = "{\"Format\":\"mender\",\"version\":3}"},
     .ours = NO,
     .reason = "a key that readers find by chance only; no writer ever wrote it"},
    {.name = "version-checksum",
     {.edit_manifest = wrong_version},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "invalid checksum"},
    {.name = "version-not-in-manifest",
     {.edit_manifest = no_version},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "checksum missing"},

    /* 2.3 manifest */
    {.name = "manifest-one-space",
     {.edit_manifest = one_space},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "manifest-star", {.edit_manifest = star}, .ours = NO, .tool = NO, .device = NO},
    {.name = "manifest-three-spaces",
     {.edit_manifest = three_spaces},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "manifest-leading-space", {.edit_manifest = leading_space}, .ours = NO, .device = NO},
    {.name = "manifest-blank-line", {.edit_manifest = blank_line}, .ours = NO, .device = NO},
    {.name = "manifest-crlf",
     {ONE_FILE, .edit_manifest = carriage_returns},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "manifest-no-newline",
     {.edit_manifest = no_final_newline},
     .ours = NO,
     .tool = NO,
     .reason = "the tool loses the last line"},
    {.name = "manifest-uppercase",
     {.edit_manifest = uppercase},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "manifest-twice",
     {.more_manifest = ZEROS "  version\n"},
     .ours = NO,
     .tool = NO,
     .reason = "which of the two counts is anybody's guess; the tool refuses it"},
    {.name = "manifest-ghost",
     {.more_manifest = ZEROS "  ghost\n"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it: something is missing"},
    {.name = "manifest-data-0001",
     {.more_manifest = ZEROS "  data/0001/x\n"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it: something is missing"},
    {.name = "manifest-data-digits",
     {.more_manifest = ZEROS "  data/000/x\n"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it"},
    {.name = "manifest-data-nested",
     {.more_manifest = ZEROS "  data/0000/a/b\n"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it"},
    {.name = "manifest-data-letters",
     {.more_manifest = ZEROS "  data/abcd/b\n"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it"},
    {.name = "manifest-no-header",
     {.edit_manifest = no_header},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses it: nothing would protect the header"},
    {.name = "manifest-long-name",
     {.files = {{X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxx", "text"}}},
     .ours = NO,
     .device = NO,
     .words = "90"},
    {.name = "manifest-other-order", {.edit_manifest = other_order}},

    /* 2.4 Header */
    {.name = "header-checksum",
     {.edit_manifest = wrong_header},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "invalid checksum"},
    {.name = "header-info-second",
     .make = header_info_second,
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "header-info-prefix", .make = header_info_bak, .ours = NO, .device = NO},
    {.name = "header-info-no-json", {.header_info = "x"}, .ours = NO, .tool = NO, .device = NO},
    {.name = "header-info-no-payloads",
     {.header_info = INFO("[]", NAME, DEV)},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "header-info-two-payloads",
     {.header_info = INFO("[{\"type\":\"mod\"},{\"type\":\"mod\"}]", NAME, DEV)},
     .ours = NO,
     .device = NO},
    {.name = "header-info-empty-type",
     {.header_info = INFO("[{\"type\":\"\"}]", NAME, DEV)},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "header-info-no-type",
     {.header_info = INFO("[{}]", NAME, DEV), .type_info = "{\"type\":null}"},
     .ours = NO,
     .device = NO},
    {.name = "header-info-unknown-key",
     {.header_info = "{\"foo\":1,\"payloads\":" MOD ",\"artifact_provides\":" NAME
                     ",\"artifact_depends\":" DEV "}"},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses what it does not know"},
    {.name = "provides-unknown-key",
     {.header_info = INFO(MOD, "{\"artifact_name\":\"n\",\"foo\":\"x\"}", DEV)},
     .ours = NO,
     .tool = NO,
     .reason = "the tool refuses what it does not know"},
    {.name = "depends-unknown-key",
     {.header_info = INFO(MOD, NAME, "{\"device_type\":[\"dev\"],\"foo\":[\"x\"]}")}},
    {.name = "provides-missing",
     {.header_info = "{\"payloads\":" MOD ",\"artifact_depends\":" DEV "}"},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .device = NO},
    {.name = "name-missing",
     {.header_info = INFO(MOD, "{}", DEV)},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .device = NO},
    {.name = "name-empty",
     {.header_info = INFO(MOD, "{\"artifact_name\":\"\"}", DEV)},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .reason = "the tool refuses it"},
    {.name = "depends-missing",
     {.header_info = "{\"payloads\":" MOD ",\"artifact_provides\":" NAME "}"},
     .ours = NO,
     .device = NO},
    {.name = "depends-null", {.header_info = INFO(MOD, NAME, "null")}, .ours = NO, .device = NO},
    {.name = "device-type-missing",
     {.header_info = INFO(MOD, NAME, "{}")},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "device-type-empty",
     {.header_info = INFO(MOD, NAME, "{\"device_type\":[]}")},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "device-type-string",
     {.header_info = INFO(MOD, NAME, "{\"device_type\":\"dev\"}")},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "name-long",
     {.header_info = INFO(MOD, "{\"artifact_name\":\"" X260 "\"}", DEV)},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "too many characters",
     .reason = "the tool refuses it"},
    {.name = "group-long",
     {.header_info = INFO(MOD, "{\"artifact_name\":\"n\",\"artifact_group\":\"" X260 "\"}", DEV)},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "too many characters",
     .reason = "the tool refuses it"},
    {.name = "device-type-long",
     {.header_info = INFO(MOD, NAME, "{\"device_type\":[\"" X260 "\"]}")},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "too many characters",
     .reason = "the tool refuses it"},
    {.name = "depends-group-long",
     {.header_info =
          INFO(MOD, NAME, "{\"device_type\":[\"dev\"],\"artifact_group\":[\"" X260 "\"]}")},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "too many characters",
     .reason = "the tool refuses it"},
    {.name = "group-newline",
     {.header_info = INFO(MOD, "{\"artifact_name\":\"n\",\"artifact_group\":\"a\\nb\"}", DEV)},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "invalid characters",
     .reason = "the tool refuses it"},
    {.name = "device-type-escape",
     {.header_info = INFO(MOD, NAME, "{\"device_type\":[\"\\u001b\"]}")},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "invalid characters",
     .reason = "the tool refuses it"},
    {.name = "depends-name-long",
     {.header_info =
          INFO(MOD, NAME, "{\"device_type\":[\"dev\"],\"artifact_name\":[\"" X260 "\"]}")},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "too many characters",
     .reason = "the tool refuses it"},
    {.name = "name-tab",
     {.header_info = INFO(MOD, "{\"artifact_name\":\"a\\tb\"}", DEV)},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "invalid characters",
     .reason = "the tool refuses it"},
    {.name = "header-info-text-after",
     {.header_info = CRAFT_HEADER_INFO "x"},
     .ours = NO,
     .device = NO},
    {.name = "script-name", {.scripts = "Install_Enter_00"}, .ours = NO, .device = NO},
    {.name = "script-nested", .make = script_nested, .ours = NO, .tool = NO, .device = NO},
    {.name = "script-dots", .make = script_dots, .ours = NO, .tool = NO, .device = NO},
    {.name = "script-late", .make = script_late, .ours = NO, .tool = NO, .device = NO},
    {.name = "script-twice",
     .make = script_twice,
     .ours = NO,
     .reason = "which of the two runs is anybody's guess"},
    {.name = "header-directory", .make = header_directory, .ours = NO, .device = NO},
    {.name = "headers-dots",
     .make = headers_dots,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .is_new = true},
    {.name = "headers-0001", .make = headers_0001, .ours = NO, .tool = NO, .device = NO},
    {.name = "headers-unknown", .make = headers_unknown, .ours = NO, .tool = NO, .device = NO},
    {.name = "headers-files", .make = headers_files, .ours = NO, .tool = NO, .device = NO},
    {.name = "type-info-missing", .make = type_info_missing, .ours = NO, .tool = NO, .device = NO},
    {.name = "type-info-empty", .make = type_info_empty, .ours = NO, .tool = NO, .device = NO},
    {.name = "type-info-other-type",
     {.type_info = "{\"type\":\"other\"}"},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "does not match header-info",
     .reason = "the tool refuses it"},
    {.name = "type-info-rootfs-empty-type",
     {.header_info = ROOTFS_INFO, .type_info = "{\"type\":\"\"}", ONE_FILE},
     .ours = WARN,
     .tool = NO,
     .is_new = true,
     .words = "3.3 to 4.3",
     .reason = "every release from 3.3 to 4.3 wrote it, and devices take it"},
    {.name = "type-info-module-null-type",
     {.type_info = "{\"type\":null}"},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .reason = "the tool falls over it"},
    {.name = "type-info-module-no-type",
     {.type_info = "{}"},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .device = NO},
    {.name = "type-info-null",
     {.type_info = "null"},
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .device = NO},
    {.name = "type-info-unknown-key", {.type_info = "{\"type\":\"mod\",\"foo\":1}"}},
    {.name = "type-info-provides-number",
     {.type_info = "{\"type\":\"mod\",\"artifact_provides\":{\"a\":1}}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "type-info-depends-list",
     {.type_info = "{\"type\":\"mod\",\"artifact_depends\":{\"a\":[\"x\"]}}"},
     .ours = NO,
     .device = NO},
    {.name = "type-info-depends-number",
     {.type_info = "{\"type\":\"mod\",\"artifact_depends\":{\"a\":1}}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "type-info-clears-string",
     {.type_info = "{\"type\":\"mod\",\"clears_artifact_provides\":\"x\"}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "type-info-text-after", {.type_info = CRAFT_TYPE_INFO "x"}, .ours = NO, .device = NO},
    {.name = "type-info-twice", .make = type_info_twice, .ours = NO, .device = NO},
    {.name = "meta-data-first", .make = meta_data_first, .ours = NO, .device = NO},
    {.name = "meta-data-empty", .make = meta_data_empty},
    {.name = "meta-data-list", {.meta_data = "[1]"}, .ours = NO, .tool = NO, .device = NO},
    {.name = "meta-data-null", {.meta_data = "null"}, .ours = NO, .tool = NO, .device = NO},
    {.name = "meta-data-malformed", {.meta_data = "{"}, .ours = NO, .tool = NO, .device = NO},
    {.name = "meta-data-nested", {.meta_data = "{\"a\":{\"b\":[{}]}}"}},
    {.name = "meta-data-text-after", {.meta_data = "{}x"}, .ours = NO, .device = NO},
    {.name = "empty-payload-meta-data",
     {.header_info = EMPTY_INFO, .type_info = "{\"type\":null}", .meta_data = "{}"},
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "empty-payload-files",
     {.header_info = EMPTY_INFO, .type_info = "{\"type\":null}", ONE_FILE},
     .ours = NO,
     .tool = NO,
     .device = NO},

    /* 2.5 Payload */
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
     .words = "invalid checksum"},
    {.name = "file-name-blank", {.files = {{"a b", "text"}}}, .ours = NO, .tool = NO, .device = NO},
    {.name = "file-name-colon",
     {.files = {{"a:b", "text"}}},
     .ours = NO,
     .tool = NO,
     .words = "forbidden characters",
     .reason = "the tool refuses it"},
    {.name = "file-name-dots", {.files = {{"..", "text"}}}, .ours = NO, .tool = NO, .device = NO},
    {.name = "file-twice",
     .make = file_twice,
     .ours = NO,
     .reason = "the second would take the place of the first"},
    {.name = "files-in-other-order", .make = files_in_other_order},
    {.name = "file-is-link",
     .make = file_is_link,
     .ours = NO,
     .words = "not a regular file",
     .reason = "a link leads out of the directory that a device unpacks into"},
    {.name = "file-is-directory", .make = file_is_directory, .ours = NO, .tool = NO, .device = NO},
    {.name = "rootfs-two-files",
     {.header_info = ROOTFS_INFO, .type_info = "{\"type\":\"rootfs-image\"}", TWO_FILES},
     .ours = NO,
     .tool = NO,
     .words = "exactly one update file",
     .reason = "the tool refuses it: only one can be installed"},
    {.name = "rootfs-no-file",
     {.header_info = ROOTFS_INFO, .type_info = "{\"type\":\"rootfs-image\"}"}},
    {.name = "file-empty", {.files = {{"one", ""}}}},

    /* 2.6 Augmented: no device of today takes any */
    {.name = "augment-good", .make = augment_good, .ours = NO, .device = NO, .words = "augment"},
    {.name = "augment-without-header",
     .make = augment_without_header,
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "augment-script", .make = augment_script, .ours = NO, .tool = NO, .device = NO},
    {.name = "augment-empty-type",
     .make = augment_empty_type,
     .ours = NO,
     .tool = NO,
     .device = NO},
    {.name = "augment-in-both", .make = augment_in_both, .ours = NO, .tool = NO, .device = NO},
    {.name = "augment-ghost", .make = augment_ghost, .ours = NO, .tool = NO, .device = NO},
};

static void write_row(const char *directory, const struct row *row)
{
    char path[4096];
    struct crafted crafted = row->crafted;
    struct craft artifact = row->make ? row->make() : craft_artifact(&crafted);
    snprintf(path, sizeof path, "%s/%s.mender", directory, row->name);
    FILE *file = fopen(path, "wb");
    bool is_written =
        file && (artifact.length == 0 || fwrite(artifact.bytes, artifact.length, 1, file) == 1);
    if ((file && fclose(file) != 0) || !is_written) {
        fprintf(stderr, "%s: can not be written\n", path);
        exit(EXIT_FAILURE);
    }
    craft_free(&artifact);
}

static void print_row(const struct row *row)
{
    static const char *const verdicts[] = {[OK] = "ok", [WARN] = "warn", [NO] = "no"};
    enum verdict old = !row->is_new ? row->tool : row->tool == OK ? NO : OK;
    printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row->name, verdicts[row->ours], verdicts[row->tool],
           verdicts[old], verdicts[row->device], row->words ? row->words : "-",
           row->reason ? row->reason : "-");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_row(argv[1], &rows[i]);
        print_row(&rows[i]);
    }
    return EXIT_SUCCESS;
}
