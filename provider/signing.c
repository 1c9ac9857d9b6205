// SPDX-License-Identifier: Apache-2.0
#include "signing.h"
#include "ask.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

struct ss_signing {
    struct ss_check check;
    EVP_MD_CTX *hash;         /* of the message so far; NULL: the caller hashes, or nobody */
    struct ss_buffer message; /* for a worker that hashes for itself, or that may turn out to */
    size_t message_length;    /* of all that was given */
    bool keeps_message;       /* `message` is all of it */
};

/* The bytes of an empty message; NULL would be none at all. */
static const unsigned char nothing[1];

EVP_PKEY_CTX *ss_signing_get0_parameters(const struct ss_signing *signing)
{
    return ss_check_get0_parameters(&signing->check);
}

EVP_MD_CTX *ss_signing_get0_hash(const struct ss_signing *signing)
{
    return signing->hash;
}

const struct ss_digest *ss_signing_get0_digest(const struct ss_signing *signing)
{
    return signing->check.digest;
}

bool ss_signing_set_params(struct ss_signing *signing, const OSSL_PARAM *params,
                           struct ss_error *error)
{
    return ss_check_set_params(&signing->check, params, error);
}

/* ---- Life ---- */

/* Settles the digest of a message: the one that is named, or the worker's, or the key type's. */
static bool settle_digest(struct ss_check *check, const char *md_name, struct ss_error *error)
{
    struct ss_scheme scheme = ss_key_get_scheme(check->key);
    char name[SS_NAME_SIZE] = "";
    OSSL_PARAM params[] = {OSSL_PARAM_END, OSSL_PARAM_END};

    if (md_name != NULL)
        OPENSSL_strlcpy(name, md_name, sizeof name);
    else if (scheme.digest != NULL)
        OPENSSL_strlcpy(name, scheme.digest->name, sizeof name);
    else
        EVP_PKEY_get_default_digest_name(ss_key_get0_inner(check->key), name, sizeof name);
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, name, 0);
    if (!ss_check_set_params(check, params, error))
        return false;
    check->is_digest_settled = check->digest != NULL;
    return check->is_digest_settled ||
           ss_fail(error, SS_R_UNSUPPORTED, "%s: no digest is named for a message to be signed",
                   ss_check_get0_worker_name(check));
}

static bool start_hash(struct ss_signing *signing, const char *md_name, struct ss_error *error)
{
    enum ss_input input = ss_key_get_scheme(signing->check.key).input;
    EVP_MD *md = NULL;
    bool ok;

    if (!settle_digest(&signing->check, md_name, error))
        return false;
    signing->keeps_message = input == SS_INPUT_MESSAGE || input == SS_INPUT_UNKNOWN;
    md = EVP_MD_fetch(signing->check.inner, signing->check.digest->name, NULL);
    signing->hash = EVP_MD_CTX_new();
    ok = md != NULL && signing->hash != NULL && EVP_DigestInit_ex2(signing->hash, md, NULL) == 1;
    EVP_MD_free(md);
    return ok || ss_fail_internal(error, "starting a digest");
}

static bool start(struct ss_signing *signing, struct ss_key *key, bool over_message,
                  const char *md_name, struct ss_error *error)
{
    if (!ss_check_init(&signing->check, key, md_name, error))
        return false;
    if (signing->check.over_digest == NULL)
        return over_message || ss_fail(error, SS_R_UNSUPPORTED,
                                       "%s makes plain signatures of a message (its "
                                       "SIGNATUREALGORITHM), and not of a digest",
                                       ss_check_get0_worker_name(&signing->check));
    if (over_message)
        return start_hash(signing, md_name, error);
    return ss_key_get_scheme(key).input != SS_INPUT_MESSAGE ||
           ss_ask_refuse_digest(&signing->check, error);
}

struct ss_signing *ss_signing_new(struct ss_key *key, bool over_message, const char *md_name,
                                  const OSSL_PARAM *params, struct ss_error *error)
{
    struct ss_signing *signing = OPENSSL_zalloc(sizeof *signing);

    if (signing == NULL) {
        ss_fail_internal(error, "memory");
        return NULL;
    }
    ss_buffer_init(&signing->message, ss_key_get0_context(key)->settings.max_message);
    if (start(signing, key, over_message, md_name, error) &&
        ss_signing_set_params(signing, params, error))
        return signing;
    ss_signing_free(signing);
    return NULL;
}

void ss_signing_free(struct ss_signing *signing)
{
    if (signing == NULL)
        return;
    ss_buffer_clear(&signing->message);
    EVP_MD_CTX_free(signing->hash);
    ss_check_clear(&signing->check);
    OPENSSL_free(signing);
}

static EVP_MD_CTX *dup_hash(const EVP_MD_CTX *hash)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();

    if (copy != NULL && EVP_MD_CTX_copy_ex(copy, hash) == 1)
        return copy;
    EVP_MD_CTX_free(copy);
    return NULL;
}

struct ss_signing *ss_signing_dup(const struct ss_signing *signing)
{
    struct ss_signing *copy = OPENSSL_zalloc(sizeof *copy);

    if (copy == NULL)
        return NULL;
    copy->message_length = signing->message_length;
    copy->keeps_message = signing->keeps_message;
    ss_buffer_init(&copy->message, signing->message.max_bytes);
    if (signing->hash != NULL)
        copy->hash = dup_hash(signing->hash);
    if (ss_check_copy(&copy->check, &signing->check) &&
        (signing->hash == NULL || copy->hash != NULL) &&
        ss_buffer_append(&copy->message, signing->message.bytes, signing->message.length))
        return copy;
    ss_signing_free(copy);
    return NULL;
}

