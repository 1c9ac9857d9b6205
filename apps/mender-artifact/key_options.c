// SPDX-License-Identifier: Apache-2.0
#include "key_options.h"

#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_CLOUD "Not supported: use --key with the URI of an OpenSSL provider for it"

const struct option key_options_sign[] = {
    {"key", 'k', OPTION_TEXT, "KEY",
     "Private key to sign with: a PEM file, or the URI of any OpenSSL provider", false},
    {0},
};

const struct option key_options_verify[] = {
    {"key", 'k', OPTION_TEXT, "KEY",
     "Key to verify with: a PEM file (public key, certificate), or the URI of any OpenSSL provider",
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

/* The source that was given, SOURCE_COUNT for none. */
static bool find_source(size_t *found, const struct arguments *arguments,
                        struct artifact_error *error)
{
    char names[256] = "";
    size_t count = 0, length = 0;
    *found = SOURCE_COUNT;
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        if (!arguments_get_text(arguments, sources[i].option))
            continue;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", count ? " " : "",
                                   sources[i].option);
        *found = i;
        count++;
    }
    return count <= 1 || command_fail(error, "too many signing keys given: [%s]", names);
}

static bool check_value(size_t source, const char *value, struct artifact_error *error)
{
    const char *option = sources[source].option;
    if (!sources[source].scheme)
        return command_fail(error,
                            "--%s is not supported: give --key the URI of the key, as the OpenSSL "
                            "provider for that service "
                            "understands it",
                            option);
    if (strcmp(option, "key-pkcs11") == 0 && strncmp(value, "pkcs11:", 7) != 0)
        return command_fail(error, "--key-pkcs11 %s: a PKCS#11 URI begins with \"pkcs11:\"", value);
    return true;
}

bool key_options_load(EVP_PKEY **key, const struct arguments *arguments, enum artifact_key_use use,
                      struct artifact_error *error)
{
    size_t source;
    *key = NULL;
    if (!find_source(&source, arguments, error))
        return false;
    if (source == SOURCE_COUNT)
        return true;
    const char *value = arguments_get_text(arguments, sources[source].option);
    if (!check_value(source, value, error))
        return false;
    bool is_uri = !*sources[source].scheme;
    char *uri = is_uri ? strdup(value) : make_uri(sources[source].scheme, value);
    *key = uri ? artifact_key_load(uri, use, error) : NULL;
    if (!uri)
        command_fail(error, "out of memory");
    free(uri);
    return *key != NULL;
}
