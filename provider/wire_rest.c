// SPDX-License-Identifier: Apache-2.0
/* The REST interface of SignServer 6.0 and later: POST /rest/v1/workers/WORKER/process with JSON.
 */
#include "wire.h"

#include "uri.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { CERTIFICATE_MAX_BYTES = 1 << 16 };

/* ---- Request ---- */

static char *print_path(const struct ss_process_request *request, struct ss_error *error)
{
    static const char before[] = "/rest/v1/workers/", after[] = "/process";
    char *worker = ss_percent_encode(request->worker, error);
    size_t size = worker == NULL ? 0 : sizeof before + strlen(worker) + sizeof after;
    char *path = worker == NULL ? NULL : OPENSSL_malloc(size);

    if (path != NULL)
        snprintf(path, size, "%s%s%s", before, worker, after);
    else if (worker != NULL)
        ss_fail_internal(error, "memory");
    OPENSSL_free(worker);
    return path;
}

static bool append_text(struct ss_buffer *body, const char *text)
{
    return ss_buffer_append(body, text, strlen(text));
}

static bool append_base64(struct ss_buffer *body, const unsigned char *data, size_t length)
{
    enum { PART = 3 * 1024 };
    unsigned char text[PART / 3 * 4 + 1];
    bool ok = true;

    while (ok && length > 0) {
        size_t part = length < PART ? length : PART;
        int count = EVP_EncodeBlock(text, data, (int)part);

        ok = ss_buffer_append(body, text, (size_t)count);
        data += part;
        length -= part;
    }
    OPENSSL_cleanse(text, sizeof text);
    return ok;
}

/*
 * Whether data is a digest is always said outright: most wrong guesses about the worker are then a
 * clean refusal. Nothing in the text needs escaping, digest names are our own.
 */
static bool print_body(struct ss_buffer *body, const struct ss_process_request *request,
                       struct ss_error *error)
{
    bool ok =
        append_text(body, "{\"data\":\"") &&
        append_base64(body, request->data, request->data_length) &&
        append_text(body,
                    "\",\"encoding\":\"BASE64\",\"metaData\":{\"USING_CLIENTSUPPLIED_HASH\":\"") &&
        append_text(body, request->digest == NULL
                              ? "false\""
                              : "true\",\"CLIENTSIDE_HASHDIGESTALGORITHM\":\"") &&
        (request->digest == NULL ||
         (append_text(body, request->digest) && append_text(body, "\""))) &&
        append_text(body, "}}");

    return ok || ss_fail_internal(error, "a request is too large, or memory is short");
}

/* ---- Answer ---- */

/* A string member; NULL when it is absent or null. False for every other type. */
static bool get_string(const char **text, size_t *length, const json_t *object, const char *name,
                       struct ss_error *error)
{
    const json_t *value = json_object_get(object, name);

    *text = NULL;
    *length = 0;
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return ss_fail(error, SS_R_BAD_ANSWER, "the member \"%s\" of the answer is not a string",
                       name);
    *text = json_string_value(value);
    *length = json_string_length(value);
    return true;
}

/* What the padding stands for was decoded to these bytes. A bit that is set would encode nothing,
 * and so give one signature several texts (RFC 4648, 3.5). */
static bool is_zero(const unsigned char *bytes, size_t length)
{
    while (length > 0 && bytes[length - 1] == 0)
        length--;
    return length == 0;
}

/* RFC 4648, 4: one line, padded, nothing else; EVP_DecodeBlock(3) alone would take blanks at both
 * ends. */
static bool is_base64(const char *text, size_t length)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t count = strspn(text, alphabet);

    return length % 4 == 0 && length - count <= 2 && strspn(text + count, "=") == length - count;
}

static bool decode(struct ss_buffer *bytes, const char *name, const char *text, size_t length,
                   size_t max_bytes, struct ss_error *error)
{
    size_t padding;
    unsigned char *decoded = NULL;
    bool ok = false;

    ss_buffer_init(bytes, max_bytes);
    if (!is_base64(text, length) || length == 0 || length / 4 * 3 > max_bytes)
        return ss_fail(error, SS_R_BAD_ANSWER, "the member \"%s\" of the answer is %s", name,
                       length == 0                  ? "empty"
                       : length / 4 * 3 > max_bytes ? "too long"
                                                    : "not base64");
    padding = (size_t)(text[length - 1] == '=') + (size_t)(text[length - 2] == '=');
    length = length / 4 * 3 - padding;
    decoded = OPENSSL_malloc(length + padding);
    if (decoded == NULL ||
        EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)strlen(text)) < 0)
        ss_fail_internal(error, "decoding base64");
    else if (!is_zero(decoded + length, padding))
        ss_fail(error, SS_R_BAD_ANSWER, "the member \"%s\" of the answer is not base64", name);
    else
        ok = ss_buffer_append(bytes, decoded, length) || ss_fail_internal(error, "memory");
    OPENSSL_free(decoded);
    return ok;
}

