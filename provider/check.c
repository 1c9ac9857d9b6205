// SPDX-License-Identifier: Apache-2.0
#include "check.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <string.h>

/* RSA_PSS_SALTLEN_AUTO_DIGEST_MAX, which OpenSSL 3.0 does not know yet. */
enum { SALT_AUTO_DIGEST_MAX = -4 };

const char *ss_check_get0_worker_name(const struct ss_check *check)
{
    return ss_worker_get0_name(ss_key_get0_worker(check->key));
}

/* ---- Life ---- */

static bool init_over_message(struct ss_check *check, const char *md_name)
{
    check->over_message = EVP_MD_CTX_new();
    return check->over_message != NULL &&
           EVP_DigestVerifyInit_ex(check->over_message, NULL, md_name, check->inner, NULL,
                                   ss_key_get0_inner(check->key), NULL) == 1;
}

void ss_check_clear(struct ss_check *check)
{
    EVP_PKEY_CTX_free(check->over_digest);
    EVP_MD_CTX_free(check->over_message);
    ss_key_free(check->key);
    *check = (struct ss_check){0};
}

static EVP_MD_CTX *dup_md_ctx(const EVP_MD_CTX *from)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();

    if (copy != NULL && EVP_MD_CTX_copy_ex(copy, from) == 1)
        return copy;
    EVP_MD_CTX_free(copy);
    return NULL;
}

bool ss_check_copy(struct ss_check *copy, const struct ss_check *check)
{
    *copy = *check;
    copy->over_digest = NULL;
    copy->over_message = NULL;
    ss_key_up_ref(check->key);
    if (check->over_digest != NULL)
        copy->over_digest = EVP_PKEY_CTX_dup(check->over_digest);
    else
        copy->over_message = dup_md_ctx(check->over_message);
    return copy->over_digest != NULL || copy->over_message != NULL;
}

/* ---- What was chosen ---- */

struct choice {
    char digest[SS_NAME_SIZE];
    char mgf1_digest[SS_NAME_SIZE];
    int padding;
    int salt_length;
};

static bool read_choice(const struct ss_check *check, struct choice *choice)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, choice->digest,
                                         sizeof choice->digest),
        OSSL_PARAM_END,
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &choice->salt_length),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, choice->mgf1_digest,
                                         sizeof choice->mgf1_digest),
        OSSL_PARAM_END,
    };

    *choice = (struct choice){0};
    if (ss_scheme_is_rsa(ss_key_get0_inner(check->key)))
        params[1] = OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PAD_MODE, &choice->padding);
    return EVP_PKEY_CTX_get_params(check->over_digest, params) > 0;
}

static bool settle_digest(struct ss_check *check, const char *name, struct ss_error *error)
{
    const struct ss_digest *digest = NULL;

    if (name[0] == '\0')
        return true;
    digest = ss_digest_find(check->inner, name);
    if (digest == NULL)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s: %s is not among the digests that SignServer is asked for: SHA-1, "
                       "SHA-224, SHA-256, SHA-384, SHA-512, and those of SHA-3",
                       ss_check_get0_worker_name(check), name);
    if (check->is_digest_settled && digest != check->digest)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s: the digest of a message cannot change from %s to %s on the way",
                       ss_check_get0_worker_name(check), check->digest->name, digest->name);
    check->digest = digest;
    return true;
}

static bool init_over_digest(struct ss_check *check, struct ss_error *error)
{
    check->over_digest =
        EVP_PKEY_CTX_new_from_pkey(check->inner, ss_key_get0_inner(check->key), NULL);
    if (check->over_digest == NULL || EVP_PKEY_verify_init_ex(check->over_digest, NULL) != 1 ||
        !ss_restriction_read(&check->restriction, check->over_digest))
        return ss_fail_internal(error, "starting a signature");
    if (check->restriction.is_set)
        check->salt = SS_SALT_OF_KEY;
    return settle_digest(check, check->restriction.digest, error);
}

bool ss_check_init(struct ss_check *check, struct ss_key *key, const char *md_name,
                   struct ss_error *error)
{
    *check = (struct ss_check){0};
    ss_key_up_ref(key);
    check->key = key;
    check->inner = ss_context_get0_inner(ss_key_get0_context(key), error);
    if (check->inner == NULL)
        return false;
    return ss_scheme_takes_digest(ss_key_get0_inner(key)) ? init_over_digest(check, error)
                                                          : init_over_message(check, md_name);
}

