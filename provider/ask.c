// SPDX-License-Identifier: Apache-2.0
#include "ask.h"
#include "audit.h"
#include <string.h>

bool ss_ask_refuse_digest(const struct ss_check *check, struct ss_error *error)
{
    return ss_fail(error, SS_R_UNSUPPORTED,
                   "%s hashes for itself and cannot sign a digest: set its CLIENTSIDEHASHING or "
                   "ALLOW_CLIENTSIDEHASHING_OVERRIDE, or give the message to be signed (-rawin)",
                   ss_check_get0_worker_name(check));
}

bool ss_ask_refuse_length(const struct ss_check *check, size_t length, struct ss_error *error)
{
    return ss_fail(error, SS_R_UNSUPPORTED,
                   "%s hashes for itself, and a message of %zu bytes is longer than the setting "
                   "max-message lets through (%zu)",
                   ss_check_get0_worker_name(check), length,
                   ss_key_get0_context(check->key)->settings.max_message);
}

/* Sends the form of the material that the input of a worker is, and takes its answer unchecked. */
static bool exchange(const struct ss_check *check, enum ss_input input,
                     const struct ss_material *material, struct ss_process_answer *answer,
                     char *host, struct ss_error *error)
{
    unsigned char info[SS_DIGEST_INFO_MAX_LENGTH];
    const unsigned char *data = material->digest_bytes;
    size_t length = material->digest == NULL ? 0 : material->digest->length;
    const char *wire_name = NULL;

    switch (input) {
    case SS_INPUT_UNKNOWN:
    case SS_INPUT_DIGEST:
        wire_name = material->digest->wire;
        break;
    case SS_INPUT_RAW_DIGEST:
        break;
    case SS_INPUT_DIGEST_INFO:
        length = ss_digest_info_print(material->digest, info, material->digest_bytes);
        data = info;
        break;
    case SS_INPUT_MESSAGE:
        if (material->message_length > ss_key_get0_context(check->key)->settings.max_message)
            return ss_ask_refuse_length(check, material->message_length, error);
        if (material->message == NULL)
            return ss_ask_refuse_digest(check, error);
        data = material->message;
        length = material->message_length;
        break;
    }
    return ss_worker_process(ss_key_get0_worker(check->key), answer, host, wire_name, data, length,
                             check->inner, error);
}

static bool verifies(const struct ss_check *check, const struct ss_material *material,
                     const struct ss_process_answer *answer)
{
    return ss_check_verifies(check, answer->signature.bytes, answer->signature.length,
                             material->checked, material->checked_length);
}

static bool is_same_key(const struct ss_check *check, const struct ss_process_answer *answer,
                        const char *host, struct ss_error *error)
{
    EVP_PKEY *shown = answer->certificate == NULL ? NULL : X509_get0_pubkey(answer->certificate);

    if (answer->certificate == NULL ||
        (shown != NULL && ss_type_is_same_key(shown, ss_key_get0_inner(check->key))))
        return true;
    return ss_fail(error, SS_R_KEY_CHANGED,
                   "%s at %s has signed with another key than the one it is known by; pin the new "
                   "certificate, or start again, if that is meant",
                   ss_check_get0_worker_name(check), host);
}

static bool fail_bad_signature(const struct ss_check *check, const char *host,
                               struct ss_error *error)
{
    return ss_fail(error, SS_R_BAD_SIGNATURE,
                   "%s at %s: its signature does not verify under its public key and was thrown "
                   "away",
                   ss_check_get0_worker_name(check), host);
}

/* A worker whose ways are known. */
static bool ask_known(const struct ss_check *check, const struct ss_material *material,
                      struct ss_process_answer *answer, char *host, struct ss_error *error)
{
    struct ss_scheme scheme = ss_key_get_scheme(check->key);

    return ss_check_agrees(check, material->digest, error) &&
           exchange(check, scheme.input, material, answer, host, error) &&
           is_same_key(check, answer, host, error) &&
           (verifies(check, material, answer) || fail_bad_signature(check, host, error));
}

/* Learns the ways of a pinned worker from a probe; of a message, if it takes no digests. */
static bool learn_by_probe(const struct ss_check *check, bool digests_are_refused,
                           struct ss_error *error)
{
    struct ss_scheme scheme;
    X509 *certificate = NULL;
    bool ok =
        ss_scheme_probe(&scheme, &certificate, ss_key_get0_worker(check->key),
                        ss_key_get0_inner(check->key), digests_are_refused, check->inner, error);

    X509_free(certificate);
    if (ok)
        ss_key_learn(check->key, &scheme);
    return ok;
}

/* The same where the digest to be signed is one that no worker is sent: it may do with the message.
 * One that refuses messages is known by the digests that it takes. */
static bool learn_without_digest(const struct ss_check *check, struct ss_error *error)
{
    return learn_by_probe(check, true, error) ||
           (error->reason == SS_R_UNSUPPORTED && learn_by_probe(check, false, error));
}

