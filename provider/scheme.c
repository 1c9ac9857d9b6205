// SPDX-License-Identifier: Apache-2.0
#include "scheme.h"

#include "audit.h"
#include "restriction.h"
#include "types.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

bool ss_scheme_is_rsa(EVP_PKEY *public_half)
{
    return EVP_PKEY_is_a(public_half, "RSA") || EVP_PKEY_is_a(public_half, "RSA-PSS");
}

bool ss_scheme_takes_digest(EVP_PKEY *public_half)
{
    return ss_scheme_is_rsa(public_half) || EVP_PKEY_is_a(public_half, "EC");
}

struct ss_scheme ss_scheme_unknown(EVP_PKEY *public_half)
{
    struct ss_scheme scheme = {SS_INPUT_UNKNOWN, SS_PADDING_NONE, NULL};

    if (EVP_PKEY_is_a(public_half, "RSA"))
        scheme.padding = SS_PADDING_UNKNOWN;
    else if (EVP_PKEY_is_a(public_half, "RSA-PSS"))
        scheme.padding = SS_PADDING_PSS;
    if (!ss_scheme_takes_digest(public_half))
        scheme.input = SS_INPUT_MESSAGE;
    return scheme;
}

/* Whether the signature is one over `bytes` as a digest (NULL: as they are, unhashed). */
static bool verifies(EVP_PKEY *public_half, OSSL_LIB_CTX *inner, const struct ss_exchange *exchange,
                     enum ss_padding padding, const struct ss_digest *digest,
                     const unsigned char *bytes, size_t length)
{
    int mode = padding == SS_PADDING_PSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    int salt_length = RSA_PSS_SALTLEN_DIGEST;
    OSSL_PARAM params[4], *param = params;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(inner, public_half, NULL);
    bool ok = false;

    if (digest != NULL) /* libcrypto reads the name only */
        *param++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
                                                    (char *)(uintptr_t)digest->name, 0);
    if (padding != SS_PADDING_NONE)
        *param++ = OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PAD_MODE, &mode);
    if (padding == SS_PADDING_PSS)
        *param++ = OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt_length);
    *param = OSSL_PARAM_construct_end();

    ok = ctx != NULL && EVP_PKEY_verify_init_ex(ctx, params) == 1 &&
         EVP_PKEY_verify(ctx, exchange->signature, exchange->signature_length, bytes, length) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool verifies_message(EVP_PKEY *public_half, OSSL_LIB_CTX *inner,
                             const struct ss_exchange *exchange)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL &&
              EVP_DigestVerifyInit_ex(ctx, NULL, NULL, inner, NULL, public_half, NULL) == 1 &&
              EVP_DigestVerify(ctx, exchange->signature, exchange->signature_length, exchange->data,
                               exchange->data_length) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

/* The server took what it was sent for a digest. */
static bool identify_digest(struct ss_scheme *scheme, EVP_PKEY *public_half, OSSL_LIB_CTX *inner,
                            const struct ss_exchange *exchange, enum ss_padding padding)
{
    if (!verifies(public_half, inner, exchange, padding, exchange->digest, exchange->data,
                  exchange->data_length))
        return false;
    *scheme = (struct ss_scheme){SS_INPUT_DIGEST, padding, NULL};
    if (exchange->digest == NULL)
        scheme->input = padding == SS_PADDING_NONE ? SS_INPUT_RAW_DIGEST : SS_INPUT_DIGEST_INFO;
    return true;
}

/* The server hashed what it was sent, even if that was a digest. */
static bool identify_hash(struct ss_scheme *scheme, EVP_PKEY *public_half, OSSL_LIB_CTX *inner,
                          const struct ss_exchange *exchange, enum ss_padding padding)
{
    for (const struct ss_digest *digest = ss_digests; digest->name != NULL; digest++) {
        unsigned char hash[SS_DIGEST_MAX_LENGTH];

        if (ss_digest_compute(digest, inner, hash, exchange->data, exchange->data_length) &&
            verifies(public_half, inner, exchange, padding, digest, hash, digest->length)) {
            *scheme = (struct ss_scheme){SS_INPUT_MESSAGE, padding, digest};
            return true;
        }
    }
    return false;
}

static bool identify_padded(struct ss_scheme *scheme, EVP_PKEY *public_half, OSSL_LIB_CTX *inner,
                            const struct ss_exchange *exchange, enum ss_padding padding)
{
    return identify_digest(scheme, public_half, inner, exchange, padding) ||
           identify_hash(scheme, public_half, inner, exchange, padding);
}