/* ---- Whether the worker does that ---- */

static bool agree_on_digest(const struct ss_check *check, const struct ss_scheme *scheme,
                            const struct ss_digest *digest, struct ss_error *error)
{
    bool is_rsa = scheme->padding != SS_PADDING_NONE;

    if (digest == NULL || scheme->digest == digest || scheme->input == SS_INPUT_UNKNOWN)
        return true;
    if (scheme->digest != NULL)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s hashes with %s (its SIGNATUREALGORITHM); %s was asked for",
                       ss_check_get0_worker_name(check), scheme->digest->name, digest->name);
    if (scheme->input == SS_INPUT_DIGEST &&
        (digest->wire == NULL || (is_rsa && !digest->is_for_rsa)))
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s cannot be sent a %s digest; SHA-256, SHA-384 and SHA-512 are those that "
                       "SignServer signs with every key, if they are in its "
                       "ACCEPTED_HASH_DIGEST_ALGORITHMS",
                       ss_check_get0_worker_name(check), digest->name);
    return true;
}

static bool agree_on_salt(const struct ss_check *check, const struct choice *choice, bool is_final,
                          struct ss_error *error)
{
    const struct ss_digest *digest = check->digest;

    if (digest == NULL)
        return !is_final ||
               ss_fail(error, SS_R_UNSUPPORTED, "%s: RSASSA-PSS needs the digest to be named",
                       ss_check_get0_worker_name(check));
    if (check->salt == SS_SALT_DEMANDED && choice->salt_length != RSA_PSS_SALTLEN_DIGEST &&
        choice->salt_length != (int)digest->length)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s makes PSS salts as long as the digest (its SIGNATUREALGORITHM), here "
                       "%zu bytes; another length was asked for",
                       ss_check_get0_worker_name(check), digest->length);
    if (!ss_restriction_allows_mgf1(&check->restriction, check->inner,
                                    ss_check_get0_worker_name(check), error))
        return false;
    if (ss_digest_find(check->inner, choice->mgf1_digest) != digest)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s uses the digest for MGF1 as well (its SIGNATUREALGORITHM), here %s; %s "
                       "was asked for",
                       ss_check_get0_worker_name(check), digest->name, choice->mgf1_digest);
    return true;
}

/* Nobody has to ask for PKCS#1 v1.5, it is what an RSA context begins with: `is_final` tells that
 * it will not be replaced any more. */
static bool agree_on_padding(const struct ss_check *check, const struct ss_scheme *scheme,
                             const struct choice *choice, bool is_final, struct ss_error *error)
{
    switch (choice->padding) {
    case RSA_PKCS1_PADDING:
        if (is_final && scheme->padding == SS_PADDING_PSS)
            return ss_fail(error, SS_R_UNSUPPORTED,
                           "%s signs RSASSA-PSS (its SIGNATUREALGORITHM); PKCS#1 v1.5 was asked "
                           "for, or nothing (rsa_padding_mode:pss asks for PSS)",
                           ss_check_get0_worker_name(check));
        return true;
    case RSA_PKCS1_PSS_PADDING:
        if (scheme->padding == SS_PADDING_PKCS1)
            return ss_fail(error, SS_R_UNSUPPORTED,
                           "%s signs PKCS#1 v1.5; RSASSA-PSS was asked for, which needs a worker "
                           "with the SIGNATUREALGORITHM NONEwithRSAandMGF1",
                           ss_check_get0_worker_name(check));
        return agree_on_salt(check, choice, is_final, error);
    default:
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "%s signs with the RSA padding of its SIGNATUREALGORITHM, which is PKCS#1 "
                       "v1.5 or PSS; another was asked for",
                       ss_check_get0_worker_name(check));
    }
}

static bool agree(const struct ss_check *check, const struct ss_digest *digest, bool is_final,
                  struct ss_error *error)
{
    struct ss_scheme scheme = ss_key_get_scheme(check->key);
    struct choice choice;

