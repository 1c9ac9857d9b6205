// SPDX-License-Identifier: Apache-2.0
#include "authorize.h"

#include "base64.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- HTTP Basic ---- */

bool login_parse(struct login *login, const char *header)
{
    static const char scheme[] = "Basic";
    unsigned char *bytes = NULL;
    size_t length = 0;
    *login = (struct login){0};
    if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return true;
    header += sizeof scheme - 1;
    size_t blanks = strspn(header, " ");
    if (blanks == 0)
        return true;
    if (!base64_decode(&bytes, &length, header + blanks, strlen(header + blanks)))
        return false;
    const unsigned char *colon = memchr(bytes, ':', length);
    if (colon) {
        size_t name_length = (size_t)(colon - bytes);
        login->name = strndup((const char *)bytes, name_length);
        login->password = strndup((const char *)colon + 1, length - name_length - 1);
    }
    OPENSSL_cleanse(bytes, length);
    free(bytes);
    return true;
}

void login_clear(struct login *login)
{
    if (login->password)
        OPENSSL_cleanse(login->password, strlen(login->password));
    free(login->password);
    free(login->name);
    *login = (struct login){0};
}

/* ---- Each AUTHTYPE ---- */

static unsigned refuse(char **text, unsigned status, const char *reason)
{
    *text = strdup(reason);
    return status;
}

static unsigned allow(char **text, const struct worker *worker, const struct client *client)
{
    (void)text;
    (void)worker;
    (void)client;
    return 0;
}

/* The name as RFC 2253 writes it, for OPENSSL_free. */
static char *print_name(const X509_NAME *name)
{
    char *text = NULL, *bytes = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory &&
        X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long length = BIO_get_mem_data(memory, &bytes);
        text = OPENSSL_strndup(bytes, (size_t)length);
    }
    BIO_free(memory);
    return text;
}

static char *print_serial(const X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *text = number ? BN_bn2hex(number) : NULL;
    BN_free(number);
    for (char *at = text; at && *at; at++) {
        if (*at >= 'A' && *at <= 'F')
            *at = (char)(*at - 'A' + 'a');
    }
    return text;
}

static unsigned check_certificate(char **text, const struct worker *worker,
                                  const struct client *client)
{
    const unsigned status = 400;
    if (!client->certificate)
        return refuse(text, status,
                      "Authorization failed: Error, client authentication is required.");
    if (client->is_trusted)
        return 0;
    char *subject = print_name(X509_get_subject_name(client->certificate));
    char *issuer = print_name(X509_get_issuer_name(client->certificate));
    char *serial = print_serial(client->certificate);
    if (!subject || !issuer || !serial ||
        asprintf(text,
                 "Authorization failed: Worker %d: Client is not authorized: \"%s\", \"%s, %s\"",
                 (int)worker->id, subject, serial, issuer) < 0)
        *text = NULL;
    OPENSSL_free(serial);
    OPENSSL_free(issuer);
    OPENSSL_free(subject);
    return status;
}

/* Whether NAME:PASSWORD of a setting is this login. */
static bool is_user(const char *user, const struct login *login)
{
    size_t length = strcspn(user, ":");
    return user[length] == ':' && strlen(login->name) == length &&
           strncasecmp(user, login->name, length) == 0 &&
           strcmp(user + length + 1, login->password) == 0;
}

static bool is_user_name(const char *user, const struct login *login)
{
    size_t length = strcspn(user, ":");
    return strlen(login->name) == length && strncmp(user, login->name, length) == 0;
}

static unsigned check_login(char **text, const struct worker *worker, const struct login *login,
                            const char *required,
                            bool (*matches)(const char *user, const struct login *login))
{
    char *const *users = worker->settings[SETTING_USER];
    if (!login->name || !login->password)
        return refuse(text, 401, required);
    for (size_t i = 0; i < WORKER_MAX_VALUES && users[i]; i++) {
        if (matches(users[i], login))
            return 0;
    }
    return refuse(text, 401, "Authentication denied");
}

static unsigned check_password(char **text, const struct worker *worker,
                               const struct client *client)
{
    return check_login(text, worker, &client->login, "Username/password authentication required",
                       is_user);
}

static unsigned check_user_name(char **text, const struct worker *worker,
                                const struct client *client)
{
    return check_login(text, worker, &client->login, "Username required", is_user_name);
}

/* SignServer has short names for the first two; the last parts of the others are ours. */
static const struct {
    const char *name, *class_name;
    unsigned (*check)(char **text, const struct worker *worker, const struct client *client);
} types[] = {
    {"NOAUTH", "org.signserver.server.NoAuthorizer", allow},
    {"CLIENTCERT", "org.signserver.server.ClientCertAuthorizer", check_certificate},
    {"UsernamePasswordAuthorizer", "org.signserver.server.UsernamePasswordAuthorizer",
     check_password},
    {"UsernameAuthorizer", "org.signserver.server.UsernameAuthorizer", check_user_name},
};

unsigned authorize(char **text, const struct worker *worker, const struct client *client)
{
    const char *type = worker_get(worker, SETTING_AUTHTYPE);
    if (!type)
        type = "CLIENTCERT";
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i].name) == 0 || strcmp(type, types[i].class_name) == 0)
            return types[i].check(text, worker, client);
    }
    return refuse(text, 500,
                  "Internal server error: Authorization failed: Authorization misconfigured");
}
