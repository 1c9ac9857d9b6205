// SPDX-License-Identifier: Apache-2.0
/*
 * Answers of the REST interface: an input is a line of the HTTP status and the content type, and
 * the body.
 */
#include "fuzz.h"

#include "wire.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

static void require_answer(const struct ss_process_answer *answer, long status)
{
    REQUIRE(status == 200);
    REQUIRE(answer->refusal == SS_REFUSAL_NONE);
    REQUIRE(answer->signature.length > 0 && answer->signature.length <= 1 << 16);
    REQUIRE(answer->certificate == NULL || X509_get0_pubkey(answer->certificate) != NULL);
    if (answer->request_id[0] != '\0')
        fuzz_require_sentence(answer->request_id);
    if (answer->archive_id[0] != '\0')
        fuzz_require_sentence(answer->archive_id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ss_process_answer answer = {0};
    struct ss_error error = {0};
    char *line = fuzz_take_line(&data, &size), *type = NULL;
    char quoted[128]; /* as the transport hands it on */
    long status = strtol(line, &type, 10);

    const struct ss_wire_answer from = {status, quoted, "", data, size};

    type += strspn(type, " ");
    ss_quote(quoted, sizeof quoted, type, strlen(type));
    if (ss_wire_rest.parse(&answer, &from, NULL, &error)) {
        require_answer(&answer, status);
        REQUIRE(error.reason == SS_R_NONE);
    } else {
        REQUIRE(error.reason != SS_R_NONE && error.reason != SS_R_INTERNAL);
        fuzz_require_sentence(error.text);
    }
    REQUIRE(ERR_peek_error() == 0);
    ss_process_answer_clear(&answer);
    free(line);
    return 0;
}
