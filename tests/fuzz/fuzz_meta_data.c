// SPDX-License-Identifier: Apache-2.0
/* meta-data: what comes out is an object again, and does not change any more. */
#include "fuzz.h"

#include "type_info.h"

#include <stdlib.h>
#include <string.h>

static char *parse(const char *text)
{
    struct artifact_error error = {0};
    char *out = NULL;
    REQUIRE(artifact_meta_data_parse(&out, text, strlen(text), &error));
    REQUIRE(out && out[0] == '{' && out[strlen(out) - 1] == '}');
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct artifact_error error = {0};
    char *out = NULL;

    if (!artifact_meta_data_parse(&out, (const char *)data, size, &error)) {
        REQUIRE(error.code == ARTIFACT_INVALID && !out);
        fuzz_require_sentence(error.message);
    } else if (out) {
        /* Not the first, of which fuzz_json.c knows more: a real may have become an integer. */
        char *again = parse(out), *third = parse(again);
        REQUIRE(strcmp(again, third) == 0);
        free(third);
        free(again);
    }
    free(out);
    return 0;
}
