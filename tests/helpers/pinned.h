// SPDX-License-Identifier: Apache-2.0
/*
 * Remote keys whose public halves are pinned, in a library context of their own: all that needs no
 * signature works without a server. The only server configured is a port that nobody listens on, so
 * that a request would be an error.
 */
#ifndef TESTS_PINNED_H
#define TESTS_PINNED_H

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

/* A worker of each type. */
enum { RSA_WORKER, RSA_PSS_WORKER, EC_WORKER, ED25519_WORKER, WORKERS };

/* What libcrypto calls them. */
extern const char *const pinned_types[];

struct pinned {
    char directory[64]; /* of the pins */
    OSSL_LIB_CTX *libctx;
    OSSL_PROVIDER *signserver;
    OSSL_PROVIDER *base;
    EVP_PKEY *workers[WORKERS]; /* the keys that they would have */
};

void pinned_open(struct pinned *world);
void pinned_close(struct pinned *world);

/* The file of a worker's pin. */
void pinned_path(char path[128], const struct pinned *world, int worker);

/* Writes it anew, with the public half of the worker's key. */
void pinned_pin(const struct pinned *world, int worker);

/* What the store gives for a worker; `expect` as OSSL_STORE_expect(3) takes it. The caller frees
 * it. */
EVP_PKEY *pinned_load_as(const struct pinned *world, int worker, int expect);

/* Its key, which has to be there. */
EVP_PKEY *pinned_load(const struct pinned *world, int worker);

/* The text of the first error in OpenSSL's queue, until the next call; forgets the rest. */
const char *pinned_first_error(void);

#endif
