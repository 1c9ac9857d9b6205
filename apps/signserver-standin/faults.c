// SPDX-License-Identifier: Apache-2.0
#include "faults.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum argument { ARGUMENT_NONE, ARGUMENT_NUMBER, ARGUMENT_NUMBER_TEXT };

struct fault_kind {
    const char *name;
    enum argument argument;
    const char *argument_help;
    unsigned least, most, usual; /* of the number; with usual > 0 it may be left out */
    const char *help;
    bool needs_other;
    bool needs_success; /* there is nothing to spoil in a refusal */
    void (*alter_plan)(struct plan *plan, const struct credential *other);
    void (*alter_answer)(struct answer *answer, const struct fault *fault);
};

/* ---- Signing something else, with something else ---- */

static void play_bad_signature(struct plan *plan, const struct credential *other)
{
    (void)other;
    plan->alters_signature = true;
}

static void play_empty_signature(struct plan *plan, const struct credential *other)
{
    (void)other;
    plan->omits_signature = true;
}

static void play_other_signature(struct plan *plan, const struct credential *other)
{
    (void)other;
    plan->alters_input = true;
}

static void play_other_certificate(struct plan *plan, const struct credential *other)
{
    plan->certificate = other->certificate;
}

static void play_other_key(struct plan *plan, const struct credential *other)
{
    plan->signer = other;
    plan->certificate = other->certificate;
}

/* ---- Another answer than the worker's ---- */

static void play_status(struct answer *answer, const struct fault *fault)
{
    answer_set_error(answer, fault->number, fault->text);
}

static void play_html(struct answer *answer, const struct fault *fault)
{
    char page[128];
    snprintf(page, sizeof page, "<html><body><h1>%u %s</h1></body></html>", fault->number,
             fault->number == 502 ? "Bad Gateway" : "Proxy Error");
    answer_set_text(answer, fault->number, "text/html", page);
}

static void play_redirect(struct answer *answer, const struct fault *fault)
{
    answer_set_text(answer, fault->number, NULL, "");
    answer->location = "https://elsewhere.invalid/";
}

static void play_not_json(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    answer_set_text(answer, 200, "application/json", "this is no JSON");
}

static void play_empty_body(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    answer_set_text(answer, 200, "application/json", "");
}

/* ---- The worker's answer with one thing wrong ---- */

static void play_wrong_type(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    json_object_set_new(answer->body, "data", json_integer(42));
}

static void play_missing_data(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    json_object_del(answer->body, "data");
}

static void play_missing_certificate(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    json_object_del(answer->body, "signerCertificate");
}

static void play_null_certificate(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    json_object_set_new(answer->body, "archiveId", json_null());
    json_object_set_new(answer->body, "metaData", json_null());
    json_object_set_new(answer->body, "signerCertificate", json_null());
    json_object_set_new(answer->body, "later", json_pack("{s:[i,i]}", "x", 1, 2));
}

static void play_bad_base64(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    json_object_set_new(answer->body, "data", json_string("***"));
}

static void play_garbage_certificate(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    /* Base64 of bytes that begin as a certificate does, and go on as none. */
    json_object_set_new(answer->body, "signerCertificate", json_string("MIIC/////////w=="));
}

/* Puts `text` right behind the opening brace of the printed body; an answer that is not JSON stays
 * as it is. */
static void insert_member(struct answer *answer, const char *text)
{
    char *longer = NULL;
    answer_render(answer);
    if (answer->text_length == 0 || strcmp(answer->content_type, "application/json") != 0 ||
        asprintf(&longer, "{%s,%s", text, answer->text + 1) < 0)
        return;
    free(answer->text);
    answer->text = longer;
    answer->text_length = strlen(longer);
}

static void play_deep_json(struct answer *answer, const struct fault *fault)
{
    const size_t depth = fault->number;
    char *member = malloc(2 * depth + sizeof "\"deep\":");
    if (!member)
        return;
    char *at = stpcpy(member, "\"deep\":");
    memset(at, '[', depth);
    memset(at + depth, ']', depth);
    at[2 * depth] = '\0';
    insert_member(answer, member);
    free(member);
}

