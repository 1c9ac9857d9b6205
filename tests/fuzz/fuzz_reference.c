// SPDX-License-Identifier: Apache-2.0
/* The DER of a key reference: what is accepted names a worker and no file, has a public key, and
 * means the same when it is written again. */
#include "fuzz.h"

#include "reference.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

static void require_round_trip(const struct ss_reference *reference)
{
    struct ss_error error = {0};
    struct ss_reference again;
    struct ss_buffer der;
    char *uri = ss_uri_print(&reference->uri, &error), *uri_again;

    ss_buffer_init(&der, 2 * SS_REFERENCE_MAX_BYTES);
    REQUIRE(ss_reference_print(&der, &reference->uri, reference->public_half, &error));
    REQUIRE(ss_reference_recognise(der.bytes, SS_REFERENCE_HEAD_BYTES));
    REQUIRE(ss_reference_parse(&again, der.bytes, der.length, NULL, &error));
    uri_again = ss_uri_print(&again.uri, &error);
    REQUIRE(uri != NULL && uri_again != NULL && strcmp(uri, uri_again) == 0);
    REQUIRE(EVP_PKEY_eq(reference->public_half, again.public_half) == 1);
    OPENSSL_free(uri);
    OPENSSL_free(uri_again);
    ss_reference_clear(&again);
    ss_buffer_clear(&der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ss_error error = {0};
    struct ss_reference reference;

    if (ss_reference_parse(&reference, data, size, NULL, &error)) {
        REQUIRE(ss_reference_recognise(data, size));
        REQUIRE(reference.uri.worker != NULL && reference.uri.cert == NULL);
        require_round_trip(&reference);
    } else {
        REQUIRE(error.reason == SS_R_REFERENCE || error.reason == SS_R_URI);
        fuzz_require_sentence(error.text);
    }
    REQUIRE(ERR_peek_error() == 0);
    ss_reference_clear(&reference);
    return 0;
}
