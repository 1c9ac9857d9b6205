// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include "uri.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char default_path[] = "/signserver";

/* ---- Base URLs ---- */

/* What a URL of the setting consists of; borrowed pieces of its text. */
struct url_parts {
    const char *scheme;
    const char *authority;
    size_t authority_length;
    const char *path;
    size_t path_length;
};

static const char *split_url(struct url_parts *parts, const char *text, size_t length)
{
    static const char *const schemes[] = {"https://", "http://"};
    const char *end = text + length, *slash;

    parts->scheme = schemes[0];
    for (size_t i = 0; i < 2; i++) {
        if (OPENSSL_strncasecmp(text, schemes[i], strlen(schemes[i])) == 0) {
            parts->scheme = schemes[i];
            text += strlen(schemes[i]);
            break;
        }
    }
    if (memmem(text, (size_t)(end - text), "://", 3) != NULL)
        return "the scheme is neither https nor http";
    slash = memchr(text, '/', (size_t)(end - text));
    parts->authority = text;
    parts->authority_length = (size_t)((slash == NULL ? end : slash) - text);
    parts->path = slash == NULL ? end : slash;
    parts->path_length = (size_t)(end - parts->path);
    while (parts->path_length > 0 && parts->path[parts->path_length - 1] == '/')
        parts->path_length--;
    return NULL;
}

/* Only what a base URL consists of: no user, no query, no fragment, nothing that is not ASCII. */
static const char *check_url(char *authority, const struct url_parts *parts)
{
    for (size_t i = 0; i < parts->path_length; i++) {
        if (strchr("?#\\", parts->path[i]) != NULL || parts->path[i] < 0x21 ||
            parts->path[i] > 0x7e)
            return "a base URL has a path at most, no query and no fragment";
    }
    return ss_authority_normalise(authority, parts->authority, parts->authority_length);
}

static const char *add_url(struct ss_settings *settings, const char *text, size_t length)
{
    struct url_parts parts;
    const char *problem = split_url(&parts, text, length);
    char authority[SS_AUTHORITY_SIZE];
    size_t size;
    char *url;

    if (problem == NULL)
        problem = check_url(authority, &parts);
    if (problem == NULL && settings->url_count == SS_URLS_MAX)
        problem = "there are more than 16 URLs";
    if (problem != NULL)
        return problem;
    if (parts.path_length == 0 && (parts.path == text + length)) {
        parts.path = default_path;
        parts.path_length = strlen(default_path);
    }
    size = strlen(parts.scheme) + parts.authority_length + parts.path_length + 1;
    url = OPENSSL_malloc(size);
    if (url == NULL)
        return "memory is short";
    snprintf(url, size, "%s%s%.*s", parts.scheme, authority, (int)parts.path_length, parts.path);
    settings->urls[settings->url_count++] = url;
    return NULL;
}

static void clear_urls(struct ss_settings *settings)
{
    for (size_t i = 0; i < settings->url_count; i++)
        OPENSSL_free(settings->urls[i]);
    OPENSSL_free(settings->urls);
    settings->urls = NULL;
    settings->url_count = 0;
}

/* ---- Kinds of values: each takes the text into its place, or says what is wrong with it ---- */

static const char *take_urls(struct ss_settings *settings, void *place, const char *text)
{
    static const char separators[] = " \t,";

    (void)place;
    settings->urls = OPENSSL_zalloc(SS_URLS_MAX * sizeof *settings->urls);
    if (settings->urls == NULL)
        return "memory is short";
    for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
        size_t length = strcspn(text, separators);
        const char *problem = add_url(settings, text, length);

        if (problem != NULL)
            return problem;
        text += length;
    }
    return NULL;
}

static const char *take_text(struct ss_settings *settings, void *place, const char *text)
{
    char **to = place;

    (void)settings;
    *to = OPENSSL_strdup(text);
    return *to == NULL ? "memory is short" : NULL;
}

/* Files of the connection's own TLS; a key of ours would need the connection that it is for. */
static const char *take_tls_file(struct ss_settings *settings, void *place, const char *text)
{
    static const char scheme[] = "signserver:";

    if (OPENSSL_strncasecmp(text, scheme, sizeof scheme - 1) == 0)
        return "the key of the connection to SignServer cannot itself be on SignServer; name a "
               "file";
    return take_text(settings, place, text);
}

