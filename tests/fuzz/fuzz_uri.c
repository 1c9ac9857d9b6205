// SPDX-License-Identifier: Apache-2.0
/* The key URI: what is accepted can be printed, and what is printed means the same. */
#include "fuzz.h"

#include "uri.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static bool is_same(const char *left, const char *right)
{
    return (left == NULL) == (right == NULL) && (left == NULL || strcmp(left, right) == 0);
}

static void require_worker(const char *worker)
{
    REQUIRE(worker != NULL && worker[0] != '\0');
    REQUIRE(strchr(worker, '/') == NULL && strcmp(worker, ".") != 0 && strcmp(worker, "..") != 0);
    REQUIRE(ss_is_utf8(worker, strlen(worker)));
}

static void require_round_trip(const struct ss_uri *uri)
{
    struct ss_error error = {0};
    struct ss_uri again = {0};
    char *printed = ss_uri_print(uri, &error), *reprinted;

    REQUIRE(printed != NULL);
    REQUIRE(ss_uri_parse(&again, printed, &error));
    REQUIRE(is_same(uri->authority, again.authority));
    REQUIRE(is_same(uri->worker, again.worker));
    REQUIRE(is_same(uri->cert, again.cert));
    reprinted = ss_uri_print(&again, &error);
    REQUIRE(reprinted != NULL && strcmp(printed, reprinted) == 0);
    OPENSSL_free(reprinted);
    OPENSSL_free(printed);
    ss_uri_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ss_error error = {0};
    struct ss_uri uri;
    char *text = fuzz_text(data, size);

    if (ss_uri_parse(&uri, text, &error)) {
        require_worker(uri.worker);
        require_round_trip(&uri);
    } else {
        REQUIRE(error.reason == SS_R_URI);
        fuzz_require_sentence(error.text);
        REQUIRE(uri.authority == NULL && uri.worker == NULL && uri.cert == NULL);
    }
    ss_uri_clear(&uri);
    free(text);
    return 0;
}
