// SPDX-License-Identifier: Apache-2.0
/* What programs read private keys from: with our provider, wherever it stands among the others, the
 * keys of a file are those that are read from it without us, up to the first reference of ours. */
#include "fuzz.h"

#include "reference.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <string.h>

OSSL_provider_init_fn OSSL_provider_init;

enum { PLAIN, FIRST, LAST, COUNT };

/* They live as long as the process. */
static OSSL_LIB_CTX *contexts[COUNT];

static void load(OSSL_LIB_CTX *libctx, const char *name)
{
    REQUIRE(OSSL_PROVIDER_load(libctx, name) != NULL);
}

static void make_contexts(void)
{
    for (int i = 0; i < COUNT; i++) {
        contexts[i] = OSSL_LIB_CTX_new();
        REQUIRE(contexts[i] != NULL);
        REQUIRE(OSSL_PROVIDER_add_builtin(contexts[i], "signserver", OSSL_provider_init) == 1);
        if (i == FIRST)
            load(contexts[i], "signserver");
        load(contexts[i], "default");
        if (i == LAST)
            load(contexts[i], "signserver");
    }
}

static int passphrase(char *buffer, int size, int is_for_writing, void *user)
{
    (void)is_for_writing;
    (void)user;
    REQUIRE(size > 1);
    buffer[0] = 'x';
    return 1;
}

static EVP_PKEY *read_key(BIO *file, int context)
{
    EVP_PKEY *key =
        PEM_read_bio_PrivateKey_ex(file, NULL, passphrase, NULL, contexts[context], NULL);

    ERR_clear_error();
    return key;
}

/* The whole of it, as bytes. */
static bool is_same(EVP_PKEY *left, EVP_PKEY *right)
{
    unsigned char *left_der = NULL, *right_der = NULL;
    int left_length = i2d_PrivateKey(left, &left_der);
    int right_length = i2d_PrivateKey(right, &right_der);
    bool is_same = left_length == right_length &&
                   (left_length <= 0 || memcmp(left_der, right_der, (size_t)left_length) == 0);

    ERR_clear_error();
    OPENSSL_free(left_der);
    OPENSSL_free(right_der);
    return is_same && EVP_PKEY_eq(left, right) == 1;
}

static void require_same_keys(const uint8_t *data, size_t size, int context)
{
    BIO *plain = BIO_new_mem_buf(data, (int)size);
    BIO *ours = BIO_new_mem_buf(data, (int)size);
    EVP_PKEY *expected = NULL, *key = NULL;

    REQUIRE(plain != NULL && ours != NULL);
    do {
        EVP_PKEY_free(expected);
        EVP_PKEY_free(key);
        expected = read_key(plain, PLAIN);
        key = read_key(ours, context);
        REQUIRE((expected == NULL) == (key == NULL));
        REQUIRE(key == NULL || is_same(expected, key));
        REQUIRE(BIO_tell(plain) == BIO_tell(ours));
    } while (key != NULL);
    BIO_free(plain);
    BIO_free(ours);
}

/* A reference is read, or refused, and nothing more can be said of it here. */
static void read_reference(const uint8_t *data, size_t size, int context)
{
    BIO *file = BIO_new_mem_buf(data, (int)size);
    EVP_PKEY *key;

    REQUIRE(file != NULL);
    key = read_key(file, context);
    EVP_PKEY_free(key);
    BIO_free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (contexts[PLAIN] == NULL)
        make_contexts();
    for (int i = FIRST; i < COUNT; i++) {
        if (memmem(data, size, SS_REFERENCE_LABEL, strlen(SS_REFERENCE_LABEL)) == NULL)
            require_same_keys(data, size, i);
        else
            read_reference(data, size, i);
    }
    return 0;
}
