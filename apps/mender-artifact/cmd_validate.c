// SPDX-License-Identifier: Apache-2.0
#include "command.h"
#include "key_options.h"
#include "print_json.h"
#include "progress.h"
#include "size_limit.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option *const tables[] = {
    key_options_verify, key_options_other, json_options, payload_limit_options,
    progress_options,   common_options,    NULL};

static const struct exit_status exit_statuses[] = {
    {ARTIFACT_CANNOT_OPEN, 4},   {ARTIFACT_INVALID, 5}, {ARTIFACT_UNSUPPORTED, 5},
    {ARTIFACT_BAD_SIGNATURE, 5}, {ARTIFACT_OK, 0},
};

static bool fail_signature(struct artifact_error *error, const char *sentence)
{
    command_fail(error, "%s", sentence);
    error->code = ARTIFACT_BAD_SIGNATURE;
    return false;
}

/* The content was right; now the signature decides. */
static bool check_signature(const struct artifact_info *info, bool has_key,
                            struct artifact_error *error)
{
    switch (info->signature) {
    case ARTIFACT_SIGNATURE_NONE:
        return !has_key || fail_signature(error, "missing signature");
    case ARTIFACT_SIGNATURE_UNCHECKED:
        return fail_signature(error, "missing verifier");
    case ARTIFACT_SIGNATURE_FAILED:
        return fail_signature(error, info->signature_error);
    case ARTIFACT_SIGNATURE_VERIFIED:
        break;
    }
    return true;
}

/* ---- All that is wrong ---- */

static void add_problem(void *user, const char *problem)
{
    struct artifact_strings *problems = user;
    char **items = realloc(problems->items, (problems->count + 1) * sizeof *items);
    char *copy = items ? strdup(problem) : NULL;
    if (items)
        problems->items = items;
    if (!copy) {
        /* Forgotten, it would pass for right. */
        fputs("out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    problems->items[problems->count++] = copy;
}

static void clear_problems(struct artifact_strings *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        free(problems->items[i]);
    free(problems->items);
}

/* The last of the problems is the error, which is printed last. */
static bool settle_problems(const struct artifact_strings *problems, bool is_valid,
                            struct artifact_error *error)
{
    size_t printed = problems->count;
    if (is_valid && printed > 0) {
        printed--;
        command_fail(error, "%s", problems->items[printed]);
        error->code = ARTIFACT_INVALID;
    }
    for (size_t i = 0; i < printed; i++) {
        text_make_printable(problems->items[i], "");
        fprintf(stderr, "%s\n", problems->items[i]);
    }
    return is_valid && problems->count == 0;
}

static bool validate(const char *path, const struct key_ring *ring,
                     const struct arguments *arguments, struct artifact_error *error)
{
    struct progress_bar bar;
    uint64_t max_payload_size;
    if (!payload_limit_parse(&max_payload_size, arguments, error))
        return false;
    struct artifact_strings problems = {0};
    progress_init(&bar, arguments);
    struct artifact_read_options options = {.keys = ring->keys,
                                            .key_count = ring->count,
                                            .strict = true,
                                            .progress = progress_get(&bar),
                                            .report = add_problem,
                                            .report_user = &problems,
                                            .max_payload_size = max_payload_size};
    struct artifact_info *info = artifact_read(path, &options, error);
    progress_clear(&bar);
    bool is_valid = info && check_signature(info, ring->count > 0, error);
    if (arguments_has_flag(arguments, "json"))
        print_verdict_json(path, is_valid && problems.count == 0, &problems,
                           is_valid ? NULL : error, info);
    is_valid = settle_problems(&problems, is_valid, error);
    for (size_t i = 0; is_valid && i < info->warnings.count; i++)
        command_warn("%s", info->warnings.items[i]);
    clear_problems(&problems);
    artifact_info_free(info);
    return is_valid;
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct key_ring ring;
    if (arguments->operand_count == 0)
        return command_fail(error, "Nothing specified, nothing validated. \nMaybe you wanted to "
                                   "say 'artifacts validate <pathspec>'?");
    bool is_valid = key_ring_load(&ring, arguments, error) &&
                    validate(arguments->operands[0], &ring, arguments, error);
    key_ring_clear(&ring);
    if (is_valid && !arguments_has_flag(arguments, "json"))
        printf("Artifact file '%s' validated successfully\n", arguments->operands[0]);
    return is_valid;
}

const struct command command_validate = {
    "validate",    "Check an artifact, and its signature where a key is given",
    "ARTIFACT",    tables,
    exit_statuses, run,
};
