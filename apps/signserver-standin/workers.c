// SPDX-License-Identifier: Apache-2.0
#include "workers.h"

#include "sign.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Settings ---- */

static const struct {
    const char *name;
    bool is_repeatable;
    const char *value_help, *help;
} setting_table[SETTING_COUNT] = {
    [SETTING_ID] = {"id", false, "N", "the worker's number; the next free one"},
    [SETTING_KEY] = {"key", false, "TYPE|FILE.pem",
                     "a fresh key of this type, or this one; rsa-2048"},
    [SETTING_CERT] = {"cert", false, "FILE.pem",
                      "its certificate, which need not fit; a fresh one"},
    [SETTING_NOT_BEFORE] = {"not-before", false, "YYYYMMDDHHMMSSZ", "of the fresh certificate"},
    [SETTING_NOT_AFTER] = {"not-after", false, "YYYYMMDDHHMMSSZ", "of the fresh certificate"},
    [SETTING_TOKEN] = {"token", false, "offline|missing", "the crypto token does not work"},
    [SETTING_USER] = {"user", true, "NAME:PASSWORD", "who may sign, where AUTHTYPE asks"},
    [SETTING_FAULT] = {"fault", true, "FAULT", "what to do wrong, see below"},
    [SETTING_SIGNATUREALGORITHM] = {"SIGNATUREALGORITHM", false, "NAME",
                                    "as the key is: NONEwithRSA, NONEwithECDSA, Ed25519, ..."},
    [SETTING_CLIENTSIDEHASHING] = {"CLIENTSIDEHASHING", false, "true|false",
                                   "true where the algorithm is NONEwith..."},
    [SETTING_ALLOW_CLIENTSIDEHASHING_OVERRIDE] = {"ALLOW_CLIENTSIDEHASHING_OVERRIDE", false,
                                                  "true|false", "false"},
    [SETTING_ACCEPTED_HASH_DIGEST_ALGORITHMS] =
        {"ACCEPTED_HASH_DIGEST_ALGORITHMS", true, "NAME:NAME...",
         "SHA-256:SHA-384:SHA-512 where the algorithm is NONEwith..."},
    [SETTING_AUTHTYPE] = {"AUTHTYPE", false, "NAME",
                          "NOAUTH; or CLIENTCERT, UsernamePasswordAuthorizer, UsernameAuthorizer"},
    [SETTING_DISABLED] = {"DISABLED", false, "true|false", "false"},
    [SETTING_KEYUSAGELIMIT] = {"KEYUSAGELIMIT", false, "N", "refuses after so many signatures"},
    [SETTING_CHECKCERTVALIDITY] = {"CHECKCERTVALIDITY", false, "true|false", "true"},
};

void settings_print_help(FILE *out)
{
    const int column = 34;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        int used = fprintf(out, "  %s=%s", setting_table[i].name, setting_table[i].value_help);
        if (used > column) { /* the help goes below */
            putc('\n', out);
            used = 0;
        }
        fprintf(out, "%*s %s\n", column - used, "", setting_table[i].help);
    }
}

const char *worker_get(const struct worker *worker, enum setting setting)
{
    const char *value = worker->settings[setting][0];
    return value && value[0] ? value : NULL;
}

static bool set_value(struct worker *worker, const char *name, const char *value,
                      struct problem *problem)
{
    size_t setting = 0, used = 0;
    while (setting < SETTING_COUNT && strcmp(setting_table[setting].name, name) != 0)
        setting++;
    if (setting == SETTING_COUNT)
        return fail(problem, "worker %s: there is no setting '%s'; --help lists them", worker->name,
                    name);
    while (used < WORKER_MAX_VALUES && worker->settings[setting][used])
        used++;
    if (used == (setting_table[setting].is_repeatable ? WORKER_MAX_VALUES : 1))
        return fail(problem, "worker %s: '%s' is there too often", worker->name, name);
    worker->settings[setting][used] = strdup(value);
    return worker->settings[setting][used] || fail_memory(problem);
}

/* What was not said; a value that was said to be nothing stays so. */
static bool set_default(struct worker *worker, enum setting setting, const char *value,
                        struct problem *problem)
{
    return worker->settings[setting][0] ||
           set_value(worker, setting_table[setting].name, value, problem);
}

/* ---- Adding ---- */

static void clear_worker(struct worker *worker)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        for (size_t k = 0; k < WORKER_MAX_VALUES; k++)
            free(worker->settings[i][k]);
    }
    for (size_t i = 0; i < worker->fault_count; i++)
        fault_clear(&worker->faults[i]);
    credential_clear(&worker->other);
    credential_clear(&worker->signer);
    free(worker->name);
}

void workers_clear(struct workers *workers)
{
    for (size_t i = 0; i < workers->count; i++)
        clear_worker(&workers->items[i]);
    free(workers->items);
    *workers = (struct workers){0};
}

