// SPDX-License-Identifier: Apache-2.0
/* What the host programs of the tests share: they know URIs and libcrypto, and nothing of us. */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

#include <openssl/evp.h>
#include <openssl/store.h>
#include <stdbool.h>

/* Says it on standard error, with OpenSSL's error queue. Returns false. */
bool host_complain(const char *what);

/* What the URI gives of the expected kind (OSSL_STORE_INFO_...), for OSSL_STORE_INFO_free; NULL:
 * nothing, or an error in the queue. */
OSSL_STORE_INFO *host_open(OSSL_LIB_CTX *libctx, const char *uri, int expected);

/* The private key, for EVP_PKEY_free; NULL: complained of. */
EVP_PKEY *host_load(OSSL_LIB_CTX *libctx, const char *uri);

/*
 * Signs a message, and verifies it: with SHA-256, or none where the type of the key has its own
 * ways, and with PSS where the worker of an RSA key refuses PKCS#1 v1.5. False: an error is in the
 * queue, or the signature does not verify.
 */
bool host_sign(OSSL_LIB_CTX *libctx, EVP_PKEY *key);

#endif