static bool is_encoding_of(X509 *certificate, const struct ss_buffer *der)
{
    unsigned char *encoding = NULL;
    int length = certificate == NULL ? -1 : i2d_X509(certificate, &encoding);
    bool is_same = length > 0 && (size_t)length == der->length &&
                   memcmp(encoding, der->bytes, der->length) == 0;

    OPENSSL_free(encoding);
    return is_same;
}

static bool parse_certificate(X509 **certificate, X509 *seen, const char *text, size_t length,
                              OSSL_LIB_CTX *libctx, struct ss_error *error)
{
    static const char name[] = "signerCertificate";
    struct ss_buffer der;
    const unsigned char *at;
    X509 *parsed = NULL;
    bool ok = false;

    ss_buffer_init(&der, 0);
    if (!decode(&der, name, text, length, CERTIFICATE_MAX_BYTES, error))
        goto out;
    /* Parsing a certificate and its key takes longer than verifying a signature. */
    if (is_encoding_of(seen, &der)) {
        ok = X509_up_ref(seen) == 1 || ss_fail_internal(error, "taking a certificate");
        *certificate = ok ? seen : NULL;
        goto out;
    }
    at = der.bytes;
    parsed = X509_new_ex(libctx, NULL);
    ERR_set_mark();
    /* On failure the object is freed and the variable NULL, as d2i functions do. */
    if (parsed == NULL || d2i_X509(&parsed, &at, (long)der.length) == NULL ||
        at != der.bytes + der.length || X509_get0_pubkey(parsed) == NULL)
        ss_fail(error, SS_R_BAD_ANSWER,
                "the member \"%s\" of the answer is not an X.509 certificate", name);
    else
        ok = true;
    ERR_pop_to_mark();
    if (ok) {
        *certificate = parsed;
        parsed = NULL;
    }
out:
    X509_free(parsed);
    ss_buffer_clear(&der);
    return ok;
}

static void keep_id(char *to, size_t size, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_string(value))
        ss_quote(to, size, json_string_value(value), json_string_length(value));
}

static bool parse_success(struct ss_process_answer *answer, const json_t *object,
                          OSSL_LIB_CTX *libctx, struct ss_error *error)
{
    const char *data, *certificate;
    size_t data_length, certificate_length;

    if (!get_string(&data, &data_length, object, "data", error) ||
        !get_string(&certificate, &certificate_length, object, "signerCertificate", error))
        return false;
    if (data == NULL)
        return ss_fail(error, SS_R_BAD_ANSWER,
                       "the answer has no member \"data\", so no signature");
    keep_id(answer->request_id, sizeof answer->request_id, object, "requestId");
    keep_id(answer->archive_id, sizeof answer->archive_id, object, "archiveId");
    return decode(&answer->signature, "data", data, data_length, SS_SIGNATURE_MAX_BYTES, error) &&
           (certificate == NULL ||
            parse_certificate(&answer->certificate, answer->seen, certificate, certificate_length,
                              libctx, error));
}

/* An answer that is not the application's: from a proxy, another server, another path. */
static bool fail_foreign(struct ss_process_answer *answer, const struct ss_wire_answer *from,
                         struct ss_error *error)
{
    char start[128], words[256];

    ss_quote(start, sizeof start, (const char *)from->body, from->body_length);
    snprintf(words, sizeof words, "an answer that is not SignServer's JSON (%s): %s",
             from->content_type[0] == '\0' ? "no content type" : from->content_type,
             start[0] == '\0' ? "empty" : start);
    if (from->status == 200)
        return ss_fail(
            error, SS_R_BAD_ANSWER,
            "HTTP 200: %s (check host and path of the setting url (SIGNSERVER_HOSTNAME))", words);
    return ss_wire_refuse(answer, from->status, words, error);
}

static bool parse_refusal(struct ss_process_answer *answer, long status, const json_t *object,
                          struct ss_error *error)
{
    const json_t *text = json_object_get(object, "error");
    char words[400] = "the server gives no reason";

    if (json_is_string(text))
        ss_quote(words, sizeof words, json_string_value(text), json_string_length(text));
    return ss_wire_refuse(answer, status, words, error);
}

static bool parse(struct ss_process_answer *answer, const struct ss_wire_answer *from,
                  OSSL_LIB_CTX *libctx, struct ss_error *error)
{
    json_t *object =
        from->body_length == 0
            ? NULL
            : json_loadb((const char *)from->body, from->body_length, JSON_REJECT_DUPLICATES, NULL);
    bool ok;

    if (!json_is_object(object))
        ok = fail_foreign(answer, from, error);
    else if (from->status == 200)
        ok = parse_success(answer, object, libctx, error);
    else
        ok = parse_refusal(answer, from->status, object, error);
    json_decref(object);
    return ok;
}

/* Newer releases ask for X-Keyfactor-Requested-With on every request of a client; its value is
 * never looked at. */
static const char *const headers[] = {"Accept: application/json",
                                      "X-Keyfactor-Requested-With: signserver-openssl", NULL};

const struct ss_wire ss_wire_rest = {
    .path = print_path,
    .content_type = "application/json",
    .headers = headers,
    .print = print_body,
    .parse = parse,
    .shows_certificate = true,
};
