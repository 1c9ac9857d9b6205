// SPDX-License-Identifier: Apache-2.0
#include "sign.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Digests ---- */

static const struct digest digests[] = {
    {"SHA-1", "SHA1", 20},
    {"SHA1", "SHA1", 20},
    {"SHA-224", "SHA224", 28},
    {"SHA224", "SHA224", 28},
    {"SHA-256", "SHA256", 32},
    {"SHA256", "SHA256", 32},
    {"SHA-384", "SHA384", 48},
    {"SHA384", "SHA384", 48},
    {"SHA-512", "SHA512", 64},
    {"SHA512", "SHA512", 64},
    {"MD5", "MD5", 16},
    {"SHA3-224", "SHA3-224", 0},
    {"SHA3-256", "SHA3-256", 0},
    {"SHA3-384", "SHA3-384", 0},
    {"SHA3-512", "SHA3-512", 0},
    {"SHA-512-256", "SHA512-256", 0},
    {"SHA512-256", "SHA512-256", 0},
    {"SHAKE128", "SHAKE128", 0},
    {"SHAKE256", "SHAKE256", 0},
    {"RIPEMD160", "RIPEMD160", 0},
    {"SM3", "SM3", 0},
};

static const struct digest dotted_oid = {"OID", NULL, 0};

static bool is_dotted_oid(const char *name, size_t length)
{
    size_t dots = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_dot = name[i] == '.';
        bool is_lone_dot = is_dot && (i == 0 || i + 1 == length || name[i - 1] == '.');
        if (is_lone_dot || (!is_dot && !isdigit((unsigned char)name[i])))
            return false;
        dots += is_dot;
    }
    return dots > 0;
}

const struct digest *digest_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        if (strlen(digests[i].name) == length && memcmp(digests[i].name, name, length) == 0)
            return &digests[i];
    }
    return is_dotted_oid(name, length) ? &dotted_oid : NULL;
}

/* ---- Signature algorithms ---- */

/* Of keys that sign messages as they are: what their algorithms begin with, which is also what
 * libcrypto calls the type of the key. */
static const char *const pure_families[] = {"Ed25519", "Ed448", "ML-DSA", "SLH-DSA"};

static const struct {
    const char *name;
    enum padding padding;
    const char *key_type;
} paddings[] = {
    {"withRSA", PADDING_PKCS1, "RSA"},
    {"withRSAandMGF1", PADDING_PSS, "RSA"},
    {"withRSASSA-PSS", PADDING_PSS, "RSA"},
    {"withECDSA", PADDING_ECDSA, "EC"},
};

static const char *pure_family(const char *name)
{
    for (size_t i = 0; i < sizeof pure_families / sizeof pure_families[0]; i++) {
        if (strncasecmp(name, pure_families[i], strlen(pure_families[i])) == 0)
            return pure_families[i];
    }
    return NULL;
}

static const char *default_algorithm(const EVP_PKEY *key)
{
    const char *type = EVP_PKEY_get0_type_name(key);
    if (EVP_PKEY_is_a(key, "EC"))
        return "SHA256withECDSA";
    return pure_family(type) ? type : "SHA256withRSA";
}

/* "ML-DSA" and "SLH-DSA" alone leave their parameters to the key. */
static const char *pure_key_type(const char *name, const char *family, const EVP_PKEY *key)
{
    const char *type = EVP_PKEY_get0_type_name(key);
    bool is_open = strcasecmp(name, family) == 0 && strncasecmp(type, family, strlen(family)) == 0;
    return is_open ? type : name;
}

/* The part before "with": a digest, or the word that says there is none. */
static bool find_hash(const char **digest, const char *name, size_t length)
{
    *digest = NULL;
    if (length == 4 && strncasecmp(name, "NONE", length) == 0)
        return true;
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        if (strlen(digests[i].name) == length && strncasecmp(digests[i].name, name, length) == 0) {
            *digest = digests[i].canonical;
            return true;
        }
    }
    return false;
}

