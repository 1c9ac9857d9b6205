// SPDX-License-Identifier: Apache-2.0
#include "sign.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

static const char member_name[] = "manifest.sig";

enum {
    P256_BYTES = 32,
    RAW_BYTES = 2 * P256_BYTES,
    MAX_DER_BYTES = 72, /* SEQUENCE of two INTEGERs of 33 bytes */
    MAX_SIGNATURE_TEXT = 1 << 14,
};

/* Bytes of a signature as a key makes and takes them. */
struct signature {
    unsigned char *bytes;
    size_t length;
};

/* ---- Keys ---- */

static bool is_ec(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "EC");
}

static bool is_p256(const char *group)
{
    static const char *const names[] = {"prime256v1", "P-256", "secp256r1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(group, names[i]) == 0)
            return true;
    }
    return false;
}

bool artifact_key_check(EVP_PKEY *key, struct artifact_error *error)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return true;
    char group[64] = "";
    size_t length = 0;
    if (is_ec(key)) {
        if (EVP_PKEY_get_group_name(key, group, sizeof group, &length) != 1)
            return artifact_fail_openssl(error, ARTIFACT_BAD_KEY, NULL,
                                         "the curve of the EC key is not known");
        if (is_p256(group))
            return true;
    }
    const char *type = EVP_PKEY_get0_type_name(key);
    return artifact_fail(error, ARTIFACT_BAD_KEY, NULL,
                         "keys of type %s%s%s are not supported: devices verify RSA (PKCS#1 v1.5) "
                         "and EC P-256 only",
                         type ? type : "unknown", group[0] ? " " : "", group);
}

/* ---- ECDSA: DER as OpenSSL speaks it, r || s as the artifact has it ---- */

/* Parsed strictly: only the one encoding that DER allows, with nothing after it. */
static ECDSA_SIG *parse_der(const struct signature *der)
{
    if (der->length > MAX_DER_BYTES)
        return NULL;
    const unsigned char *at = der->bytes;
    ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &at, (long)der->length);
    unsigned char *printed = NULL;
    int length = parsed ? i2d_ECDSA_SIG(parsed, &printed) : -1;
    bool is_der = length >= 0 && (size_t)length == der->length &&
                  memcmp(printed, der->bytes, der->length) == 0;
    OPENSSL_free(printed);
    ERR_clear_error();
    if (is_der)
        return parsed;
    ECDSA_SIG_free(parsed);
    return NULL;
}

/* Replaces the DER by r || s, each padded on the left. */
static bool der_to_raw(struct signature *signature, struct artifact_error *error)
{
    unsigned char *raw = malloc(RAW_BYTES);
    if (!raw)
        return artifact_fail_memory(error);
    ECDSA_SIG *parsed = parse_der(signature);
    bool is_ok = parsed && !BN_is_negative(ECDSA_SIG_get0_r(parsed)) &&
                 !BN_is_negative(ECDSA_SIG_get0_s(parsed)) &&
                 BN_bn2binpad(ECDSA_SIG_get0_r(parsed), raw, P256_BYTES) == P256_BYTES &&
                 BN_bn2binpad(ECDSA_SIG_get0_s(parsed), raw + P256_BYTES, P256_BYTES) == P256_BYTES;
    ECDSA_SIG_free(parsed);
    if (!is_ok) {
        free(raw);
        return artifact_fail(error, ARTIFACT_BAD_KEY, NULL,
                             "the key returned %zu bytes that are no ECDSA signature for P-256",
                             signature->length);
    }
    free(signature->bytes);
    *signature = (struct signature){raw, RAW_BYTES};
    return true;
}

