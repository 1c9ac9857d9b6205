// SPDX-License-Identifier: Apache-2.0
#include "uri.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { URI_MAX_BYTES = 4096 };

static const char scheme[] = "signserver:";
static const char unreserved[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

static bool fail_uri(struct ss_error *error, const char *text, const char *what)
{
    char quoted[256] = "the key URI";

    /* What stands before an '@' may be a password. */
    if (strchr(text, '@') == NULL)
        ss_quote(quoted, sizeof quoted, text, strlen(text));
    return ss_fail(error, SS_R_URI,
                   "%s: %s; a key URI looks like signserver:WORKER, "
                   "signserver:///WORKER?cert=FILE or signserver://HOST:PORT/WORKER",
                   quoted, what);
}

/* ---- Percent encoding (RFC 3986, 2.1) ---- */

static int hex_value(char digit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = digit == '\0' ? NULL : strchr(digits, digit);

    return at == NULL ? -1 : (int)((at - digits) % 16);
}

/* Decodes in place; NULL, or what is wrong. */
static const char *percent_decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        unsigned char byte = (unsigned char)*from;

        if (byte == '%') {
            int high = hex_value(from[1]);
            int low = high < 0 ? -1 : hex_value(from[2]);

            if (low < 0)
                return "'%' is not followed by two hexadecimal digits";
            byte = (unsigned char)(high * 16 + low);
            from += 2;
        }
        if (byte < 0x20 || byte == 0x7f)
            return "control characters cannot be part of a name";
        *to++ = (char)byte;
    }
    *to = '\0';
    return NULL;
}

static size_t encoded_length(const char *text)
{
    size_t length = 0;

    for (; *text != '\0'; text++)
        length += strchr(unreserved, *text) != NULL ? 1 : 3;
    return length;
}

char *ss_percent_encode(const char *text, struct ss_error *error)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = OPENSSL_malloc(encoded_length(text) + 1);
    char *to = encoded;

    if (encoded == NULL) {
        ss_fail_internal(error, "memory");
        return NULL;
    }
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (strchr(unreserved, *text) != NULL) {
            *to++ = *text;
        } else {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        }
    }
    *to = '\0';
    return encoded;
}

/* ---- Parts ---- */

static bool is_port(const char *text, size_t length)
{
    unsigned port = 0;

    if (length == 0 || length > 5)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

static bool is_host_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || text[i] == '~' || strchr(unreserved, text[i]) == NULL)
            return false;
    }
    return length > 0 && text[0] != '.' && text[0] != '-';
}

/* RFC 3986's IP-literal: an address in brackets. */
static bool is_ipv6(const char *text, size_t length)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr parsed;

    if (length < 2 || length - 2 >= sizeof address || text[length - 1] != ']')
        return false;
    memcpy(address, text + 1, length - 2);
    address[length - 2] = '\0';
    return inet_pton(AF_INET6, address, &parsed) == 1;
}

static size_t host_length(const char *text, size_t length)
{
    bool is_bracketed = text[0] == '[';
    const char *end = memchr(text, is_bracketed ? ']' : ':', length);

    return end == NULL ? length : (size_t)(end - text) + (is_bracketed ? 1 : 0);
}

