// SPDX-License-Identifier: Apache-2.0
#include "attempt.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SECRET_MAX_BYTES = 1 << 14 };

static size_t receive(char *bytes, size_t size, size_t count, void *user)
{
    struct ss_attempt *attempt = user;
    size_t length = size * count;

    if (ss_buffer_append(&attempt->answer->body, bytes, length))
        return length;
    attempt->is_too_large = true;
    return 0;
}

/* Keeps the value of a header line when it is the one that is wanted. */
static void keep_reason(struct ss_attempt *attempt, const char *line, size_t length)
{
    struct ss_http_answer *answer = attempt->answer;
    size_t name = attempt->reason_header == NULL ? 0 : strlen(attempt->reason_header);

    if (name == 0 || length <= name || line[name] != ':' ||
        strncasecmp(line, attempt->reason_header, name) != 0)
        return;
    line += name + 1;
    length -= name + 1;
    for (; length > 0 && (*line == ' ' || *line == '\t'); line++)
        length--;
    while (length > 0 && strchr("\r\n", line[length - 1]) != NULL)
        length--;
    ss_quote(answer->reason, sizeof answer->reason, line, length);
}

/* libcurl keeps all headers in memory, those of interim answers as well. */
static size_t receive_header(char *bytes, size_t size, size_t count, void *user)
{
    struct ss_attempt *attempt = user;

    attempt->header_bytes += size * count;
    attempt->is_too_large = attempt->header_bytes > SS_HEADERS_MAX_BYTES;
    if (attempt->is_too_large)
        return 0;
    keep_reason(attempt, bytes, size * count);
    return size * count;
}

static bool fail_file(struct ss_error *error, const char *setting, const char *path)
{
    return ss_fail(error, SS_R_CONFIGURATION, "%s: cannot read %s: %s", setting, path,
                   strerror(errno));
}

/* Files that libcurl reads for a new connection: looked at before, because its own words name
 * neither file nor setting. */
static bool check_files(const struct ss_attempt *attempt, struct ss_error *error)
{
    const struct ss_settings *settings = attempt->settings;
    const struct {
        const char *setting, *path;
    } files[] = {
        {"ca-file (SIGNSERVER_CA_CERT_PATH)", settings->ca_file},
        {"crl-file", settings->crl_file},
        {"client-cert (SIGNSERVER_CLIENT_CERT_PATH)",
         attempt->has_credentials ? settings->client_cert : NULL},
        {"client-key (SIGNSERVER_CLIENT_CERT_KEY_PATH)",
         attempt->has_credentials ? settings->client_key : NULL},
    };

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i].path != NULL && faccessat(AT_FDCWD, files[i].path, R_OK, AT_EACCESS) != 0)
            return fail_file(error, files[i].setting, files[i].path);
    }
    return true;
}

/* For a new connection: a socket that programs which the host executes do not inherit. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct ss_attempt *attempt = user;

    (void)purpose;
    attempt->is_file_missing = !check_files(attempt, attempt->error);
    if (attempt->is_file_missing)
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A one-line secret, without its newline. */
static bool read_secret(struct ss_buffer *secret, const char *setting, const char *path,
                        struct ss_error *error)
{
    ss_buffer_init(secret, SECRET_MAX_BYTES);
    if (path == NULL)
        return true;
    if (!ss_buffer_read_file(secret, path))
        return fail_file(error, setting, path);
    while (secret->length > 0 && strchr("\r\n", secret->bytes[secret->length - 1]) != NULL)
        secret->bytes[--secret->length] = '\0';
    if (secret->length == 0 || strcspn((const char *)secret->bytes, "\r\n") != secret->length)
        return ss_fail(error, SS_R_CONFIGURATION, "%s: %s does not hold one line of text", setting,
                       path);
    return true;
}

static bool add_header(struct ss_attempt *attempt, const char *line)
{
    struct curl_slist *longer = attempt->curl->slist_append(attempt->headers, line);

    if (longer != NULL)
        attempt->headers = longer;
    return longer != NULL;
}

