// SPDX-License-Identifier: Apache-2.0
#include "digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { SHA256_BYTES = 32 };

struct artifact_digest {
    EVP_MD_CTX *context;
};

static bool start(struct artifact_digest *digest, struct artifact_error *error)
{
    if (EVP_DigestInit_ex2(digest->context, EVP_sha256(), NULL) != 1)
        return artifact_fail_openssl(error, ARTIFACT_BAD_ARGUMENT, NULL, "SHA-256 is unavailable");
    return true;
}

struct artifact_digest *artifact_digest_new(struct artifact_error *error)
{
    struct artifact_digest *digest = calloc(1, sizeof *digest);
    if (digest)
        digest->context = EVP_MD_CTX_new();
    if (!digest || !digest->context) {
        artifact_fail_memory(error);
        artifact_digest_free(digest);
        return NULL;
    }
    if (!start(digest, error)) {
        artifact_digest_free(digest);
        return NULL;
    }
    return digest;
}

void artifact_digest_free(struct artifact_digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

bool artifact_digest_update(struct artifact_digest *digest, const void *data, size_t length,
                            struct artifact_error *error)
{
    if (EVP_DigestUpdate(digest->context, data, length) != 1)
        return artifact_fail_openssl(error, ARTIFACT_BAD_ARGUMENT, NULL, "SHA-256 failed");
    return true;
}

static void print_hex(char hex[ARTIFACT_HEX_SIZE], const unsigned char bytes[SHA256_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[ARTIFACT_HEX_SIZE - 1] = '\0';
}

bool artifact_digest_finish(struct artifact_digest *digest, char hex[ARTIFACT_HEX_SIZE],
                            struct artifact_error *error)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_DigestFinal_ex(digest->context, bytes, &length) != 1 || length != SHA256_BYTES)
        return artifact_fail_openssl(error, ARTIFACT_BAD_ARGUMENT, NULL, "SHA-256 failed");
    print_hex(hex, bytes);
    return start(digest, error);
}

bool artifact_digest_bytes(char hex[ARTIFACT_HEX_SIZE], const void *data, size_t length,
                           struct artifact_error *error)
{
    struct artifact_digest *digest = artifact_digest_new(error);
    bool is_done = digest && artifact_digest_update(digest, data, length, error) &&
                   artifact_digest_finish(digest, hex, error);
    artifact_digest_free(digest);
    return is_done;
}
