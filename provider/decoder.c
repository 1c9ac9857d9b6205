// SPDX-License-Identifier: Apache-2.0
/*
 * Key references in files, for programs that read key files only. libcrypto chains two decoders:
 * PEM to DER, and DER to the key, one of each type. All keys that a process reads pass by here, so
 * that what is not ours is told from a few bytes, without a trace: the return value 1, which means
 * "go on", and nothing in the error queue. With what is ours but bad, decoding ends.
 */
#include "algorithms.h"
#include "key.h"
#include "reference.h"
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <string.h>

/* Leads from the first decoder to the second. */
#define STRUCTURE "signserver-reference"

enum { NOT_OURS = 1, PEM_MAX_BYTES = 2 * SS_REFERENCE_MAX_BYTES };

static void *newctx(void *provctx)
{
    return provctx;
}

static void freectx(void *ctx)
{
    (void)ctx;
}

/* A reference stands for a private key; 0 is who takes anything. */
static int does_selection(void *provctx, int selection)
{
    (void)provctx;
    return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

/* The key of a reference that was read. */
static struct ss_key *open_reference(struct ss_context *context, const unsigned char *der,
                                     size_t length, struct ss_error *error)
{
    OSSL_LIB_CTX *inner = ss_context_get0_inner(context, error);
    struct ss_reference reference = {0};
    struct ss_key *key = NULL;

    if (inner != NULL && ss_reference_parse(&reference, der, length, inner, error))
        key = ss_key_open(context, &reference.uri, reference.public_half, error);
    ss_reference_clear(&reference);
    return key;
}

/* ---- PEM to DER (RFC 7468) ---- */

/* Lines are read as PEM_read_bio(3) does, and no further than to the end of one block: where
 * libcrypto looks for the next one depends on that. */
struct lines {
    const struct ss_context *context;
    OSSL_CORE_BIO *in;
    char line[256]; /* a longer one comes in parts; it may be of a private key in the clear */
};

static bool next_line(struct lines *lines)
{
    OSSL_FUNC_BIO_gets_fn *gets = lines->context->bio_gets;

    return gets != NULL && gets(lines->in, lines->line, sizeof lines->line) > 0;
}

static bool next_line_with(struct lines *lines, const char *prefix)
{
    while (next_line(lines)) {
        if (strncmp(lines->line, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

static bool is_begin_of_reference(const struct lines *lines)
{
    static const char begin[] = "-----BEGIN " SS_REFERENCE_LABEL "-----";
    const char *rest = lines->line + sizeof begin - 1;

    return strncmp(lines->line, begin, sizeof begin - 1) == 0 &&
           strspn(rest, " \t\r\n") == strlen(rest);
}

/* Reads on to the end of the block, also when it is longer than it may be. */
static bool take_block(struct lines *lines, struct ss_buffer *block)
{
    bool is_end = false, is_taken = true;

    do {
        is_end = strncmp(lines->line, "-----END ", 9) == 0;
        is_taken = is_taken && ss_buffer_append(block, lines->line, strlen(lines->line));
    } while (!is_end && next_line(lines));
    return is_end && is_taken;
}

static bool read_pem(unsigned char **der, long *length, const struct ss_buffer *block)
{
    BIO *bio = BIO_new_mem_buf(block->bytes, (int)block->length);
    char *label = NULL, *header = NULL;
    bool ok;

    ERR_set_mark();
    ok = bio != NULL && PEM_read_bio(bio, &label, &header, der, length) == 1 && header[0] == '\0';
    ERR_pop_to_mark();
    OPENSSL_free(label);
    OPENSSL_free(header);
    BIO_free(bio);
    return ok;
}

/* libcrypto finds the second decoder by structure and type. */
static int pass_on(unsigned char *der, size_t length, const struct ss_type *type,
                   OSSL_CALLBACK *callback, void *argument)
{
    char *data_type = (char *)(uintptr_t)type->name;
    char structure[] = STRUCTURE;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, data_type, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE, structure, 0),
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der, length),
        OSSL_PARAM_END,
    };

    return callback(params, argument);
}

static int decode_reference(struct ss_context *context, const struct ss_buffer *block,
                            OSSL_CALLBACK *callback, void *argument, struct ss_error *error)
{
    unsigned char *der = NULL;
    long length = 0;
    struct ss_key *key = NULL;
    int ok = 0;

    if (!read_pem(&der, &length, block)) {
        ss_fail(error, SS_R_REFERENCE,
                "the key reference is damaged (it is no PEM without headers); write a new one: "
                "openssl pkey -in signserver:WORKER -out FILE");
        goto out;
    }
    /* Opened already here, to be opened again by the second decoder: OSSL_STORE drops what that one
     * says about a failure. */
    key = open_reference(context, der, (size_t)length, error);
    if (key != NULL)
        ok = pass_on(der, (size_t)length, ss_key_get0_type(key), callback, argument);
out:
    ss_key_free(key);
    OPENSSL_free(der);
    return ok;
}

static int decode_block(struct lines *lines, struct ss_context *context, OSSL_CALLBACK *callback,
                        void *argument)
{
    struct ss_error error = {0};
    struct ss_buffer block;
    int ok = 0;

    ss_buffer_init(&block, PEM_MAX_BYTES);
    if (take_block(lines, &block))
        ok = decode_reference(context, &block, callback, argument, &error);
    else
        ss_fail(&error, SS_R_REFERENCE,
                "the key reference is damaged (it has no end, or is over %d bytes long); write a "
                "new one: openssl pkey -in signserver:WORKER -out FILE",
                PEM_MAX_BYTES);
    ss_buffer_clear(&block);
    SS_RAISE(&context->core, &error);
    return ok;
}

static int decode_pem(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *callback,
                      void *argument, OSSL_PASSPHRASE_CALLBACK *passphrase_callback,
                      void *passphrase_argument)
{
    struct lines lines = {.context = ctx, .in = in};
    int ok = NOT_OURS;

    (void)selection;
    (void)passphrase_callback;
    (void)passphrase_argument;
    if (next_line_with(&lines, "-----BEGIN ")) {
        if (is_begin_of_reference(&lines))
            ok = decode_block(&lines, ctx, callback, argument);
        else
            next_line_with(&lines, "-----END ");
    }
    OPENSSL_cleanse(lines.line, sizeof lines.line);
    return ok;
}

/* ---- DER to the key ---- */

/* Appends up to `length` bytes; what is there may end before. False: there is no room. */
static bool read_der(const struct ss_context *context, OSSL_CORE_BIO *in, struct ss_buffer *der,
                     size_t length)
{
    unsigned char part[1024];

    while (length > 0) {
        size_t wanted = length < sizeof part ? length : sizeof part;
        size_t count = 0;

        if (!context->bio_read_ex(in, part, wanted, &count) || count == 0)
            return true;
        if (!ss_buffer_append(der, part, count))
            return false;
        length -= count;
    }
    return true;
}

static int decode_der(struct ss_context *context, const struct ss_type *type, OSSL_CORE_BIO *in,
                      OSSL_CALLBACK *callback, void *argument)
{
    struct ss_key *key = NULL;
    struct ss_error error = {0};
    struct ss_buffer der;
    int ok = NOT_OURS;

    ss_buffer_init(&der, SS_REFERENCE_MAX_BYTES);
    if (context->bio_read_ex == NULL || !read_der(context, in, &der, SS_REFERENCE_HEAD_BYTES) ||
        !ss_reference_recognise(der.bytes, der.length))
        goto out;
    if (read_der(context, in, &der, SIZE_MAX))
        key = open_reference(context, der.bytes, der.length, &error);
    else
        ss_fail(&error, SS_R_REFERENCE, "the key reference is longer than %d bytes",
                SS_REFERENCE_MAX_BYTES);
    if (key == NULL) {
        SS_RAISE(&context->core, &error);
        ok = 0;
    } else if (ss_key_get0_type(key) == type) {
        ok = ss_key_give(key, callback, argument);
        key = NULL;
    }
out:
    ss_key_free(key);
    ss_buffer_clear(&der);
    return ok;
}

#define DECODER_FUNCTIONS(id, function)                                                            \
    static const OSSL_DISPATCH functions_##id[] = {                                                \
        {OSSL_FUNC_DECODER_NEWCTX, (void (*)(void))newctx},                                        \
        {OSSL_FUNC_DECODER_FREECTX, (void (*)(void))freectx},                                      \
        {OSSL_FUNC_DECODER_DOES_SELECTION, (void (*)(void))does_selection},                        \
        {OSSL_FUNC_DECODER_DECODE, (void (*)(void))(function)},                                    \
        {0, NULL},                                                                                 \
    };

DECODER_FUNCTIONS(pem, decode_pem)

/* Only the table it stands in tells a decoder the type. */
#define TYPE_FUNCTIONS(id, ...)                                                                    \
    static int decode_##id(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *callback,   \
                           void *argument, OSSL_PASSPHRASE_CALLBACK *passphrase_callback,          \
                           void *passphrase_argument)                                              \
    {                                                                                              \
        (void)selection;                                                                           \
        (void)passphrase_callback;                                                                 \
        (void)passphrase_argument;                                                                 \
        return decode_der(ctx, &ss_types[SS_TYPE_##id], in, callback, argument);                   \
    }                                                                                              \
    DECODER_FUNCTIONS(id, decode_##id)
SS_TYPES(TYPE_FUNCTIONS)

#define ALGORITHM(id, name, names, ...)                                                            \
    {names, SS_PROPERTIES ",input=der,structure=" STRUCTURE, functions_##id,                       \
     "Key reference to the key"},
const OSSL_ALGORITHM ss_decoder_algorithms[] = {
    {"DER", SS_PROPERTIES ",input=pem", functions_pem, "Key reference in PEM to DER"},
    SS_TYPES(ALGORITHM){NULL, NULL, NULL, NULL},
};
