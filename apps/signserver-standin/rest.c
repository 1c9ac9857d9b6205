// SPDX-License-Identifier: Apache-2.0
#include "rest.h"

#include "base64.h"
#include "process.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char rest_root[] = "/signserver/rest/v1";

/* ---- The path ---- */

/* The worker of /workers/WORKER/process, decoded up to a matrix parameter, for free(); NULL when it
 * is another path. */
static char *worker_of_path(const char *path)
{
    static const char before[] = "/workers/", after[] = "/process";
    if (strncmp(path, before, sizeof before - 1) != 0)
        return NULL;
    path += sizeof before - 1;
    size_t length = strcspn(path, "/");
    return length > 0 && strcmp(path + length, after) == 0
               ? request_decode(path, strcspn(path, "/;"))
               : NULL;
}

/* ---- The request ---- */

struct parsed {
    json_t *body;
    json_t *metadata; /* within the body; NULL: none */
    unsigned char *data;
    size_t length;
};

static bool refuse(struct answer *answer, unsigned status, const char *text)
{
    answer_set_error(answer, status, text);
    return false;
}

static bool refuse_unforeseen(struct answer *answer)
{
    return refuse(answer, 500, process_unforeseen);
}

/* Whether the media type of a Content-Type header is this one. */
static bool is_media_type(const char *header, const char *type)
{
    size_t length = strlen(type);
    return header && strncasecmp(header, type, length) == 0 &&
           (header[length] == '\0' || strchr("; \t", header[length]));
}

static bool accepts_json(const char *header)
{
    return !header || strcasestr(header, "application/json") ||
           strcasestr(header, "application/*") || strstr(header, "*/*");
}

static bool check_headers(struct answer *answer, const struct request *request)
{
    if (is_media_type(request->content_type, "multipart/form-data") && !request->requested_with)
        return refuse(answer, 403, "Access is forbidden!");
    return (strcmp(request->method, "POST") == 0 &&
            is_media_type(request->content_type, "application/json") &&
            accepts_json(request->accept)) ||
           refuse_unforeseen(answer);
}

static bool is_absent(const json_t *value)
{
    return !value || json_is_null(value);
}

static bool check_metadata(const json_t *metadata)
{
    if (!metadata)
        return true;
    if (!json_is_object(metadata))
        return false;
    json_t *iterated = (json_t *)(uintptr_t)metadata; /* which jansson's iterators do not change */
    for (void *at = json_object_iter(iterated); at; at = json_object_iter_next(iterated, at)) {
        const json_t *value = json_object_iter_value(at);
        if (!json_is_string(value) && !json_is_boolean(value) && !json_is_null(value))
            return false;
    }
    return true;
}

static bool is_known_encoding(const json_t *encoding)
{
    const char *word = json_string_value(encoding);
    return is_absent(encoding) ||
           (word && (strcmp(word, "NONE") == 0 || strcmp(word, "BASE64") == 0));
}

static bool parse_body(struct parsed *parsed, struct answer *answer, const struct request *request)
{
    json_error_t error;
    parsed->body =
        json_loadb(request->body ? request->body : "", request->length, JSON_ALLOW_NUL, &error);
    const json_t *data = json_object_get(parsed->body, "data");
    const json_t *encoding = json_object_get(parsed->body, "encoding");
    json_t *metadata = json_object_get(parsed->body, "metaData");
    parsed->metadata = is_absent(metadata) ? NULL : metadata;
    if (!json_is_object(parsed->body) || (!is_absent(data) && !json_is_string(data)) ||
        !is_known_encoding(encoding) || !check_metadata(parsed->metadata))
        return refuse_unforeseen(answer);
    return !is_absent(data) || refuse(answer, 400, "Missing data in request");
}

static bool decode_data(struct parsed *parsed, struct answer *answer)
{
    const json_t *data = json_object_get(parsed->body, "data");
    const char *encoding = json_string_value(json_object_get(parsed->body, "encoding"));
    const char *text = json_string_value(data);
    size_t length = json_string_length(data);
    if (encoding && strcmp(encoding, "BASE64") == 0)
        return base64_decode(&parsed->data, &parsed->length, text, length) ||
               refuse(answer, 500, "Incorrect base64 data");
    parsed->data = malloc(length + 1);
    if (!parsed->data)
        return refuse_unforeseen(answer);
    memcpy(parsed->data, text, length);
    parsed->length = length;
    return true;
}

