// SPDX-License-Identifier: Apache-2.0
#include "command.h"
#include "key_options.h"
#include "print.h"
#include "print_json.h"
#include "print_problem.h"
#include "progress.h"
#include "size_limit.h"

static const struct option *const tables[] = {
    key_options_verify, key_options_other, json_options, payload_limit_options,
    progress_options,   common_options,    NULL};

static const struct exit_status exit_statuses[] = {
    {ARTIFACT_CANNOT_OPEN, 4},
    {ARTIFACT_OK, 0},
};

static bool read_and_print(const char *path, const struct key_ring *ring,
                           const struct arguments *arguments, struct artifact_error *error)
{
    struct progress_bar bar;
    uint64_t max_payload_size;
    if (!payload_limit_parse(&max_payload_size, arguments, error))
        return false;
    progress_init(&bar, arguments);
    struct artifact_read_options options = {.keys = ring->keys,
                                            .key_count = ring->count,
                                            .progress = progress_get(&bar),
                                            .max_payload_size = max_payload_size};
    struct artifact_info *info = artifact_read(path, &options, error);
    progress_clear(&bar);
    if (!info)
        return false;
    for (size_t i = 0; i < info->warnings.count; i++)
        print_warning(NULL, &info->warnings.items[i]);
    if (arguments_has_flag(arguments, "json"))
        print_info_json(info);
    else
        print_info(info);
    artifact_info_free(info);
    return true;
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct key_ring ring;
    if (arguments->operand_count == 0)
        return command_fail(error, "Nothing specified, nothing read. \nMaybe you wanted to say "
                                   "'artifacts read <pathspec>'?");
    bool is_read = key_ring_load(&ring, arguments, error) &&
                   read_and_print(arguments->operands[0], &ring, arguments, error);
    key_ring_clear(&ring);
    return is_read;
}

const struct command command_read = {
    "read", "Show what an artifact holds", "ARTIFACT", tables, exit_statuses, run,
};
