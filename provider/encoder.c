// SPDX-License-Identifier: Apache-2.0
/* Private keys as text (pkey -text): a remote one says where it is, and shows its public half. */
#include "algorithms.h"
#include "key.h"
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

static void *newctx(void *provctx)
{
    return provctx;
}

static void freectx(void *ctx)
{
    (void)ctx;
}

/* Public keys are printed by the default provider, as everybody's are. */
static int does_selection(void *provctx, int selection)
{
    (void)provctx;
    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

static bool print(BIO *text, const struct ss_key *key)
{
    EVP_PKEY *inner = ss_key_get0_inner(key);

    if (!ss_key_is_remote(key))
        return EVP_PKEY_print_private(text, inner, 0, NULL) == 1;
    return BIO_printf(text, "Private key on a SignServer worker: %s\n",
                      ss_worker_get0_uri(ss_key_get0_worker(key))) > 0 &&
           EVP_PKEY_print_public(text, inner, 0, NULL) == 1;
}

/* To the BIO of the application, which only libcrypto's own function can write to. */
static bool copy_out(const struct ss_context *context, OSSL_CORE_BIO *out, BIO *text)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(text, &bytes);

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

static int encode(void *ctx, OSSL_CORE_BIO *out, const void *keydata,
                  const OSSL_PARAM abstract_key[], int selection,
                  OSSL_PASSPHRASE_CALLBACK *callback, void *argument)
{
    const struct ss_context *context = ctx;
    BIO *text = NULL;
    int ok;

    (void)selection;
    (void)callback;
    (void)argument;
    if (abstract_key != NULL || ss_key_get0_inner(keydata) == NULL)
        return 0;
    text = BIO_new(BIO_s_secmem());
    ok = text != NULL && print(text, keydata) && copy_out(context, out, text);
    BIO_free(text);
    return ok;
}

static const OSSL_DISPATCH text_functions[] = {
    {OSSL_FUNC_ENCODER_NEWCTX, (void (*)(void))newctx},
    {OSSL_FUNC_ENCODER_FREECTX, (void (*)(void))freectx},
    {OSSL_FUNC_ENCODER_DOES_SELECTION, (void (*)(void))does_selection},
    {OSSL_FUNC_ENCODER_ENCODE, (void (*)(void))encode},
    {0, NULL},
};

#define ALGORITHM(id, name, names, ...)                                                            \
    {names, SS_PROPERTIES ",output=text", text_functions, "SignServer key as text"},
const OSSL_ALGORITHM ss_encoder_algorithms[] = {
    SS_TYPES(ALGORITHM){NULL, NULL, NULL, NULL},
};
