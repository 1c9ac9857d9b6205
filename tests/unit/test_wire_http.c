// SPDX-License-Identifier: Apache-2.0
/* Requests and answers of the HTTP interface, and answers that a hostile server could give. */
#include "unit.h"
#include "wire.h"
#include <openssl/crypto.h>
#include <string.h>

static struct ss_error error;
static struct ss_process_answer answer;

static bool parse(long status, const char *type, const char *reason, const void *body,
                  size_t length)
{
    const struct ss_wire_answer from = {status, type, reason, body, length};

    ss_process_answer_clear(&answer);
    error = (struct ss_error){0};
    return ss_wire_http.parse(&answer, &from, NULL, &error);
}

static bool parse_page(long status, const char *reason, const char *page)
{
    return parse(status, "text/html", reason, page, strlen(page));
}

/* ---- Requests ---- */

static void check_path(const char *worker, const char *digest, const char *expected)
{
    const struct ss_process_request request = {.worker = worker, .digest = digest};
    char *path = ss_wire_http.path(&request, &error);

    CHECK_STR(path, expected);
    OPENSSL_free(path);
}

static void test_a_worker_is_asked_by_name_or_by_number_for_a_digest_or_a_message(void)
{
    check_path("RsaPlain", "SHA-256",
               "/process?workerName=RsaPlain&REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=true&"
               "REQUEST_METADATA.CLIENTSIDE_HASHDIGESTALGORITHM=SHA-256");
    check_path("103", NULL,
               "/process?workerId=103&REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=false");
    check_path("2147483647", NULL,
               "/process?workerId=2147483647&REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=false");
    check_path("2147483648", NULL,
               "/process?workerName=2147483648&REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=false");
    check_path("1a", NULL,
               "/process?workerName=1a&REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=false");
}

static void test_a_name_stays_within_its_parameter(void)
{
    check_path("a b&c=d+e%\xc3\xa9#", NULL,
               "/process?workerName=a%20b%26c%3Dd%2Be%25%C3%A9%23&"
               "REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=false");
}

static void test_the_data_is_the_body(void)
{
    static const unsigned char data[] = {0, 0xff, '<', 0};
    const struct ss_process_request request = {"W", "SHA-256", data, sizeof data};
    struct ss_buffer body;

    ss_buffer_init(&body, 64);
    CHECK(ss_wire_http.print(&body, &request, &error));
    CHECK_MEM(body.bytes, body.length, data, sizeof data);
    ss_buffer_clear(&body);
}

/* ---- Answers ---- */

static void test_a_signature_is_taken_as_it_is(void)
{
    static const unsigned char signature[] = {0x30, 0, 0xff, '\n'};

    CHECK(parse(200, "Application/Octet-Stream; x=y", "", signature, sizeof signature));
    CHECK_MEM(answer.signature.bytes, answer.signature.length, signature, sizeof signature);
    CHECK(answer.certificate == NULL);
    ss_process_answer_clear(&answer);
}

static void test_what_is_no_signature_is_a_bad_answer(void)
{
    static unsigned char large[(1 << 16) + 1];

    CHECK(!parse(200, "text/html", "", "<html>", 6) && error.reason == SS_R_BAD_ANSWER);
    CHECK(!parse(200, "application/octet-streams", "", "x", 1) && error.reason == SS_R_BAD_ANSWER);
    CHECK(!parse(200, "", "", "x", 1) && error.reason == SS_R_BAD_ANSWER);
    CHECK(!parse(200, "application/octet-stream", "", NULL, 0) && error.reason == SS_R_BAD_ANSWER);
    CHECK(!parse(200, "application/octet-stream", "", large, sizeof large) &&
          error.reason == SS_R_BAD_ANSWER);
    CHECK(!parse(201, "application/octet-stream", "", "x", 1) && error.reason == SS_R_REFUSED);
}

static void test_a_refusal_has_the_words_of_the_header_and_else_of_the_page(void)
{
    CHECK(!parse_page(400, "Client-side hashing requested but not allowed", "<p>other</p>"));
    CHECK_INT(answer.refusal, SS_REFUSAL_CLIENT_HASHING);
    CHECK(strstr(error.text, "HTTP 400: Client-side hashing requested but not allowed (") != NULL);
    CHECK(!parse_page(404, "",
                      "<html><head><title>T</title></head>\n<BODY class='x'>\n<h1>Worker Not "
                      "Found</h1> </body></html>"));
    CHECK_INT(error.reason, SS_R_NO_SUCH_WORKER);
    CHECK(strstr(error.text, "HTTP 404: Worker Not Found (") != NULL);
    CHECK(!parse_page(401, "", "Authorization Required") && error.reason == SS_R_AUTHENTICATION);
}

static void test_a_refusal_without_words_says_so(void)
{
    CHECK(!parse(503, "", "", NULL, 0) && error.reason == SS_R_SERVER);
    CHECK(strstr(error.text, "the server gives no reason") != NULL);
    CHECK(!parse_page(500, "", "<body") && error.reason == SS_R_SERVER);
}

UNIT_TESTS("wire_http",
           UNIT_TEST(test_a_worker_is_asked_by_name_or_by_number_for_a_digest_or_a_message),
           UNIT_TEST(test_a_name_stays_within_its_parameter), UNIT_TEST(test_the_data_is_the_body),
           UNIT_TEST(test_a_signature_is_taken_as_it_is),
           UNIT_TEST(test_what_is_no_signature_is_a_bad_answer),
           UNIT_TEST(test_a_refusal_has_the_words_of_the_header_and_else_of_the_page),
           UNIT_TEST(test_a_refusal_without_words_says_so))
