// SPDX-License-Identifier: Apache-2.0
/* Names: what is accepted is harmless as a file's name, or on a terminal. */
#include "fuzz.h"

#include "names.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void require_file_name(const char *name)
{
    REQUIRE(name[0] && strlen(name) <= NAME_MAX && !strchr(name, '/'));
    REQUIRE(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
    fuzz_require_sentence(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *name = fuzz_text(data, size);

    const char *problem = artifact_name_problem(name);
    if (problem)
        fuzz_require_sentence(problem);
    else if (name[0])
        fuzz_require_sentence(name);

    problem = artifact_file_name_problem(name);
    if (problem)
        fuzz_require_sentence(problem);
    else
        require_file_name(name);

    problem = artifact_device_file_name_problem(name);
    if (problem)
        fuzz_require_sentence(problem);
    else
        REQUIRE(!artifact_file_name_problem(name) && strlen(name) <= 90);

    problem = artifact_script_name_problem(name);
    if (problem)
        fuzz_require_sentence(problem);
    else
        REQUIRE(strncmp(name, "Artifact", 8) == 0 && !strchr(name, '/'));
    free(name);
    return 0;
}