    if (check->over_digest == NULL)
        return true;
    if (!read_choice(check, &choice))
        return ss_fail_internal(error, "reading the parameters of a signature");
    return agree_on_digest(check, &scheme, digest, error) &&
           (scheme.padding == SS_PADDING_NONE ||
            agree_on_padding(check, &scheme, &choice, is_final, error));
}

static bool fail_key_salt(const struct ss_check *check, struct ss_error *error)
{
    int length = check->restriction.salt_length;

    return ss_fail(error, SS_R_UNSUPPORTED,
                   "the key of %s is restricted to PSS salts of %d bytes, and the worker makes "
                   "them as long as the digest (its SIGNATUREALGORITHM), here %zu bytes; %s",
                   ss_check_get0_worker_name(check), length, check->digest->length,
                   length < (int)check->digest->length
                       ? "ask for that length (rsa_pss_saltlen:digest), when verifying as well"
                       : "give it a key without that restriction");
}

/* Whoever verifies without asking for a length takes the one that the key is restricted to. */
static bool agree_on_key_salt(const struct ss_check *check, struct ss_error *error)
{
    return check->salt != SS_SALT_OF_KEY ||
           check->restriction.salt_length == (int)check->digest->length ||
           fail_key_salt(check, error);
}

bool ss_check_agrees(const struct ss_check *check, const struct ss_digest *digest,
                     struct ss_error *error)
{
    return agree(check, digest, true, error) && agree_on_key_salt(check, error);
}

/* ---- Parameters ---- */

/* Newer libcryptos raise an error for what is no number. */
static bool get_int(const OSSL_PARAM *param, int *number)
{
    return (param->data_type == OSSL_PARAM_INTEGER ||
            param->data_type == OSSL_PARAM_UNSIGNED_INTEGER) &&
           OSSL_PARAM_get_int(param, number);
}

/* A salt length that leaves the choice to the signer. */
static bool is_open_salt(const OSSL_PARAM *param)
{
    static const char *const names[] = {"auto", "auto-digestmax", "-2", "-4"};
    const char *text = NULL;
    int number = 0;

    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return get_int(param, &number) &&
               (number == RSA_PSS_SALTLEN_AUTO || number == SALT_AUTO_DIGEST_MAX);
    if (!OSSL_PARAM_get_utf8_string_ptr(param, &text) || text == NULL)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0)
            return true;
    }
    return false;
}

/* The parameters without a salt length that is left open; for OPENSSL_free. */
static OSSL_PARAM *without_open_salt(struct ss_check *check, const OSSL_PARAM *params)
{
    OSSL_PARAM *kept = NULL;
    size_t count = 0;

    while (params[count].key != NULL)
        count++;
    kept = OPENSSL_malloc((count + 1) * sizeof *kept);
    if (kept == NULL)
        return NULL;
    count = 0;
    for (; params->key != NULL; params++) {
        bool is_salt = strcmp(params->key, OSSL_SIGNATURE_PARAM_PSS_SALTLEN) == 0;

        if (is_salt)
            check->salt = is_open_salt(params) ? SS_SALT_OPEN : SS_SALT_DEMANDED;
        if (!is_salt || check->salt == SS_SALT_DEMANDED)
            kept[count++] = *params;
    }
    kept[count] = OSSL_PARAM_construct_end();
    return kept;
}

/* `is_asked_for`: it is refused by libcrypto where the padding has no salt. */
static bool settle_salt(struct ss_check *check, const struct choice *choice, bool is_asked_for,
                        struct ss_error *error)
{
    int salt_length = RSA_PSS_SALTLEN_DIGEST;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt_length),
        OSSL_PARAM_END,
    };
    bool has_salt = choice->padding == RSA_PKCS1_PSS_PADDING;

    if (check->salt != SS_SALT_OPEN || (!has_salt && !is_asked_for) ||
        EVP_PKEY_CTX_set_params(check->over_digest, params) > 0)
        return true;
    if (!has_salt)
        return false;
    return check->digest != NULL && check->restriction.salt_length > (int)check->digest->length
               ? fail_key_salt(check, error)
               : ss_fail_internal(error, "settling the salt of a signature");
}

