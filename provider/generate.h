// SPDX-License-Identifier: Apache-2.0
/*
 * Generation of local keys and of parameters: the default provider's work, reached through an
 * EVP_PKEY_CTX of the inner library context.
 */
#ifndef SS_GENERATE_H
#define SS_GENERATE_H

#include "context.h"
#include "types.h"
#include <openssl/evp.h>

struct ss_generation;

/* `selection` without key bits generates parameters only. NULL: libcrypto's errors say why. */
struct ss_generation *ss_generation_new(OSSL_LIB_CTX *inner, const struct ss_type *type,
                                        int selection);
void ss_generation_free(struct ss_generation *generation);

bool ss_generation_set_params(struct ss_generation *generation, const OSSL_PARAM *params);

/* Takes the parameters from another key; what was set before is set again on top. */
bool ss_generation_set_template(struct ss_generation *generation, EVP_PKEY *template);

/* A new key, or NULL. `callback` (may be NULL) hears of the progress. */
EVP_PKEY *ss_generation_run(struct ss_generation *generation, OSSL_CALLBACK *callback,
                            void *argument);

#endif
