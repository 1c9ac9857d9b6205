// SPDX-License-Identifier: Apache-2.0
#include "engine.h"
#include "error.h"
#include "sign.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_SCHEME = 32,
    MAX_OBJECTS = 100, /* that one URI may yield before a key is among them */
};

/* The scheme of a URI (RFC 3986, 3.1) in lower case; false when the text has none. */
static bool parse_scheme(char scheme[MAX_SCHEME], const char *uri)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char others[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.";
    size_t length = strspn(uri, others);
    if (uri[length] != ':' || strspn(uri, letters) == 0 || length >= MAX_SCHEME)
        return false;
    for (size_t i = 0; i < length; i++)
        scheme[i] = uri[i] >= 'A' && uri[i] <= 'Z' ? (char)(uri[i] - 'A' + 'a') : uri[i];
    scheme[length] = '\0';
    return true;
}

/* ---- The provider that a scheme needs ---- */

static const char *provider_of(const char *scheme)
{
    static const struct {
        const char *scheme, *provider;
    } exceptions[] = {{"handle", "tpm2"}, {"object", "tpm2"}};
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        if (strcmp(exceptions[i].scheme, scheme) == 0)
            return exceptions[i].provider;
    }
    return scheme;
}

static bool is_served(const char *scheme)
{
    OSSL_STORE_LOADER *loader = OSSL_STORE_LOADER_fetch(NULL, scheme, NULL);
    bool is_found = loader != NULL;
    OSSL_STORE_LOADER_free(loader);
    ERR_clear_error();
    return is_found;
}

static bool fail_provider(const char *provider, const char *uri, struct artifact_error *error)
{
    const char *folder = secure_getenv("OPENSSL_MODULES");
    if (!folder)
        folder = OPENSSL_info(OPENSSL_INFO_MODULES_DIR);
    return artifact_fail_openssl(
        error, ARTIFACT_BAD_KEY, uri,
        "Error reading key file: %s: there is no such file, and the OpenSSL provider \"%s\" for "
        "such a key can not be loaded from %s (install %s.so there, or set OPENSSL_MODULES to "
        "where it is)",
        uri, provider, folder ? folder : "the modules directory", provider);
}

/*
 * Loads the provider into the default library context, unless someone else serves the scheme. One
 * that is there already is held too, since it may be there for another key of ours. The fallback
 * is retained: without a configuration the default provider is there only as such.
 */
static bool hold_provider_of(OSSL_PROVIDER **held, const char *scheme, const char *uri,
                             struct artifact_error *error)
{
    const char *provider = provider_of(scheme);
    if (is_served(scheme) && !OSSL_PROVIDER_available(NULL, provider))
        return true;
    *held = OSSL_PROVIDER_try_load(NULL, provider, 1);
    if (!*held)
        return fail_provider(provider, uri, error);
    return is_served(scheme) ||
           artifact_fail(error, ARTIFACT_BAD_KEY, uri,
                         "Error reading key file: %s: the OpenSSL provider \"%s\" knows no keys "
                         "of the form \"%s:\"",
                         uri, provider, scheme);
}

/* ---- Holding the provider for as long as the key lives ---- */

static void release_provider(void *key, void *provider, CRYPTO_EX_DATA *data, int index,
                             long argument, void *pointer)
{
    (void)key;
    (void)data;
    (void)index;
    (void)argument;
    (void)pointer;
    if (provider)
        OSSL_PROVIDER_unload(provider);
}

static int hold_provider_again(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **provider,
                               int index, long argument, void *pointer)
{
    (void)to;
    (void)from;
    (void)index;
    (void)argument;
    (void)pointer;
    if (*provider)
        *provider = OSSL_PROVIDER_try_load(NULL, OSSL_PROVIDER_get0_name(*provider), 1);
    return 1;
}

/* An index is registered once in a process, and constant from then on. */
static int provider_index = -1;
static CRYPTO_ONCE provider_index_once = CRYPTO_ONCE_STATIC_INIT;

static void register_provider_index(void)
{
    provider_index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_EVP_PKEY, 0, NULL, NULL,
                                             hold_provider_again, release_provider);
}

/* Hands the provider over to the key, which lets it go when it is freed. */
static bool take_provider(EVP_PKEY *key, OSSL_PROVIDER **held, struct artifact_error *error)
{
    if (!*held)
        return true;
    if (!CRYPTO_THREAD_run_once(&provider_index_once, register_provider_index) ||
        provider_index < 0 || !EVP_PKEY_set_ex_data(key, provider_index, *held))
        return artifact_fail_memory(error);
    *held = NULL;
    return true;
}

/* What a key is loaded with. */
enum loader { LOADER_FILE, LOADER_PROVIDER, LOADER_ENGINE };

/* What serves the scheme: a provider, or else an engine. */
static bool find_service(enum loader *loader, OSSL_PROVIDER **held, const char *scheme,
                         const char *uri, struct artifact_error *error)
{
    struct artifact_error reason;
    *loader = LOADER_PROVIDER;
    if (hold_provider_of(held, scheme, uri, &reason))
        return true;
    *loader = LOADER_ENGINE;
    return artifact_engine_serves(scheme) ||
           artifact_fail(error, reason.code, uri, "%s", reason.message);
}

