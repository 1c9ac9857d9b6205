// SPDX-License-Identifier: Apache-2.0
#include "servlet.h"

#include <stdlib.h>
#include <string.h>

static const char process_path[] = "/signserver/process";
static const char worker_path[] = "/signserver/worker/";

bool servlet_has(const char *path)
{
    return strcmp(path, process_path) == 0 ||
           strncmp(path, worker_path, sizeof worker_path - 1) == 0;
}

/* Errors are pages; what the worker says of an illegal request is in a header as well. */
static void refuse(struct answer *answer, unsigned status, const char *text, bool has_header)
{
    char *page = NULL;
    if (asprintf(&page,
                 "<html><head><title>Error</title></head><body><h1>HTTP Status %u</h1><p>%s</p>"
                 "</body></html>",
                 status, text) < 0)
        return;
    answer_set_text(answer, status, "text/html", page);
    free(page);
    if (has_header)
        answer->reason = strdup(text);
}

/* A parameter of the query, decoded, for free(); NULL: absent or malformed. */
static char *parameter(const char *encoded)
{
    char *text = encoded ? strdup(encoded) : NULL;
    for (char *plus = text; plus && (plus = strchr(plus, '+')) != NULL;)
        *plus = ' ';
    char *decoded = text ? request_decode(text, strlen(text)) : NULL;
    free(text);
    return decoded;
}

static void set_outcome(struct answer *answer, const struct outcome *outcome)
{
    static const char prefix[] = "Internal server error: ";
    const char *text = outcome->error ? outcome->error : "";
    if (outcome->status == 200) {
        answer_set_bytes(answer, 200, "application/octet-stream", outcome->signature,
                         outcome->length);
        return;
    }
    if (strncmp(text, prefix, sizeof prefix - 1) == 0)
        text += sizeof prefix - 1;
    refuse(answer, outcome->status, text, outcome->status == 400);
}

static struct worker *find(const struct workers *workers, const struct request *request,
                           const char *name, const char *number, bool *is_id)
{
    int32_t id;
    *is_id = false;
    if (strcmp(request->path, process_path) != 0) /* and it is always a name, as it stands */
        return workers_find_name(workers, request->path + sizeof worker_path - 1);
    *is_id = number && request_parse_id(number, &id);
    if (*is_id)
        return workers_find_id(workers, id);
    return name ? workers_find_name(workers, name) : NULL;
}

static void record_metadata(json_t *record, const struct input *input)
{
    json_t *metadata = json_object();
    if (input->using_clientsupplied_hash)
        json_object_set_new(metadata, "USING_CLIENTSUPPLIED_HASH",
                            json_string(input->using_clientsupplied_hash));
    if (input->clientside_hashdigestalgorithm)
        json_object_set_new(metadata, "CLIENTSIDE_HASHDIGESTALGORITHM",
                            json_string(input->clientside_hashdigestalgorithm));
    json_object_set_new(record, "metaData", metadata);
}

static void ask_worker(struct answer *answer, json_t *record, struct input *input,
                       const struct request *request)
{
    struct outcome outcome;
    unsigned number;
    char *hash = parameter(request->using_clientsupplied_hash);
    char *algorithm = parameter(request->clientside_hashdigestalgorithm);
    input->using_clientsupplied_hash = hash;
    input->clientside_hashdigestalgorithm = algorithm;
    record_metadata(record, input);
    request_ask(&outcome, &number, input);
    set_outcome(answer, &outcome);
    outcome_clear(&outcome);
    request_play_faults(answer, input->worker, number);
    free(algorithm);
    free(hash);
}

void servlet_answer(struct answer *answer, json_t *record, const struct workers *workers,
                    const struct request *request)
{
    struct client client = {.certificate = request->client_certificate,
                            .is_trusted = request->is_client_trusted};
    struct input input = {.data = (const unsigned char *)(request->body ? request->body : ""),
                          .length = request->length,
                          .client = &client};
    char *name = parameter(request->worker_name), *number = parameter(request->worker_id);
    input.worker = find(workers, request, name, number, &input.is_addressed_by_id);
    json_object_set_new(record, "interface", json_string("http"));
    json_object_set_new(record, "worker",
                        json_string(input.worker ? input.worker->name
                                    : name       ? name
                                                 : ""));
    request_record(record, input.data, input.length);
    if (strcmp(request->method, "POST") != 0)
        refuse(answer, 405, "Method Not Allowed", false);
    else if (!input.worker)
        refuse(answer, 404, "Worker Not Found", false);
    else if (!login_parse(&client.login, request->authorization))
        refuse(answer, 500, process_unforeseen, false);
    else
        ask_worker(answer, record, &input, request);
    login_clear(&client.login);
    free(number);
    free(name);
}
