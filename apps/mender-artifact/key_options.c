// SPDX-License-Identifier: Apache-2.0
#include "key_options.h"

#include "command.h"
#include "passphrase.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HELP_CLOUD "Not supported: use --key pkcs11:object=NAME with the service's PKCS#11 module"

const struct option key_options_sign[] = {
    {"key", 'k', OPTION_INPUT, "KEY",
     "Private key to sign with: a file (PEM, DER, PKCS#12), or the URI of any OpenSSL provider",
     false},
    {0},
};

const struct option key_options_verify[] = {
    {"key", 'k', OPTION_INPUT_LIST, "KEY",
     "Key to verify with: a file (public key, certificate), a directory of such, or the URI of "
     "any OpenSSL provider; given several times, any of them may have signed",
     false},
    {0},
};

const struct option key_options_other[] = {
    {"keyfactor-signserver-worker", 0, OPTION_TEXT, "WORKER",
     "Key of this SignServer worker; the same as --key signserver:///WORKER", false},
    {"key-pkcs11", 0, OPTION_TEXT, "URI", "Key on a PKCS#11 token; the same as --key URI", false},
    {"gcp-kms-key", 0, OPTION_TEXT, "NAME", HELP_CLOUD, false},
    {"vault-transit-key", 0, OPTION_TEXT, "NAME", HELP_CLOUD, false},
    {"azure-key", 0, OPTION_TEXT, "NAME", HELP_CLOUD, false},
    {"key-passphrase-file", 0, OPTION_INPUT, "FILE",
     "The first line is the passphrase of the key (default: asked for on the terminal)", false},
    {"allow-unsupported", 0, OPTION_FLAG, NULL, "Take keys as well that no device verifies with",
     false},
    {0},
};

/* Names in the order in which they are listed when there are too many. */
static const struct {
    const char *option;
    const char *scheme; /* what goes before the value, encoded, with slashes because no file is
                           meant; "" when the value is the URI; NULL: not supported */
} sources[] = {
    {"key", ""},
    {"gcp-kms-key", NULL},
    {"vault-transit-key", NULL},
    {"key-pkcs11", ""},
    {"keyfactor-signserver-worker", "signserver:///"},
    {"azure-key", NULL},
};

enum { SOURCE_COUNT = sizeof sources / sizeof sources[0] };

/* "SCHEME:NAME" with everything encoded that RFC 3986 does not count as unreserved; for free(). */
static char *make_uri(const char *scheme, const char *name)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t size = strlen(scheme) + 3 * strlen(name) + 1;
    char *uri = malloc(size);
    if (!uri)
        return NULL;
    size_t length = (size_t)snprintf(uri, size, "%s", scheme);
    for (; *name; name++) {
        if (strchr(unreserved, *name))
            uri[length++] = *name;
        else
            length += (size_t)snprintf(uri + length, size - length, "%%%02X", (unsigned char)*name);
    }
    uri[length] = '\0';
    return uri;
}

/* An empty value is one that went missing, in most cases a variable that is not set: whoever gives
 * it must not get what is unsigned or unverified. */
static bool check_not_empty(const struct arguments *arguments, struct artifact_error *error)
{
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        if (arguments_get_raw(arguments, sources[i].option))
            return command_fail(error, "--%s is empty: name a key, or leave the option out",
                                sources[i].option);
    }
    return true;
}

/* The source that was given, SOURCE_COUNT for none. */
static bool find_source(size_t *found, const struct arguments *arguments,
                        struct artifact_error *error)
{
    char names[256] = "";
    size_t count = 0, length = 0;
    *found = SOURCE_COUNT;
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        if (!arguments_get_given(arguments, sources[i].option))
            continue;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", count ? " " : "",
                                   sources[i].option);
        *found = i;
        count++;
    }
    if (count == 0)
        return check_not_empty(arguments, error);
    return count == 1 || command_fail(error, "too many signing keys given: [%s]", names);
}

/* Services in the cloud are reached through the PKCS#11 module of each, where a key's label is its
 * name; Google's names are paths, of which cryptoKeys/LABEL is a part. */
static bool fail_service(const char *option, const char *name, struct artifact_error *error)
{
    static const char before_label[] = "cryptoKeys/";
    const char *label = strstr(name, before_label);
    char *last = strdup(label ? label + strlen(before_label) : name);
    char *uri = NULL;
    if (last) {
        last[label ? strcspn(last, "/") : strlen(last)] = '\0';
        uri = make_uri("pkcs11:object=", last);
    }
    if (uri)
        command_fail(error,
                     "--%s is not supported: with the PKCS#11 module of that service, it is "
                     "--key '%s'",
                     option, uri);
    else
        command_fail(error, "out of memory");
    free(uri);
    free(last);
    return false;
}

static bool check_value(size_t source, const char *value, struct artifact_error *error)
{
    const char *option = sources[source].option;
    if (!sources[source].scheme)
        return fail_service(option, value, error);
    if (strcmp(option, "key-pkcs11") == 0 && strncmp(value, "pkcs11:", 7) != 0)
        return command_fail(error, "--key-pkcs11 %s: a PKCS#11 URI begins with \"pkcs11:\"", value);
    return true;
}