struct worker *workers_find_name(const struct workers *workers, const char *name)
{
    for (size_t i = 0; i < workers->count; i++) {
        if (strcmp(workers->items[i].name, name) == 0)
            return &workers->items[i];
    }
    return NULL;
}

struct worker *workers_find_id(const struct workers *workers, int32_t id)
{
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->items[i].id == id)
            return &workers->items[i];
    }
    return NULL;
}

static struct worker *add_named(struct workers *workers, const char *name, struct problem *problem)
{
    if (!name[0] || workers_find_name(workers, name)) {
        fail(problem, "worker '%s': %s", name, name[0] ? "there are two of this name" : "no name");
        return NULL;
    }
    struct worker *items = realloc(workers->items, (workers->count + 1) * sizeof *workers->items);
    char *copy = strdup(name);
    if (items)
        workers->items = items;
    if (!items || !copy) {
        free(copy);
        fail_memory(problem);
        return NULL;
    }
    struct worker *worker = &items[workers->count++];
    memset(worker, 0, sizeof *worker);
    worker->name = copy;
    return worker;
}

/* Takes the part up to the next comma, without backslashes, into `part`; moves *text behind it. */
static void take_part(const char **text, char *part)
{
    const char *at = *text;
    for (; *at && *at != ','; at++) {
        if (*at == '\\' && at[1])
            at++;
        *part++ = *at;
    }
    *part = '\0';
    *text = *at ? at + 1 : at;
}

bool workers_add(struct workers *workers, const char *text, struct problem *problem)
{
    bool ok = false;
    char *part = malloc(strlen(text) + 1);
    if (!part)
        return fail_memory(problem);
    take_part(&text, part);
    struct worker *worker = add_named(workers, part, problem);
    if (!worker)
        goto out;
    while (*text) {
        take_part(&text, part);
        char *value = strchr(part, '=');
        if (!value) {
            fail(problem, "worker %s: '%s' is not SETTING=VALUE", worker->name, part);
            goto out;
        }
        *value++ = '\0';
        if (!set_value(worker, part, value, problem))
            goto out;
    }
    ok = true;
out:
    free(part);
    return ok;
}

/* ---- Adding from a file ---- */

/* One JSON value that stands for text. */
static bool set_json(struct worker *worker, const char *name, const json_t *value,
                     struct problem *problem)
{
    char number[32];
    if (json_is_string(value))
        return set_value(worker, name, json_string_value(value), problem);
    if (json_is_boolean(value))
        return set_value(worker, name, json_is_true(value) ? "true" : "false", problem);
    if (!json_is_integer(value))
        return fail(problem, "worker %s: '%s' is neither text nor a number nor true or false",
                    worker->name, name);
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    return set_value(worker, name, number, problem);
}

static bool set_member(struct worker *worker, const char *name, const json_t *value,
                       struct problem *problem)
{
    if (strcmp(name, "name") == 0)
        return true;
    if (!json_is_array(value))
        return set_json(worker, name, value, problem);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!set_json(worker, name, json_array_get(value, i), problem))
            return false;
    }
    return true;
}

static bool add_object(struct workers *workers, json_t *object, struct problem *problem)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    struct worker *worker = add_named(workers, name ? name : "", problem);
    if (!worker)
        return false;
    const char *member;
    json_t *value;
    json_object_foreach(object, member, value)
    {
        if (!set_member(worker, member, value, problem))
            return false;
    }
    return true;
}

bool workers_read(struct workers *workers, const char *path, struct problem *problem)
{
    json_error_t error;
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    bool ok = json_is_array(file);
    if (!file && error.line < 0)
        fail(problem, "%s", error.text);
    else if (!file)
        fail(problem, "%s: line %d: %s", path, error.line, error.text);
    else if (!ok)
        fail(problem, "%s: not an array of workers", path);
    for (size_t i = 0; ok && i < json_array_size(file); i++)
        ok = add_object(workers, json_array_get(file, i), problem);
    json_decref(file);
    return ok;
}

/* ---- Preparing ---- */

/* Names of files that are no worker's. */
static const char *const reserved[] = {"ca", "client", "other-ca", "server", "stranger"};

/* The worker's name with everything outside RFC 3986 unreserved, and a leading dot, as %XX. */
static char *file_name(const struct worker *worker, struct problem *problem)
{
    char *name = malloc(3 * strlen(worker->name) + 1), *at = name;
    if (!name) {
        fail_memory(problem);
        return NULL;
    }
    for (const char *from = worker->name; *from; from++) {
        if (isalnum((unsigned char)*from) || strchr("-_~", *from) ||
            (*from == '.' && from > worker->name))
            *at++ = *from;
        else
            at += snprintf(at, 4, "%%%02X", (unsigned)(unsigned char)*from);
    }
    *at = '\0';
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(reserved[i], name) == 0) {
            fail(problem, "worker %s: the files of this name are other ones", name);
            free(name);
            return NULL;
        }
    }
    return name;
}

