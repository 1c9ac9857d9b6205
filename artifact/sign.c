// SPDX-License-Identifier: Apache-2.0
#include "sign.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char member_name[] = "manifest.sig";

enum {
    P256_BYTES = 32,
    RAW_BYTES = 2 * P256_BYTES,
    MAX_DER_BYTES = 256,          /* SEQUENCE of two INTEGERs, of any curve */
    MAX_SIGNATURE_TEXT = 1 << 17, /* SLH-DSA makes the longest signatures: 49,856 bytes */
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

static bool is_rsa(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "RSA");
}

enum { MAX_GROUP = 64 };

/* The name of an EC key's curve, "" for other keys. */
static const char *group_of(char group[MAX_GROUP], const EVP_PKEY *key)
{
    size_t length = 0;
    group[0] = '\0';
    if (is_ec(key) && EVP_PKEY_get_group_name(key, group, MAX_GROUP, &length) != 1)
        snprintf(group, MAX_GROUP, "on an unknown curve");
    ERR_clear_error();
    return group;
}

static bool has_group(const EVP_PKEY *key, const char *const *names)
{
    char group[MAX_GROUP];
    for (group_of(group, key); *names; names++) {
        if (strcmp(group, *names) == 0)
            return true;
    }
    return false;
}

static bool is_p256(const EVP_PKEY *key)
{
    static const char *const names[] = {"prime256v1", "P-256", "secp256r1", NULL};
    return has_group(key, names);
}

static bool is_p384(const EVP_PKEY *key)
{
    static const char *const names[] = {"secp384r1", "P-384", NULL};
    return has_group(key, names);
}

const char *artifact_key_warning(const EVP_PKEY *key)
{
    if (is_rsa(key) || is_p256(key))
        return NULL;
    if (is_p384(key))
        return "signatures with an EC P-384 key are verified by devices with the C++ client (4.0 "
               "and newer) only";
    return "no device verifies signatures with such a key";
}

bool artifact_key_check(const EVP_PKEY *key, bool allow_unsupported, struct artifact_error *error)
{
    char group[MAX_GROUP];
    const char *type = EVP_PKEY_get0_type_name(key);
    if (allow_unsupported || is_rsa(key) || is_p256(key) || is_p384(key))
        return true;
    group_of(group, key);
    return artifact_fail(error, ARTIFACT_UNSUPPORTED_KEY, NULL,
                         "keys of type %s%s%s are not supported: devices verify RSA (PKCS#1 v1.5) "
                         "and EC P-256, and some of them P-384, but nothing else",
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

/* Of a P-256 key: replaces the DER by r || s, each padded on the left. */
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

/* The words that tools before this one use. */
static bool fail_verification(const EVP_PKEY *key, struct artifact_error *error)
{
    ERR_clear_error();
    return artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name, "%s",
                         is_rsa(key) ? "crypto/rsa: verification error"
                                     : "signer: verification failed");
}

/* SHA-256, or NULL for keys that take the message as it is, such as Ed25519. */
static const char *digest_of(EVP_PKEY *key)
{
    char name[32] = "";
    enum { IS_MANDATORY = 2 };
    bool takes_none = EVP_PKEY_get_default_digest_name(key, name, sizeof name) == IS_MANDATORY &&
                      strcmp(name, "UNDEF") == 0;
    ERR_clear_error();
    return takes_none ? NULL : "SHA256";
}

static EVP_MD_CTX *begin_operation(EVP_PKEY *key, bool is_signing, struct artifact_error *error)
{
    EVP_PKEY_CTX *parameters = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *digest = digest_of(key);
    int status = 0;
    if (context && is_signing)
        status = EVP_DigestSignInit_ex(context, &parameters, digest, NULL, NULL, key, NULL);
    else if (context)
        status = EVP_DigestVerifyInit_ex(context, &parameters, digest, NULL, NULL, key, NULL);
    if (status == 1 && is_rsa(key))
        status = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING);
    if (status == 1)
        return context;
    artifact_fail_openssl(error, ARTIFACT_BAD_KEY, NULL, "the key can not %s%s",
                          is_signing ? "sign" : "verify", digest ? " with SHA-256" : "");
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
    if (signature->length == RAW_BYTES && is_p256(key)) {
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
                             "signer: invalid signature length: %zu.%s", signature->length,
                             is_p256(key) ? " For ECDSA only P-256 is supported." : "");
    ECDSA_SIG_free(parsed);
    return verify_openssl(key, manifest, length, signature->bytes, signature->length, error);
}