static bool read_number(unsigned long *number, const char *text, unsigned long max)
{
    *number = 0;
    if (*text == '\0')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        *number = *number * 10 + (unsigned long)(*text - '0');
        if (*number > max)
            return false;
    }
    return *text == '\0';
}

static const char *take_seconds(struct ss_settings *settings, void *place, const char *text)
{
    unsigned long seconds;

    (void)settings;
    if (!read_number(&seconds, text, 3600) || seconds == 0)
        return "it must be a number of seconds from 1 to 3600";
    *(long *)place = (long)seconds * 1000;
    return NULL;
}

static const char *take_retries(struct ss_settings *settings, void *place, const char *text)
{
    unsigned long count;

    (void)settings;
    if (!read_number(&count, text, 10))
        return "it must be a number from 0 to 10";
    *(unsigned *)place = (unsigned)count;
    return NULL;
}

static const char *take_bytes(struct ss_settings *settings, void *place, const char *text)
{
    unsigned long bytes;

    (void)settings;
    if (!read_number(&bytes, text, 1UL << 30))
        return "it must be a number of bytes up to 1073741824";
    *(size_t *)place = bytes;
    return NULL;
}

static const char *take_interface(struct ss_settings *settings, void *place, const char *text)
{
    (void)settings;
    if (strcmp(text, "rest") != 0 && strcmp(text, "http") != 0)
        return "the interfaces are \"rest\" and \"http\"";
    *(enum ss_interface *)place = strcmp(text, "http") == 0 ? SS_INTERFACE_HTTP : SS_INTERFACE_REST;
    return NULL;
}

/* ---- The settings ---- */

struct setting {
    const char *key;         /* in the provider's section */
    const char *environment; /* NULL: none */
    const char *(*take)(struct ss_settings *settings, void *place, const char *text);
    size_t place; /* of its member */
};

#define MEMBER(name) offsetof(struct ss_settings, name)

static const struct setting table[] = {
    {"url", "SIGNSERVER_HOSTNAME", take_urls, MEMBER(urls)},
    {"ca-file", "SIGNSERVER_CA_CERT_PATH", take_text, MEMBER(ca_file)},
    {"crl-file", NULL, take_text, MEMBER(crl_file)},
    {"client-cert", "SIGNSERVER_CLIENT_CERT_PATH", take_tls_file, MEMBER(client_cert)},
    {"client-key", "SIGNSERVER_CLIENT_CERT_KEY_PATH", take_tls_file, MEMBER(client_key)},
    {"client-key-passphrase-file", NULL, take_text, MEMBER(client_key_passphrase_file)},
    {"username", NULL, take_text, MEMBER(username)},
    {"password-file", NULL, take_text, MEMBER(password_file)},
    {"bearer-token-file", NULL, take_text, MEMBER(bearer_token_file)},
    {"certificate-dir", NULL, take_text, MEMBER(certificate_dir)},
    {"interface", NULL, take_interface, MEMBER(interface)},
    {"connect-timeout", NULL, take_seconds, MEMBER(connect_timeout_ms)},
    {"timeout", NULL, take_seconds, MEMBER(timeout_ms)},
    {"retries", NULL, take_retries, MEMBER(retries)},
    {"max-message", NULL, take_bytes, MEMBER(max_message)},
    {"audit-file", "SIGNSERVER_AUDIT_FILE", take_text, MEMBER(audit_file)},
    {"trace", "SIGNSERVER_TRACE", take_text, MEMBER(trace)},
    {"inner-providers", NULL, take_text, MEMBER(inner_providers)},
};

static void keep_problem(struct ss_settings *settings, const char *where, const char *text,
                         const char *problem)
{
    char quoted[128] = "...";

    if (settings->error.reason != SS_R_NONE)
        return;
    /* What stands before an '@' may be a password. */
    if (strchr(text, '@') == NULL)
        ss_quote(quoted, sizeof quoted, text, strlen(text));
    ss_fail(&settings->error, SS_R_CONFIGURATION, "%s = \"%s\": %s", where, quoted, problem);
}

