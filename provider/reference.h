// SPDX-License-Identifier: Apache-2.0
/*
 * A key reference: what a file holds in place of a private key that stays on a worker. PEM with a
 * label of its own around this DER (X.690):
 *
 *     SEQUENCE {
 *         UTF8String "SignServer key reference",
 *         INTEGER    1,                             -- version
 *         UTF8String URI,                           -- the worker, in the normal form of uri.h
 *         SEQUENCE   SubjectPublicKeyInfo }         -- RFC 5280, 4.1.2.7
 *
 * The public key pins the worker, so that opening the reference reads no other file and asks no
 * server; a URI in it has no ?cert=.
 */
#ifndef SS_REFERENCE_H
#define SS_REFERENCE_H

#include "buffer.h"
#include "error.h"
#include "uri.h"
#include <openssl/evp.h>

#define SS_REFERENCE_LABEL "SIGNSERVER KEY REFERENCE"

enum {
    SS_REFERENCE_MAX_BYTES = 16384, /* of the DER */
    SS_REFERENCE_HEAD_BYTES = 30,   /* all that ss_reference_recognise looks at */
};

struct ss_reference {
    struct ss_uri uri;
    EVP_PKEY *public_half;
};

/* Whether DER that begins like this is meant to be a key reference, of whatever version. */
bool ss_reference_recognise(const unsigned char *head, size_t length);

/* The public half is made in `inner`. For ss_reference_clear, also after a failure. */
bool ss_reference_parse(struct ss_reference *reference, const unsigned char *der, size_t length,
                        OSSL_LIB_CTX *inner, struct ss_error *error);
void ss_reference_clear(struct ss_reference *reference);

/* Appends the DER to `der`. What pins the URI is left out: the public half takes its place. */
bool ss_reference_print(struct ss_buffer *der, const struct ss_uri *uri, EVP_PKEY *public_half,
                        struct ss_error *error);

#endif
