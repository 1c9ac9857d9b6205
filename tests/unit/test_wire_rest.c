// SPDX-License-Identifier: Apache-2.0
/* The exchanges of data/wire/fixtures.json, and answers that a hostile server could give. */
#include "files.h"
#include "unit.h"
#include "wire.h"
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static struct ss_error error;
static struct ss_process_answer answer;

/* What the worker showed before. */
static X509 *seen;

static bool parse_text(long status, const char *type, const char *body)
{
    const struct ss_wire_answer from = {status, type, "", (const unsigned char *)body,
                                        strlen(body)};

    ss_process_answer_clear(&answer);
    error = (struct ss_error){0};
    answer.seen = seen;
    return ss_wire_rest.parse(&answer, &from, NULL, &error);
}

static json_t *load_fixtures(void)
{
    json_t *fixtures = json_load_file(TEST_DATA "/wire/fixtures.json", 0, NULL);

    CHECK(json_array_size(fixtures) > 30);
    return fixtures;
}

static bool parse_fixture(const json_t *fixture)
{
    const json_t *response = json_object_get(fixture, "response");
    const char *type = json_string_value(json_object_get(fixture, "responseType"));
    char *body = json_is_string(response) ? strdup(json_string_value(response))
                                          : json_dumps(response, JSON_COMPACT);
    bool ok =
        body != NULL && parse_text((long)json_integer_value(json_object_get(fixture, "status")),
                                   type == NULL ? "application/json" : type, body);

    free(body);
    return ok;
}

static const json_t *find(const json_t *fixtures, const char *name)
{
    for (size_t i = 0; i < json_array_size(fixtures); i++) {
        const json_t *fixture = json_array_get(fixtures, i);

        if (strcmp(json_string_value(json_object_get(fixture, "name")), name) == 0)
            return fixture;
    }
    CHECK_STR(name, "a fixture");
    return NULL;
}

/* ---- Answers ---- */

static void check_member(const json_t *response, const char *member, const char *actual)
{
    const char *expected = json_string_value(json_object_get(response, member));

    CHECK_STR(actual, expected == NULL ? "" : expected);
}

static void check_bytes(const unsigned char *actual, size_t length, const char *base64)
{
    unsigned char text[8192];

    if (CHECK(length < sizeof text / 2)) {
        EVP_EncodeBlock(text, actual, (int)length);
        CHECK_STR((const char *)text, base64);
    }
}

static void check_success(const json_t *fixture)
{
    const json_t *response = json_object_get(fixture, "response");
    const char *certificate = json_string_value(json_object_get(response, "signerCertificate"));
    unsigned char *der = NULL;
    int length;

    if (!CHECK(parse_fixture(fixture)))
        CHECK_STR(error.text, json_string_value(json_object_get(fixture, "name")));
    check_bytes(answer.signature.bytes, answer.signature.length,
                json_string_value(json_object_get(response, "data")));
    check_member(response, "requestId", answer.request_id);
    check_member(response, "archiveId", answer.archive_id);
    CHECK((answer.certificate != NULL) == (certificate != NULL));
    if (answer.certificate == NULL || certificate == NULL)
        return;
    length = i2d_X509(answer.certificate, &der);
    CHECK(length > 0);
    check_bytes(der, (size_t)length, certificate);
    OPENSSL_free(der);
}

static void test_every_signature_of_the_fixtures_is_taken_as_it_is(void)
{
    static const char *const names[] = {
        "rsa-digest",
        "pss-digest",
        "ec-digest",
        "ec-long-digest",
        "ed25519-message",
        "rsa-message",
        "rsa-digestinfo",
        "certificate-absent",
        "certificate-null-and-unknown-member",
        "lie-other-certificate",
        "lie-other-message",
    };
    json_t *fixtures = load_fixtures();

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_success(find(fixtures, names[i]));
    ss_process_answer_clear(&answer);
    json_decref(fixtures);
}

static void test_a_certificate_that_was_seen_is_taken_for_none_but_the_same(void)
{
    json_t *fixtures = load_fixtures();

    CHECK(parse_fixture(find(fixtures, "rsa-digest")));
    seen = answer.certificate;
    answer.certificate = NULL;
    CHECK(parse_fixture(find(fixtures, "rsa-message")));
    CHECK(answer.certificate == seen);
    CHECK(parse_fixture(find(fixtures, "ec-digest")));
    CHECK(answer.certificate != seen && X509_cmp(answer.certificate, seen) != 0);
    check_success(find(fixtures, "ec-digest"));
    CHECK(parse_fixture(find(fixtures, "certificate-absent")));
    CHECK(answer.certificate == NULL);
    ss_process_answer_clear(&answer);
    X509_free(seen);
    seen = NULL;
    json_decref(fixtures);
}