static void play_duplicate_key(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    insert_member(answer, "\"data\":\"AAAA\"");
}

/* ---- Delivery ---- */

static void play_delay(struct answer *answer, const struct fault *fault)
{
    answer->delay_ms = fault->number;
}

static void play_reset(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    answer->delivery = DELIVERY_RESET;
}

static void play_cut(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    answer->delivery = DELIVERY_CUT;
}

static void play_huge(struct answer *answer, const struct fault *fault)
{
    (void)fault;
    answer->delivery = DELIVERY_ENDLESS;
}

static void play_slow_body(struct answer *answer, const struct fault *fault)
{
    answer->delivery = DELIVERY_SLOW;
    answer->delay_ms = fault->number;
}

/* ---- All of them ---- */

static const struct fault_kind kinds[] = {
    {.name = "delay",
     .argument = ARGUMENT_NUMBER,
     .argument_help = ":MILLISECONDS",
     .least = 1,
     .most = 600000,
     .help = "answer late",
     .alter_answer = play_delay},
    {.name = "status",
     .argument = ARGUMENT_NUMBER_TEXT,
     .argument_help = ":CODE[:TEXT]",
     .least = 200,
     .most = 599,
     .help = "this status with {\"error\":TEXT}, or {}",
     .alter_answer = play_status},
    {.name = "html",
     .argument = ARGUMENT_NUMBER,
     .argument_help = ":CODE",
     .least = 200,
     .most = 599,
     .help = "this status with a page, as a proxy shows it",
     .alter_answer = play_html},
    {.name = "redirect",
     .argument = ARGUMENT_NUMBER,
     .argument_help = "[:CODE]",
     .least = 300,
     .most = 399,
     .usual = 302,
     .help = "send the client to another host",
     .alter_answer = play_redirect},
    {.name = "reset", .help = "reset the connection, no answer", .alter_answer = play_reset},
    {.name = "cut", .help = "end before Content-Length says so", .alter_answer = play_cut},
    {.name = "huge", .help = "an answer without an end", .alter_answer = play_huge},
    {.name = "slow-body",
     .argument = ARGUMENT_NUMBER,
     .argument_help = "[:MILLISECONDS]",
     .least = 1,
     .most = 600000,
     .usual = 200,
     .help = "the answer byte by byte",
     .alter_answer = play_slow_body},
    {.name = "empty-body", .help = "200, and nothing", .alter_answer = play_empty_body},
    {.name = "not-json", .help = "200, and no JSON", .alter_answer = play_not_json},
    {.name = "wrong-type",
     .needs_success = true,
     .help = "'data' is a number",
     .alter_answer = play_wrong_type},
    {.name = "deep-json",
     .needs_success = true,
     .argument = ARGUMENT_NUMBER,
     .argument_help = "[:DEPTH]",
     .least = 1,
     .most = 400000,
     .usual = 100000,
     .help = "arrays within arrays",
     .alter_answer = play_deep_json},
    {.name = "duplicate-key",
     .needs_success = true,
     .help = "'data' twice",
     .alter_answer = play_duplicate_key},
    {.name = "missing-data",
     .needs_success = true,
     .help = "no 'data'",
     .alter_answer = play_missing_data},
    {.name = "bad-base64",
     .needs_success = true,
     .help = "'data' is no base64",
     .alter_answer = play_bad_base64},
    {.name = "missing-certificate",
     .needs_success = true,
     .help = "no 'signerCertificate'",
     .alter_answer = play_missing_certificate},
    {.name = "null-certificate",
     .needs_success = true,
     .help = "null where null may be, and an unknown member",
     .alter_answer = play_null_certificate},
    {.name = "garbage-certificate",
     .needs_success = true,
     .help = "'signerCertificate' is none",
     .alter_answer = play_garbage_certificate},
    {.name = "empty-signature", .help = "'data' is empty", .alter_plan = play_empty_signature},
    {.name = "bad-signature",
     .help = "one bit of the signature is wrong",
     .alter_plan = play_bad_signature},
    {.name = "other-signature",
     .help = "a signature of something else",
     .alter_plan = play_other_signature},
    {.name = "other-certificate",
     .help = "the certificate of another key",
     .needs_other = true,
     .alter_plan = play_other_certificate},
    {.name = "other-key",
     .help = "another key with its certificate",
     .needs_other = true,
     .alter_plan = play_other_key},
};

