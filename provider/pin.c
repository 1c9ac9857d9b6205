// SPDX-License-Identifier: Apache-2.0
#include "pin.h"
#include "buffer.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>

enum { PIN_MAX_BYTES = 1 << 16 };

/* Certificates and public keys are never encrypted: nobody is to be asked for a passphrase. */
static int no_passphrase(char *buffer, int size, int is_for_writing, void *user)
{
    (void)buffer;
    (void)size;
    (void)is_for_writing;
    (void)user;
    return -1;
}

/* A certificate is made in the inner context, so that its public key is made there as well. */
static X509 *read_certificate(const struct ss_buffer *bytes, bool is_pem, OSSL_LIB_CTX *inner)
{
    X509 *certificate = X509_new_ex(inner, NULL);
    BIO *file = BIO_new_mem_buf(bytes->bytes, (int)bytes->length);
    X509 *read = NULL;

    if (certificate != NULL && file != NULL)
        read = is_pem ? PEM_read_bio_X509(file, &certificate, no_passphrase, NULL)
                      : d2i_X509_bio(file, &certificate);
    /* After a failure it is still ours, or freed and NULL. */
    if (read == NULL)
        X509_free(certificate);
    BIO_free(file);
    return read;
}

static EVP_PKEY *read_public_key(const struct ss_buffer *bytes, bool is_pem, OSSL_LIB_CTX *inner)
{
    const unsigned char *der = bytes->bytes;
    BIO *file = NULL;
    EVP_PKEY *key = NULL;

    if (!is_pem)
        return d2i_PUBKEY_ex(NULL, &der, (long)bytes->length, inner, NULL);
    file = BIO_new_mem_buf(bytes->bytes, (int)bytes->length);
    if (file != NULL)
        key = PEM_read_bio_PUBKEY_ex(file, NULL, no_passphrase, NULL, inner, NULL);
    BIO_free(file);
    return key;
}

/* Tries what the file may hold, the likeliest first. */
static void parse(struct ss_pin *pin, const struct ss_buffer *bytes, OSSL_LIB_CTX *inner)
{
    ERR_set_mark();
    pin->certificate = read_certificate(bytes, true, inner);
    if (pin->certificate == NULL)
        pin->public_half = read_public_key(bytes, true, inner);
    if (pin->certificate == NULL && pin->public_half == NULL)
        pin->certificate = read_certificate(bytes, false, inner);
    if (pin->certificate == NULL && pin->public_half == NULL)
        pin->public_half = read_public_key(bytes, false, inner);
    if (pin->certificate != NULL)
        pin->public_half = X509_get_pubkey(pin->certificate);
    ERR_pop_to_mark();
}

/* `origin` says who names the file. */
static bool read_file(struct ss_pin *pin, const char *path, const char *origin, bool may_be_missing,
                      OSSL_LIB_CTX *inner, struct ss_error *error)
{
    struct ss_buffer bytes;
    bool ok = false;

    ss_buffer_init(&bytes, PIN_MAX_BYTES);
    if (!ss_buffer_read_file(&bytes, path)) {
        ok = may_be_missing && errno == ENOENT;
        if (!ok)
            ss_fail(error, SS_R_CONFIGURATION, "cannot read the pinned certificate %s: %s (see %s)",
                    path, strerror(errno), origin);
        goto out;
    }
    if (bytes.length > 0)
        parse(pin, &bytes, inner);
    ok = pin->public_half != NULL;
    if (!ok)
        ss_fail(error, SS_R_CONFIGURATION,
                "%s holds neither a certificate nor a public key that can be used, PEM or DER (see "
                "%s)",
                path, origin);
out:
    if (!ok)
        ss_pin_clear(pin);
    ss_buffer_clear(&bytes);
    return ok;
}

static bool read_from_directory(struct ss_pin *pin, const char *directory, const char *worker,
                                OSSL_LIB_CTX *inner, struct ss_error *error)
{
    size_t size = strlen(directory) + strlen(worker) + sizeof "/.pem";
    char *path = OPENSSL_malloc(size);
    struct stat status;
    bool ok;

    if (path == NULL)
        return ss_fail_internal(error, "memory");
    BIO_snprintf(path, size, "%s/%s.pem", directory, worker);
    ok = read_file(pin, path, "the setting certificate-dir", true, inner, error);
    OPENSSL_free(path);
    /* Else a slip in the setting would leave every worker without its pin. */
    if (ok && pin->public_half == NULL && stat(directory, &status) != 0)
        return ss_fail(error, SS_R_CONFIGURATION,
                       "cannot read the directory %s: %s (see the setting certificate-dir)",
                       directory, strerror(errno));
    return ok;
}

bool ss_pin_read(struct ss_pin *pin, const struct ss_settings *settings, const struct ss_uri *uri,
                 OSSL_LIB_CTX *inner, struct ss_error *error)
{
    *pin = (struct ss_pin){0};
    if (uri->cert != NULL)
        return read_file(pin, uri->cert, "?cert= in its URI", false, inner, error);
    if (settings->certificate_dir != NULL)
        return read_from_directory(pin, settings->certificate_dir, uri->worker, inner, error);
    return true;
}

void ss_pin_clear(struct ss_pin *pin)
{
    X509_free(pin->certificate);
    EVP_PKEY_free(pin->public_half);
    *pin = (struct ss_pin){0};
}