/* Whether such a file can not be there, as against one that can not be read. */
static bool is_no_file(int number)
{
    return number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG;
}

/* Afterwards OSSL_STORE_open finds a file or a loader for this URI, or there is an engine. */
static bool prepare(enum loader *loader, OSSL_PROVIDER **held, const char *uri,
                    struct artifact_error *error)
{
    char scheme[MAX_SCHEME];
    bool has_scheme = parse_scheme(scheme, uri);
    /* What goes on with "//" is no file to libcrypto, whatever lies there. */
    bool is_never_file = has_scheme && strncmp(uri + strlen(scheme), "://", 3) == 0;
    *loader = LOADER_FILE;
    if (!is_never_file && access(uri, R_OK) == 0)
        return true;
    if (is_never_file || (has_scheme && is_no_file(errno)))
        return find_service(loader, held, scheme, uri, error);
    return artifact_fail(error, ARTIFACT_BAD_KEY, uri, "Error reading key file: open %s: %s", uri,
                         strerror(errno));
}

/* ---- What is behind the URI ---- */

/* The one question for a passphrase that a loading may ask; its answer serves all decoders. */
struct passphrase {
    const struct artifact_key_options *options;
    const char *uri;
    bool is_wanted, is_given;
    char text[PEM_BUFSIZE + 1];
};

static int give_passphrase(char *buffer, int size, int is_writing, void *user)
{
    struct passphrase *passphrase = user;
    const struct artifact_key_options *options = passphrase->options;
    (void)is_writing;
    if (!passphrase->is_wanted && options->passphrase)
        passphrase->is_given = options->passphrase(options->user, passphrase->uri, passphrase->text,
                                                   sizeof passphrase->text);
    passphrase->is_wanted = true;
    size_t length = strnlen(passphrase->text, sizeof passphrase->text);
    if (!passphrase->is_given || length > (size_t)size)
        return -1;
    memcpy(buffer, passphrase->text, length);
    return (int)length;
}

/* The key of one object of the store, NULL when it is not of the kind that is asked for. */
static EVP_PKEY *take_key(const OSSL_STORE_INFO *info, enum artifact_key_use use)
{
    int type = OSSL_STORE_INFO_get_type(info);
    if (type == OSSL_STORE_INFO_PKEY)
        return OSSL_STORE_INFO_get1_PKEY(info);
    if (use == ARTIFACT_KEY_VERIFY && type == OSSL_STORE_INFO_PUBKEY)
        return OSSL_STORE_INFO_get1_PUBKEY(info);
    if (use == ARTIFACT_KEY_VERIFY && type == OSSL_STORE_INFO_CERT)
        return X509_get_pubkey(OSSL_STORE_INFO_get0_CERT(info));
    return NULL;
}

/* The first that fits; others, such as EC PARAMETERS in front of a key, are passed over. */
static EVP_PKEY *find_key(OSSL_STORE_CTX *store, enum artifact_key_use use)
{
    EVP_PKEY *key = NULL;
    for (int i = 0; i < MAX_OBJECTS && !key && !OSSL_STORE_eof(store); i++) {
        /* NULL for what OpenSSL makes nothing of, which need not be the last. */
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (info)
            key = take_key(info, use);
        OSSL_STORE_INFO_free(info);
    }
    return key;
}

/* Whether the first to complain was a provider that does not come with OpenSSL. */
static bool has_words_of_other_provider(void)
{
    return ERR_GET_LIB(ERR_peek_error()) >= ERR_LIB_USER;
}

/* The provider whose key the file refers to, by the label of its PEM (RFC 7468); NULL: none that we
 * know. Called for a file in which nothing was found, so it is not active. */
static const char *find_provider_of_file(const char *path)
{
    enum { MAX_LINES = 1000 };
    static const struct {
        const char *line, *provider;
    } rows[] = {{"-----BEGIN SIGNSERVER KEY REFERENCE-----", "signserver"},
                {"-----BEGIN PKCS#11 PROVIDER URI-----", "pkcs11"},
                {"-----BEGIN TSS2 PRIVATE KEY-----", "tpm2"}};
    const char *provider = NULL;
    char line[128];
    struct stat status;
    /* A pipe is empty by now, or would keep us waiting. */
    FILE *file = stat(path, &status) == 0 && S_ISREG(status.st_mode) ? fopen(path, "re") : NULL;
    for (int i = 0; file && !provider && i < MAX_LINES && fgets(line, sizeof line, file); i++) {
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
            if (strncmp(line, rows[k].line, strlen(rows[k].line)) == 0)
                provider = rows[k].provider;
        }
    }
    if (file)
        fclose(file);
    return provider;
}