static const struct fault_kind *find_kind(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0)
            return &kinds[i];
    }
    return NULL;
}

void faults_print_help(FILE *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *argument = kinds[i].argument_help ? kinds[i].argument_help : "";
        int width = 26 - (int)strlen(kinds[i].name);
        fprintf(out, "  %s%-*s %s\n", kinds[i].name, width, argument, kinds[i].help);
    }
}

/* ---- Parsing ---- */

/* Decimal digits at *text, which moves behind them; false when there are none or too many. */
static bool take_number(const char **text, unsigned *number)
{
    char *end = NULL;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    unsigned long value = strtoul(*text, &end, 10);
    *text = end;
    *number = (unsigned)value;
    return errno == 0 && value <= UINT_MAX;
}

static bool take_prefix(const char **text, const char *prefix, unsigned *number)
{
    const char *at = *text;
    size_t length = strlen(prefix);
    if (strncmp(at, prefix, length) != 0)
        return false;
    at += length;
    if (!take_number(&at, number) || *at != ':')
        return false;
    *text = at + 1;
    return true;
}

/* `text` is what follows the name: nothing, or a colon and the argument. */
static bool parse_argument(struct fault *fault, const char *text)
{
    const struct fault_kind *kind = fault->kind;
    fault->number = kind->usual;
    if (!*text)
        return kind->argument == ARGUMENT_NONE || kind->usual > 0;
    text++;
    if (kind->argument == ARGUMENT_NONE || !take_number(&text, &fault->number) ||
        fault->number < kind->least || fault->number > kind->most)
        return false;
    if (!*text || kind->argument != ARGUMENT_NUMBER_TEXT)
        return !*text;
    fault->text = *text == ':' ? strdup(text + 1) : NULL;
    return fault->text != NULL;
}

bool fault_parse(struct fault *fault, const char *text, struct problem *problem)
{
    const char *at = text;
    *fault = (struct fault){.until = UINT_MAX};
    if (!take_prefix(&at, "first-", &fault->until))
        take_prefix(&at, "after-", &fault->from);

    size_t length = strcspn(at, ":");
    fault->kind = find_kind(at, length);
    if (!fault->kind)
        return fail(problem, "fault '%s': there is no such fault; --help lists them", text);
    if (!parse_argument(fault, at + length)) {
        fault_clear(fault);
        return fail(problem, "fault '%s': its form is %s%s", text, find_kind(at, length)->name,
                    find_kind(at, length)->argument_help ? find_kind(at, length)->argument_help
                                                         : "");
    }
    return true;
}

void fault_clear(struct fault *fault)
{
    free(fault->text);
    *fault = (struct fault){0};
}

/* ---- Playing ---- */

bool fault_needs_other(const struct fault *fault)
{
    return fault->kind->needs_other;
}

bool fault_is_due(const struct fault *fault, unsigned number)
{
    return number >= fault->from && number < fault->until;
}

void fault_alter_plan(const struct fault *fault, struct plan *plan, const struct credential *other)
{
    if (fault->kind->alter_plan)
        fault->kind->alter_plan(plan, other);
}

void fault_alter_answer(const struct fault *fault, struct answer *answer)
{
    bool is_success = answer->status == 200;
    if (fault->kind->alter_answer && (is_success || !fault->kind->needs_success))
        fault->kind->alter_answer(answer, fault);
}
