// SPDX-License-Identifier: Apache-2.0
#include "problems.h"

#include "string_list.h"

bool artifact_problems_go_on(const struct artifact_read_options *options,
                             const struct artifact_error *error)
{
    if (!options->report || error->code != ARTIFACT_INVALID)
        return false;
    options->report(options->report_user, error->message);
    return true;
}

bool artifact_problems_settle(const struct artifact_read_options *options,
                              const struct artifact_strings *problems,
                              struct artifact_strings *warnings, struct artifact_error *error)
{
    for (size_t i = 0; i < problems->count; i++) {
        const char *problem = problems->items[i];
        if (options->report)
            options->report(options->report_user, problem);
        else if (options->strict)
            return artifact_fail(error, ARTIFACT_INVALID, NULL, "%s", problem);
        else if (!artifact_strings_add(warnings, problem, error))
            return false;
    }
    return true;
}