/* Whether a parameter says what is so without it. */
static bool is_usual(const struct ss_check *check, const OSSL_PARAM *param)
{
    int number = 0, usual = strcmp(param->key, "message-encoding") == 0;
    const char *text = NULL;

    switch (param->data_type) {
    case OSSL_PARAM_OCTET_STRING:
        return param->data_size == 0;
    case OSSL_PARAM_UTF8_STRING: /* of EdDSA, the plain instance is named like the key */
        return OSSL_PARAM_get_utf8_string_ptr(param, &text) && text != NULL &&
               OPENSSL_strcasecmp(text, ss_key_get0_type(check->key)->name) == 0;
    default:
        return get_int(param, &number) && number == usual;
    }
}

/* The variants of EdDSA (RFC 8032), ML-DSA (FIPS 204) and SLH-DSA (FIPS 205), and of ECDSA (RFC
 * 6979): a worker signs the pure one, without a context, and its randomness is its own. Names that
 * signatures of the type do not have are passed over, as everywhere in libcrypto. */
static bool refuse_variant(const struct ss_check *check, const OSSL_PARAM *params,
                           struct ss_error *error)
{
    static const char *const names[] = {"instance",    "context-string",   "deterministic",
                                        "nonce-type",  "message-encoding", "mu",
                                        "test-entropy"};
    const OSSL_PARAM *known = EVP_PKEY_CTX_settable_params(ss_check_get0_parameters(check));

    for (size_t i = 0; known != NULL && i < sizeof names / sizeof names[0]; i++) {
        const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, names[i]);

        if (param != NULL && OSSL_PARAM_locate_const(known, names[i]) != NULL &&
            !is_usual(check, param))
            return ss_fail(error, SS_R_UNSUPPORTED,
                           "%s signs messages plainly (its SIGNATUREALGORITHM); it has no "
                           "parameter \"%s\" of a signature",
                           ss_check_get0_worker_name(check), param->key);
    }
    return true;
}

bool ss_check_set_params(struct ss_check *check, const OSSL_PARAM *params, struct ss_error *error)
{
    OSSL_PARAM *kept = NULL;
    struct choice choice;
    bool asks_for_padding, asks_for_salt;
    bool ok = false;

    if (params == NULL || params->key == NULL)
        return true;
    if (!refuse_variant(check, params, error))
        return false;
    if (check->over_digest == NULL)
        return EVP_PKEY_CTX_set_params(ss_check_get0_parameters(check), params) > 0;
    asks_for_padding = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE) != NULL;
    asks_for_salt = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN) != NULL;
    kept = without_open_salt(check, params);
    if (kept == NULL)
        ss_fail_internal(error, "memory");
    else if (EVP_PKEY_CTX_set_params(check->over_digest, kept) > 0)
        ok = read_choice(check, &choice) ||
             ss_fail_internal(error, "settling the parameters of a signature");
    OPENSSL_free(kept);
    return ok && settle_digest(check, choice.digest, error) &&
           settle_salt(check, &choice, asks_for_salt, error) &&
           agree(check, check->digest, asks_for_padding && check->digest != NULL, error);
}

EVP_PKEY_CTX *ss_check_get0_parameters(const struct ss_check *check)
{
    return check->over_digest != NULL ? check->over_digest
                                      : EVP_MD_CTX_get_pkey_ctx(check->over_message);
}

/* ---- Verifying ---- */

/* Each works on a copy, so that the context is good for another round. */
static bool verifies_digest(const struct ss_check *check, const unsigned char *signature,
                            size_t signature_length, const unsigned char *data, size_t data_length)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(check->over_digest);
    bool ok =
        ctx != NULL && EVP_PKEY_verify(ctx, signature, signature_length, data, data_length) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool verifies_message(const struct ss_check *check, const unsigned char *signature,
                             size_t signature_length, const unsigned char *data, size_t data_length)
{
    EVP_MD_CTX *ctx = dup_md_ctx(check->over_message);
    bool ok =
        ctx != NULL && EVP_DigestVerify(ctx, signature, signature_length, data, data_length) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

bool ss_check_verifies(const struct ss_check *check, const unsigned char *signature,
                       size_t signature_length, const unsigned char *data, size_t data_length)
{
    bool ok;

    ERR_set_mark();
    ok = check->over_digest != NULL
             ? verifies_digest(check, signature, signature_length, data, data_length)
             : verifies_message(check, signature, signature_length, data, data_length);
    ERR_pop_to_mark();
    return ok;
}
