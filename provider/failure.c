// SPDX-License-Identifier: Apache-2.0
#include "failure.h"

#include "proxy.h"
#include "reference.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { KEY_FILE_MAX_BYTES = 1 << 18 };

/* A server may hang up on a client without a certificate before its alert can be read. */
static const char lost_way_out[] =
    "if the server asks for a certificate of its clients: see client-cert "
    "(SIGNSERVER_CLIENT_CERT_PATH)";

/* Nor does one that expects TLS answer what is none. */
static const char lost_plain_way_out[] =
    "if the server expects TLS: the setting url (SIGNSERVER_HOSTNAME) has to begin with https";

/* What libcurl's codes mean here; those that are not listed are SS_VERDICT_DONE. */
static const struct {
    CURLcode code;
    enum ss_reason reason;
    enum ss_verdict verdict;
    const char *way_out;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, SS_R_CONNECTION, SS_VERDICT_LATER,
     "check the setting url (SIGNSERVER_HOSTNAME)"},
    {CURLE_COULDNT_RESOLVE_PROXY, SS_R_CONNECTION, SS_VERDICT_LATER,
     "check the proxy variables, https_proxy and no_proxy"},
    {CURLE_SSL_CONNECT_ERROR, SS_R_TLS, SS_VERDICT_LATER,
     "TLS 1.2 or newer is needed; see that the setting url (SIGNSERVER_HOSTNAME) names an HTTPS "
     "port"},
    {CURLE_SSL_CACERT_BADFILE, SS_R_CONFIGURATION, SS_VERDICT_DONE,
     "see ca-file (SIGNSERVER_CA_CERT_PATH): it must hold PEM certificates"},
    {CURLE_SSL_CRL_BADFILE, SS_R_CONFIGURATION, SS_VERDICT_DONE,
     "see crl-file: it must hold PEM lists of revoked certificates"},
    {CURLE_URL_MALFORMAT, SS_R_CONFIGURATION, SS_VERDICT_DONE,
     "see the setting url (SIGNSERVER_HOSTNAME)"},
    {CURLE_SEND_ERROR, SS_R_CONNECTION, SS_VERDICT_LOST, lost_way_out},
    {CURLE_RECV_ERROR, SS_R_CONNECTION, SS_VERDICT_LOST, lost_way_out},
    {CURLE_GOT_NOTHING, SS_R_CONNECTION, SS_VERDICT_LOST, lost_way_out},
    {CURLE_PARTIAL_FILE, SS_R_CONNECTION, SS_VERDICT_LOST, NULL},
    {CURLE_HTTP2, SS_R_CONNECTION, SS_VERDICT_LOST, NULL},
    {CURLE_HTTP2_STREAM, SS_R_CONNECTION, SS_VERDICT_LOST, NULL},
    {CURLE_WEIRD_SERVER_REPLY, SS_R_BAD_ANSWER, SS_VERDICT_DONE,
     "see the setting url (SIGNSERVER_HOSTNAME): is it SignServer's HTTPS port?"},
    {CURLE_OUT_OF_MEMORY, SS_R_INTERNAL, SS_VERDICT_DONE, NULL},
};

static bool is_plain(const struct ss_attempt *attempt)
{
    return strncasecmp(attempt->base_url, "http:", 5) == 0;
}

static enum ss_verdict fail_with(const struct ss_attempt *attempt, enum ss_reason reason,
                                 enum ss_verdict verdict, const char *way_out,
                                 struct ss_error *error)
{
    char quoted[CURL_ERROR_SIZE];

    ss_quote(quoted, sizeof quoted, attempt->connection->problem,
             strlen(attempt->connection->problem));
    ss_fail(error, reason, "%s%s%s%s", quoted, way_out == NULL ? "" : " (",
            way_out == NULL ? "" : way_out, way_out == NULL ? "" : ")");
    return verdict;
}

/* libcurl has one code for all that may be wrong with a certificate; only its words tell. The first
 * row whose words fit decides. */
