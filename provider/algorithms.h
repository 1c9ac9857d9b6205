// SPDX-License-Identifier: Apache-2.0
/* The tables that provider.c answers libcrypto with, each at the end of the file of its name. */
#ifndef SS_ALGORITHMS_H
#define SS_ALGORITHMS_H

#include <openssl/core.h>

/* The property that all algorithms of ours carry, for queries. */
#define SS_PROPERTIES "provider=signserver"

extern const OSSL_ALGORITHM ss_keymgmt_algorithms[];
extern const OSSL_ALGORITHM ss_signature_algorithms[];
extern const OSSL_ALGORITHM ss_cipher_algorithms[];
extern const OSSL_ALGORITHM ss_store_algorithms[];
extern const OSSL_ALGORITHM ss_encoder_algorithms[];
extern const OSSL_ALGORITHM ss_decoder_algorithms[];

#endif