static void parsed_clear(struct parsed *parsed)
{
    free(parsed->data);
    json_decref(parsed->body);
}

/* A JSON true counts as the word. */
static const char *metadata_get(const struct parsed *parsed, const char *key)
{
    const json_t *value = json_object_get(parsed->metadata, key);
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    return json_string_value(value);
}

/* ---- The answer ---- */

static void set_certificate(json_t *object, const X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    if (length > 0)
        request_set_base64(object, "signerCertificate", der, (size_t)length);
    OPENSSL_free(der);
}

static void set_ids(json_t *object)
{
    unsigned char random[24] = {0};
    char archive[41];
    int32_t request;
    RAND_bytes(random, sizeof random);
    for (size_t i = 0; i < 20; i++)
        snprintf(archive + 2 * i, 3, "%02x", random[i]);
    memcpy(&request, random + 20, sizeof request);
    json_object_set_new(object, "archiveId", json_string(archive));
    json_object_set_new(object, "requestId", json_sprintf("%d", (int)request));
}

static void set_outcome(struct answer *answer, const struct outcome *outcome)
{
    if (outcome->status != 200) {
        answer_set_error(answer, outcome->status, outcome->error);
        return;
    }
    answer_set_error(answer, 200, NULL);
    set_ids(answer->body);
    request_set_base64(answer->body, "data", outcome->signature, outcome->length);
    json_object_set_new(answer->body, "metaData", json_object());
    set_certificate(answer->body, outcome->certificate);
}

/* ---- A request to a worker ---- */

static void record_request(json_t *record, const struct parsed *parsed)
{
    if (parsed->metadata)
        json_object_set(record, "metaData", parsed->metadata);
    request_record(record, parsed->data, parsed->length);
}

static void ask_worker(struct answer *answer, struct worker *worker, bool is_addressed_by_id,
                       const struct parsed *parsed, const struct client *client)
{
    unsigned number;
    struct outcome outcome;
    struct input input = {
        .worker = worker,
        .is_addressed_by_id = is_addressed_by_id,
        .data = parsed->data,
        .length = parsed->length,
        .using_clientsupplied_hash = metadata_get(parsed, "USING_CLIENTSUPPLIED_HASH"),
        .clientside_hashdigestalgorithm = metadata_get(parsed, "CLIENTSIDE_HASHDIGESTALGORITHM"),
        .client = client,
    };
    request_ask(&outcome, &number, &input);
    set_outcome(answer, &outcome);
    outcome_clear(&outcome);
    request_play_faults(answer, worker, number);
}

static void answer_worker(struct answer *answer, json_t *record, const struct workers *workers,
                          const char *name, const struct request *request)
{
    struct parsed parsed = {0};
    struct client client = {.certificate = request->client_certificate,
                            .is_trusted = request->is_client_trusted};
    if (!check_headers(answer, request) || !parse_body(&parsed, answer, request) ||
        !decode_data(&parsed, answer))
        goto out;
    record_request(record, &parsed);
    if (!login_parse(&client.login, request->authorization)) {
        refuse_unforeseen(answer);
        goto out;
    }

    int32_t id;
    bool is_id = request_parse_id(name, &id);
    struct worker *worker = is_id ? workers_find_id(workers, id) : workers_find_name(workers, name);
    if (worker) {
        json_object_set_new(record, "worker", json_string(worker->name));
        ask_worker(answer, worker, is_id, &parsed, &client);
    } else {
        char *text = NULL;
        int length = is_id ? asprintf(&text, "No such worker: %d", (int)id)
                           : asprintf(&text, "No such worker: %s", name);
        refuse(answer, 404, length < 0 ? NULL : text);
        if (length >= 0)
            free(text);
    }
out:
    login_clear(&client.login);
    parsed_clear(&parsed);
}

void rest_answer(struct answer *answer, json_t *record, const struct workers *workers,
                 const struct request *request)
{
    char *name = worker_of_path(request->path + strlen(rest_root));
    if (!name) {
        refuse_unforeseen(answer);
        return;
    }
    json_object_set_new(record, "worker", json_string(name));
    answer_worker(answer, record, workers, name, request);
    free(name);
}
