// SPDX-License-Identifier: Apache-2.0
/*
 * Keys written out. Of a remote private key there is text (pkey -text), which says where it is and
 * shows its public half, and a key reference in PEM, in place of the formats that hold any type of
 * key. What would have to hold the private half itself is refused. Local keys and public halves are
 * written by the default provider from the inner key: what libcrypto would export to it lacks the
 * restrictions of an RSA-PSS key, and the form chosen for a point, where a caller selects no more
 * than the public key.
 */
#include "algorithms.h"
#include "key.h"
#include "reference.h"
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#define PRIVATE OSSL_KEYMGMT_SELECT_PRIVATE_KEY
#define PUBLIC OSSL_KEYMGMT_SELECT_PUBLIC_KEY

/*
 * FORMAT(names, identifier, output, structure, halves that it holds, is_reference), `names` being
 * the type's.
 * PEM_write_bio_PrivateKey(3), openssl pkey and openssl rsa want pem_pkcs8, openssl rsa
 * -traditional pem_pkcs1, openssl ec pem_specific, i2d_PrivateKey(3) and PKCS#12 the ones in DER;
 * whoever writes a public key wants spki, but openssl rsa -RSAPublicKey_out pkcs1. A caller who
 * leaves the structure open gets the last one that is listed for a type: as with the default
 * provider, the traditional one, where there is one. Microsoft's forms of an RSA key have none;
 * their public half is left to libcrypto.
 */
#define FORMATS(FORMAT, names)                                                                     \
    FORMAT(names, pem_encrypted, "pem", "EncryptedPrivateKeyInfo", PRIVATE, false)                 \
    FORMAT(names, der_encrypted, "der", "EncryptedPrivateKeyInfo", PRIVATE, false)                 \
    FORMAT(names, pem_pkcs8, "pem", "PrivateKeyInfo", PRIVATE, true)                               \
    FORMAT(names, der_pkcs8, "der", "PrivateKeyInfo", PRIVATE, false)                              \
    FORMAT(names, pem_spki, "pem", "SubjectPublicKeyInfo", PUBLIC, false)                          \
    FORMAT(names, der_spki, "der", "SubjectPublicKeyInfo", PUBLIC, false)
#define RSA_FORMATS(FORMAT, names)                                                                 \
    FORMAT(names, pem_pkcs1, "pem", "pkcs1", PRIVATE | PUBLIC, false)                              \
    FORMAT(names, der_pkcs1, "der", "pkcs1", PRIVATE | PUBLIC, false)
#define RSA_BLOBS(FORMAT, names)                                                                   \
    FORMAT(names, msblob, "msblob", NULL, PRIVATE, false)                                          \
    FORMAT(names, pvk, "pvk", NULL, PRIVATE, false)
#define EC_FORMATS(FORMAT, names)                                                                  \
    FORMAT(names, pem_specific, "pem", "type-specific", PRIVATE, true)                             \
    FORMAT(names, der_specific, "der", "type-specific", PRIVATE, false)

struct encoding {
    const struct ss_context *context;
    const char *output;
    const char *structure;
    bool is_reference; /* what a remote private key is written as */
    char *cipher;      /* to encrypt with; NULL: in the clear */
    int encrypt_level; /* of a PVK, which has no cipher; below 0: libcrypto's own choice */
};

static void *encoding_new(const struct ss_context *context, const char *output,
                          const char *structure, bool is_reference)
{
    struct encoding *encoding = OPENSSL_zalloc(sizeof *encoding);

    if (encoding != NULL) {
        encoding->context = context;
        encoding->output = output;
        encoding->structure = structure;
        encoding->is_reference = is_reference;
        encoding->encrypt_level = -1;
    }
    return encoding;
}

static void freectx(void *ctx)
{
    struct encoding *encoding = ctx;

    if (encoding == NULL)
        return;
    OPENSSL_free(encoding->cipher);
    OPENSSL_free(encoding);
}

