// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include "sign.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

const char process_unforeseen[] = "The server were unable to process the request. See server-side "
                                  "logs for more details.";

#define OFFLINE "org.signserver.common.CryptoTokenOfflineException: "

struct job {
    const struct input *input;
    const struct worker *worker; /* input->worker */
    struct outcome *outcome;
    struct plan plan;
    bool is_digest;              /* what the data is */
    const struct digest *digest; /* then which */
    struct scheme scheme;
};

/* ---- Refusing ---- */

static bool refuse(struct job *job, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(struct job *job, unsigned status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&job->outcome->error, format, arguments) < 0)
        job->outcome->error = NULL;
    va_end(arguments);
    job->outcome->status = status;
    return false;
}

static bool refuse_unforeseen(struct job *job)
{
    return refuse(job, 500, "%s", process_unforeseen);
}

/* The signer itself failed, and SignServer tells which one. */
static bool refuse_signer(struct job *job, const char *reason)
{
    return refuse(job, 500,
                  "Internal server error: SignServerException calling signer with ID %d : %s",
                  (int)job->worker->id, reason);
}

/* ---- Worker properties ---- */

static bool is_word(const char *value, const char *word)
{
    return value && strcasecmp(value, word) == 0;
}

static bool is_true(const struct job *job, enum setting setting)
{
    return is_word(worker_get(job->worker, setting), "true");
}

static bool is_boolean(const struct job *job, enum setting setting)
{
    const char *value = worker_get(job->worker, setting);
    return !value || is_word(value, "true") || is_word(value, "false");
}

/* Whether one list of digest names, separated by commas or colons, has this digest. */
static bool list_has(const char *list, const struct digest *digest)
{
    while (*list) {
        list += strspn(list, ",: ");
        size_t length = strcspn(list, ",:"), end = length;
        while (end > 0 && list[end - 1] == ' ')
            end--;
        const struct digest *listed = digest_find(list, end);
        if (listed && listed->canonical && digest->canonical &&
            strcmp(listed->canonical, digest->canonical) == 0)
            return true;
        list += length;
    }
    return false;
}

static bool accepts(const struct worker *worker, const struct digest *digest)
{
    char *const *lists = worker->settings[SETTING_ACCEPTED_HASH_DIGEST_ALGORITHMS];
    for (size_t i = 0; i < WORKER_MAX_VALUES && lists[i]; i++) {
        if (list_has(lists[i], digest))
            return true;
    }
    return false;
}

/* ---- The checks, in SignServer's order ---- */

static bool check_client(struct job *job)
{
    unsigned status = authorize(&job->outcome->error, job->worker, job->input->client);
    job->outcome->status = status;
    return status == 0;
}

static bool check_enabled(struct job *job)
{
    static const char words[] = "is disabled and cannot perform any signature operations";
    if (!is_true(job, SETTING_DISABLED))
        return true;
    if (job->input->is_addressed_by_id)
        return refuse(job, 503, "Error Signer : Worker{id: %d} %s", (int)job->worker->id, words);
    return refuse(job, 503, "Error Signer : Worker{name: %s} %s", job->worker->name, words);
}

static bool check_configuration(struct job *job)
{
    bool takes_digests = is_true(job, SETTING_CLIENTSIDEHASHING) ||
                         is_true(job, SETTING_ALLOW_CLIENTSIDEHASHING_OVERRIDE);
    bool ok = is_boolean(job, SETTING_CLIENTSIDEHASHING) &&
              is_boolean(job, SETTING_ALLOW_CLIENTSIDEHASHING_OVERRIDE) &&
              (!takes_digests || worker_get(job->worker, SETTING_ACCEPTED_HASH_DIGEST_ALGORITHMS));
    return ok || refuse_signer(job, "Worker is misconfigured");
}

static bool check_token(struct job *job)
{
    const char *token = worker_get(job->worker, SETTING_TOKEN);
    if (!token)
        return true;
    if (strcmp(token, "missing") == 0)
        return refuse(job, 503, OFFLINE "Crypto token not available");
    return refuse(job, 503, OFFLINE "Signtoken isn't active.");
}

static bool check_digest_allowed(struct job *job)
{
    const char *asked = job->input->using_clientsupplied_hash;
    bool is_usual = is_true(job, SETTING_CLIENTSIDEHASHING);
    bool is_free = is_true(job, SETTING_ALLOW_CLIENTSIDEHASHING_OVERRIDE);
    bool is_asked = asked && asked[strspn(asked, " \t\r\n")] != '\0';
    /* Every word but "true" asks for the other thing. */
    job->is_digest = is_asked ? is_word(asked, "true") : is_usual;
    if (job->is_digest == is_usual || is_free)
        return true;
    return refuse(job, 400, "%s-side hashing requested but not allowed",
                  job->is_digest ? "Client" : "Server");
}

static bool check_digest_named(struct job *job)
{
    const char *name = job->input->clientside_hashdigestalgorithm;
    if (!job->is_digest)
        return true;
    job->digest = name ? digest_find(name, strlen(name)) : NULL;
    return job->digest ||
           refuse(job, 400, "Client-side hashing request must specify hash algorithm used");
}

static bool check_digest_accepted(struct job *job)
{
    return !job->is_digest || accepts(job->worker, job->digest) ||
           refuse(job, 400, "Client specified a non-accepted digest hash algorithm");
}