static bool choose_id(const struct workers *workers, struct worker *worker, struct problem *problem)
{
    const char *text = worker_get(worker, SETTING_ID);
    int32_t id = 1;
    if (!text) {
        while (workers_find_id(workers, id))
            id++;
        worker->id = id;
        return true;
    }
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end || number < 1 || number > INT32_MAX)
        return fail(problem, "worker %s: id '%s' is no number from 1 to %d", worker->name, text,
                    INT32_MAX);
    if (workers_find_id(workers, (int32_t)number))
        return fail(problem, "worker %s: there are two of the id %ld", worker->name, number);
    worker->id = (int32_t)number;
    return true;
}

static bool issue(struct credential *credential, const struct worker *worker,
                  const struct credential *ca, struct problem *problem)
{
    struct certificate_profile profile = {
        .common_name = worker->name,
        .usage = {{"keyUsage", "critical,digitalSignature"}},
        .not_before = worker_get(worker, SETTING_NOT_BEFORE),
        .not_after = worker_get(worker, SETTING_NOT_AFTER),
    };
    return certificate_issue(credential, &profile, ca, problem);
}

static bool make_signer(struct worker *worker, const struct credential *ca, struct problem *problem)
{
    const char *key = worker_get(worker, SETTING_KEY), *file = worker_get(worker, SETTING_CERT);
    worker->signer.key = key_new(key, problem);
    if (!worker->signer.key)
        return false;
    if (!file)
        return issue(&worker->signer, worker, ca, problem);
    worker->signer.certificate = certificate_read(file, problem);
    return worker->signer.certificate != NULL;
}

/* With a key file there is no word for the kind of key: a fresh one is made like it. */
static bool make_other(struct worker *worker, const struct credential *ca, struct problem *problem)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(worker->signer.key, NULL);
    bool ok = context && EVP_PKEY_keygen_init(context) > 0;
    if (ok && EVP_PKEY_is_a(worker->signer.key, "RSA"))
        ok = EVP_PKEY_CTX_set_rsa_keygen_bits(context, EVP_PKEY_get_bits(worker->signer.key)) > 0;
    ok = ok && EVP_PKEY_generate(context, &key) > 0;
    EVP_PKEY_CTX_free(context);
    worker->other.key = key;
    if (!ok)
        return fail_crypto(problem, "worker %s: cannot make another key", worker->name);
    return issue(&worker->other, worker, ca, problem);
}

static bool prepare_faults(struct worker *worker, const struct credential *ca,
                           struct problem *problem)
{
    char *const *texts = worker->settings[SETTING_FAULT];
    for (size_t i = 0; i < WORKER_MAX_VALUES && texts[i]; i++) {
        if (!fault_parse(&worker->faults[i], texts[i], problem))
            return false;
        worker->fault_count++;
        if (fault_needs_other(&worker->faults[i]) && !worker->other.key &&
            !make_other(worker, ca, problem))
            return false;
    }
    return true;
}

/* The algorithm that a client who hashes for himself, as Mender's tool does, can use this key with.
 */
static const char *usual_algorithm(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return "NONEwithRSA";
    return EVP_PKEY_is_a(key, "EC") ? "NONEwithECDSA" : "";
}

static bool set_defaults(struct worker *worker, struct problem *problem)
{
    if (!set_default(worker, SETTING_AUTHTYPE, "NOAUTH", problem) ||
        !set_default(worker, SETTING_SIGNATUREALGORITHM, usual_algorithm(worker->signer.key),
                     problem))
        return false;
    const char *algorithm = worker_get(worker, SETTING_SIGNATUREALGORITHM);
    if (!algorithm || strncasecmp(algorithm, "NONEwith", 8) != 0)
        return true;
    return set_default(worker, SETTING_CLIENTSIDEHASHING, "true", problem) &&
           set_default(worker, SETTING_ACCEPTED_HASH_DIGEST_ALGORITHMS, "SHA-256:SHA-384:SHA-512",
                       problem);
}

static bool prepare(struct worker *worker, const struct credential *ca,
                    const struct directory *directory, struct problem *problem)
{
    char *name = file_name(worker, problem);
    bool ok = name && set_default(worker, SETTING_KEY, "rsa-2048", problem) &&
              make_signer(worker, ca, problem) && prepare_faults(worker, ca, problem) &&
              set_defaults(worker, problem) &&
              credential_write(&worker->signer, directory, name, problem);
    free(name);
    return ok;
}

bool workers_prepare(struct workers *workers, const struct credential *ca,
                     const struct directory *directory, struct problem *problem)
{
    if (workers->count == 0 && !workers_add(workers, "MenderPlainSigner", problem))
        return false;
    for (size_t i = 0; i < workers->count; i++) {
        if (worker_get(&workers->items[i], SETTING_ID) &&
            !choose_id(workers, &workers->items[i], problem))
            return false;
    }
    for (size_t i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->items[i];
        if ((worker->id == 0 && !choose_id(workers, worker, problem)) ||
            !prepare(worker, ca, directory, problem))
            return false;
    }
    return true;
}