/* The token is read anew for each request, so that it can be rotated. */
static bool add_token(struct ss_attempt *attempt, struct ss_error *error)
{
    static const char scheme[] = "Authorization: Bearer ";
    struct ss_buffer token;
    bool ok;

    if (!attempt->has_credentials || attempt->settings->bearer_token_file == NULL)
        return true;
    ok = read_secret(&token, "bearer-token-file", attempt->settings->bearer_token_file, error);
    ss_buffer_init(&attempt->authorization, SECRET_MAX_BYTES + sizeof scheme);
    if (ok && !(ss_buffer_append(&attempt->authorization, scheme, sizeof scheme - 1) &&
                ss_buffer_append(&attempt->authorization, token.bytes, token.length) &&
                add_header(attempt, (const char *)attempt->authorization.bytes)))
        ok = ss_fail_internal(error, "memory");
    ss_buffer_clear(&token);
    return ok;
}

static bool add_headers(struct ss_attempt *attempt, const struct ss_http_request *request,
                        struct ss_error *error)
{
    char content_type[128];
    bool ok;

    snprintf(content_type, sizeof content_type, "Content-Type: %s", request->content_type);
    /* Without "Expect:" libcurl waits for a go-ahead before it sends a large message. */
    ok = add_header(attempt, content_type) && add_header(attempt, "Expect:");
    for (const char *const *header = request->headers; ok && header != NULL && *header != NULL;
         header++)
        ok = add_header(attempt, *header);
    return (ok || ss_fail_internal(error, "memory")) && add_token(attempt, error);
}

/* An option that was not taken would leave libcurl's own choice in force, system roots instead of
 * ca-file for one: attempt->set_up tells, and then nothing is sent. */
static void note(struct ss_attempt *attempt, CURLcode code)
{
    if (attempt->set_up == CURLE_OK)
        attempt->set_up = code;
}

static void set_long(struct ss_attempt *attempt, CURLoption option, long value)
{
    note(attempt, attempt->curl->easy_setopt(attempt->connection->easy, option, value));
}

static void set_text(struct ss_attempt *attempt, CURLoption option, const char *value)
{
    note(attempt, attempt->curl->easy_setopt(attempt->connection->easy, option, value));
}

/* A PKCS#12 file is DER, PEM is text. */
static bool is_der(const char *path)
{
    FILE *file = fopen(path, "re");
    int first = file == NULL ? EOF : getc(file);

    if (file != NULL)
        fclose(file);
    return first == 0x30;
}

static void set_client_certificate(struct ss_attempt *attempt)
{
    const struct ss_settings *settings = attempt->settings;
    struct ss_connection *connection = attempt->connection;
    bool is_pkcs12;

    if (!attempt->has_credentials || settings->client_cert == NULL)
        return;
    if (connection->format == SS_FORMAT_UNKNOWN)
        connection->format = is_der(settings->client_cert) ? SS_FORMAT_PKCS12 : SS_FORMAT_PEM;
    is_pkcs12 = connection->format == SS_FORMAT_PKCS12;
    set_text(attempt, CURLOPT_SSLCERT, settings->client_cert);
    set_text(attempt, CURLOPT_SSLCERTTYPE, is_pkcs12 ? "P12" : "PEM");
    if (!is_pkcs12)
        set_text(attempt, CURLOPT_SSLKEY,
                 settings->client_key != NULL ? settings->client_key : settings->client_cert);
    /* Set even when empty: without it OpenSSL would ask for a passphrase on the terminal. */
    set_text(attempt, CURLOPT_KEYPASSWD,
             attempt->passphrase.length > 0 ? (const char *)attempt->passphrase.bytes : "");
}

