// SPDX-License-Identifier: Apache-2.0
/*
 * The HTTP interface, which every SignServer has, and the only one before 6.0: POST /process with
 * the parameters in the query and the data as the body. Its answer is the bare signature, or an
 * HTML page.
 */
#include "wire.h"

#include "uri.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- Request ---- */

/* As the REST interface tells a number from a name (Java's Integer.parseInt): a sign if any, then
 * digits up to 32 bits. */
static bool is_number(const char *worker)
{
    bool is_negative = *worker == '-';
    int64_t value = 0;

    worker += *worker == '-' || *worker == '+';
    if (*worker == '\0')
        return false;
    for (; *worker >= '0' && *worker <= '9'; worker++) {
        value = value * 10 + (*worker - '0');
        if (value > (int64_t)INT32_MAX + is_negative)
            return false;
    }
    return *worker == '\0';
}

/* The worker is a parameter: the path /worker/NAME takes neither numbers nor names that need
 * encoding. Whether data is a digest is always said outright. */
static char *print_path(const struct ss_process_request *request, struct ss_error *error)
{
    const char *parameter = is_number(request->worker) ? "workerId" : "workerName";
    bool is_digest = request->digest != NULL;
    const char *next = is_digest ? "&REQUEST_METADATA.CLIENTSIDE_HASHDIGESTALGORITHM=" : "";
    char *worker = ss_percent_encode(request->worker, error);
    size_t size = 256 + (worker == NULL ? 0 : strlen(worker));
    char *path = worker == NULL ? NULL : OPENSSL_malloc(size);

    if (path != NULL)
        snprintf(path, size, "/process?%s=%s&REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=%s%s%s",
                 parameter, worker, is_digest ? "true" : "false", next,
                 is_digest ? request->digest : "");
    else if (worker != NULL)
        ss_fail_internal(error, "memory");
    OPENSSL_free(worker);
    return path;
}

static bool print_body(struct ss_buffer *body, const struct ss_process_request *request,
                       struct ss_error *error)
{
    return ss_buffer_append(body, request->data, request->data_length) ||
           ss_fail_internal(error, "a request is too large, or memory is short");
}

/* ---- Answer ---- */

static bool is_binary(const char *content_type)
{
    static const char type[] = "application/octet-stream";
    size_t length = sizeof type - 1;

    return strncasecmp(content_type, type, length) == 0 &&
           (content_type[length] == '\0' || strchr("; \t", content_type[length]) != NULL);
}

static bool parse_success(struct ss_process_answer *answer, const struct ss_wire_answer *from,
                          struct ss_error *error)
{
    if (!is_binary(from->content_type))
        return ss_fail(error, SS_R_BAD_ANSWER,
                       "HTTP 200: an answer that is not a signature of SignServer's (%s)",
                       from->content_type[0] == '\0' ? "no content type" : from->content_type);
    if (from->body_length == 0 || from->body_length > SS_SIGNATURE_MAX_BYTES)
        return ss_fail(error, SS_R_BAD_ANSWER, "the signature in the answer is %s",
                       from->body_length == 0 ? "empty" : "too long");
    ss_buffer_init(&answer->signature, SS_SIGNATURE_MAX_BYTES);
    return ss_buffer_append(&answer->signature, from->body, from->body_length) ||
           ss_fail_internal(error, "memory");
}

static const char *find(const char *text, const char *end, const char *word)
{
    for (size_t length = strlen(word); (size_t)(end - text) >= length; text++) {
        if (strncasecmp(text, word, length) == 0)
            return text;
    }
    return NULL;
}

/* What a person would see of a page: its body without tags, and one blank for several. */
static void read_page(char *words, size_t size, const char *page, size_t length)
{
    const char *end = page + length, *body = find(page, end, "<body");
    char text[400];
    size_t used = 0;
    bool is_tag = false;

    for (const char *at = body == NULL ? page : body; at < end && used < sizeof text; at++) {
        bool is_blank = strchr(" \t\r\n>", *at) != NULL && *at != '\0';

        is_tag = is_tag || *at == '<';
        if (!is_tag && !is_blank)
            text[used++] = *at;
        else if (used > 0 && text[used - 1] != ' ')
            text[used++] = ' ';
        is_tag = is_tag && *at != '>';
    }
    while (used > 0 && text[used - 1] == ' ')
        used--;
    ss_quote(words, size, text, used);
}

static bool parse(struct ss_process_answer *answer, const struct ss_wire_answer *from,
                  OSSL_LIB_CTX *libctx, struct ss_error *error)
{
    char words[400];

    (void)libctx;
    if (from->status == 200)
        return parse_success(answer, from, error);
    if (from->reason[0] != '\0')
        return ss_wire_refuse(answer, from->status, from->reason, error);
    read_page(words, sizeof words, from->body_length == 0 ? "" : (const char *)from->body,
              from->body_length);
    return ss_wire_refuse(answer, from->status,
                          words[0] == '\0' ? "the server gives no reason" : words, error);
}

const struct ss_wire ss_wire_http = {
    .path = print_path,
    .content_type = "application/octet-stream",
    .reason_header = "X-SIGNSERVER-ERROR-MESSAGE",
    .print = print_body,
    .parse = parse,
};