static bool check_algorithm(struct job *job)
{
    const EVP_PKEY *key = job->plan.signer->key;
    bool is_known =
        scheme_find(&job->scheme, worker_get(job->worker, SETTING_SIGNATUREALGORITHM), key);
    if (!is_known && !job->is_digest)
        return refuse_unforeseen(job);
    return (is_known && scheme_takes_key(&job->scheme, key)) ||
           refuse_signer(job, "Error initializing signer");
}

static bool check_length(struct job *job)
{
    if (!job->is_digest || job->digest->bytes == job->input->length)
        return true;
    if (job->digest->bytes == 0)
        return refuse_unforeseen(job);
    return refuse(job, 400,
                  "Input length doesn't match hash digest algorithm specified through request "
                  "metadata");
}

static bool check_pss(struct job *job)
{
    bool needs_digest = job->scheme.padding == PADDING_PSS && scheme_is_bare(&job->scheme);
    return !needs_digest || job->is_digest ||
           refuse(job, 400,
                  "NONEwithRSAandMGF1 is not supported without the request metadata properties for "
                  "client-side hashing");
}

/* ---- Signing ---- */

/* A copy of the data with one bit in its last byte turned, for a fault; no data becomes one byte.
 */
static unsigned char *alter(const unsigned char *data, size_t *length)
{
    unsigned char *copy = calloc(*length + 1, 1);
    if (!copy)
        return NULL;
    if (*length == 0)
        *length = 1;
    else
        memcpy(copy, data, *length);
    copy[*length - 1] ^= 1;
    return copy;
}

static void spoil_signature(struct outcome *outcome, const struct plan *plan)
{
    if (plan->alters_signature && outcome->length > 0)
        outcome->signature[outcome->length - 1] ^= 1;
    if (plan->omits_signature)
        outcome->length = 0;
}

static bool make_signature(struct job *job)
{
    struct outcome *outcome = job->outcome;
    size_t length = job->input->length;
    unsigned char *altered = job->plan.alters_input ? alter(job->input->data, &length) : NULL;
    enum signing_result result =
        sign(&outcome->signature, &outcome->length, &job->scheme, job->plan.signer->key,
             job->digest, altered ? altered : job->input->data, length);
    free(altered);
    if (result == SIGNING_CRASHED)
        return refuse_unforeseen(job);
    if (result == SIGNING_NOT_INITIALISED)
        return refuse_signer(job, "Error initializing signer");
    spoil_signature(outcome, &job->plan);
    outcome->certificate = job->plan.certificate;
    return true;
}

/* ---- What is looked at when the work is done ---- */

static bool refuse_date(struct job *job, const char *words, const ASN1_TIME *time)
{
    /* As Java's Date prints itself on a server that runs in UTC, whatever our locale is. */
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm date = {0};
    ASN1_TIME_to_tm(time, &date);
    return refuse(job, 503,
                  OFFLINE "Error Signer Worker{id: %d} %s %.3s %.3s %02d %02d:%02d:%02d UTC %d",
                  (int)job->worker->id, words, days + (ptrdiff_t)3 * date.tm_wday,
                  months + (ptrdiff_t)3 * date.tm_mon, date.tm_mday, date.tm_hour, date.tm_min,
                  date.tm_sec, date.tm_year + 1900);
}

static bool check_validity(struct job *job)
{
    const X509 *certificate = job->plan.signer->certificate;
    const ASN1_TIME *from = X509_get0_notBefore(certificate);
    const ASN1_TIME *to = X509_get0_notAfter(certificate);
    if (is_word(worker_get(job->worker, SETTING_CHECKCERTVALIDITY), "false"))
        return true;
    if (X509_cmp_current_time(from) > 0)
        return refuse_date(job, "is not valid until", from);
    if (X509_cmp_current_time(to) < 0)
        return refuse_date(job, "expired at", to);
    return true;
}

static bool check_counter(struct job *job)
{
    const char *limit = worker_get(job->worker, SETTING_KEYUSAGELIMIT);
    unsigned used = atomic_fetch_add(&job->input->worker->signatures, 1);
    if (!limit || limit[0] == '-' || used < strtoul(limit, NULL, 10))
        return true;
    return refuse(job, 503, "Key usage limit exceeded or not initialized for worker %d",
                  (int)job->worker->id);
}

static bool (*const steps[])(struct job *job) = {
    check_client,         check_enabled,      check_configuration,   check_token,
    check_digest_allowed, check_digest_named, check_digest_accepted, check_algorithm,
    check_length,         check_pss,          make_signature,        check_validity,
    check_counter,
};

static struct plan make_plan(const struct worker *worker, unsigned number)
{
    struct plan plan = {.signer = &worker->signer, .certificate = worker->signer.certificate};
    for (size_t i = 0; i < worker->fault_count; i++) {
        if (fault_is_due(&worker->faults[i], number))
            fault_alter_plan(&worker->faults[i], &plan, &worker->other);
    }
    return plan;
}

void process(struct outcome *outcome, const struct input *input, unsigned number)
{
    *outcome = (struct outcome){0};
    struct job job = {.input = input,
                      .worker = input->worker,
                      .outcome = outcome,
                      .plan = make_plan(input->worker, number)};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (!steps[i](&job))
            return;
    }
    outcome->status = 200;
}

void outcome_clear(struct outcome *outcome)
{
    free(outcome->error);
    free(outcome->signature);
    *outcome = (struct outcome){0};
}