/* The DER form of r || s, made by libcrypto; its owner frees it with OPENSSL_free. */
static unsigned char *raw_to_der(const unsigned char raw[RAW_BYTES], size_t *length)
{
    unsigned char *der = NULL;
    int der_length = -1;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, P256_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(raw + P256_BYTES, P256_BYTES, NULL);
    if (signature && r && s && ECDSA_SIG_set0(signature, r, s) == 1) {
        r = NULL;
        s = NULL;
        der_length = i2d_ECDSA_SIG(signature, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    *length = der_length > 0 ? (size_t)der_length : 0;
    return der_length > 0 ? der : NULL;
}

/* ---- Verifying with one key ---- */

/* Said of RSA keys and of EC keys; the words that tools before this one use. */
static bool fail_verification(const EVP_PKEY *key, struct artifact_error *error)
{
    ERR_clear_error();
    return artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name, "%s",
                         is_ec(key) ? "signer: verification failed"
                                    : "crypto/rsa: verification error");
}

static EVP_MD_CTX *begin_operation(EVP_PKEY *key, bool is_signing, struct artifact_error *error)
{
    EVP_PKEY_CTX *parameters = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int status = 0;
    if (context && is_signing)
        status = EVP_DigestSignInit_ex(context, &parameters, "SHA256", NULL, NULL, key, NULL);
    else if (context)
        status = EVP_DigestVerifyInit_ex(context, &parameters, "SHA256", NULL, NULL, key, NULL);
    if (status == 1 && !is_ec(key))
        status = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING);
    if (status == 1)
        return context;
    artifact_fail_openssl(error, ARTIFACT_BAD_KEY, NULL, "the key can not %s with SHA-256",
                          is_signing ? "sign" : "verify");
    EVP_MD_CTX_free(context);
    return NULL;
}

/* The signature in the form that OpenSSL takes: RSA bytes, or DER. */
static bool verify_openssl(EVP_PKEY *key, const void *manifest, size_t length,
                           const unsigned char *signature, size_t signature_length,
                           struct artifact_error *error)
{
    EVP_MD_CTX *context = begin_operation(key, false, error);
    if (!context)
        return false;
    int status = EVP_DigestVerify(context, signature, signature_length, manifest, length);
    EVP_MD_CTX_free(context);
    return status == 1 || fail_verification(key, error);
}

static bool verify_ec(EVP_PKEY *key, const void *manifest, size_t length,
                      const struct signature *signature, struct artifact_error *error)
{
    if (signature->length == RAW_BYTES) {
        size_t der_length = 0;
        unsigned char *der = raw_to_der(signature->bytes, &der_length);
        bool is_ok = der ? verify_openssl(key, manifest, length, der, der_length, error)
                         : artifact_fail_memory(error);
        OPENSSL_free(der);
        return is_ok;
    }
    ECDSA_SIG *parsed = parse_der(signature);
    if (!parsed)
        return artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name,
                             "signer: invalid signature length: %zu. For ECDSA only P-256 is "
                             "supported.",
                             signature->length);
    ECDSA_SIG_free(parsed);
    return verify_openssl(key, manifest, length, signature->bytes, signature->length, error);
}

static bool verify_with(EVP_PKEY *key, const void *manifest, size_t length,
                        const struct signature *signature, struct artifact_error *error)
{
    if (!artifact_key_check(key, error))
        return false;
    if (is_ec(key))
        return verify_ec(key, manifest, length, signature, error);
    return verify_openssl(key, manifest, length, signature->bytes, signature->length, error);
}

/* ---- Base64 ---- */

/* The text less CR and LF, which readers skip; for free(). */
static char *strip_lines(const char *text, size_t length, size_t *stripped_length)
{
    char *stripped = malloc(length + 1);
    size_t count = 0;
    for (size_t i = 0; stripped && i < length; i++) {
        if (text[i] != '\r' && text[i] != '\n')
            stripped[count++] = text[i];
    }
    if (stripped)
        stripped[count] = '\0';
    *stripped_length = count;
    return stripped;
}

/* How far the text is base64: groups of four, padded at the end only. The length when all of it is.
 */
static size_t count_base64(const char *text, size_t length)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t count = strspn(text, alphabet);
    size_t padding = 0;
    while (padding < 2 && text[count + padding] == '=')
        padding++;
    if (count + padding < length)
        return count;
    return length - length % 4;
}

