// SPDX-License-Identifier: Apache-2.0
/*
 * type-info: an input is the payload's type on a line of its own, where "-" is an empty payload,
 * and the member. What has no problem can be written, unless it takes a key that is not its own,
 * and reads as the same.
 */
#include "fuzz.h"

#include "string_list.h"
#include "type_info.h"

#include <stdlib.h>
#include <string.h>

static struct artifact_info *new_info(const char *payload_type)
{
    struct artifact_info *info = calloc(1, sizeof *info);
    REQUIRE(info);
    info->payload_type = payload_type ? strdup(payload_type) : NULL;
    REQUIRE(!payload_type || info->payload_type);
    return info;
}

static char *print(const struct artifact_info *info, size_t *length, struct artifact_error *error)
{
    struct artifact_pair *depends = calloc(info->depends_count + 1, sizeof *depends);
    REQUIRE(depends);
    for (size_t i = 0; i < info->depends_count; i++)
        depends[i] = (struct artifact_pair){info->depends[i].key, info->depends[i].values.items[0]};
    struct artifact_spec spec = {
        .payload_type = info->payload_type,
        .provides = info->provides,
        .provides_count = info->provides_count,
        .depends = depends,
        .depends_count = info->depends_count,
        .clears_provides = (const char *const *)info->clears_provides.items,
        .clears_provides_count = info->clears_provides.count,
    };
    char *printed = artifact_type_info_print(&spec, "", length, error);
    free(depends);
    return printed;
}

static void require_same(const struct artifact_info *left, const struct artifact_info *right)
{
    REQUIRE(left->provides_count == right->provides_count);
    for (size_t i = 0; i < left->provides_count; i++)
        REQUIRE(strcmp(left->provides[i].key, right->provides[i].key) == 0 &&
                strcmp(left->provides[i].value, right->provides[i].value) == 0);
    REQUIRE(left->depends_count == right->depends_count);
    for (size_t i = 0; i < left->depends_count; i++)
        REQUIRE(strcmp(left->depends[i].key, right->depends[i].key) == 0 &&
                strcmp(left->depends[i].values.items[0], right->depends[i].values.items[0]) == 0);
    REQUIRE(left->clears_provides.count == right->clears_provides.count);
    for (size_t i = 0; i < left->clears_provides.count; i++)
        REQUIRE(strcmp(left->clears_provides.items[i], right->clears_provides.items[i]) == 0);
}

static void require_round_trip(const struct artifact_info *info)
{
    struct artifact_error error = {0};
    size_t length = 0;
    char *printed = print(info, &length, &error);
    if (!printed) {
        REQUIRE(error.code == ARTIFACT_BAD_ARGUMENT);
        fuzz_require_sentence(error.message);
        return;
    }
    struct artifact_problems problems = {0};
    struct artifact_info *again = new_info(info->payload_type);
    REQUIRE(artifact_type_info_parse(again, &problems, printed, length, &error));
    REQUIRE(problems.found.count == 0);
    require_same(info, again);
    artifact_info_free(again);
    free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct artifact_error error = {0};
    struct artifact_problems problems = {0};
    char *type = fuzz_take_line(&data, &size);
    struct artifact_info *info = new_info(strcmp(type, "-") == 0 ? NULL : type);

    if (artifact_type_info_parse(info, &problems, (const char *)data, size, &error)) {
        bool is_writable = true;
        for (size_t i = 0; i < problems.found.count; i++) {
            fuzz_require_sentence(problems.found.items[i].message);
            is_writable &= problems.found.items[i].code == ARTIFACT_OK;
        }
        if (is_writable)
            require_round_trip(info);
    } else {
        REQUIRE(error.code == ARTIFACT_INVALID);
        fuzz_require_sentence(error.message);
    }
    artifact_problems_clear(&problems);
    artifact_info_free(info);
    free(type);
    return 0;
}