enum outcome { SIGNED, FAILED, LEARNT };

/* Learns the ways of a pinned worker from its answer to a digest, whatever it made of it. */
static enum outcome learn_by_answer(const struct ss_check *check,
                                    const struct ss_material *material,
                                    const struct ss_process_answer *answer, const char *host,
                                    struct ss_error *error)
{
    const struct ss_exchange sent = {
        material->digest,        material->digest_bytes,   material->digest->length,
        answer->signature.bytes, answer->signature.length,
    };
    bool is_good = verifies(check, material, answer);
    struct ss_scheme scheme;

    if (!is_same_key(check, answer, host, error))
        return FAILED;
    if (!ss_scheme_identify(&scheme, ss_key_get0_inner(check->key), check->inner, &sent)) {
        fail_bad_signature(check, host, error);
        return FAILED;
    }
    ss_key_learn(check->key, &scheme);
    return is_good ? SIGNED : LEARNT;
}

/* The first signature of a pinned worker: most take a digest, which makes it the only request. */
static enum outcome ask_unknown(const struct ss_check *check, const struct ss_material *material,
                                struct ss_process_answer *answer, char *host,
                                struct ss_error *error)
{
    if (!ss_check_agrees(check, material->digest, error))
        return FAILED;
    if (material->digest->wire == NULL)
        return learn_without_digest(check, error) ? LEARNT : FAILED;
    if (exchange(check, SS_INPUT_UNKNOWN, material, answer, host, error))
        return learn_by_answer(check, material, answer, host, error);
    if (answer->refusal == SS_REFUSAL_CLIENT_HASHING)
        return learn_by_probe(check, true, error) ? LEARNT : FAILED;
    return FAILED;
}

/* What the audit says was signed: the digest, or the message where there is no digest. */
static struct ss_audit_entry describe(const struct ss_check *check,
                                      const struct ss_material *material,
                                      const struct ss_process_answer *answer, const char *host)
{
    const struct ss_digest *digest = material->digest;

    return (struct ss_audit_entry){
        .purpose = "sign",
        .host = host,
        .public_half = ss_key_get0_inner(check->key),
        .digest = digest == NULL         ? NULL
                  : digest->wire != NULL ? digest->wire
                                         : digest->name,
        .data = digest == NULL ? material->message : material->digest_bytes,
        .length = digest == NULL ? material->message_length : digest->length,
        .answer = answer,
        .inner = check->inner,
    };
}

/* A signature that taught us the ways of a worker, and is of no other use: it has another padding
 * than was asked for, or the worker took the digest for a message. */
static bool record_lesson(const struct ss_check *check, const struct ss_material *material,
                          const struct ss_process_answer *answer, const char *host,
                          struct ss_audit *audit, struct ss_error *error)
{
    struct ss_audit_entry entry = describe(check, material, answer, host);

    entry.purpose = "probe";
    if (ss_key_get_scheme(check->key).input == SS_INPUT_MESSAGE)
        entry.digest = NULL;
    return ss_audit_end(audit, &entry, true, error) &&
           ss_audit_begin(audit, ss_key_get0_worker(check->key), error);
}

/* `answer` and `host` are of the last request. */
static bool ask(const struct ss_check *check, const struct ss_material *material,
                struct ss_process_answer *answer, char *host, struct ss_audit *audit,
                struct ss_error *error)
{
    enum outcome outcome = LEARNT;

    if (ss_key_get_scheme(check->key).input == SS_INPUT_UNKNOWN)
        outcome = ask_unknown(check, material, answer, host, error);
    if (outcome == LEARNT && answer->signature.length > 0 &&
        !record_lesson(check, material, answer, host, audit, error))
        outcome = FAILED;
    if (outcome == LEARNT) {
        ss_process_answer_clear(answer);
        outcome = ask_known(check, material, answer, host, error) ? SIGNED : FAILED;
    }
    return outcome == SIGNED;
}

bool ss_ask(const struct ss_check *check, unsigned char *signature, size_t *length, size_t size,
            const struct ss_material *material, struct ss_error *error)
{
    struct ss_process_answer answer = {0};
    struct ss_audit_entry entry;
    struct ss_audit audit;
    char host[256] = "";
    bool ok = false;

    if (!ss_audit_begin(&audit, ss_key_get0_worker(check->key), error))
        return false;
    ok = ask(check, material, &answer, host, &audit, error) &&
         (answer.signature.length <= size || ss_fail_internal(error, "room for the signature"));
    entry = describe(check, material, &answer, host);
    ok = ss_audit_end(&audit, &entry, ok, error);
    if (ok) {
        memcpy(signature, answer.signature.bytes, answer.signature.length);
        *length = answer.signature.length;
    }
    ss_process_answer_clear(&answer);
    return ok;
}
