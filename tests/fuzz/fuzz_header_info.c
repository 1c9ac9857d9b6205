// SPDX-License-Identifier: Apache-2.0
/* header-info of each version, and version 2's list of files: what has no problem can be written,
 * and reads as the same. */
#include "fuzz.h"

#include "header_info.h"
#include "string_list.h"

#include <stdlib.h>
#include <string.h>

static bool is_same(const char *left, const char *right)
{
    return !left == !right && (!left || strcmp(left, right) == 0);
}

static bool are_same(const struct artifact_strings *left, const struct artifact_strings *right)
{
    bool is_same_so_far = left->count == right->count;
    for (size_t i = 0; is_same_so_far && i < left->count; i++)
        is_same_so_far = strcmp(left->items[i], right->items[i]) == 0;
    return is_same_so_far;
}

static struct artifact_info *new_info(unsigned version)
{
    struct artifact_info *info = calloc(1, sizeof *info);
    REQUIRE(info);
    info->version = version;
    return info;
}

static char *print(const struct artifact_info *info, size_t *length)
{
    struct artifact_error error = {0};
    struct artifact_spec spec = {
        .format_version = info->version,
        .payload_type = info->payload_type,
        .name = info->name,
        .group = info->group,
        .compatible_types = (const char *const *)info->compatible_types.items,
        .compatible_type_count = info->compatible_types.count,
        .depends_names = (const char *const *)info->depends_names.items,
        .depends_name_count = info->depends_names.count,
        .depends_groups = (const char *const *)info->depends_groups.items,
        .depends_group_count = info->depends_groups.count,
    };
    char *printed = artifact_header_info_print(&spec, length, &error);
    REQUIRE(printed && strlen(printed) == *length);
    return printed;
}

static void require_round_trip(const struct artifact_info *info)
{
    struct artifact_error error = {0};
    struct artifact_problems problems = {0};
    struct artifact_info *again = new_info(info->version);
    size_t length = 0;
    char *printed = print(info, &length);

    REQUIRE(artifact_header_info_parse(again, &problems, printed, length, &error));
    REQUIRE(problems.found.count == 0);
    REQUIRE(is_same(info->payload_type, again->payload_type));
    REQUIRE(is_same(info->name, again->name) && is_same(info->group, again->group));
    REQUIRE(are_same(&info->compatible_types, &again->compatible_types));
    REQUIRE(are_same(&info->depends_names, &again->depends_names));
    REQUIRE(are_same(&info->depends_groups, &again->depends_groups));
    free(printed);
    artifact_info_free(again);
}

static void require_header_info(unsigned version, const uint8_t *data, size_t size)
{
    struct artifact_error error = {0};
    struct artifact_problems problems = {0};
    struct artifact_info *info = new_info(version);

    if (artifact_header_info_parse(info, &problems, (const char *)data, size, &error)) {
        REQUIRE(info->name[0] && info->group && info->compatible_types.count > 0);
        REQUIRE(info->payload_type || version == 3);
        for (size_t i = 0; i < problems.found.count; i++)
            fuzz_require_sentence(problems.found.items[i].message);
        if (problems.found.count == 0)
            require_round_trip(info);
    } else {
        REQUIRE(artifact_error_is_of_contents(&error));
        fuzz_require_sentence(error.message);
    }
    artifact_problems_clear(&problems);
    artifact_info_free(info);
}

static void require_same_files(const struct artifact_strings *names)
{
    struct artifact_error error = {0};
    struct artifact_strings again = {0};
    struct artifact_problems problems = {0};
    struct artifact_file *files = calloc(names->count + 1, sizeof *files);
    struct artifact_spec spec = {.files = files, .file_count = names->count};
    size_t length = 0;

    REQUIRE(files);
    for (size_t i = 0; i < names->count; i++)
        files[i].name = names->items[i];
    char *printed = artifact_header_info_print_files(&spec, &length, &error);
    REQUIRE(printed &&
            artifact_header_info_parse_files(&again, &problems, printed, length, &error));
    REQUIRE(are_same(names, &again));
    artifact_problems_clear(&problems);
    artifact_strings_clear(&again);
    free(printed);
    free(files);
}

static void require_files(const uint8_t *data, size_t size)
{
    struct artifact_error error = {0};
    struct artifact_strings names = {0};
    struct artifact_problems problems = {0};

    if (artifact_header_info_parse_files(&names, &problems, (const char *)data, size, &error)) {
        require_same_files(&names);
    } else {
        REQUIRE(artifact_error_is_of_contents(&error));
        fuzz_require_sentence(error.message);
    }
    artifact_problems_clear(&problems);
    artifact_strings_clear(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    require_header_info(3, data, size);
    require_header_info(2, data, size);
    require_files(data, size);
    return 0;
}