static enum ss_verdict judge_certificate(const struct ss_attempt *attempt, struct ss_error *error)
{
    static const struct {
        const char *words, *way_out;
    } rows[] = {
        {"host name", "use the name that is in the server's certificate in the setting url "
                      "(SIGNSERVER_HOSTNAME)"},
        {"certificate revoked",
         "the list in crl-file says so: the server needs a new certificate, or is not the one it "
         "should be"},
        {"CRL", "see crl-file: it must hold a current list of each CA in the chain of the server's "
                "certificate"},
        {"", "see ca-file (SIGNSERVER_CA_CERT_PATH): it must hold the CA of this server's "
             "certificate"},
    };
    size_t i = 0;

    while (strstr(attempt->connection->problem, rows[i].words) == NULL)
        i++;
    return fail_with(attempt, SS_R_TLS, SS_VERDICT_ELSEWHERE, rows[i].way_out, error);
}

/* Alerts (RFC 8446, 6.2) by which a server refuses a client for its certificate or the lack of it.
 * With TLS 1.3 they come only when the answer is read. */
static bool is_client_refused(const char *problem)
{
    static const char *const alerts[] = {
        "alert handshake failure", "alert bad certificate", "alert unsupported certificate",
        "alert certificate",       "alert unknown ca",      "alert access denied"};

    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (strstr(problem, alerts[i]) != NULL)
            return true;
    }
    return false;
}

static bool is_key_reference(const char *path)
{
    static const char begin[] = "-----BEGIN " SS_REFERENCE_LABEL "-----";
    struct ss_buffer bytes;
    bool is_reference;

    ss_buffer_init(&bytes, KEY_FILE_MAX_BYTES);
    is_reference = ss_buffer_read_file(&bytes, path) && bytes.length > 0 &&
                   memmem(bytes.bytes, bytes.length, begin, sizeof begin - 1) != NULL;
    ss_buffer_clear(&bytes);
    return is_reference;
}

/* The client's certificate and key could not be taken. */
static enum ss_verdict judge_client_files(const struct ss_attempt *attempt, struct ss_error *error)
{
    const struct ss_settings *settings = attempt->settings;
    const char *key = settings->client_key != NULL ? settings->client_key : settings->client_cert;

    if (key == NULL || !is_key_reference(key))
        return fail_with(attempt, SS_R_CONFIGURATION, SS_VERDICT_DONE,
                         "see client-cert (SIGNSERVER_CLIENT_CERT_PATH), client-key "
                         "(SIGNSERVER_CLIENT_CERT_KEY_PATH) and client-key-passphrase-file",
                         error);
    ss_fail(error, SS_R_RECURSION,
            "%s: the key in %s is on SignServer, and cannot be used to reach SignServer; name the "
            "file of a private key",
            settings->client_key != NULL ? "client-key (SIGNSERVER_CLIENT_CERT_KEY_PATH)"
                                         : "client-cert (SIGNSERVER_CLIENT_CERT_PATH)",
            key);
    return SS_VERDICT_DONE;
}

/* Newer releases of libcurl (8.23) give a time at which a transfer was about to begin also where
 * nobody let us in; a request to a proxy has a size as well. */
static bool is_sent(const struct ss_attempt *attempt)
{
    CURL *easy = attempt->connection->easy;
    curl_off_t connected_us = 0;
    long request_bytes = 0;

    attempt->curl->easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    attempt->curl->easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    return connected_us > 0 && request_bytes > 0;
}

static enum ss_verdict judge_time(const struct ss_attempt *attempt, struct ss_error *error)
{
    if (is_sent(attempt))
        return fail_with(attempt, SS_R_TIMEOUT, SS_VERDICT_LOST,
                         "the setting timeout is the limit for all attempts together", error);
    return fail_with(attempt, SS_R_TIMEOUT, SS_VERDICT_LATER,
                     "the setting connect-timeout is the limit", error);
}

/* It answered a CONNECT with a refusal, or not at all. */
static bool is_refused_by_proxy(const struct ss_attempt *attempt, long *status)
{
    attempt->curl->easy_getinfo(attempt->connection->easy, CURLINFO_HTTP_CONNECTCODE, status);
    return (*status != 0 && *status / 100 != 2) ||
           strstr(attempt->connection->problem, "CONNECT") != NULL;
}

