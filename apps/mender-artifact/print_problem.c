// SPDX-License-Identifier: Apache-2.0
#include "print_problem.h"

#include "command.h"

#include <stdio.h>

static const char *refusal(const struct artifact_error *problem)
{
    static const char *const words[] = {
        [0] = " (refused here only)",
        [ARTIFACT_DEVICES] = " (refused by devices)",
        [ARTIFACT_MENDER_ARTIFACT] = " (refused by mender-artifact 4.4)",
        [ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT] =
            " (refused by devices and mender-artifact 4.4)",
    };
    if (problem->code == ARTIFACT_OK && problem->refused_by == 0)
        return "";
    return words[problem->refused_by & (ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT)];
}

void problem_describe(char *line, size_t size, const struct artifact_error *problem)
{
    bool is_content = problem->code == ARTIFACT_INVALID || problem->code == ARTIFACT_OK;
    snprintf(line, size, "%s%.900s%s", problem->code == ARTIFACT_OK ? "warning: " : "",
             problem->message, is_content ? refusal(problem) : "");
}

void print_warning(const char *file, const struct artifact_error *warning)
{
    command_warn("%s%s%.900s%s", file ? file : "", file ? ": " : "", warning->message,
                 refusal(warning));
}