/* ---- What is to be signed ---- */

/* Whether the call asks for the length only, or has too little room; `ok` is then its result. */
static bool is_settled_by_length(const struct ss_signing *signing, const unsigned char *signature,
                                 size_t *length, size_t size, bool *ok, struct ss_error *error)
{
    size_t needed = (size_t)EVP_PKEY_get_size(ss_key_get0_inner(signing->check.key));

    *ok = true;
    if (signature == NULL) {
        *length = needed;
        return true;
    }
    if (size >= needed)
        return false;
    *ok = ss_fail(error, SS_R_BUFFER,
                  "%s: a signature needs %zu bytes, and the program has room for %zu",
                  ss_check_get0_worker_name(&signing->check), needed, size);
    return true;
}

bool ss_signing_update(struct ss_signing *signing, const unsigned char *data, size_t length,
                       struct ss_error *error)
{
    if (signing->hash == NULL || EVP_DigestUpdate(signing->hash, data, length) != 1)
        return ss_fail_internal(error, "hashing a message");
    signing->message_length += length;
    if (signing->message_length > signing->message.max_bytes) {
        signing->keeps_message = false;
        ss_buffer_clear(&signing->message);
    }
    return !signing->keeps_message || ss_buffer_append(&signing->message, data, length) ||
           ss_fail_internal(error, "memory");
}

bool ss_signing_may_add(const struct ss_signing *signing, size_t before, size_t length,
                        struct ss_error *error)
{
    size_t max = signing->message.max_bytes;

    return (before <= max && length <= max - before) ||
           ss_ask_refuse_length(&signing->check, before + length, error);
}

bool ss_signing_finish(struct ss_signing *signing, unsigned char *signature, size_t *length,
                       size_t size, struct ss_error *error)
{
    unsigned char digest[SS_DIGEST_MAX_LENGTH];
    struct ss_material material = {
        .digest = signing->check.digest, .digest_bytes = digest, .checked = digest};
    EVP_MD_CTX *hash = NULL;
    bool ok = false;

    if (is_settled_by_length(signing, signature, length, size, &ok, error))
        return ok;
    /* Of a copy, so that the caller may go on and sign more. */
    if (signing->hash != NULL)
        hash = dup_hash(signing->hash);
    if (hash == NULL || EVP_DigestFinal_ex(hash, digest, NULL) != 1) {
        ss_fail_internal(error, "hashing a message");
        goto out;
    }
    material.checked_length = signing->check.digest->length;
    material.message_length = signing->message_length;
    if (signing->keeps_message)
        material.message = signing->message_length == 0 ? nothing : signing->message.bytes;
    ok = ss_ask(&signing->check, signature, length, size, &material, error);
out:
    EVP_MD_CTX_free(hash);
    return ok;
}

/* A bare digest says by itself what it is: as a DigestInfo (RSA), or by its length (EC). */
static bool recognise_digest(const struct ss_signing *signing, struct ss_material *material,
                             const unsigned char *data, size_t length, struct ss_error *error)
{
    bool is_rsa = ss_scheme_is_rsa(ss_key_get0_inner(signing->check.key));

    material->digest = signing->check.digest;
    if (signing->check.digest == NULL)
        material->digest =
            is_rsa ? ss_digest_info_parse(data, length) : ss_digest_find_length(length);
    if (material->digest == NULL)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s signs digests only: name the one that the %zu bytes are (for instance "
                       "-pkeyopt digest:sha256)",
                       ss_check_get0_worker_name(&signing->check), length);
    if (signing->check.digest != NULL && length != signing->check.digest->length)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s: %zu bytes were given where a %s digest has %zu",
                       ss_check_get0_worker_name(&signing->check), length,
                       signing->check.digest->name, signing->check.digest->length);
    material->digest_bytes = data + length - material->digest->length;
    return true;
}

bool ss_signing_sign(const struct ss_signing *signing, unsigned char *signature, size_t *length,
                     size_t size, const unsigned char *data, size_t data_length,
                     struct ss_error *error)
{
    struct ss_material material = {.checked = data, .checked_length = data_length};
    bool ok = true;

    if (is_settled_by_length(signing, signature, length, size, &ok, error))
        return ok;
    if (signing->check.over_digest != NULL) {
        ok = recognise_digest(signing, &material, data, data_length, error);
    } else {
        material.message = data_length == 0 ? nothing : data;
        material.message_length = data_length;
    }
    return ok && ss_ask(&signing->check, signature, length, size, &material, error);
}

bool ss_signing_sign_message(const struct ss_signing *signing, unsigned char *signature,
                             size_t *length, size_t size, const unsigned char *data,
                             size_t data_length, struct ss_error *error)
{
    struct ss_signing *copy = NULL;
    bool ok = true;

    if (signing->hash == NULL)
        return ss_signing_sign(signing, signature, length, size, data, data_length, error);
    if (is_settled_by_length(signing, signature, length, size, &ok, error))
        return ok;
    copy = ss_signing_dup(signing);
    ok = copy == NULL ? ss_fail_internal(error, "memory")
                      : ss_signing_update(copy, data, data_length, error) &&
                            ss_signing_finish(copy, signature, length, size, error);
    ss_signing_free(copy);
    return ok;
}