static void set_password(struct ss_attempt *attempt)
{
    if (!attempt->has_credentials || attempt->settings->username == NULL)
        return;
    /* SignServer's REST interface never asks for credentials: they are sent unasked, or not at all.
     */
    set_long(attempt, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    set_text(attempt, CURLOPT_USERNAME, attempt->settings->username);
    set_text(attempt, CURLOPT_PASSWORD, (const char *)attempt->password.bytes);
}

static void set_tls(struct ss_attempt *attempt)
{
    set_long(attempt, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    set_long(attempt, CURLOPT_SSL_VERIFYPEER, 1);
    set_long(attempt, CURLOPT_SSL_VERIFYHOST, 2);
    /* A new connection is a new handshake: what was revoked or replaced counts from then on. */
    set_long(attempt, CURLOPT_SSL_SESSIONID_CACHE, 0);
    if (attempt->settings->ca_file != NULL) {
        /* These roots and no others: the system's folder would be searched as well. */
        set_text(attempt, CURLOPT_CAINFO, attempt->settings->ca_file);
        set_text(attempt, CURLOPT_CAPATH, NULL);
#if LIBCURL_VERSION_NUM >= 0x075700
        /* libcurl would go on trusting for a day what it has read. */
        set_long(attempt, CURLOPT_CA_CACHE_TIMEOUT, 0);
#endif
    }
    /* With one, each certificate of the chain has to be in the care of a current list. */
    if (attempt->settings->crl_file != NULL)
        set_text(attempt, CURLOPT_CRLFILE, attempt->settings->crl_file);
    set_client_certificate(attempt);
}

static void set_request(struct ss_attempt *attempt, const struct ss_http_request *request)
{
    const struct ss_curl *curl = attempt->curl;
    CURL *easy = attempt->connection->easy;

    set_text(attempt, CURLOPT_URL, attempt->url);
    set_long(attempt, CURLOPT_POST, 1);
    note(attempt,
         curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length));
    note(attempt, curl->easy_setopt(easy, CURLOPT_POSTFIELDS,
                                    request->body_length == 0 ? (const void *)"" : request->body));
    note(attempt, curl->easy_setopt(easy, CURLOPT_HTTPHEADER, attempt->headers));
}

static void set_answer(struct ss_attempt *attempt)
{
    const struct ss_curl *curl = attempt->curl;
    CURL *easy = attempt->connection->easy;

    note(attempt, curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, attempt->connection->problem));
    note(attempt, curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive));
    note(attempt, curl->easy_setopt(easy, CURLOPT_WRITEDATA, attempt));
    note(attempt, curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header));
    note(attempt, curl->easy_setopt(easy, CURLOPT_HEADERDATA, attempt));
    note(attempt, curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket));
    note(attempt, curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, attempt));
}

static void set_limits(struct ss_attempt *attempt, long timeout_ms)
{
    const struct ss_settings *settings = attempt->settings;

    set_long(attempt, CURLOPT_NOSIGNAL, 1);
    set_long(attempt, CURLOPT_FOLLOWLOCATION, 0);
    set_long(attempt, CURLOPT_NETRC, CURL_NETRC_IGNORED);
    set_long(attempt, CURLOPT_TIMEOUT_MS, timeout_ms);
    set_long(attempt, CURLOPT_CONNECTTIMEOUT_MS,
             settings->connect_timeout_ms < timeout_ms ? settings->connect_timeout_ms : timeout_ms);
    /* When a kept connection turns out to be dead, libcurl sends the request again by itself: who
     * wants no retries gets a new connection each time. */
    set_long(attempt, CURLOPT_FRESH_CONNECT, settings->retries == 0);
    set_long(attempt, CURLOPT_FORBID_REUSE, settings->retries == 0);
}