static bool decode_base64(struct signature *signature, const char *text, size_t length,
                          struct artifact_error *error)
{
    if (length > MAX_SIGNATURE_TEXT)
        return artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name,
                             "signer: error decoding signature: longer than %d bytes",
                             (int)MAX_SIGNATURE_TEXT);
    size_t text_length = 0;
    char *stripped = strip_lines(text, length, &text_length);
    unsigned char *bytes = malloc(length + 1);
    bool is_ok = stripped && bytes ? true : artifact_fail_memory(error);
    size_t valid = is_ok ? count_base64(stripped, text_length) : 0;
    if (is_ok && valid < text_length)
        is_ok = artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name,
                              "signer: error decoding signature: illegal base64 data at input "
                              "byte %zu",
                              valid);
    int decoded = 0;
    if (is_ok && text_length > 0)
        decoded = EVP_DecodeBlock(bytes, (unsigned char *)stripped, (int)text_length);
    if (is_ok && decoded < 0)
        is_ok = artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name,
                              "signer: error decoding signature");
    if (is_ok) {
        /* EVP_DecodeBlock counts what the padding stands for as zero bytes. */
        size_t padding = 0;
        while (padding < 2 && padding < text_length && stripped[text_length - 1 - padding] == '=')
            padding++;
        *signature = (struct signature){bytes, (size_t)decoded - padding};
        bytes = NULL;
    }
    free(bytes);
    free(stripped);
    return is_ok;
}

static char *encode_base64(const struct signature *signature, size_t *length,
                           struct artifact_error *error)
{
    char *text = malloc((signature->length + 2) / 3 * 4 + 1);
    if (!text) {
        artifact_fail_memory(error);
        return NULL;
    }
    *length =
        (size_t)EVP_EncodeBlock((unsigned char *)text, signature->bytes, (int)signature->length);
    return text;
}

/* ---- The two directions ---- */

bool artifact_manifest_verify(EVP_PKEY *const *keys, size_t key_count, const void *manifest,
                              size_t length, const char *signature, size_t signature_length,
                              struct artifact_error *error)
{
    struct signature decoded = {0};
    if (!decode_base64(&decoded, signature, signature_length, error))
        return false;
    bool is_verified = false;
    artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name,
                  "no key to verify the signature with");
    for (size_t i = 0; i < key_count && !is_verified; i++)
        is_verified = verify_with(keys[i], manifest, length, &decoded, error);
    if (is_verified && error)
        *error = (struct artifact_error){0};
    free(decoded.bytes);
    return is_verified;
}

static bool sign_openssl(struct signature *signature, EVP_PKEY *key, const void *manifest,
                         size_t length, struct artifact_error *error)
{
    EVP_MD_CTX *context = begin_operation(key, true, error);
    if (!context)
        return false;
    size_t size = 0;
    bool is_ok = EVP_DigestSign(context, NULL, &size, manifest, length) == 1;
    signature->bytes = is_ok ? malloc(size) : NULL;
    signature->length = size;
    if (is_ok && !signature->bytes)
        is_ok = artifact_fail_memory(error);
    else if (!is_ok ||
             EVP_DigestSign(context, signature->bytes, &signature->length, manifest, length) != 1)
        is_ok = artifact_fail_openssl(error, ARTIFACT_BAD_KEY, NULL, "Could not sign manifest");
    EVP_MD_CTX_free(context);
    return is_ok;
}

char *artifact_manifest_sign(EVP_PKEY *key, const void *manifest, size_t length,
                             size_t *signature_length, struct artifact_error *error)
{
    struct signature signature = {0};
    char *text = NULL;
    ERR_clear_error(); /* so that a failure tells of itself, and not of something earlier */
    if (artifact_key_check(key, error) && sign_openssl(&signature, key, manifest, length, error) &&
        (!is_ec(key) || der_to_raw(&signature, error))) {
        /* A key that errs, in hardware or far away, is found out here and not on the device. */
        if (verify_with(key, manifest, length, &signature, error))
            text = encode_base64(&signature, signature_length, error);
        else
            artifact_fail_prefix(error, "the new signature does not verify with its own key");
    }
    free(signature.bytes);
    return text;
}