static enum ss_verdict fail_proxy(const struct ss_attempt *attempt, long status,
                                  struct ss_error *error)
{
    char proxy[300] = "proxy";
    const char *way_out =
        status == 407 ? "it asks for credentials: http://USER:PASSWORD@HOST:PORT in its variable"
                      : "see that it lets us through, or except the server with no_proxy";

    (void)ss_proxy_print(proxy, sizeof proxy, attempt->base_url);
    if (status == 0)
        ss_fail(error, SS_R_CONNECTION, "the %s does not answer CONNECT %s (%s)", proxy,
                attempt->answer->host, way_out);
    else
        ss_fail(error, SS_R_CONNECTION, "the %s answers HTTP %ld to CONNECT %s (%s)", proxy, status,
                attempt->answer->host, way_out);
    return SS_VERDICT_LATER;
}

/* Who could not be connected to: the server, or the proxy on the way to it. */
static enum ss_verdict judge_connect(const struct ss_attempt *attempt, struct ss_error *error)
{
    const char *problem = attempt->connection->problem;
    char proxy[300], way_out[400];

    if (ss_proxy_is_server_named(problem, attempt->answer->host) ||
        !ss_proxy_print(proxy, sizeof proxy, attempt->base_url))
        return fail_with(attempt, SS_R_CONNECTION, SS_VERDICT_LATER,
                         "check the setting url (SIGNSERVER_HOSTNAME), and that the server runs",
                         error);
    snprintf(way_out, sizeof way_out, "that is the %s; no_proxy excepts servers from it", proxy);
    return fail_with(attempt, SS_R_CONNECTION, SS_VERDICT_LATER, way_out, error);
}

enum ss_verdict ss_failure_judge(const struct ss_attempt *attempt, CURLcode code,
                                 struct ss_error *error)
{
    struct ss_connection *connection = attempt->connection;
    long proxy_status = 0;

    if (connection->problem[0] == '\0')
        snprintf(connection->problem, sizeof connection->problem, "%s",
                 attempt->curl->easy_strerror(code));
    if (attempt->is_too_large) {
        ss_fail(error, SS_R_BAD_ANSWER,
                "the answer is over %d bytes, or its headers are over %d bytes",
                (int)SS_ANSWER_MAX_BYTES, (int)SS_HEADERS_MAX_BYTES);
        return SS_VERDICT_DONE;
    }
    if (is_refused_by_proxy(attempt, &proxy_status))
        return fail_proxy(attempt, proxy_status, error);
    if (code == CURLE_COULDNT_CONNECT)
        return judge_connect(attempt, error);
    /* The second is what newer releases of libcurl (8.23) say of a key that cannot be taken. */
    if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_BAD_FUNCTION_ARGUMENT)
        return judge_client_files(attempt, error);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return judge_certificate(attempt, error);
    /* What libcrypto says first of a list whose signature is not that of the server's CA. */
    if (code == CURLE_SSL_CONNECT_ERROR && attempt->settings->crl_file != NULL &&
        strstr(connection->problem, "asn1 encoding routines") != NULL)
        return fail_with(attempt, SS_R_TLS, SS_VERDICT_ELSEWHERE,
                         "see crl-file: a list in it has the name, and not the signature, of a CA "
                         "of the server's certificate",
                         error);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return judge_time(attempt, error);
    if (is_client_refused(connection->problem))
        return fail_with(attempt, SS_R_TLS, SS_VERDICT_ELSEWHERE,
                         !attempt->has_credentials
                             ? "none of our certificates was sent: this server is not one of the "
                               "setting url (SIGNSERVER_HOSTNAME)"
                         : attempt->settings->client_cert == NULL
                             ? "set client-cert (SIGNSERVER_CLIENT_CERT_PATH): the server asks for "
                               "a certificate of its clients"
                             : "the server does not take the certificate of client-cert "
                               "(SIGNSERVER_CLIENT_CERT_PATH)",
                         error);
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (failures[i].code == code)
            return fail_with(attempt, failures[i].reason, failures[i].verdict,
                             failures[i].way_out == lost_way_out && is_plain(attempt)
                                 ? lost_plain_way_out
                                 : failures[i].way_out,
                             error);
    }
    return fail_with(attempt, SS_R_CONNECTION, SS_VERDICT_DONE, NULL, error);
}
