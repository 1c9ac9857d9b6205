// SPDX-License-Identifier: Apache-2.0
/* The member manifest.sig: base64 of an EVP signature over the manifest's bytes, one line, no
 * newline. */
#ifndef ARTIFACT_SIGN_H
#define ARTIFACT_SIGN_H

#include "error.h"

/*
 * Refuses, with ARTIFACT_BAD_KEY and the key's type, what no device can verify: everything but RSA
 * (PKCS#1 v1.5) and EC P-256.
 */
bool artifact_key_check(EVP_PKEY *key, struct artifact_error *error);

/*
 * Signs the manifest's bytes: SHA-256, PKCS#1 v1.5 for RSA, r || s of 64 bytes for EC P-256.
 * Refuses keys that no device can verify. The result is the member's content, for free(); it was
 * verified with the same key before it is returned.
 */
char *artifact_manifest_sign(EVP_PKEY *key, const void *manifest, size_t length,
                             size_t *signature_length, struct artifact_error *error);

/*
 * Checks a manifest.sig (its text, any base64 with CR and LF ignored) against each key in turn; 64
 * bytes are r || s for an EC key, everything else strict DER. False with ARTIFACT_BAD_SIGNATURE
 * when no key made it; with several keys the sentence is about the last one.
 */
bool artifact_manifest_verify(EVP_PKEY *const *keys, size_t key_count, const void *manifest,
                              size_t length, const char *signature, size_t signature_length,
                              struct artifact_error *error);

#endif