bool ss_scheme_identify(struct ss_scheme *scheme, EVP_PKEY *public_half, OSSL_LIB_CTX *inner,
                        const struct ss_exchange *exchange)
{
    bool ok;

    ERR_set_mark();
    if (!ss_scheme_takes_digest(public_half)) {
        *scheme = (struct ss_scheme){SS_INPUT_MESSAGE, SS_PADDING_NONE, NULL};
        ok = verifies_message(public_half, inner, exchange);
    } else if (ss_scheme_is_rsa(public_half)) {
        ok = identify_padded(scheme, public_half, inner, exchange, SS_PADDING_PKCS1) ||
             identify_padded(scheme, public_half, inner, exchange, SS_PADDING_PSS);
    } else {
        ok = identify_padded(scheme, public_half, inner, exchange, SS_PADDING_NONE);
    }
    ERR_pop_to_mark();
    return ok;
}

/* What a probe hashes begins with this, so that no signature over it can mean anything else. */
static const char probe_prefix[] = "signserver provider: a random probe, not a document:";

enum outcome { FOUND, FAILED, TRY_NEXT_DIGEST, TRY_MESSAGE };

/* `digest` of prefix and random bytes; for a message its SHA-256, because a worker that neither
 * hashes nor pads takes no more than a digest's length. Returns the length, 0 for failure. */
static size_t make_probe(unsigned char bytes[SS_DIGEST_MAX_LENGTH], const struct ss_digest *digest,
                         OSSL_LIB_CTX *inner)
{
    unsigned char probe[sizeof probe_prefix + 32];

    if (digest == NULL)
        digest = &ss_digests[0];
    memcpy(probe, probe_prefix, sizeof probe_prefix);
    if (RAND_bytes_ex(inner, probe + sizeof probe_prefix, 32, 0) != 1 ||
        !ss_digest_compute(digest, inner, bytes, probe, sizeof probe))
        return 0;
    return digest->length;
}

static enum outcome after_refusal(enum ss_refusal refusal)
{
    switch (refusal) {
    case SS_REFUSAL_CLIENT_HASHING:
        return TRY_MESSAGE;
    case SS_REFUSAL_DIGEST:
        return TRY_NEXT_DIGEST;
    default:
        return FAILED;
    }
}

/* A probe that is under way. */
struct probing {
    struct ss_worker *worker;
    EVP_PKEY *public_half; /* pinned; NULL: the answer's certificate is to show it */
    OSSL_LIB_CTX *inner;
    char host[256];
};

/* The key that the answer has to verify under; NULL with an error. */
static EVP_PKEY *answering_key(const struct probing *probing,
                               const struct ss_process_answer *answer, struct ss_error *error)
{
    const char *worker = ss_worker_get0_name(probing->worker);
    EVP_PKEY *shown = answer->certificate == NULL ? NULL : X509_get0_pubkey(answer->certificate);

    if (probing->public_half == NULL && shown == NULL)
        ss_fail(
            error, SS_R_BAD_ANSWER,
            "%s at %s does not show a usable certificate; pin its certificate with ?cert=FILE or "
            "in the setting certificate-dir",
            worker, probing->host);
    if (probing->public_half == NULL)
        return shown;
    if (shown == NULL || ss_type_is_same_key(shown, probing->public_half))
        return probing->public_half;
    ss_fail(error, SS_R_KEY_CHANGED,
            "%s at %s answers with the certificate of another key than it is pinned to", worker,
            probing->host);
    return NULL;
}

/* It may be that the worker does not know what its key is restricted to. */
static enum outcome judge_unverified(const struct probing *probing, EVP_PKEY *key,
                                     const struct ss_digest *sent, struct ss_error *error)
{
    const char *worker = ss_worker_get0_name(probing->worker);
    const struct ss_digest *restricted_to;
    struct ss_restriction restriction;

    ss_fail(error, SS_R_BAD_SIGNATURE,
            "%s at %s: its signature over a random probe does not verify under its certificate",
            worker, probing->host);
    if (!ss_restriction_of(&restriction, key, probing->inner) || !restriction.is_set ||
        !ss_restriction_allows_mgf1(&restriction, probing->inner, worker, error))
        return FAILED;
    restricted_to = ss_digest_find(probing->inner, restriction.digest);
    ss_fail(error, error->reason, "%s, whose RSA-PSS key is restricted to %s", error->text,
            restricted_to == NULL ? restriction.digest : restricted_to->name);
    return sent == NULL || sent == restricted_to ? FAILED : TRY_NEXT_DIGEST;
}