static const OSSL_PARAM *settable_ctx_params(void *provctx)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_ENCODER_PARAM_CIPHER, NULL, 0),
        /* For fetching the cipher, which is done in the inner library context. */
        OSSL_PARAM_utf8_string(OSSL_ENCODER_PARAM_PROPERTIES, NULL, 0),
        OSSL_PARAM_int(OSSL_ENCODER_PARAM_ENCRYPT_LEVEL, NULL),
        OSSL_PARAM_END,
    };

    (void)provctx;
    return params;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
    struct encoding *encoding = ctx;
    const OSSL_PARAM *cipher = OSSL_PARAM_locate_const(params, OSSL_ENCODER_PARAM_CIPHER);
    const OSSL_PARAM *level = OSSL_PARAM_locate_const(params, OSSL_ENCODER_PARAM_ENCRYPT_LEVEL);

    if (level != NULL && !OSSL_PARAM_get_int(level, &encoding->encrypt_level))
        return 0;
    if (cipher == NULL)
        return 1;
    OPENSSL_free(encoding->cipher);
    encoding->cipher = NULL;
    return cipher->data == NULL || OSSL_PARAM_get_utf8_string(cipher, &encoding->cipher, 0);
}

/* Who selects the private half wants a format that holds it, whatever else he selects. */
static bool holds(int halves, int selection)
{
    return (halves & ((selection & PRIVATE) != 0 ? PRIVATE : selection)) != 0;
}

/* ---- Remote keys ---- */

static bool may_write_reference(const struct encoding *encoding, const struct ss_worker *worker,
                                struct ss_error *error)
{
    if (!encoding->is_reference)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "the private key of %s stays on the server and cannot be written; a PEM "
                       "file with a reference to it can: openssl pkey -in %s -out FILE",
                       ss_worker_get0_name(worker), ss_worker_get0_uri(worker));
    if (encoding->cipher != NULL)
        return ss_fail(error, SS_R_UNSUPPORTED,
                       "the private key of %s stays on the server; a file with a reference to it "
                       "holds nothing secret and is not encrypted: leave out the cipher",
                       ss_worker_get0_name(worker));
    return true;
}

static bool write_pem(BIO *out, const struct ss_key *key, struct ss_error *error)
{
    struct ss_uri uri;
    struct ss_buffer der;
    bool ok;

    if (!ss_uri_parse(&uri, ss_worker_get0_uri(ss_key_get0_worker(key)), error))
        return false;
    ss_buffer_init(&der, SS_REFERENCE_MAX_BYTES);
    ok = ss_reference_print(&der, &uri, ss_key_get0_inner(key), error) &&
         (PEM_write_bio(out, SS_REFERENCE_LABEL, "", der.bytes, (long)der.length) > 0 ||
          ss_fail_internal(error, "writing PEM"));
    ss_buffer_clear(&der);
    ss_uri_clear(&uri);
    return ok;
}

/* ---- What the inner key has ---- */

static bool set_encrypt_level(OSSL_ENCODER_CTX *ctx, int level)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_ENCODER_PARAM_ENCRYPT_LEVEL, &level),
        OSSL_PARAM_END,
    };

    return OSSL_ENCODER_CTX_set_params(ctx, params) == 1;
}

static bool write_inner(const struct encoding *encoding, BIO *out, const struct ss_key *key,
                        int selection, OSSL_PASSPHRASE_CALLBACK *callback, void *argument)
{
    OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(
        ss_key_get0_inner(key), selection, encoding->output, encoding->structure, NULL);
    bool ok =
        ctx != NULL &&
        (encoding->cipher == NULL ||
         OSSL_ENCODER_CTX_set_cipher(ctx, encoding->cipher, NULL) == 1) &&
        (encoding->encrypt_level < 0 || set_encrypt_level(ctx, encoding->encrypt_level)) &&
        (callback == NULL || OSSL_ENCODER_CTX_set_passphrase_cb(ctx, callback, argument) == 1) &&
        OSSL_ENCODER_to_bio(ctx, out) == 1;

    OSSL_ENCODER_CTX_free(ctx);
    return ok;
}

/* ---- Both ---- */

/* Of a remote private key. */
static bool write_text(BIO *out, const struct ss_key *key)
{
    return BIO_printf(out, "Private key on a SignServer worker: %s\n",
                      ss_worker_get0_uri(ss_key_get0_worker(key))) > 0 &&
           EVP_PKEY_print_public(out, ss_key_get0_inner(key), 0, NULL) == 1;
}

/* To the BIO of the application, which only libcrypto's own function can write to. */
static bool copy_out(const struct ss_context *context, OSSL_CORE_BIO *out, BIO *from)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(from, &bytes);

    while (length > 0) {
        size_t written = 0;

        if (context->bio_write_ex == NULL ||
            !context->bio_write_ex(out, bytes, (size_t)length, &written) || written == 0)
            return false;
        bytes += written;
        length -= (long)written;
    }
    return true;
}