static bool set_options(struct ss_attempt *attempt, const struct ss_http_request *request,
                        long long limit_ms, struct ss_error *error)
{
    bool is_plain = strncasecmp(attempt->base_url, "http:", 5) == 0;

    attempt->curl->easy_reset(attempt->connection->easy); /* keeps the connection */
    attempt->connection->problem[0] = '\0';
#if LIBCURL_VERSION_NUM >= 0x075500
    set_text(attempt, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
#else
    set_long(attempt, CURLOPT_PROTOCOLS, is_plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS);
#endif
    set_request(attempt, request);
    set_answer(attempt);
    set_limits(attempt, (long)(limit_ms < 1 ? 1 : limit_ms));
    set_tls(attempt);
    set_password(attempt);
    return attempt->set_up == CURLE_OK ||
           ss_fail(error, SS_R_INTERNAL, "libcurl does not take an option: %s",
                   attempt->curl->easy_strerror(attempt->set_up));
}

/* ---- An answer ---- */

/* The new place may be anybody's: it gets no request, and no credentials, without being named in
 * the settings. */
static enum ss_verdict fail_redirect(const struct ss_attempt *attempt, struct ss_error *error)
{
    const char *location = NULL;
    char quoted[160] = "nowhere";

    attempt->curl->easy_getinfo(attempt->connection->easy, CURLINFO_REDIRECT_URL, &location);
    if (location != NULL)
        ss_quote(quoted, sizeof quoted, location, strlen(location));
    ss_fail(error, SS_R_BAD_ANSWER,
            "HTTP %ld: a redirect to %s, which is not followed (see the setting url, "
            "SIGNSERVER_HOSTNAME)",
            attempt->answer->status, quoted);
    return SS_VERDICT_DONE;
}

static enum ss_verdict judge_answer(struct ss_attempt *attempt, struct ss_error *error)
{
    struct ss_http_answer *answer = attempt->answer;
    CURL *easy = attempt->connection->easy;
    const char *content_type = NULL;
    curl_off_t retry_after_s = 0;

    attempt->curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->status);
    attempt->curl->easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &content_type);
    attempt->curl->easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    if (content_type != NULL)
        ss_quote(answer->content_type, sizeof answer->content_type, content_type,
                 strlen(content_type));
    attempt->retry_after_ms = retry_after_s < 3600 ? (long)retry_after_s * 1000 : 3600000;
    if (answer->status >= 300 && answer->status < 400)
        return fail_redirect(attempt, error);
    if (answer->status == 503)
        return SS_VERDICT_LATER;
    if (answer->status != 502 && answer->status != 504)
        return SS_VERDICT_DONE;
    /* A gateway may have passed the request on before: who wants no retries wants no second
     * signature. */
    return attempt->settings->retries == 0 ? SS_VERDICT_LOST : SS_VERDICT_LATER;
}

/* ---- The attempt ---- */

/* What went wrong without an answer. What the files are is looked at anew. */
static enum ss_verdict judge_failure(struct ss_attempt *attempt, CURLcode code)
{
    attempt->connection->format = SS_FORMAT_UNKNOWN;
    return attempt->is_file_missing ? SS_VERDICT_DONE
                                    : ss_failure_judge(attempt, code, attempt->error);
}

static bool prepare(struct ss_attempt *attempt, const struct ss_http_request *request,
                    struct ss_error *error)
{
    const struct ss_settings *settings = attempt->settings;
    bool has_credentials = attempt->has_credentials;
    size_t size = strlen(attempt->base_url) + strlen(request->path) + 1;

    attempt->url = OPENSSL_malloc(size);
    if (attempt->url == NULL)
        return ss_fail_internal(error, "memory");
    snprintf(attempt->url, size, "%s%s", attempt->base_url, request->path);
    return read_secret(&attempt->passphrase, "client-key-passphrase-file",
                       has_credentials ? settings->client_key_passphrase_file : NULL, error) &&
           read_secret(&attempt->password, "password-file",
                       has_credentials ? settings->password_file : NULL, error) &&
           add_headers(attempt, request, error);
}

static void clear(struct ss_attempt *attempt)
{
    for (struct curl_slist *line = attempt->headers; line != NULL; line = line->next)
        OPENSSL_cleanse(line->data, strlen(line->data));
    attempt->curl->slist_free_all(attempt->headers);
    ss_buffer_clear(&attempt->passphrase);
    ss_buffer_clear(&attempt->password);
    ss_buffer_clear(&attempt->authorization);
    OPENSSL_free(attempt->url);
}

enum ss_verdict ss_attempt_run(struct ss_attempt *attempt, const struct ss_http_request *request,
                               long long limit_ms, struct ss_error *error)
{
    enum ss_verdict verdict = SS_VERDICT_DONE;
    CURLcode code;

    attempt->error = error;
    attempt->reason_header = request->reason_header;
    ss_server_print_host(attempt->answer->host, sizeof attempt->answer->host, attempt->base_url);
    if (prepare(attempt, request, error) && set_options(attempt, request, limit_ms, error)) {
        code = attempt->curl->easy_perform(attempt->connection->easy);
        verdict = code == CURLE_OK ? judge_answer(attempt, error) : judge_failure(attempt, code);
    }
    /* Nothing that is freed now may be seen through a handle that lies idle, secrets least of all.
     */
    attempt->curl->easy_reset(attempt->connection->easy);
    clear(attempt);
    return verdict;
}