/* An empty value counts as none: that is how a script unsets a variable for one command. */
static void take(struct ss_settings *settings, const struct setting *setting,
                 const char *section_value)
{
    const char *value = setting->environment == NULL ? NULL : secure_getenv(setting->environment);
    const char *where = setting->environment;
    const char *problem;

    if (value == NULL || *value == '\0') {
        value = section_value;
        where = setting->key;
    }
    if (value == NULL || *value == '\0')
        return;
    problem = setting->take(settings, (char *)settings + setting->place, value);
    if (problem != NULL)
        keep_problem(settings, where, value, problem);
}

/* Settings that make sense together only. */
static void check_pairs(struct ss_settings *settings)
{
    if (settings->error.reason != SS_R_NONE)
        return;
    if (settings->client_key != NULL && settings->client_cert == NULL)
        ss_fail(&settings->error, SS_R_CONFIGURATION,
                "client-key (SIGNSERVER_CLIENT_CERT_KEY_PATH) is set and client-cert "
                "(SIGNSERVER_CLIENT_CERT_PATH) is not");
    else if ((settings->username == NULL) != (settings->password_file == NULL))
        ss_fail(&settings->error, SS_R_CONFIGURATION,
                "username and password-file go together; only one of them is set");
    else if (settings->username != NULL && strchr(settings->username, ':') != NULL)
        ss_fail(&settings->error, SS_R_CONFIGURATION,
                "username has a ':', which HTTP Basic cannot carry (RFC 7617)");
    else if (settings->username != NULL && settings->bearer_token_file != NULL)
        ss_fail(&settings->error, SS_R_CONFIGURATION,
                "username and bearer-token-file are both set; a request can carry one of them");
}

void ss_settings_init(struct ss_settings *settings, ss_settings_get *get, void *user)
{
    settings->interface = SS_INTERFACE_REST;
    settings->connect_timeout_ms = 5000;
    settings->timeout_ms = 30000;
    settings->retries = 2;
    settings->max_message = 10UL << 20;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        take(settings, &table[i], get(user, table[i].key));
    if (settings->inner_providers == NULL &&
        (settings->inner_providers = OPENSSL_strdup("default")) == NULL)
        keep_problem(settings, "inner-providers", "default", "memory is short");
    check_pairs(settings);
}

void ss_settings_clear(struct ss_settings *settings)
{
    clear_urls(settings);
    OPENSSL_free(settings->ca_file);
    OPENSSL_free(settings->crl_file);
    OPENSSL_free(settings->client_cert);
    OPENSSL_free(settings->client_key);
    OPENSSL_free(settings->client_key_passphrase_file);
    OPENSSL_free(settings->username);
    OPENSSL_free(settings->password_file);
    OPENSSL_free(settings->bearer_token_file);
    OPENSSL_free(settings->certificate_dir);
    OPENSSL_free(settings->audit_file);
    OPENSSL_free(settings->trace);
    OPENSSL_free(settings->inner_providers);
    *settings = (struct ss_settings){0};
}

/* ---- Which server a URI means ---- */

/* host[:port] of a base URL, and of an authority: the port as text, "443" or "80" where it is left
 * out. */
struct host_port {
    const char *host;
    size_t host_length;
    const char *port;
    size_t port_length;
};

static struct host_port split_host(const char *text, size_t length, const char *default_port)
{
    struct host_port parts = {text, length, default_port, strlen(default_port)};
    const char *colon = memrchr(text, ':', length);
    const char *bracket = memrchr(text, ']', length);

    if (colon != NULL && (bracket == NULL || colon > bracket)) {
        parts.host_length = (size_t)(colon - text);
        parts.port = colon + 1;
        parts.port_length = length - parts.host_length - 1;
    }
    return parts;
}

static bool is_url_of(const char *url, const char *authority)
{
    const char *host = strstr(url, "://") + 3;
    const char *default_port = strncmp(url, "https", 5) == 0 ? "443" : "80";
    struct host_port configured = split_host(host, strcspn(host, "/"), default_port);
    struct host_port named = split_host(authority, strlen(authority), "443");

    return configured.host_length == named.host_length &&
           configured.port_length == named.port_length &&
           strncasecmp(configured.host, named.host, named.host_length) == 0 &&
           memcmp(configured.port, named.port, named.port_length) == 0;
}

const char *ss_settings_get0_url(const struct ss_settings *settings, const char *authority)
{
    for (size_t i = 0; i < settings->url_count; i++) {
        if (authority == NULL || is_url_of(settings->urls[i], authority))
            return settings->urls[i];
    }
    return NULL;
}
