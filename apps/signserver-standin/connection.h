// SPDX-License-Identifier: Apache-2.0
/* One client's connection: TLS's side of it, and what we remember about it. */
#ifndef STANDIN_CONNECTION_H
#define STANDIN_CONNECTION_H

#include "pki.h"

struct MHD_Connection;

/* What is asked of a client when TLS begins. */
enum client_cert {
    CLIENT_CERT_REQUEST, /* a certificate, but none will do, and any: the worker decides */
    CLIENT_CERT_REQUIRE, /* one of our CA, or there is no connection */
    CLIENT_CERT_NONE,    /* nothing */
};

/* All borrowed. */
struct connection {
    const struct pki *pki;
    int stop;        /* readable when the server ends */
    unsigned number; /* of connections in the order of their beginning, from 1 */
    int socket;
};

/*
 * Before the handshake: what we remember, a copy of `settings` with the socket filled in, for
 * free(). NULL when memory runs out: then nothing would check the client's certificate.
 */
struct connection *connection_new(struct MHD_Connection *http, const struct connection *settings,
                                  enum client_cert client_cert);

/* What connection_new returned, as microhttpd keeps it. */
const struct connection *connection_of(struct MHD_Connection *http);

/* The client's certificate, for X509_free; NULL: it sent none. */
X509 *connection_certificate(struct MHD_Connection *http);

/* Ends the connection with a TCP reset, so that the client sees that something went wrong. */
void connection_reset(struct MHD_Connection *http);

#endif