static bool fail_file(const char *path, enum artifact_key_use use, struct artifact_error *error)
{
    const char *kind = use == ARTIFACT_KEY_SIGN ? "private" : "public";
    const char *provider = find_provider_of_file(path);
    if (provider)
        return artifact_fail(error, ARTIFACT_BAD_KEY, path,
                             "signer: failed to parse %s key: %s refers to a key of the OpenSSL "
                             "provider \"%s\"; activate that in openssl.cnf, or give the URI of "
                             "the key where it has one",
                             kind, path, provider);
    return artifact_fail(
        error, ARTIFACT_BAD_KEY, path, "signer: failed to parse %s key: there is no %s in %s", kind,
        use == ARTIFACT_KEY_SIGN ? "private key" : "public key, certificate or private key", path);
}

static bool fail_load(const char *uri, enum artifact_key_use use, bool is_file,
                      const struct passphrase *passphrase, struct artifact_error *error)
{
    const char *kind = use == ARTIFACT_KEY_SIGN ? "private" : "public";
    if (passphrase->is_given)
        return artifact_fail(error, ARTIFACT_BAD_KEY, uri,
                             "signer: failed to parse %s key: %s can not be decrypted with this "
                             "passphrase",
                             kind, uri);
    if (passphrase->is_wanted)
        return artifact_fail(error, ARTIFACT_BAD_KEY, uri,
                             "signer: failed to parse %s key: %s is protected by a passphrase, "
                             "and there is none",
                             kind, uri);
    /* What OpenSSL says of a file is what each of its decoders could not make of it; another
     * provider speaks up about its own files only. */
    if (is_file && !has_words_of_other_provider())
        return fail_file(uri, use, error);
    return artifact_fail_openssl(error, ARTIFACT_BAD_KEY, uri, "%s: can not load the %s key", uri,
                                 kind);
}

/* The first key of what the URI yields. Nothing but `expected` is asked for, which is an
 * OSSL_STORE_INFO_..., or 0 for anything. */
static EVP_PKEY *load_expected(const char *uri, enum artifact_key_use use, int expected,
                               const UI_METHOD *ui, struct passphrase *passphrase)
{
    OSSL_STORE_CTX *store = OSSL_STORE_open_ex(uri, NULL, NULL, ui, passphrase, NULL, NULL, NULL);
    if (store && expected)
        (void)OSSL_STORE_expect(store, expected);
    EVP_PKEY *key = store ? find_key(store, use) : NULL;
    OSSL_STORE_close(store);
    return key;
}

/*
 * A token logs in for those who expect a private key, and some do unless a public one is expected;
 * of which there may be none, and yet a certificate. For a file nothing is expected: the decoders
 * would then give up at EC PARAMETERS in front of the key.
 */
static EVP_PKEY *load_from_store(const char *uri, enum artifact_key_use use, bool is_file,
                                 const UI_METHOD *ui, struct passphrase *passphrase,
                                 struct artifact_error *error)
{
    int expected = is_file                      ? 0
                   : use == ARTIFACT_KEY_VERIFY ? OSSL_STORE_INFO_PUBKEY
                                                : OSSL_STORE_INFO_PKEY;
    EVP_PKEY *key = load_expected(uri, use, expected, ui, passphrase);
    bool is_locked = passphrase->is_wanted && !passphrase->is_given;
    if (!key && expected == OSSL_STORE_INFO_PUBKEY && ERR_peek_error() == 0 && !is_locked)
        key = load_expected(uri, use, 0, ui, passphrase);
    if (!key)
        fail_load(uri, use, is_file, passphrase, error);
    return key;
}

EVP_PKEY *artifact_key_load(const char *uri, enum artifact_key_use use,
                            const struct artifact_key_options *options,
                            struct artifact_error *error)
{
    static const struct artifact_key_options defaults;
    EVP_PKEY *key = NULL, *found = NULL;
    OSSL_PROVIDER *held = NULL;
    UI_METHOD *ui = NULL;
    enum loader loader;
    struct passphrase passphrase = {.options = options ? options : &defaults, .uri = uri};

    ERR_clear_error(); /* so that a failure tells of itself, and not of something earlier */
    if (!prepare(&loader, &held, uri, error))
        goto out;
    ui = UI_UTIL_wrap_read_pem_callback(give_passphrase, 0);
    if (!ui) {
        artifact_fail_memory(error);
        goto out;
    }
    found = loader == LOADER_ENGINE
                ? artifact_engine_load(uri, use, ui, &passphrase, error)
                : load_from_store(uri, use, loader == LOADER_FILE, ui, &passphrase, error);
    if (!found)
        goto out;
    if (!artifact_key_check(found, passphrase.options->allow_unsupported, error)) {
        artifact_fail_prefix(error, "%s", uri);
        goto out;
    }
    if (!take_provider(found, &held, error))
        goto out;
    key = found;
    found = NULL;
out:
    OPENSSL_cleanse(passphrase.text, sizeof passphrase.text);
    EVP_PKEY_free(found);
    UI_destroy_method(ui);
    if (held)
        OSSL_PROVIDER_unload(held);
    ERR_clear_error();
    return key;
}
