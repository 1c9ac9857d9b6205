// SPDX-License-Identifier: Apache-2.0
/* The member manifest.sig: base64 of an EVP signature over the manifest's bytes, one line, no
 * newline. */
#ifndef ARTIFACT_SIGN_H
#define ARTIFACT_SIGN_H

#include "error.h"

/*
 * Refuses, with ARTIFACT_UNSUPPORTED_KEY and the key's type, what no device can verify, unless that
 * is allowed: everything but RSA (PKCS#1 v1.5), EC P-256 and EC P-384.
 */
bool artifact_key_check(const EVP_PKEY *key, bool allow_unsupported, struct artifact_error *error);

/*
 * Signs the manifest's bytes: RSA keys with PKCS#1 v1.5 and SHA-256; EC keys with SHA-256, as r ||
 * s of 64 bytes for P-256 and as DER for other curves; every other key in OpenSSL's own way, with
 * SHA-256 where it takes a digest. The result is the member's content, for free(); it was verified
 * with the same key before it is returned.
 */
char *artifact_manifest_sign(EVP_PKEY *key, const void *manifest, size_t length,
                             size_t *signature_length, struct artifact_error *error);

/* How long the member is that artifact_manifest_sign makes; for DER, whose length varies, the most.
 */
size_t artifact_manifest_signature_length(const EVP_PKEY *key);

/*
 * Checks a manifest.sig (its text, any base64 with CR and LF ignored) against each key in turn; 64
 * bytes are r || s for a P-256 key, everything else of an EC key strict DER. *fitting is the key
 * that made it, one of `keys`. False with ARTIFACT_BAD_SIGNATURE when no key made it; with several
 * keys the sentence is about the last one.
 */
bool artifact_manifest_verify(EVP_PKEY **fitting, EVP_PKEY *const *keys, size_t key_count,
                              const void *manifest, size_t length, const char *signature,
                              size_t signature_length, struct artifact_error *error);

#endif
