// SPDX-License-Identifier: Apache-2.0
/* The file that a worker is pinned to: its certificate or its public key, PEM or DER. */
#ifndef SS_PIN_H
#define SS_PIN_H

#include "error.h"
#include "settings.h"
#include "uri.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

struct ss_pin {
    X509 *certificate;     /* NULL: the file holds a public key */
    EVP_PKEY *public_half; /* NULL: the worker is not pinned */
};

/*
 * Reads the file that the URI names (?cert=) or else WORKER.pem of the setting certificate-dir,
 * where there is one; that directory has to be there. Success without a public half: the worker is
 * not pinned. What it finds belongs to `inner`; for ss_pin_clear, after a failure there is nothing.
 * The error names the file and who names it, and leaves the worker to the caller.
 */
bool ss_pin_read(struct ss_pin *pin, const struct ss_settings *settings, const struct ss_uri *uri,
                 OSSL_LIB_CTX *inner, struct ss_error *error);
void ss_pin_clear(struct ss_pin *pin);

#endif
