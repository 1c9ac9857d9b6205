// SPDX-License-Identifier: Apache-2.0
/*
 * The context of a signature, and the ways it goes: to the worker, or to the default provider with
 * a public half or a local key. The functions are for the dispatch of signature.c, return what its
 * entry points return, and raise what went wrong.
 */
#ifndef SS_SIGNATURE_CTX_H
#define SS_SIGNATURE_CTX_H

#include "signing.h"

struct ss_signature {
    struct ss_context *context;
    const char *md_name; /* of an algorithm that names its digest; NULL otherwise */
    struct ss_key *key;
    bool is_over_message;     /* sign and verify are given the message */
    unsigned char *to_verify; /* a signature that was set before its message; owned */
    size_t to_verify_length;
    struct ss_buffer pieces; /* of a message that is signed or verified whole */
    /* One of them, once it is initialised. After an init that failed there is none, and a program
     * that did not look may go on to the next function. */
    struct ss_signing *signing; /* at the worker */
    EVP_PKEY_CTX *raw;          /* delegated: over a digest */
    EVP_MD_CTX *stream;         /* delegated: over a message */
};

/* As provider-signature(7) has OSSL_FUNC_signature_newctx, _freectx and _dupctx. */
void *ss_signature_newctx(void *provctx, const char *property_query);
void ss_signature_freectx(void *ctx);
void *ss_signature_dupctx(void *ctx);

/* To before any init; the key stays. */
void ss_signature_reset(struct ss_signature *signature);

/* Takes the key of an init call. NULL stands for the key of the one before. */
bool ss_signature_take_key(struct ss_signature *signature, struct ss_key *key);

/* Raises what was filled in when not `ok`; without a reason libcrypto has spoken already. */
int ss_signature_result(const struct ss_signature *signature, bool ok, const struct ss_error *error,
                        const char *file, int line, const char *function);

/* The result of an entry point, which is the place that an error names. */
#define SS_SIGNATURE_RESULT(signature, ok, error)                                                  \
    ss_signature_result((signature), (ok), (error), __FILE__, __LINE__, __func__)

/* ---- To the default provider ---- */

/* EVP_PKEY_sign_init_ex(3) and the like. */
typedef int ss_raw_init(EVP_PKEY_CTX *ctx, const OSSL_PARAM *params);
int ss_signature_delegate_raw(struct ss_signature *signature, ss_raw_init *init,
                              const OSSL_PARAM *params);

/* EVP_DigestSignInit_ex(3) and the like. `is_again`: of the key before, which keeps the digest that
 * was chosen unless a new one is named. */
typedef int ss_stream_init(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const char *md_name,
                           OSSL_LIB_CTX *libctx, const char *property_query, EVP_PKEY *key,
                           const OSSL_PARAM params[]);
int ss_signature_delegate_stream(struct ss_signature *signature, ss_stream_init *init,
                                 const char *md_name, bool is_again, const OSSL_PARAM params[]);

/* ---- A whole message at once, again and again, also of types that are hashed for ---- */

int ss_signature_sign_message(struct ss_signature *signature, unsigned char *sig, size_t *length,
                              size_t size, const unsigned char *data, size_t data_length);
int ss_signature_verify_message(const struct ss_signature *signature, const unsigned char *sig,
                                size_t length, const unsigned char *data, size_t data_length);

#endif