bool scheme_find(struct scheme *scheme, const char *algorithm, const EVP_PKEY *key)
{
    const char *name = algorithm ? algorithm : default_algorithm(key);
    const char *with = strcasestr(name, "with");
    const char *family = pure_family(name);
    if (family) {
        *scheme = (struct scheme){PADDING_PURE, NULL, pure_key_type(name, family, key)};
        return true;
    }
    for (size_t i = 0; with && i < sizeof paddings / sizeof paddings[0]; i++) {
        if (strcasecmp(with, paddings[i].name) == 0) {
            *scheme = (struct scheme){paddings[i].padding, NULL, paddings[i].key_type};
            return find_hash(&scheme->digest, name, (size_t)(with - name));
        }
    }
    return false;
}

bool scheme_takes_key(const struct scheme *scheme, const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, scheme->key_type) ||
           (scheme->padding == PADDING_PSS && EVP_PKEY_is_a(key, "RSA-PSS"));
}

bool scheme_is_bare(const struct scheme *scheme)
{
    return !scheme->digest && scheme->padding != PADDING_PURE;
}

/* ---- Signing ---- */

/* What the real server's libraries offer neither a DigestInfo nor PSS parameters for. */
static bool is_minor(const char *digest)
{
    return strcmp(digest, "SHA224") == 0 || strcmp(digest, "MD5") == 0;
}

static bool set_padding(EVP_PKEY_CTX *context, enum padding padding)
{
    if (padding == PADDING_PKCS1)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    if (padding == PADDING_PSS)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
    return true;
}

/* The data is the digest, or whatever else is to be padded; `digest` is NULL where it has no name.
 */
static bool sign_bare(unsigned char **signature, size_t *signature_length, enum padding padding,
                      EVP_PKEY *key, const char *digest, const unsigned char *data, size_t length)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    const EVP_MD *md = digest && padding != PADDING_ECDSA ? EVP_get_digestbyname(digest) : NULL;
    bool ok = context && EVP_PKEY_sign_init(context) > 0 && set_padding(context, padding) &&
              (!md || EVP_PKEY_CTX_set_signature_md(context, md) > 0) &&
              EVP_PKEY_sign(context, NULL, signature_length, data, length) > 0 &&
              (*signature = malloc(*signature_length)) != NULL &&
              EVP_PKEY_sign(context, *signature, signature_length, data, length) > 0;
    EVP_PKEY_CTX_free(context);
    return ok;
}

static bool sign_message(unsigned char **signature, size_t *signature_length,
                         const struct scheme *scheme, EVP_PKEY *key, const unsigned char *data,
                         size_t length)
{
    EVP_PKEY_CTX *parameters = NULL; /* the context's own */
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok =
        context &&
        EVP_DigestSignInit_ex(context, &parameters, scheme->digest, NULL, NULL, key, NULL) > 0 &&
        set_padding(parameters, scheme->padding) &&
        EVP_DigestSign(context, NULL, signature_length, data, length) > 0 &&
        (*signature = malloc(*signature_length)) != NULL &&
        EVP_DigestSign(context, *signature, signature_length, data, length) > 0;
    EVP_MD_CTX_free(context);
    return ok;
}

/* What the real server refuses although libcrypto could do it. */
static enum signing_result check(const struct scheme *scheme, const struct digest *digest)
{
    if (!digest || scheme->padding == PADDING_ECDSA || scheme->padding == PADDING_PURE)
        return SIGNING_DONE;
    if (scheme->padding == PADDING_PSS && scheme->digest &&
        strcmp(scheme->digest, digest->canonical) != 0)
        return SIGNING_NOT_INITIALISED;
    if (!scheme->digest && is_minor(digest->canonical))
        return scheme->padding == PADDING_PSS ? SIGNING_NOT_INITIALISED : SIGNING_CRASHED;
    return SIGNING_DONE;
}

enum signing_result sign(unsigned char **signature, size_t *signature_length,
                         const struct scheme *scheme, EVP_PKEY *key, const struct digest *digest,
                         const unsigned char *data, size_t length)
{
    *signature = NULL;
    enum signing_result result = check(scheme, digest);
    if (result != SIGNING_DONE)
        return result;

    bool ok = scheme_is_bare(scheme)
                  ? sign_bare(signature, signature_length, scheme->padding, key,
                              digest ? digest->canonical : NULL, data, length)
                  : sign_message(signature, signature_length, scheme, key, data, length);
    if (ok)
        return SIGNING_DONE;
    free(*signature);
    *signature = NULL;
    ERR_clear_error();
    return SIGNING_NOT_INITIALISED;
}
