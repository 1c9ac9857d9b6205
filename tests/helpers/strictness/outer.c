// SPDX-License-Identifier: Apache-2.0
/* The archive itself. */
#include "rows.h"

#include <string.h>

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

static struct craft junk_after_payload_end(void)
{
    struct crafted crafted = {ONE_FILE};
    craft_text(&crafted.payload, "one", "text");
    craft_end(&crafted.payload);
    craft_append(&crafted.payload, "junk", 4);
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

/* These members before header.tar, and these before data/0000.tar. */
static struct craft with_members_between(const char *before_header, char type,
                                         const char *before_data)
{
    struct crafted crafted = {ONE_FILE};
    struct craft whole = craft_artifact(&crafted), artifact = {0};
    size_t header = 2048, data = whole.length - 1024 - 2048 - 512;
    craft_append(&artifact, whole.bytes, header);
    if (before_header)
        craft_text(&artifact, before_header, CRAFT_VERSION);
    craft_append(&artifact, whole.bytes + header, data - header);
    if (before_data)
        craft_header(&artifact, before_data, type, 0, NULL);
    craft_append(&artifact, whole.bytes + data, whole.length - data);
    craft_free(&whole);
    return artifact;
}

static struct craft unknown_before_header(void)
{
    return with_members_between("foo", '0', NULL);
}

static struct craft version_again(void)
{
    return with_members_between("version", '0', NULL);
}

static struct craft unknown_before_data(void)
{
    return with_members_between(NULL, '0', "foo");
}

static struct craft data_directory(void)
{
    return with_members_between(NULL, '5', "data/");
}

static struct craft pax(void)
{
    struct crafted crafted = {ONE_FILE};
    craft_pax(&crafted.payload, "path", "one");
    craft_text(&crafted.payload, "other", "text");
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

/* As GNU tar writes a name that is too long for its header. */
static struct craft gnu_tar(void)
{
    struct crafted crafted = {ONE_FILE};
    craft_gnu(&crafted.payload, "././@LongLink", 'L', "one", 4);
    craft_gnu(&crafted.payload, "o", '0', "text", 4);
    craft_end(&crafted.payload);
    return craft_artifact(&crafted);
}

static struct craft mixed_compression(void)
{
    static const char *const members[] = {HEADER_INFO, TYPE_INFO, NULL};
    struct craft header = rows_tar(members);
    struct crafted crafted = {.header_name = "header.tar.gz", ONE_FILE};
    craft_gzip(&crafted.header, header.bytes, header.length);
    craft_free(&header);
    return craft_artifact(&crafted);
}

/* ---- The rows ---- */

const struct row rows_outer[] = {
    {.name = "good", .make = good},
    {.name = "outer-empty",
     .make = nothing,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Unrecognized archive format"},
    {.name = "outer-no-tar",
     .make = no_tar,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Unrecognized archive format"},
    {.name = "outer-no-version",
     {.version = ""},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "the first member is manifest"},
    {.name = "outer-version-prefix",
     .make = version_prefix,
     .ours = NO,
     .device = NO,
     .words = "the first member is version-foo",
     .reason = DEVICES_REFUSE},
    {.name = "outer-version-dot",
     .make = version_dot,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "the first member is ./version"},
    {.name = "outer-no-manifest",
     {.manifest = ""},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "wrong element: header.tar"},
    {.name = "outer-ends-early",
     .make = ends_before_header,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "manifest is missing"},
    {.name = "outer-unknown-before-header",
     .make = unknown_before_header,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Invalid structure: [manifest foo], wrong element: foo"},
    {.name = "outer-version-again",
     .make = version_again,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Invalid structure: [manifest version], wrong element: version"},
    {.name = "outer-unknown-before-data",
     .make = unknown_before_data,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "invalid data file name: foo"},
    {.name = "outer-mixed-compression", .make = mixed_compression},
    {.name = "outer-gnu-tar", .make = gnu_tar},
    {.name = "outer-foreign-member",
     .make = foreign_member,
     .ours = NO,
     .tool = NO,
     .words = "invalid data file name",
     .reason = "a device stops reading after the payload; the tool refuses it"},
    {.name = "outer-data-directory",
     .make = data_directory,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "invalid data file name: data/"},
    {.name = "outer-data-name",
     {.data_name = "data/foo.tar"},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "invalid data file name: data/foo.tar"},
    {.name = "outer-data-bz2",
     {.data_name = "data/0000.tar.bz2"},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "invalid data file name: data/0000.tar.bz2"},
    {.name = "outer-data-digits",
     {.data_name = "data/0.tar"},
     .ours = NO,
     .device = NO,
     .words = "invalid data file name: data/0.tar",
     .reason = DEVICES_REFUSE},
    {.name = "outer-second-payload",
     .make = second_payload,
     .ours = NO,
     .words = "invalid data file name: data/0000.tar",
     .reason = "nothing says what it is for, and no checksum covers it"},
    {.name = "outer-payload-0001",
     .make = payload_0001,
     .ours = NO,
     .words = "invalid data file name: data/0001.tar",
     .reason = "nothing says what it is for, and no checksum covers it"},
    {.name = "outer-no-data-with-files",
     {.data_name = "", ONE_FILE},
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "not part of artifact: data/0000/one"},
    {.name = "outer-no-data",
     {.data_name = ""},
     .ours = NO,
     .device = NO,
     .words = "data/0000.tar is missing",
     .reason = DEVICES_REFUSE},
    {.name = "outer-header-suffix",
     {.header_name = "header.tar.gz"},
     .ours = NO,
     .tool = NO,
     .words = "header.tar.gz: damaged gzip stream",
     .reason = "the tool refuses it: the suffix says what the contents are"},
    {.name = "outer-data-suffix",
     {.data_name = "data/0000.tar.gz"},
     .ours = NO,
     .tool = NO,
     .words = "data/0000.tar.gz: damaged gzip stream",
     .reason = "the tool refuses it: the suffix says what the contents are"},
    {.name = "outer-header-bz2",
     {.header_name = "header.tar.bz2"},
     .ours = NO,
     .tool = NO,
     .words = "wrong element: header.tar.bz2",
     .reason = "the tool refuses it, and the name is none of the format's"},
    {.name = "outer-pax", .make = pax},
    {.name = "outer-no-end", .make = no_end},
    {.name = "outer-data-after-end",
     .make = data_after_end,
     .ours = WARN,
     .words = "data after the end"},
    {.name = "payload-short-junk",
     .make = junk_after_payload_end,
     .ours = NO,
     .words = "data/0000.tar: Only zero bytes allowed",
     .reason = "nothing may hide behind the end, however little of it"},
    {.name = "payload-data-after-end",
     .make = data_after_payload_end,
     .ours = NO,
     .device = NO,
     .words = "data/0000.tar: Only zero bytes allowed",
     .reason = DEVICES_REFUSE},
    {.name = "outer-cut",
     .make = cut,
     .ours = NO,
     .tool = NO,
     .device = NO,
     .words = "Truncated tar archive"},
    {0},
};
