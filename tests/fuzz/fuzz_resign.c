// SPDX-License-Identifier: Apache-2.0
/*
 * Signing what exists: a signed artifact reads as verified, and signing it once more changes
 * nothing, since RSA signatures of one manifest are all the same.
 */
#include "fuzz.h"

#include "inputs.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static EVP_PKEY *key;

/* A file in memory with what is written to standard output meanwhile; -1 when signing failed. */
static int sign(const char *path, bool no_check)
{
    const struct artifact_sign_options options = {.force = true, .no_check = no_check};
    struct artifact_error error = {0};
    int saved = dup(STDOUT_FILENO), fd = memfd_create("output", MFD_CLOEXEC);

    REQUIRE(saved >= 0 && fd >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
    bool is_signed = artifact_sign(path, "-", key, &options, NULL, &error);
    REQUIRE(dup2(saved, STDOUT_FILENO) == STDOUT_FILENO);
    close(saved);
    if (is_signed)
        return fd;
    REQUIRE(error.code == ARTIFACT_INVALID);
    fuzz_require_sentence(error.message);
    close(fd);
    return -1;
}

static unsigned char *read_back(int fd, size_t *length)
{
    off_t end = lseek(fd, 0, SEEK_END);
    REQUIRE(end > 0);
    unsigned char *bytes = malloc((size_t)end);
    REQUIRE(bytes && pread(fd, bytes, (size_t)end, 0) == end);
    *length = (size_t)end;
    return bytes;
}

static void require_verified(const char *path)
{
    struct artifact_error error = {0};
    const struct artifact_read_options options = {.keys = &key, .key_count = 1};
    struct artifact_info *info = artifact_read(path, &options, &error);
    REQUIRE(info && info->signature == ARTIFACT_SIGNATURE_VERIFIED);
    artifact_info_free(info);
}

static void require_signed(int fd)
{
    char path[64];
    size_t length = 0, again_length = 0;
    unsigned char *bytes = read_back(fd, &length);
    int copy = fuzz_file(path, bytes, length);

    require_verified(path);
    int again = sign(path, false);
    REQUIRE(again >= 0);
    unsigned char *again_bytes = read_back(again, &again_length);
    REQUIRE(again_length == length && memcmp(again_bytes, bytes, length) == 0);
    free(again_bytes);
    close(again);
    close(copy);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = fuzz_file(path, data, size);

    if (!key)
        key = fuzz_key("test-rsa2048-pkcs8.pem", ARTIFACT_KEY_SIGN);
    int signed_fd = sign(path, false);
    if (signed_fd >= 0) {
        require_signed(signed_fd);
    } else {
        signed_fd = sign(path, true);
    }
    if (signed_fd >= 0)
        close(signed_fd);
    close(fd);
    return 0;
}
