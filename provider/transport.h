// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes over HTTPS: pool of connections, TLS, credentials, time limits, retry, failover. Has never
 * heard of SignServer.
 *
 * libcurl is opened at the first request (curl.h). Thread-safe; no lock is held over a request;
 * connections are not used across fork(2). Every call into libcurl runs with the thread's default
 * library context switched to one without this provider, so that the TLS of the connection never
 * uses it.
 */
#ifndef SS_TRANSPORT_H
#define SS_TRANSPORT_H

#include "buffer.h"
#include "error.h"
#include "settings.h"

struct ss_transport;

enum { SS_ANSWER_MAX_BYTES = 1 << 20 };

struct ss_http_request {
    const char *path; /* begins with '/', appended to the base URL; already percent-encoded */
    const char *content_type;
    const char *const *headers; /* further "Name: value" lines, NULL-terminated; NULL: none */
    const char *reason_header;  /* of the answer, which is wanted; NULL: none */
    const unsigned char *body;
    size_t body_length;
};

struct ss_http_answer {
    long status;
    char content_type[64]; /* quoted for messages, "" when missing */
    char reason[400];      /* the value of reason_header, quoted; "" when missing */
    struct ss_buffer body; /* at most SS_ANSWER_MAX_BYTES */
    char host[256];        /* the server that answered, or was asked last: "host" or "host:port" */
    unsigned attempts;     /* requests that were made, those included that reached nobody */
    char others[480];      /* "HOST: PROBLEM; ..." of other servers that were asked; "": none */
};

/* The settings and the library context, whose providers do libcurl's TLS, are borrowed and must
 * outlive the transport. No network, no file. */
struct ss_transport *ss_transport_new(const struct ss_settings *settings, OSSL_LIB_CTX *libctx,
                                      struct ss_error *error);
void ss_transport_free(struct ss_transport *transport);

/*
 * POSTs to the server that `authority` names (NULL: the configured ones in turn) and takes the
 * answer, whatever its status. Fails when there is none: SS_R_CONNECTION, SS_R_TLS, SS_R_TIMEOUT,
 * SS_R_CONFIGURATION (an unreadable file, no server configured), SS_R_RECURSION, SS_R_BAD_ANSWER
 * (too large, redirect). What found no server or lost its answer, and 502, 503 and 504, is tried
 * elsewhere and again, as failover.h says, `retries` times within `timeout`. The caller frees the
 * answer with ss_http_answer_clear in every case.
 */
bool ss_transport_post(struct ss_transport *transport, struct ss_http_answer *answer,
                       const char *authority, const struct ss_http_request *request,
                       struct ss_error *error);

void ss_http_answer_clear(struct ss_http_answer *answer);

/* Whether the calling thread is inside a request: a key that is opened then would recurse. */
bool ss_transport_is_in_request(void);

#endif
