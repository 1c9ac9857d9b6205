// SPDX-License-Identifier: Apache-2.0
/*
 * What one loaded provider owns. A process may hold several (one per library context), each with
 * its own settings. Made by OSSL_provider_init without touching network or file; the parts that
 * cost something are made when first asked for.
 *
 * There is no lock: what is made later is published once, by an atomic exchange, and stays until
 * teardown. So a process may fork at any moment, with other threads inside of us, and the child
 * finds nothing locked.
 */
#ifndef SS_CONTEXT_H
#define SS_CONTEXT_H

#include "error.h"
#include "settings.h"
#include "transport.h"
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <stdatomic.h>

struct ss_key;

struct ss_context {
    struct ss_core core;
    /* For the BIO of who calls an encoder or a decoder. */
    OSSL_FUNC_BIO_write_ex_fn *bio_write_ex;
    OSSL_FUNC_BIO_read_ex_fn *bio_read_ex;
    OSSL_FUNC_BIO_gets_fn *bio_gets;
    bool is_foreign;               /* loaded by another libcrypto than the one that we call */
    struct ss_settings settings;   /* constant after init */
    _Atomic(OSSL_LIB_CTX *) inner; /* ss_context_get0_inner */
    _Atomic(struct ss_transport *) transport; /* ss_context_get0_transport */
    _Atomic(struct ss_key *) known_keys; /* a list that only grows: remote keys by URI (key.c) */
};

struct ss_context *ss_context_new(const OSSL_CORE_HANDLE *handle,
                                  const OSSL_DISPATCH *core_functions);
/* The keys it knows are freed before it (ss_key_forget_all). */
void ss_context_free(struct ss_context *context);

/*
 * The library context that everything except the private operation is delegated to, TLS with the
 * server included: the providers
 * of the setting inner-providers and nothing else, so that nothing inside can come back to us. NULL
 * with an error.
 */
OSSL_LIB_CTX *ss_context_get0_inner(struct ss_context *context, struct ss_error *error);

struct ss_transport *ss_context_get0_transport(struct ss_context *context, struct ss_error *error);

#endif