static int encode_text(void *ctx, OSSL_CORE_BIO *out, const void *keydata,
                       const OSSL_PARAM abstract_key[], int selection,
                       OSSL_PASSPHRASE_CALLBACK *callback, void *argument)
{
    const struct encoding *encoding = ctx;
    BIO *text = NULL;
    int ok;

    if (abstract_key != NULL || ss_key_get0_inner(keydata) == NULL)
        return 0;
    text = BIO_new(BIO_s_secmem());
    ok = text != NULL &&
         (ss_key_is_remote(keydata) && (selection & PRIVATE) != 0
              ? write_text(text, keydata)
              : write_inner(encoding, text, keydata, selection, callback, argument)) &&
         copy_out(encoding->context, out, text);
    BIO_free(text);
    return ok;
}

static int encode(void *ctx, OSSL_CORE_BIO *out, const void *keydata,
                  const OSSL_PARAM abstract_key[], int selection,
                  OSSL_PASSPHRASE_CALLBACK *callback, void *argument)
{
    const struct encoding *encoding = ctx;
    struct ss_error error = {0};
    BIO *bytes = NULL;
    int ok;

    if (abstract_key != NULL || ss_key_get0_inner(keydata) == NULL)
        return 0;
    bytes = BIO_new(BIO_s_secmem());
    if (bytes == NULL)
        return 0;
    if (ss_key_is_remote(keydata) && (selection & PRIVATE) != 0)
        ok = may_write_reference(encoding, ss_key_get0_worker(keydata), &error) &&
             write_pem(bytes, keydata, &error);
    else
        ok = write_inner(encoding, bytes, keydata, selection, callback, argument);
    SS_RAISE(&encoding->context->core, &error);
    ok = ok && copy_out(encoding->context, out, bytes);
    BIO_free(bytes);
    return ok;
}

#define ENCODER_FUNCTIONS(id, function, output, structure, halves, is_reference)                   \
    static void *newctx_##id(void *provctx)                                                        \
    {                                                                                              \
        return encoding_new(provctx, output, structure, is_reference);                             \
    }                                                                                              \
    static int does_selection_##id(void *provctx, int selection)                                   \
    {                                                                                              \
        (void)provctx;                                                                             \
        return holds(halves, selection);                                                           \
    }                                                                                              \
    static const OSSL_DISPATCH functions_##id[] = {                                                \
        {OSSL_FUNC_ENCODER_NEWCTX, (void (*)(void))newctx_##id},                                   \
        {OSSL_FUNC_ENCODER_FREECTX, (void (*)(void))freectx},                                      \
        {OSSL_FUNC_ENCODER_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params},              \
        {OSSL_FUNC_ENCODER_SET_CTX_PARAMS, (void (*)(void))set_ctx_params},                        \
        {OSSL_FUNC_ENCODER_DOES_SELECTION, (void (*)(void))does_selection_##id},                   \
        {OSSL_FUNC_ENCODER_ENCODE, (void (*)(void))(function)},                                    \
        {0, NULL},                                                                                 \
    };
ENCODER_FUNCTIONS(text, encode_text, "text", NULL, OSSL_KEYMGMT_SELECT_ALL, false)

#define FORMAT_FUNCTIONS(names, id, output, structure, halves, is_reference)                       \
    ENCODER_FUNCTIONS(id, encode, output, structure, halves, is_reference)
FORMATS(FORMAT_FUNCTIONS, )
RSA_FORMATS(FORMAT_FUNCTIONS, )
RSA_BLOBS(FORMAT_FUNCTIONS, )
EC_FORMATS(FORMAT_FUNCTIONS, )

#define ALGORITHM(names, id, output, structure, ...)                                               \
    {names, SS_PROPERTIES ",output=" output ",structure=" structure, functions_##id,               \
     "SignServer key in a file"},
#define BLOB_ALGORITHM(names, id, output, ...)                                                     \
    {names, SS_PROPERTIES ",output=" output, functions_##id, "SignServer key in a file"},
#define ALGORITHMS(id, name, names, ...)                                                           \
    {names, SS_PROPERTIES ",output=text", functions_text, "SignServer key as text"},               \
        FORMATS(ALGORITHM, names)
const OSSL_ALGORITHM ss_encoder_algorithms[] = {
    SS_TYPES(ALGORITHMS) RSA_FORMATS(ALGORITHM, "RSA") RSA_FORMATS(ALGORITHM, "RSA-PSS")
        RSA_BLOBS(BLOB_ALGORITHM, "RSA") EC_FORMATS(ALGORITHM, "EC"){NULL, NULL, NULL, NULL},
};
