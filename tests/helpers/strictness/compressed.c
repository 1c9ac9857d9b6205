// SPDX-License-Identifier: Apache-2.0
/* What the payload's tar is compressed with: what one decoder takes, and another does not. */
#include "rows.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

static struct craft make_tar(void)
{
    struct craft tar = {0};
    craft_text(&tar, "one", "text");
    craft_end(&tar);
    return tar;
}

/* A gzip stream whose header has a file's name of so many bytes. */
static struct craft gzip_with_name(size_t length)
{
    enum { FLAGS = 3, HAS_NAME = 8, HEADER = 10 };
    struct crafted crafted = {.data_name = "data/0000.tar.gz", ONE_FILE};
    struct craft tar = make_tar(), gzip = {0};
    craft_gzip(&gzip, tar.bytes, tar.length);
    gzip.bytes[FLAGS] |= HAS_NAME;
    craft_append(&crafted.payload, gzip.bytes, HEADER);
    for (size_t i = 0; i < length; i++)
        craft_append(&crafted.payload, "n", 1);
    craft_append(&crafted.payload, "", 1);
    craft_append(&crafted.payload, gzip.bytes + HEADER, gzip.length - HEADER);
    craft_free(&gzip);
    craft_free(&tar);
    return craft_artifact(&crafted);
}

static struct craft gzip_name(void)
{
    return gzip_with_name(511);
}

static struct craft gzip_long_name(void)
{
    return gzip_with_name(512);
}

static struct craft xz(lzma_vli filter, lzma_check check)
{
    struct crafted crafted = {.data_name = "data/0000.tar.xz", ONE_FILE};
    struct craft tar = make_tar();
    unsigned char packed[4096];
    size_t length = 0;
    lzma_options_lzma options;
    lzma_filter filters[3] = {{.id = filter}};
    size_t count = filter != LZMA_VLI_UNKNOWN;
    filters[count++] = (lzma_filter){.id = LZMA_FILTER_LZMA2, .options = &options};
    filters[count] = (lzma_filter){.id = LZMA_VLI_UNKNOWN};
    if (lzma_lzma_preset(&options, 0) ||
        lzma_stream_buffer_encode(filters, check, NULL, tar.bytes, tar.length, packed, &length,
                                  sizeof packed) != LZMA_OK)
        abort();
    craft_append(&crafted.payload, packed, length);
    craft_free(&tar);
    return craft_artifact(&crafted);
}

static struct craft xz_good(void)
{
    return xz(LZMA_VLI_UNKNOWN, LZMA_CHECK_CRC32);
}

static struct craft xz_no_check(void)
{
    return xz(LZMA_VLI_UNKNOWN, LZMA_CHECK_NONE);
}

static struct craft xz_filter(void)
{
    return xz(LZMA_FILTER_X86, LZMA_CHECK_CRC32);
}

/* ---- The rows ---- */

const struct row rows_compressed[] = {
    {.name = "gzip-name", .make = gzip_name},
    {.name = "gzip-long-name",
     .make = gzip_long_name,
     .ours = NO,
     .tool = NO,
     .words = "damaged gzip stream: a name of more than 511 bytes",
     .reason = TOOL_REFUSES},
    {.name = "xz-good", .make = xz_good},
    {.name = "xz-no-check",
     .make = xz_no_check,
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "xz stream without an integrity check",
     .reason = TOOL_REFUSES},
    {.name = "xz-filter",
     .make = xz_filter,
     .ours = NO,
     .tool = NO,
     .is_new = true,
     .words = "xz stream with filters beside LZMA2",
     .reason = TOOL_REFUSES},
    {0},
};
