// SPDX-License-Identifier: Apache-2.0
/* Who may use a worker: its AUTHTYPE. */
#ifndef STANDIN_AUTHORIZE_H
#define STANDIN_AUTHORIZE_H

#include "workers.h"

#include <openssl/x509.h>

/* HTTP Basic credentials. */
struct login {
    char *name; /* NULL: none were sent */
    char *password;
};

/*
 * Reads the value of an Authorization header; NULL, another scheme and Basic without a colon inside
 * are no login. False: what should be base64 is none.
 */
bool login_parse(struct login *login, const char *header);
void login_clear(struct login *login);

/* Who asks. */
struct client {
    struct login login;
    X509 *certificate; /* borrowed; NULL: none */
    bool is_trusted;   /* the certificate is one of our CA */
};

/* The status to refuse with and the text, for free(); 0 when the client may use the worker. */
unsigned authorize(char **text, const struct worker *worker, const struct client *client);

#endif
