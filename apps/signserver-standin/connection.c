// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    DRAIN_MS = 1000,
    DRAIN_BYTES = 1024 * 1024,
};

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* ---- The client's certificate ---- */

static X509 *take_certificate(gnutls_session_t session)
{
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    if (!chain || count == 0)
        return NULL;
    const unsigned char *der = chain[0].data;
    return d2i_X509(NULL, &der, (long)chain[0].size);
}

static gnutls_alert_description_t refusal(gnutls_session_t session, const X509 *certificate)
{
    if (certificate)
        return GNUTLS_A_UNKNOWN_CA;
    /* TLS 1.2 has no alert of its own for it. */
    return gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3 ? GNUTLS_A_CERTIFICATE_REQUIRED
                                                                 : GNUTLS_A_HANDSHAKE_FAILURE;
}

/*
 * With TLS 1.3 a client sends its request before it knows that it was refused. A socket that is
 * closed with unread bytes is reset, and the alert may be lost.
 */
static void drain(const struct connection *connection)
{
    char bytes[4096];
    size_t left = DRAIN_BYTES;
    struct pollfd ready[] = {{.fd = connection->socket, .events = POLLIN},
                             {.fd = connection->stop, .events = POLLIN}};
    shutdown(connection->socket, SHUT_WR);
    while (left > 0 && poll(ready, 2, DRAIN_MS) > 0 && ready[1].revents == 0) {
        ssize_t count = recv(connection->socket, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count <= 0)
            return;
        left -= left < (size_t)count ? left : (size_t)count;
    }
}

/*
 * GnuTLS calls this during the handshake, where microhttpd itself never sends an alert: a client
 * should read why it was refused.
 */
static int require_certificate(gnutls_session_t session)
{
    const struct connection *connection = gnutls_session_get_ptr(session);
    X509 *certificate = take_certificate(session);
    bool is_trusted = certificate && pki_trusts_client(connection->pki, certificate);
    if (!is_trusted) {
        gnutls_alert_send(session, GNUTLS_AL_FATAL, refusal(session, certificate));
        drain(connection);
    }
    X509_free(certificate);
    return is_trusted ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static void set_up_session(gnutls_session_t session, struct connection *connection,
                           enum client_cert client_cert)
{
    if (client_cert == CLIENT_CERT_NONE)
        return;
    /* Without the list of our CAs a client sends whatever certificate it has. */
    gnutls_certificate_send_x509_rdn_sequence(session, 1);
    if (client_cert == CLIENT_CERT_REQUIRE) {
        gnutls_session_set_ptr(session, connection);
        gnutls_session_set_verify_function(session, require_certificate);
    }
}

X509 *connection_certificate(struct MHD_Connection *http)
{
    gnutls_session_t session = session_of(http);
    return session ? take_certificate(session) : NULL;
}

/* ---- Life ---- */

struct connection *connection_new(struct MHD_Connection *http, const struct connection *settings,
                                  enum client_cert client_cert)
{
    gnutls_session_t session = session_of(http);
    struct connection *connection = malloc(sizeof *connection);
    if (!connection)
        return NULL;
    *connection = *settings;
    connection->socket = socket_of(http);
    if (session)
        set_up_session(session, connection, client_cert);
    return connection;
}

const struct connection *connection_of(struct MHD_Connection *http)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(http, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* Linux resets a TCP connection that is "connected" to no address. */
void connection_reset(struct MHD_Connection *http)
{
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    connect(socket_of(http), &nowhere, sizeof nowhere);
}
