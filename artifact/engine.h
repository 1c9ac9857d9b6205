// SPDX-License-Identifier: Apache-2.0
/*
 * Keys of PKCS#11 tokens through libp11's engine (ENGINE_by_id(3), "pkcs11"): for systems that have
 * the engine and no provider for such keys. OpenSSL 4 has no engines, and then there is never one.
 */
#ifndef ARTIFACT_ENGINE_H
#define ARTIFACT_ENGINE_H

#include "error.h"

#include <openssl/types.h>

/* Whether keys of this scheme of URI can be loaded. */
bool artifact_engine_serves(const char *scheme);

/* The key, which holds the engine for as long as it lives, or NULL with ARTIFACT_BAD_KEY. `ui` asks
 * for the PIN, with `ui_data`. */
EVP_PKEY *artifact_engine_load(const char *uri, enum artifact_key_use use, UI_METHOD *ui,
                               void *ui_data, struct artifact_error *error);

#endif