const char *ss_authority_normalise(char *authority, const char *text, size_t length)
{
    size_t host;

    if (length == 0)
        return "the host is missing";
    if (length >= SS_AUTHORITY_SIZE)
        return "the host is longer than 255 bytes";
    if (memchr(text, '@', length) != NULL)
        return "a user name does not belong here (use the settings username and password-file)";
    host = host_length(text, length);
    if (host == 0)
        return "the host is missing before the port";
    if (!(text[0] == '[' ? is_ipv6(text, host) : is_host_name(text, host)))
        return "the host is neither a name nor an IPv4 address, nor an IPv6 address in brackets";
    if (host < length && (text[host] != ':' || !is_port(text + host + 1, length - host - 1)))
        return "the host is followed by something else than a port from 1 to 65535 (an IPv6 "
               "address is written in brackets)";
    for (size_t i = 0; i < length; i++)
        authority[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
    authority[length] = '\0';
    return NULL;
}

static const char *check_worker(char *worker)
{
    const char *problem = percent_decode(worker);

    if (problem != NULL)
        return problem;
    if (worker[0] == '\0')
        return "the worker is missing";
    if (strchr(worker, '/') != NULL)
        return "a worker's name cannot hold '/' (use the worker's number)";
    if (strcmp(worker, ".") == 0 || strcmp(worker, "..") == 0)
        return "\".\" and \"..\" cannot be workers";
    if (!ss_is_utf8(worker, strlen(worker)))
        return "the worker's name is not UTF-8";
    return NULL;
}

/* The only attribute is cert=FILE. */
static const char *split_attributes(char *query, char **cert)
{
    static const char name[] = "cert=";

    if (strchr(query, '&') != NULL)
        return "there is more than one attribute";
    if (strncmp(query, name, sizeof name - 1) != 0)
        return "the attribute is unknown, only cert=FILE is";
    *cert = query + sizeof name - 1;
    if (**cert == '\0')
        return "the file of cert= is missing";
    return percent_decode(*cert);
}

/* Cuts the text after the scheme into its parts, in place; `authority` stays as it is where there
 * is none. */
static const char *split(char *rest, char *authority, char **worker, char **cert)
{
    char *query = strchr(rest, '?');
    const char *problem = NULL;

    if (strchr(rest, '#') != NULL)
        return "'#' has no meaning here (write %23 for it in a name)";
    if (query != NULL) {
        *query = '\0';
        problem = split_attributes(query + 1, cert);
    }
    *worker = rest;
    if (problem == NULL && strncmp(rest, "//", 2) == 0) {
        *worker = strchr(rest + 2, '/');
        if (*worker == NULL)
            return "the worker is missing after the host";
        *(*worker)++ = '\0';
        if (rest[2] != '\0')
            problem = ss_authority_normalise(authority, rest + 2, strlen(rest + 2));
    }
    return problem != NULL ? problem : check_worker(*worker);
}

/* Bytes of the normal form, its end included. */
static size_t printed_size(const struct ss_uri *uri)
{
    size_t authority = uri->authority == NULL ? 0 : strlen(uri->authority);
    size_t cert = uri->cert == NULL ? 0 : strlen("?cert=") + encoded_length(uri->cert);

    return sizeof "signserver:///" + authority + encoded_length(uri->worker) + cert;
}

static bool copy_part(char **to, const char *from)
{
    if (from == NULL)
        return true;
    *to = OPENSSL_strdup(from);
    return *to != NULL;
}

bool ss_uri_parse(struct ss_uri *uri, const char *text, struct ss_error *error)
{
    char authority[SS_AUTHORITY_SIZE] = "";
    char *copy = NULL, *worker = NULL, *cert = NULL;
    const char *problem;
    bool ok = false;

    *uri = (struct ss_uri){0};
    if (strnlen(text, URI_MAX_BYTES + 1) > URI_MAX_BYTES)
        return fail_uri(error, text, "longer than 4096 bytes");
    if (OPENSSL_strncasecmp(text, scheme, sizeof scheme - 1) != 0)
        return fail_uri(error, text, "the scheme is not signserver");
    copy = OPENSSL_strdup(text + sizeof scheme - 1);
    if (copy == NULL)
        return ss_fail_internal(error, "memory");
    problem = split(copy, authority, &worker, &cert);
    if (problem != NULL)
        fail_uri(error, text, problem);
    else if (!copy_part(&uri->authority, authority[0] == '\0' ? NULL : authority) ||
             !copy_part(&uri->worker, worker) || !copy_part(&uri->cert, cert))
        ss_fail_internal(error, "memory");
    else if (printed_size(uri) > URI_MAX_BYTES + 1) /* what is printed must parse */
        fail_uri(error, text, "longer than 4096 bytes when all but letters and digits is encoded");
    else
        ok = true;
    OPENSSL_free(copy);
    if (!ok)
        ss_uri_clear(uri);
    return ok;
}

char *ss_uri_print(const struct ss_uri *uri, struct ss_error *error)
{
    const char *authority = uri->authority == NULL ? "" : uri->authority;
    char *worker = ss_percent_encode(uri->worker, error);
    char *cert = ss_percent_encode(uri->cert == NULL ? "" : uri->cert, error);
    char *text = NULL;

    if (worker != NULL && cert != NULL) {
        size_t size = printed_size(uri);

        text = OPENSSL_malloc(size);
        if (text == NULL)
            ss_fail_internal(error, "memory");
        else
            snprintf(text, size, "signserver://%s/%s%s%s", authority, worker,
                     uri->cert == NULL ? "" : "?cert=", cert);
    }
    OPENSSL_free(worker);
    OPENSSL_free(cert);
    return text;
}

void ss_uri_clear(struct ss_uri *uri)
{
    OPENSSL_free(uri->authority);
    OPENSSL_free(uri->worker);
    OPENSSL_free(uri->cert);
    *uri = (struct ss_uri){0};
}
