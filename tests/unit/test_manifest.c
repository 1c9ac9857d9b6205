// SPDX-License-Identifier: Apache-2.0
#include "manifest.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX "96bcd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35b"

static void refuse(const char *text, size_t length, const char *part)
{
    struct artifact_error error = {0};
    struct artifact_manifest manifest = {0};
    CHECK(
        !artifact_manifest_parse(&manifest, &(struct artifact_problems){0}, text, length, &error));
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_STR(error.member, "manifest");
    CHECK_CONTAINS(error.message, part);
    artifact_manifest_clear(&manifest);
}

static void refuse_text(const char *text, const char *part)
{
    refuse(text, strlen(text), part);
}

static void test_entries_lose_their_order_or_cannot_be_found(void)
{
    static const char text[] =
        HEX "  version\n" HEX "  data/0000/b\n" HEX "  header.tar.gz\n" HEX "  data/0000/a\n";
    struct artifact_error error = {0};
    struct artifact_manifest manifest = {0};
    CHECK(artifact_manifest_parse(&manifest, &(struct artifact_problems){0}, text, strlen(text),
                                  &error));
    CHECK_STR(error.message, "");
    if (CHECK_INT(manifest.count, 4)) {
        CHECK_STR(manifest.entries[0].name, "version");
        CHECK_STR(manifest.entries[1].name, "data/0000/b");
        CHECK_STR(manifest.entries[3].name, "data/0000/a");
        CHECK_STR(manifest.entries[3].checksum, HEX);
        CHECK(!manifest.entries[0].is_seen);
        for (size_t i = 0; i < manifest.count; i++)
            CHECK(artifact_manifest_find(&manifest, manifest.entries[i].name) ==
                  &manifest.entries[i]);
    }
    CHECK(artifact_manifest_find(&manifest, "data/0000/c") == NULL);
    CHECK(artifact_manifest_find(&manifest, "") == NULL);
    CHECK(artifact_manifest_find(&manifest, "zzz") == NULL);
    artifact_manifest_clear(&manifest);
}

static void test_an_empty_manifest_is_no_manifest(void)
{
    struct artifact_manifest manifest = {0};
    CHECK(artifact_manifest_parse(&manifest, &(struct artifact_problems){0}, "", 0, NULL));
    CHECK_INT(manifest.count, 0);
    CHECK(artifact_manifest_find(&manifest, "version") == NULL);
    artifact_manifest_clear(&manifest);
}

static void test_a_line_that_is_not_canonical_is_accepted(void)
{
    refuse_text(HEX " version\n", "malformed checksum line");
    refuse_text(HEX " *version\n", "malformed checksum line");
    refuse_text(HEX "\tversion\n", "malformed checksum line");
    refuse_text(" " HEX "  version\n", "malformed checksum line");
    refuse_text(HEX "  \n", "malformed checksum line");
    refuse_text("\n", "malformed checksum line");
    refuse_text(HEX "  version\n\n", "malformed checksum line");
    refuse_text("96BCd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35b  version\n",
                "malformed checksum line");
    refuse_text("96bcd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35  version\n",
                "malformed checksum line");
    refuse_text("g6bcd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35b  version\n",
                "malformed checksum line");
    refuse_text("x\n", "malformed checksum line");
}

static void test_a_last_line_without_newline_is_accepted(void)
{
    refuse_text(HEX "  version", "the last line does not end with a newline");
    refuse_text(HEX "  version\nx", "Garbled entry in manifest: 'x'");
}

static void test_a_name_with_a_nul_is_cut_at_it(void)
{
    static const char text[] = HEX "  version\0x\n";
    refuse(text, sizeof text - 1, "malformed checksum line");
}

static void test_a_name_that_no_reader_knows_is_accepted(void)
{
    refuse_text(HEX "  foo\n", "does not belong to any Payload: foo");
    refuse_text(HEX "   version\n", "does not belong to any Payload:  version");
    refuse_text(HEX "  version\r\n", "does not belong to any Payload");
    refuse_text(HEX "  version \n", "does not belong to any Payload");
    refuse_text(HEX "  header.tar.bz2\n", "does not belong to any Payload");
    refuse_text(HEX "  data/0001/x\n", "does not belong to any Payload: data/0001/x");
    refuse_text(HEX "  data/000/x\n", "does not belong to any Payload");
    refuse_text(HEX "  data/abcd/x\n", "does not belong to any Payload");
    refuse_text(HEX "  data/0000/\n", "Malformed manifest entry");
    refuse_text(HEX "  data/0000/a/b\n", "Malformed manifest entry: 'data/0000/a/b'");
    refuse_text(HEX "  data/0000/..\n", "Malformed manifest entry");
    refuse_text(HEX "  data/0000/a b\n", "Malformed manifest entry");
    refuse_text(HEX "  ./version\n", "does not belong to any Payload");
}

static void test_a_name_longer_than_files_have_is_accepted(void)
{
    char text[512];
    struct artifact_manifest manifest = {0};
    int length = snprintf(text, sizeof text, "%s  data/0000/%0255d\n", HEX, 0);
    CHECK(artifact_manifest_parse(&manifest, &(struct artifact_problems){0}, text, (size_t)length,
                                  NULL));
    artifact_manifest_clear(&manifest);
    snprintf(text, sizeof text, "%s  data/0000/%0256d\n", HEX, 0);
    refuse_text(text, "longer than any file system accepts");
}

static void test_a_name_may_come_twice(void)
{
    refuse_text(HEX "  version\n" HEX "  version\n", "version: file already exists");
}

/* As many lines as the reader lets a manifest have: this takes no time, or it is quadratic. */
static void test_many_entries_are_found_slowly(void)
{
    enum { COUNT = 12000 };
    struct artifact_manifest manifest = {0};
    char *text = malloc(COUNT * 96);
    size_t length = 0;
    for (unsigned i = 0; text && i < COUNT; i++)
        length += (size_t)snprintf(text + length, 96, "%s  data/0000/%u\n", HEX, i * 7919 % COUNT);
    CHECK(artifact_manifest_parse(&manifest, &(struct artifact_problems){0}, text, length, NULL));
    CHECK_INT(manifest.count, COUNT);
    bool is_found = true;
    for (size_t i = 0; i < manifest.count; i++)
        is_found = is_found && artifact_manifest_find(&manifest, manifest.entries[i].name) ==
                                   &manifest.entries[i];
    CHECK(is_found);
    artifact_manifest_clear(&manifest);
    free(text);
}

UNIT_TESTS("manifest", UNIT_TEST(test_entries_lose_their_order_or_cannot_be_found),
           UNIT_TEST(test_an_empty_manifest_is_no_manifest),
           UNIT_TEST(test_a_line_that_is_not_canonical_is_accepted),
           UNIT_TEST(test_a_last_line_without_newline_is_accepted),
           UNIT_TEST(test_a_name_with_a_nul_is_cut_at_it),
           UNIT_TEST(test_a_name_that_no_reader_knows_is_accepted),
           UNIT_TEST(test_a_name_longer_than_files_have_is_accepted),
           UNIT_TEST(test_a_name_may_come_twice), UNIT_TEST(test_many_entries_are_found_slowly))
