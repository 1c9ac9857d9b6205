// SPDX-License-Identifier: Apache-2.0
/* The manifest: what is accepted is in canonical form, so that it prints as what was read. */
#include "fuzz.h"

#include "manifest.h"

#include <stdlib.h>
#include <string.h>

static void require_order(const struct artifact_manifest *manifest)
{
    for (size_t i = 1; i < manifest->count; i++)
        REQUIRE(strcmp(manifest->entries[manifest->by_name[i - 1]].name,
                       manifest->entries[manifest->by_name[i]].name) < 0);
}

static void require_entries(struct artifact_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        struct artifact_manifest_entry *entry = &manifest->entries[i];
        REQUIRE(strlen(entry->checksum) == ARTIFACT_HEX_SIZE - 1 && !entry->is_seen);
        REQUIRE(artifact_manifest_find(manifest, entry->name) == entry);
    }
}

static void require_round_trip(const struct artifact_manifest *manifest, const uint8_t *data,
                               size_t size)
{
    struct artifact_error error = {0};
    size_t length = 0;
    char *printed = artifact_manifest_print(manifest, &length, &error);
    REQUIRE(printed && length == size && memcmp(printed, data, size) == 0);
    free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct artifact_manifest manifest = {0};
    struct artifact_problems problems = {0};
    struct artifact_error error = {0};

    if (artifact_manifest_parse(&manifest, &problems, (const char *)data, size, &error)) {
        require_order(&manifest);
        require_entries(&manifest);
        require_round_trip(&manifest, data, size);
    } else {
        REQUIRE(error.code == ARTIFACT_INVALID);
        fuzz_require_sentence(error.message);
    }
    artifact_manifest_clear(&manifest);
    return 0;
}
