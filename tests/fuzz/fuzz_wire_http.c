// SPDX-License-Identifier: Apache-2.0
/*
 * Answers of the HTTP interface: an input is a line of the HTTP status and the content type, a line
 * with the reason of a refusal, and the body.
 */
#include "fuzz.h"

#include "wire.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

static void require_signature(const struct ss_process_answer *answer, const uint8_t *data,
                              size_t size)
{
    REQUIRE(answer->refusal == SS_REFUSAL_NONE && answer->certificate == NULL);
    REQUIRE(size > 0 && size <= 1 << 16 && answer->signature.length == size);
    REQUIRE(memcmp(answer->signature.bytes, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ss_process_answer answer = {0};
    struct ss_error error = {0};
    char *line = fuzz_take_line(&data, &size), *reason = fuzz_take_line(&data, &size), *type = NULL;
    char quoted_type[64], quoted_reason[400]; /* as the transport hands them on */
    long status = strtol(line, &type, 10);
    const struct ss_wire_answer from = {status, quoted_type, quoted_reason, data, size};

    type += strspn(type, " ");
    ss_quote(quoted_type, sizeof quoted_type, type, strlen(type));
    ss_quote(quoted_reason, sizeof quoted_reason, reason, strlen(reason));
    if (ss_wire_http.parse(&answer, &from, NULL, &error)) {
        REQUIRE(status == 200 && error.reason == SS_R_NONE);
        require_signature(&answer, data, size);
    } else {
        REQUIRE(error.reason != SS_R_NONE && error.reason != SS_R_INTERNAL);
        fuzz_require_sentence(error.text);
    }
    REQUIRE(ERR_peek_error() == 0);
    ss_process_answer_clear(&answer);
    free(reason);
    free(line);
    return 0;
}
