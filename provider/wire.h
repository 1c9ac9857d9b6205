// SPDX-License-Identifier: Apache-2.0
/*
 * What an interface of SignServer is: it builds a process request and reads its answer. Bytes in,
 * bytes out, no network. Each interface is one constant struct in its own file (wire_rest.c,
 * wire_http.c); wire.c has what refusals mean, whichever way they come.
 */
#ifndef SS_WIRE_H
#define SS_WIRE_H

#include "buffer.h"
#include "error.h"
#include <openssl/types.h>
#include <openssl/x509.h>

enum { SS_SIGNATURE_MAX_BYTES = 1 << 16 }; /* the longest of FIPS 205 has 49856 */

/* What a worker is asked to sign. */
struct ss_process_request {
    const char *worker; /* name or number, not encoded */
    const char *digest; /* "SHA-256", ...: data is that digest; NULL: data is the message */
    const unsigned char *data;
    size_t data_length;
};

/* Refusals that tell how the worker wants to be asked. */
enum ss_refusal {
    SS_REFUSAL_NONE,           /* no refusal, or one of another kind */
    SS_REFUSAL_CLIENT_HASHING, /* it takes messages, and was sent a digest */
    SS_REFUSAL_SERVER_HASHING, /* it takes digests, and was sent a message */
    SS_REFUSAL_DIGEST,         /* it may take another digest, but not this one */
};

/* What it answered. Zero-initialised is empty. */
struct ss_process_answer {
    X509 *seen; /* given to a parse: a certificate that is not parsed again when it is the same;
                   borrowed, may be NULL */
    enum ss_refusal refusal;    /* set by a parse that failed */
    struct ss_buffer signature; /* never empty after success */
    X509 *certificate;   /* the signer's, where the interface and the worker give one; else NULL */
    char request_id[32]; /* the server's, for the audit; "" when missing */
    char archive_id[64];
    unsigned attempts; /* it took; set by the worker */
};

void ss_process_answer_clear(struct ss_process_answer *answer);

/* An answer as HTTP brought it. Borrowed. */
struct ss_wire_answer {
    long status;
    const char *content_type; /* "" when missing */
    const char *reason;       /* of reason_header, quoted; "" when missing */
    const unsigned char *body;
    size_t body_length;
};

struct ss_wire {
    /* Path below the base URL, with the query, percent-encoded; for OPENSSL_free. */
    char *(*path)(const struct ss_process_request *request, struct ss_error *error);
    const char *content_type;
    const char *const *headers; /* NULL-terminated; NULL: none */
    const char *reason_header;  /* of an answer, with the words of a refusal; NULL: none */
    /* The body of the request, into an initialised buffer. */
    bool (*print)(struct ss_buffer *body, const struct ss_process_request *request,
                  struct ss_error *error);
    /*
     * Reads an answer of any status. A refusal becomes an error with the reason that its status and
     * words mean, the server's own text quoted, and, where one is known, the worker property to
     * change. The certificate is made in `libctx`.
     */
    bool (*parse)(struct ss_process_answer *answer, const struct ss_wire_answer *from,
                  OSSL_LIB_CTX *libctx, struct ss_error *error);
    bool shows_certificate; /* in its answers; otherwise a worker has to be pinned */
};

extern const struct ss_wire ss_wire_rest;
extern const struct ss_wire ss_wire_http;

/* The error of a refusal; `words` are the server's, quoted. Returns false. */
bool ss_wire_refuse(struct ss_process_answer *answer, long status, const char *words,
                    struct ss_error *error);

#endif