/* The URI that the options name, for free(); *uri is NULL when they name none. */
static bool take_uri(char **uri, const struct arguments *arguments, struct artifact_error *error)
{
    size_t source;
    *uri = NULL;
    if (!find_source(&source, arguments, error))
        return false;
    if (source == SOURCE_COUNT)
        return true;
    const char *value = arguments_get_given(arguments, sources[source].option);
    if (!check_value(source, value, error))
        return false;
    bool is_uri = !*sources[source].scheme;
    *uri = is_uri ? strdup(value) : make_uri(sources[source].scheme, value);
    return *uri || command_fail(error, "out of memory");
}

/* ---- Loading ---- */

bool key_options_allow_unsupported(const struct arguments *arguments)
{
    return arguments_has_flag(arguments, "allow-unsupported");
}

/* With the option that would help. */
static EVP_PKEY *load(const char *uri, enum artifact_key_use use, struct passphrase *passphrase,
                      const struct arguments *arguments, struct artifact_error *error)
{
    struct artifact_key_options options = {
        .passphrase = passphrase_give,
        .user = passphrase,
        .allow_unsupported = key_options_allow_unsupported(arguments),
    };
    EVP_PKEY *key = artifact_key_load(uri, use, &options, error);
    const char *way_out = NULL;
    if (!key && passphrase->is_missing)
        way_out = "--key-passphrase-file names a file that holds it";
    else if (!key && error->code == ARTIFACT_UNSUPPORTED_KEY)
        way_out = "--allow-unsupported takes them all the same";
    if (way_out) {
        size_t length = strlen(error->message);
        snprintf(error->message + length, sizeof error->message - length, "; %s", way_out);
    }
    return key;
}

bool key_options_load(EVP_PKEY **key, const struct arguments *arguments,
                      struct artifact_error *error)
{
    struct passphrase passphrase;
    char *uri = NULL;
    *key = NULL;
    bool is_ok = passphrase_init(&passphrase, arguments, error) && take_uri(&uri, arguments, error);
    if (is_ok && uri) {
        *key = load(uri, ARTIFACT_KEY_SIGN, &passphrase, arguments, error);
        is_ok = *key != NULL;
    }
    const char *warning = *key ? artifact_key_warning(*key) : NULL;
    if (warning)
        command_warn("%s: %s", uri, warning);
    passphrase_clear(&passphrase);
    free(uri);
    return is_ok;
}

/* ---- Several ---- */

static bool add_key(struct key_ring *ring, const char *uri, struct passphrase *passphrase,
                    const struct arguments *arguments, struct artifact_error *error)
{
    EVP_PKEY *key = load(uri, ARTIFACT_KEY_VERIFY, passphrase, arguments, error);
    EVP_PKEY **keys = key ? realloc(ring->keys, (ring->count + 1) * sizeof *keys) : NULL;
    if (key && !keys) {
        EVP_PKEY_free(key);
        return command_fail(error, "out of memory");
    }
    if (!key)
        return false;
    ring->keys = keys;
    ring->keys[ring->count++] = key;
    return true;
}

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Every file in it must be a key: one that is not would be missed only when it is needed. */
static bool add_directory(struct key_ring *ring, const char *path, struct passphrase *passphrase,
                          const struct arguments *arguments, struct artifact_error *error)
{
    struct dirent **entries = NULL;
    size_t before = ring->count;
    int count = scandir(path, &entries, is_visible, alphasort);
    bool is_ok = count >= 0 || command_fail(error, "Error reading key directory: open %s: %s", path,
                                            strerror(errno));
    for (int i = 0; i < count; i++) {
        char *file = NULL;
        if (is_ok && asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0) {
            file = NULL;
            is_ok = command_fail(error, "out of memory");
        }
        if (is_ok && !is_directory(file))
            is_ok = add_key(ring, file, passphrase, arguments, error);
        free(file);
        free(entries[i]);
    }
    free(entries);
    if (is_ok && ring->count == before)
        return command_fail(error, "%s: there is no key in this directory", path);
    return is_ok;
}

static bool add_named(struct key_ring *ring, const char *uri, struct passphrase *passphrase,
                      const struct arguments *arguments, struct artifact_error *error)
{
    if (is_directory(uri))
        return add_directory(ring, uri, passphrase, arguments, error);
    return add_key(ring, uri, passphrase, arguments, error);
}

static bool add_list(struct key_ring *ring, struct passphrase *passphrase,
                     const struct arguments *arguments, struct artifact_error *error)
{
    const char **values = NULL;
    size_t count = 0;
    bool is_ok = arguments_get_list(&values, &count, arguments, "key", error);
    for (size_t i = 0; is_ok && i < count; i++) {
        if (*values[i])
            is_ok = add_named(ring, values[i], passphrase, arguments, error);
    }
    free(values);
    return is_ok;
}

bool key_ring_load(struct key_ring *ring, const struct arguments *arguments,
                   struct artifact_error *error)
{
    struct passphrase passphrase;
    char *uri = NULL;
    *ring = (struct key_ring){0};
    bool is_ok = passphrase_init(&passphrase, arguments, error) && take_uri(&uri, arguments, error);
    if (is_ok && arguments_get_given(arguments, "key"))
        is_ok = add_list(ring, &passphrase, arguments, error);
    else if (is_ok && uri)
        is_ok = add_key(ring, uri, &passphrase, arguments, error);
    passphrase_clear(&passphrase);
    free(uri);
    return is_ok;
}

void key_ring_clear(struct key_ring *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        EVP_PKEY_free(ring->keys[i]);
    free(ring->keys);
    *ring = (struct key_ring){0};
}