static void test_every_refusal_has_its_reason_the_servers_words_and_the_way_out(void)
{
    static const struct {
        const char *name;
        enum ss_reason reason;
        enum ss_refusal refusal;
        const char *words, *way_out;
    } cases[] = {
        {"no-worker", SS_R_NO_SUCH_WORKER, SS_REFUSAL_NONE, "No such worker: Nobody", "name"},
        {"digest-not-accepted", SS_R_UNSUPPORTED, SS_REFUSAL_DIGEST, "non-accepted digest",
         "ACCEPTED_HASH_DIGEST_ALGORITHMS"},
        {"digest-unknown", SS_R_UNSUPPORTED, SS_REFUSAL_DIGEST, "must specify hash algorithm",
         "digest"},
        {"digest-length", SS_R_REFUSED, SS_REFUSAL_NONE, "Input length doesn't match", ""},
        {"digest-refused", SS_R_UNSUPPORTED, SS_REFUSAL_CLIENT_HASHING,
         "Client-side hashing requested but not allowed", "ALLOW_CLIENTSIDEHASHING_OVERRIDE"},
        {"message-refused", SS_R_UNSUPPORTED, SS_REFUSAL_SERVER_HASHING,
         "Server-side hashing requested but not allowed", "CLIENTSIDEHASHING"},
        {"no-data", SS_R_REFUSED, SS_REFUSAL_NONE, "Missing data in request", ""},
        {"bad-base64", SS_R_SERVER, SS_REFUSAL_NONE, "Incorrect base64 data", ""},
        {"password-missing", SS_R_AUTHENTICATION, SS_REFUSAL_NONE,
         "Username/password authentication required", "password-file"},
        {"password-wrong", SS_R_AUTHENTICATION, SS_REFUSAL_NONE, "Authentication denied",
         "password-file"},
        {"client-certificate-missing", SS_R_AUTHENTICATION, SS_REFUSAL_NONE,
         "client authentication is required", "client-cert"},
        {"client-certificate-stranger", SS_R_AUTHENTICATION, SS_REFUSAL_NONE, "CN=stranger,O=Org",
         "authorized clients"},
        {"disabled", SS_R_SERVER, SS_REFUSAL_NONE, "is disabled", "DISABLED"},
        {"token-offline", SS_R_SERVER, SS_REFUSAL_NONE, "Signtoken isn't active", "crypto token"},
        {"expired", SS_R_SERVER, SS_REFUSAL_NONE, "expired at", "renew"},
        {"counter", SS_R_SERVER, SS_REFUSAL_NONE, "Key usage limit exceeded", "KEYUSAGELIMIT"},
        {"misconfigured", SS_R_SERVER, SS_REFUSAL_NONE, "Worker is misconfigured", "status"},
        {"unforeseen", SS_R_SERVER, SS_REFUSAL_NONE, "unable to process the request", ""},
        {"error-without-text", SS_R_REFUSED, SS_REFUSAL_NONE, "413", "larger"},
        {"header-missing", SS_R_AUTHENTICATION, SS_REFUSAL_NONE, "Access is forbidden!", ""},
        {"proxy-page", SS_R_SERVER, SS_REFUSAL_NONE, "502 Bad Gateway", "text/html"},
        {"cut", SS_R_BAD_ANSWER, SS_REFUSAL_NONE, "66ff77889900aabb", "application/json"},
        {"data-not-base64", SS_R_BAD_ANSWER, SS_REFUSAL_NONE, "data", "base64"},
        {"data-empty", SS_R_BAD_ANSWER, SS_REFUSAL_NONE, "data", "empty"},
    };
    json_t *fixtures = load_fixtures();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool is_right = !parse_fixture(find(fixtures, cases[i].name));

        is_right = CHECK(is_right) && is_right;
        is_right = CHECK_INT(error.reason, cases[i].reason) && is_right;
        is_right = CHECK_INT(answer.refusal, cases[i].refusal) && is_right;
        is_right = CHECK_CONTAINS(error.text, cases[i].words) && is_right;
        is_right = CHECK_CONTAINS(error.text, cases[i].way_out) && is_right;
        if (!is_right)
            CHECK_STR(cases[i].name, "as expected");
    }
    ss_process_answer_clear(&answer);
    json_decref(fixtures);
}