static enum outcome judge(const struct probing *probing, struct ss_scheme *scheme,
                          const struct ss_process_answer *answer,
                          const struct ss_exchange *exchange, struct ss_error *error)
{
    EVP_PKEY *key = answering_key(probing, answer, error);

    if (key == NULL)
        return FAILED;
    if (!ss_scheme_identify(scheme, key, probing->inner, exchange))
        return judge_unverified(probing, key, exchange->digest, error);
    /* It has hashed a digest once more. What it wants is the message. */
    if (exchange->digest != NULL && scheme->input == SS_INPUT_MESSAGE)
        return TRY_MESSAGE;
    return FOUND;
}

/* One request; `digest` NULL sends a message. */
static enum outcome exchange_probe(struct probing *probing, struct ss_scheme *scheme,
                                   struct ss_process_answer *answer, const struct ss_exchange *sent,
                                   struct ss_error *error)
{
    struct ss_exchange exchange = *sent;

    if (!ss_worker_process(probing->worker, answer, probing->host,
                           sent->digest == NULL ? NULL : sent->digest->wire, sent->data,
                           sent->data_length, probing->inner, error))
        return after_refusal(answer->refusal);
    exchange.signature = answer->signature.bytes;
    exchange.signature_length = answer->signature.length;
    return judge(probing, scheme, answer, &exchange, error);
}

/* The same, with a probe that is made for it, and recorded. */
static enum outcome ask(struct probing *probing, struct ss_scheme *scheme, X509 **certificate,
                        const struct ss_digest *digest, struct ss_error *error)
{
    struct ss_process_answer answer = {0};
    unsigned char data[SS_DIGEST_MAX_LENGTH];
    struct ss_exchange sent = {digest, data, 0, NULL, 0};
    struct ss_audit_entry entry = {
        .purpose = "probe",
        .host = probing->host,
        .public_half = probing->public_half,
        .digest = digest == NULL ? NULL : digest->wire,
        .data = data,
        .answer = &answer,
        .inner = probing->inner,
    };
    enum outcome outcome = FAILED;
    struct ss_audit audit;
    bool is_hashed_again, is_signed;

    sent.data_length = make_probe(data, digest, probing->inner);
    if (sent.data_length == 0) {
        ss_fail_internal(error, "making a random probe");
        return FAILED;
    }
    if (!ss_audit_begin(&audit, probing->worker, error))
        return FAILED;
    outcome = exchange_probe(probing, scheme, &answer, &sent, error);
    entry.length = sent.data_length;
    is_hashed_again = outcome == TRY_MESSAGE && answer.signature.length > 0;
    is_signed = outcome == FOUND || is_hashed_again;
    if (is_hashed_again)
        entry.digest = NULL;
    if (is_signed && entry.public_half == NULL)
        entry.public_half = X509_get0_pubkey(answer.certificate);
    if (!ss_audit_end(&audit, &entry, is_signed, error) && is_signed)
        outcome = FAILED;
    if (outcome == FOUND) {
        *certificate = answer.certificate;
        answer.certificate = NULL;
    }
    ss_process_answer_clear(&answer);
    return outcome;
}

bool ss_scheme_probe(struct ss_scheme *scheme, X509 **certificate, struct ss_worker *worker,
                     EVP_PKEY *public_half, bool digests_are_refused, OSSL_LIB_CTX *inner,
                     struct ss_error *error)
{
    struct probing probing = {.worker = worker, .public_half = public_half, .inner = inner};
    enum outcome outcome = digests_are_refused ? TRY_MESSAGE : TRY_NEXT_DIGEST;
    struct ss_error refusal = {0}; /* of the digest that most workers take */

    *certificate = NULL;
    for (const struct ss_digest *digest = ss_digests;
         outcome == TRY_NEXT_DIGEST && digest->name != NULL; digest++) {
        if (digest->wire == NULL)
            continue;
        outcome = ask(&probing, scheme, certificate, digest, error);
        if (refusal.reason == SS_R_NONE)
            refusal = *error;
    }
    if (outcome == TRY_NEXT_DIGEST)
        *error = refusal;
    if (outcome == TRY_MESSAGE)
        outcome = ask(&probing, scheme, certificate, NULL, error);
    return outcome == FOUND;
}
