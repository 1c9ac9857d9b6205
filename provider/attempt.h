// SPDX-License-Identifier: Apache-2.0
/*
 * One request to one server over one connection: options, credentials and TLS of libcurl, and what
 * its outcome means. Whether there is another attempt is for failover.c to say.
 */
#ifndef SS_ATTEMPT_H
#define SS_ATTEMPT_H

#include "failover.h"
#include "pool.h"
#include "transport.h"

enum { SS_HEADERS_MAX_BYTES = 1 << 16 };

/* A request to one server; all that libcurl borrows while it runs. */
struct ss_attempt {
    const struct ss_settings *settings;
    const struct ss_curl *curl;
    struct ss_connection *connection;
    const char *base_url;
    bool has_credentials; /* they may be sent to this server */
    char *url;
    struct curl_slist *headers;
    struct ss_buffer passphrase, password, authorization;
    struct ss_http_answer *answer;
    const char *reason_header; /* of the request */
    CURLcode set_up;           /* the first option that libcurl did not take */
    size_t header_bytes;
    bool is_too_large;
    bool is_file_missing; /* said in error */
    struct ss_error *error;
    long retry_after_ms;
};

/*
 * Runs the attempt, whose settings, curl, connection, base_url, has_credentials and answer the
 * caller has set. Whatever the verdict, error->reason tells whether there is an answer. Nothing is
 * left to free.
 */
enum ss_verdict ss_attempt_run(struct ss_attempt *attempt, const struct ss_http_request *request,
                               long long limit_ms, struct ss_error *error);

#endif
