// SPDX-License-Identifier: Apache-2.0
/*
 * A verify context of the inner library context over the public half of a remote key. It holds the
 * caller's parameters, so that the default provider checks them and makes the AlgorithmIdentifier
 * of them, and it checks what the worker answers.
 *
 * A PSS salt is as long as the digest, because a worker makes it so: where the caller leaves the
 * length open it becomes that, and another one is refused, whether the caller asks for it or the
 * key is restricted to it.
 */
#ifndef SS_CHECK_H
#define SS_CHECK_H

#include "key.h"
#include "restriction.h"

/* Who chose the length of a PSS salt. */
enum ss_salt {
    SS_SALT_OPEN,
    SS_SALT_OF_KEY, /* nobody yet; the default is the one that the key is restricted to */
    SS_SALT_DEMANDED,
};

struct ss_check {
    struct ss_key *key; /* holds a reference */
    OSSL_LIB_CTX *inner;
    EVP_PKEY_CTX *over_digest; /* of types that are hashed for; NULL otherwise */
    EVP_MD_CTX *over_message;  /* of the others */
    struct ss_restriction restriction;
    const struct ss_digest *digest;
    bool is_digest_settled; /* a message is being hashed with it */
    enum ss_salt salt;
};

/* `md_name` is for types that are not hashed for, whose only right value is NULL. What fails
 * without a reason in `error` has been said by libcrypto. Clear it in every case. */
bool ss_check_init(struct ss_check *check, struct ss_key *key, const char *md_name,
                   struct ss_error *error);
void ss_check_clear(struct ss_check *check);
bool ss_check_copy(struct ss_check *copy, const struct ss_check *check);

/* Refuses what the worker cannot do. */
bool ss_check_set_params(struct ss_check *check, const OSSL_PARAM *params, struct ss_error *error);

/* The context that parameters are read from. Borrowed. */
EVP_PKEY_CTX *ss_check_get0_parameters(const struct ss_check *check);

/* Whether the worker does what the parameters, which are final now, ask for with this digest. */
bool ss_check_agrees(const struct ss_check *check, const struct ss_digest *digest,
                     struct ss_error *error);

/* Whether a signature is what the parameters ask for, over `data`: the digest, the DigestInfo, or a
 * message of a type that is not hashed for. Leaves nothing in OpenSSL's error queue. */
bool ss_check_verifies(const struct ss_check *check, const unsigned char *signature,
                       size_t signature_length, const unsigned char *data, size_t data_length);

/* "worker NAME", for messages. */
const char *ss_check_get0_worker_name(const struct ss_check *check);

#endif