static bool verify_with(EVP_PKEY *key, const void *manifest, size_t length,
                        const struct signature *signature, struct artifact_error *error)
{
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

static size_t base64_length(size_t length)
{
    return (length + 2) / 3 * 4;
}

static char *encode_base64(const struct signature *signature, size_t *length,
                           struct artifact_error *error)
{
    char *text = malloc(base64_length(signature->length) + 1);
    if (!text) {
        artifact_fail_memory(error);
        return NULL;
    }
    *length =
        (size_t)EVP_EncodeBlock((unsigned char *)text, signature->bytes, (int)signature->length);
    return text;
}

/* ---- The two directions ---- */

bool artifact_manifest_verify(EVP_PKEY **fitting, EVP_PKEY *const *keys, size_t key_count,
                              const void *manifest, size_t length, const char *signature,
                              size_t signature_length, struct artifact_error *error)
{
    struct signature decoded = {0};
    *fitting = NULL;
    if (!decode_base64(&decoded, signature, signature_length, error))
        return false;
    artifact_fail(error, ARTIFACT_BAD_SIGNATURE, member_name,
                  "no key to verify the signature with");
    for (size_t i = 0; i < key_count && !*fitting; i++) {
        if (verify_with(keys[i], manifest, length, &decoded, error))
            *fitting = keys[i];
    }
    free(decoded.bytes);
    if (*fitting && error)
        *error = (struct artifact_error){0};
    if (!*fitting && key_count > 1)
        artifact_fail_prefix(error, "none of the %zu keys fits; of the last one", key_count);
    return *fitting != NULL;
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

size_t artifact_manifest_signature_length(const EVP_PKEY *key)
{
    return base64_length(is_p256(key) ? RAW_BYTES : (size_t)EVP_PKEY_get_size(key));
}

/*
 * The public half by itself, for EVP_PKEY_free: it verifies without the token or the server that
 * has the other, which may not verify at all. The key as it is where nothing else is to be had.
 */
static EVP_PKEY *public_half(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    const unsigned char *at = der;
    EVP_PKEY *half = length > 0 ? d2i_PUBKEY(NULL, &at, length) : NULL;
    OPENSSL_free(der);
    ERR_clear_error();
    if (!half && EVP_PKEY_up_ref(key))
        half = key;
    return half;
}

/* A key that errs, in hardware or far away, is found out here and not on the device. */
static bool check_own(EVP_PKEY *key, const void *manifest, size_t length,
                      const struct signature *signature, struct artifact_error *error)
{
    EVP_PKEY *half = public_half(key);
    bool is_ok =
        half ? verify_with(half, manifest, length, signature, error) : artifact_fail_memory(error);
    EVP_PKEY_free(half);
    return is_ok ||
           artifact_fail_prefix(error, "the new signature does not verify with its own key");
}

char *artifact_manifest_sign(EVP_PKEY *key, const void *manifest, size_t length,
                             size_t *signature_length, struct artifact_error *error)
{
    struct signature signature = {0};
    char *text = NULL;
    ERR_clear_error(); /* so that a failure tells of itself, and not of something earlier */
    if (sign_openssl(&signature, key, manifest, length, error) &&
        (!is_p256(key) || der_to_raw(&signature, error)) &&
        check_own(key, manifest, length, &signature, error))
        text = encode_base64(&signature, signature_length, error);
    free(signature.bytes);
    return text;
}
