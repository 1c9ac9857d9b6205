// SPDX-License-Identifier: Apache-2.0
#include "problems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A hostile archive has as many as it likes, and no one reads more. */
enum { MAX_PROBLEMS = 1000 };

void artifact_problems_init(struct artifact_problems *problems,
                            const struct artifact_read_options *options)
{
    *problems = (struct artifact_problems){
        .is_strict = options->strict,
        .is_reporting = options->report != NULL,
    };
}

void artifact_problems_clear(struct artifact_problems *problems)
{
    free(problems->found.items);
    problems->found = (struct artifact_errors){0};
}

/* Memory that runs out ends the reading with the very problem that no longer fits. */
static bool add(struct artifact_errors *errors, const struct artifact_error *error)
{
    struct artifact_error *items =
        reallocarray(errors->items, errors->count + 1, sizeof errors->items[0]);
    if (!items)
        return false;
    errors->items = items;
    items[errors->count++] = *error;
    return true;
}

/* What can be said again and again in the same words is told once. */
static bool is_told(const struct artifact_errors *errors, const struct artifact_error *error)
{
    const struct artifact_error *last =
        errors->count > 0 ? &errors->items[errors->count - 1] : NULL;
    return last && last->code == error->code && strcmp(last->member, error->member) == 0 &&
           strcmp(last->message, error->message) == 0;
}

/* With the name of the member in front. */
static bool add_broken(struct artifact_problems *problems, const struct artifact_error *error)
{
    struct artifact_error named = *error;
    named.code = ARTIFACT_INVALID;
    if (problems->member)
        artifact_fail_in_member(&named, problems->member);
    return is_told(&problems->found, &named) || add(&problems->found, &named);
}

bool artifact_problems_go_on(struct artifact_problems *problems, const struct artifact_error *error)
{
    return problems->is_reporting && artifact_error_is_of_contents(error) &&
           problems->found.count < MAX_PROBLEMS && add_broken(problems, error);
}

bool artifact_problems_end(struct artifact_problems *problems, const struct artifact_error *error)
{
    return problems->is_reporting && artifact_error_is_of_contents(error) &&
           add_broken(problems, error);
}

bool artifact_problems_tolerate(struct artifact_problems *problems,
                                const struct artifact_error *error)
{
    bool is_failure = problems->is_strict && !problems->is_reporting;
    return error->code == ARTIFACT_INVALID && !is_failure && problems->found.count < MAX_PROBLEMS &&
           add(&problems->found, error);
}

bool artifact_problems_note(struct artifact_problems *problems, const struct artifact_error *error)
{
    struct artifact_error note = *error;
    note.code = ARTIFACT_OK;
    return problems->found.count < MAX_PROBLEMS && add(&problems->found, &note);
}

void artifact_problems_move_last(struct artifact_problems *problems, size_t place)
{
    struct artifact_error *items = problems->found.items;
    size_t last = problems->found.count - 1;
    const struct artifact_error moved = items[last];
    memmove(&items[place + 1], &items[place], (last - place) * sizeof *items);
    items[place] = moved;
}

bool artifact_problems_settle(struct artifact_problems *problems,
                              const struct artifact_read_options *options,
                              struct artifact_errors *warnings, struct artifact_error *error)
{
    for (size_t i = 0; i < problems->found.count; i++) {
        const struct artifact_error *problem = &problems->found.items[i];
        if (options->report && problem->code != ARTIFACT_OK)
            options->report(options->report_user, problem);
        else if (!add(warnings, problem))
            return artifact_fail_memory(error);
    }
    return true;
}
