// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"

#include "version.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct artifact_problems problems = {0};
    struct artifact_error error = {0};
    char *format = NULL, *format_again = NULL;
    unsigned version = 0, version_again = 0;
    size_t length = 0;

    if (!artifact_version_parse(&format, &version, &problems, (const char *)data, size, &error)) {
        REQUIRE(error.code == ARTIFACT_INVALID && !format);
        fuzz_require_sentence(error.message);
        return 0;
    }
    char *printed = artifact_version_print(version, &length, &error);
    REQUIRE(printed && strlen(printed) == length);
    REQUIRE(
        artifact_version_parse(&format_again, &version_again, &problems, printed, length, &error));
    REQUIRE(version_again == version && strcmp(format_again, format) == 0);
    free(printed);
    free(format_again);
    free(format);
    return 0;
}
