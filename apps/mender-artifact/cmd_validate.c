// SPDX-License-Identifier: Apache-2.0
#include "command.h"
#include "key_options.h"
#include "print_json.h"
#include "print_problem.h"
#include "progress.h"
#include "size_limit.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

static const struct option *const tables[] = {
    key_options_verify, key_options_other, json_options, payload_limit_options,
    progress_options,   common_options,    NULL};

static const struct exit_status exit_statuses[] = {
    {ARTIFACT_CANNOT_OPEN, 4},   {ARTIFACT_INVALID, 5}, {ARTIFACT_UNSUPPORTED, 5},
    {ARTIFACT_BAD_SIGNATURE, 5}, {ARTIFACT_OK, 0},
};

enum { ALL = ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT };

static bool fail_signature(struct artifact_error *error, unsigned refused_by, const char *sentence)
{
    command_fail(error, "%s", sentence);
    error->code = ARTIFACT_BAD_SIGNATURE;
    error->refused_by = refused_by;
    return false;
}

/* Devices with a key refuse what is not signed with it, those without one look at no signature. */
static bool check_signature(const struct artifact_info *info, bool has_key,
                            struct artifact_error *error)
{
    switch (info->signature) {
    case ARTIFACT_SIGNATURE_NONE:
        return !has_key || fail_signature(error, ALL, "missing signature");
    case ARTIFACT_SIGNATURE_UNCHECKED:
        return fail_signature(error, ARTIFACT_MENDER_ARTIFACT, "missing verifier");
    case ARTIFACT_SIGNATURE_FAILED:
        return fail_signature(error, ALL, info->signature_error);
    case ARTIFACT_SIGNATURE_VERIFIED:
    case ARTIFACT_SIGNATURE_UNREAD: /* after other problems */
        break;
    }
    return true;
}

/* ---- All that is wrong ---- */

static void add_problem(void *user, const struct artifact_error *problem)
{
    struct artifact_errors *problems = user;
    struct artifact_error *items =
        reallocarray(problems->items, problems->count + 1, sizeof *items);
    if (!items) {
        /* Forgotten, it would pass for right. */
        fputs("out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    problems->items = items;
    problems->items[problems->count++] = *problem;
}

/* The content first, and whether it is right or not, the signature. */
static struct artifact_info *read_all(struct artifact_errors *problems, const char *path,
                                      const struct key_ring *ring,
                                      const struct arguments *arguments,
                                      struct artifact_error *error)
{
    struct progress_bar bar;
    uint64_t max_payload_size;
    struct artifact_error problem = {0};
    if (!payload_limit_parse(&max_payload_size, arguments, error))
        return NULL;
    progress_init(&bar, arguments);
    struct artifact_read_options options = {.keys = ring->keys,
                                            .key_count = ring->count,
                                            .progress = progress_get(&bar),
                                            .report = add_problem,
                                            .report_user = problems,
                                            .max_payload_size = max_payload_size};
    struct artifact_info *info = artifact_read(path, &options, error);
    progress_clear(&bar);
    if (info && !check_signature(info, ring->count > 0, &problem))
        add_problem(problems, &problem);
    return info;
}

/* A line for each; the last is the error, which is printed at the end. */
static void print_problems(const struct artifact_errors *problems, struct artifact_error *error)
{
    for (size_t i = 0; i < problems->count; i++) {
        error->code = problems->items[0].code;
        problem_describe(error->message, sizeof error->message, &problems->items[i]);
        if (i + 1 == problems->count)
            break;
        text_make_printable(error->message, "");
        fprintf(stderr, "%s\n", error->message);
    }
}

static bool validate(const char *path, const struct key_ring *ring,
                     const struct arguments *arguments, struct artifact_error *error)
{
    struct artifact_errors problems = {0};
    struct artifact_info *info = read_all(&problems, path, ring, arguments, error);
    if (!info)
        add_problem(&problems, error);
    bool is_valid = problems.count == 0;
    if (arguments_has_flag(arguments, "json"))
        print_verdict_json(path, &problems, info);
    for (size_t i = 0; is_valid && i < info->warnings.count; i++)
        print_warning(NULL, &info->warnings.items[i]);
    /* What is only a warning otherwise is one of the things that are wrong. */
    for (size_t i = 0; !is_valid && info && i < info->warnings.count; i++)
        add_problem(&problems, &info->warnings.items[i]);
    print_problems(&problems, error);
    free(problems.items);
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