static void test_a_malformed_success_is_a_bad_answer_and_leaves_no_openssl_error(void)
{
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "\"AAAA\"",
        "{",
        "{}",
        "{\"data\":null}",
        "{\"data\":7}",
        "{\"data\":[\"AAAA\"]}",
        "{\"data\":\"AAAA\",\"data\":\"BBBB\"}", /* which of them would count? */
        "{\"data\":\"AAAA\"} trailing",
        "{\"data\":\"AAA\"}",
        "{\"data\":\"AAAA=\"}",
        "{\"data\":\"A===\"}",
        "{\"data\":\"====\"}",
        "{\"data\":\"AA=A\"}",
        "{\"data\":\"AA==AAAA\"}",
        "{\"data\":\" AAAA\"}",
        "{\"data\":\"AA\\nAA\"}",
        "{\"data\":\"AA-_\"}",
        "{\"data\":\"AAAA\\u0000\"}",
        "{\"data\":\"AB==\"}", /* bits that encode nothing: two texts for one signature */
        "{\"data\":\"AAB=\"}",
        "{\"data\":\"AAAA\",\"signerCertificate\":7}",
        "{\"data\":\"AAAA\",\"signerCertificate\":\"\"}",
        "{\"data\":\"AAAA\",\"signerCertificate\":\"AAAA\"}",
        "{\"data\":\"AAAA\",\"signerCertificate\":\"***\"}",
        "{\"data\":\"AAAA\",\"x\":\"\xff\"}",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!CHECK(!parse_text(200, "application/json", bad[i])))
            CHECK_STR(bad[i], "refused");
        CHECK_INT(error.reason, SS_R_BAD_ANSWER);
        CHECK(answer.certificate == NULL);
        CHECK_INT(ERR_peek_error(), 0);
    }
    ss_process_answer_clear(&answer);
}

static void test_a_certificate_with_something_behind_it_is_refused(void)
{
    json_t *fixtures = load_fixtures();
    const json_t *response = json_object_get(find(fixtures, "ec-digest"), "response");
    const char *certificate = json_string_value(json_object_get(response, "signerCertificate"));
    char body[4096];
    size_t length = strlen(certificate);

    /* The fixture's base64 has no padding to get in the way. */
    CHECK(certificate[length - 1] != '=');
    strcpy(body, "{\"data\":\"AAAA\",\"signerCertificate\":\"");
    strcat(body, certificate);
    strcat(body, "AAAA\"}");
    CHECK(!parse_text(200, "application/json", body));
    CHECK_INT(error.reason, SS_R_BAD_ANSWER);
    CHECK_CONTAINS(error.text, "signerCertificate");
    ss_process_answer_clear(&answer);
    json_decref(fixtures);
}

static void test_sizes_and_depth_are_bounded(void)
{
    static const char before[] = "{\"data\":\"";
    size_t letters = 4 << 20;
    char *body = malloc(letters + 64);

    if (!CHECK(body != NULL))
        return;
    strcpy(body, before);
    memset(body + sizeof before - 1, 'A', 1 << 17);
    strcpy(body + sizeof before - 1 + (1 << 17), "\"}");
    CHECK(!parse_text(200, "application/json", body));
    CHECK_CONTAINS(error.text, "too long");
    memset(body, '[', letters);
    body[letters] = '\0';
    CHECK(!parse_text(200, "application/json", body));
    CHECK_INT(error.reason, SS_R_BAD_ANSWER);
    free(body);
    ss_process_answer_clear(&answer);
}

/* The words of a server end up in a terminal and in logs. */
static void test_a_servers_words_are_shown_harmless_and_cut(void)
{
    char body[2048] = "{\"error\":\"No such worker: a\\u001b[2Jb\\nforged line\\u009b";

    memset(body + strlen(body), 'x', 1500);
    strcat(body, "\"}");
    CHECK(!parse_text(404, "application/json", body));
    CHECK_INT(error.reason, SS_R_NO_SUCH_WORKER);
    CHECK_CONTAINS(error.text, "a?[2Jb?forged line?xxx");
    CHECK_CONTAINS(error.text, "...");
    CHECK_CONTAINS(error.text, "check the name");
    ss_process_answer_clear(&answer);
}

/* ---- Requests ---- */

static void check_body(const struct ss_process_request *request, const char *expected)
{
    struct ss_buffer body;

    ss_buffer_init(&body, 1 << 20);
    CHECK(ss_wire_rest.print(&body, request, &error));
    CHECK_STR((const char *)body.bytes, expected);
    ss_buffer_clear(&body);
}

static void test_a_request_always_says_what_its_data_is(void)
{
    const struct ss_process_request digest = {"W", "SHA-256", (const unsigned char *)"\x01\x02", 2};
    const struct ss_process_request message = {"W", NULL, (const unsigned char *)"hello\n", 6};
    const struct ss_process_request empty = {"W", NULL, NULL, 0};

    check_body(&digest, "{\"data\":\"AQI=\",\"encoding\":\"BASE64\",\"metaData\":{\"USING_"
                        "CLIENTSUPPLIED_HASH\":\"true\",\"CLIENTSIDE_HASHDIGESTALGORITHM\":\"SHA-"
                        "256\"}}");
    check_body(&message, "{\"data\":\"aGVsbG8K\",\"encoding\":\"BASE64\",\"metaData\":{\"USING_"
                         "CLIENTSUPPLIED_HASH\":\"false\"}}");
    check_body(&empty, "{\"data\":\"\",\"encoding\":\"BASE64\",\"metaData\":{\"USING_"
                       "CLIENTSUPPLIED_HASH\":\"false\"}}");
}

static void test_a_long_message_is_encoded_without_a_seam(void)
{
    static unsigned char data[100001];
    struct ss_process_request request = {"W", NULL, data, sizeof data};
    struct ss_buffer body;
    json_t *object;
    const char *text;
    unsigned char *decoded = malloc(sizeof data + 3);

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7);
    ss_buffer_init(&body, 1 << 20);
    CHECK(ss_wire_rest.print(&body, &request, &error));
    object = json_loadb((const char *)body.bytes, body.length, 0, NULL);
    text = json_string_value(json_object_get(object, "data"));
    if (CHECK(text != NULL && decoded != NULL)) {
        CHECK_INT(EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)strlen(text)),
                  100002); /* the padding counts as a zero byte */
        CHECK_MEM(decoded, sizeof data, data, sizeof data);
    }
    free(decoded);
    json_decref(object);
    ss_buffer_clear(&body);
}

static void test_a_name_stays_within_its_step_of_the_path(void)
{
    const struct ss_process_request request = {.worker = "a b/c?d;e%\xc3\xa9"};
    char *path = ss_wire_rest.path(&request, &error);

    CHECK_STR(path, "/rest/v1/workers/a%20b%2Fc%3Fd%3Be%25%C3%A9/process");
    OPENSSL_free(path);
}

static void test_newer_servers_find_the_header_that_they_ask_for(void)
{
    bool is_sent = false;

    for (size_t i = 0; ss_wire_rest.headers[i] != NULL; i++)
        is_sent =
            is_sent || strncmp(ss_wire_rest.headers[i], "X-Keyfactor-Requested-With: ", 28) == 0;
    CHECK(is_sent);
    CHECK_STR(ss_wire_rest.content_type, "application/json");
}

UNIT_TESTS("wire_rest", UNIT_TEST(test_every_signature_of_the_fixtures_is_taken_as_it_is),
           UNIT_TEST(test_a_certificate_that_was_seen_is_taken_for_none_but_the_same),
           UNIT_TEST(test_every_refusal_has_its_reason_the_servers_words_and_the_way_out),
           UNIT_TEST(test_a_malformed_success_is_a_bad_answer_and_leaves_no_openssl_error),
           UNIT_TEST(test_a_certificate_with_something_behind_it_is_refused),
           UNIT_TEST(test_sizes_and_depth_are_bounded),
           UNIT_TEST(test_a_servers_words_are_shown_harmless_and_cut),
           UNIT_TEST(test_a_request_always_says_what_its_data_is),
           UNIT_TEST(test_a_long_message_is_encoded_without_a_seam),
           UNIT_TEST(test_a_name_stays_within_its_step_of_the_path),
           UNIT_TEST(test_newer_servers_find_the_header_that_they_ask_for))
