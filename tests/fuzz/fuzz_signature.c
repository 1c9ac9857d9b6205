// SPDX-License-Identifier: Apache-2.0
/* manifest.sig: text that is believed for one manifest and two keys, or refused in a sentence. */
#include "fuzz.h"

#include "inputs.h"
#include "sign.h"

#include <openssl/err.h>
#include <string.h>

static const char manifest[] =
    "8b9b0c2ca9d4b0b0d0c5f1f2d1b1d5bfe24c1a4a6e4e3b0b1a6c9d8e7f605142  version\n";

/* The RSA signature's text, which no other is as good as; the last group of four left out. */
static const char rsa_signature[] =
    "bAT14rbK5TO5BJYgF9ToChrhxQ7cl8hVbhws88zIugx8TF1UtTTsBCTuU0lOqXgskFNMUiGexPiTS0mOdrtnA"
    "u5+C6BVDV/GCCOu7LGgoIxvvR4WmBix4JKSdCcgcztvc2Y1EszgN/N8tz2v9MFF49+XfbCL8XoBtUExVZeYcB"
    "x+YvuQMXbsNk+QQYWRZRcdq3d4Vffgm8X+z1so32InoOMSDP8WCZvbPFvOOXrZmdK1JYX7vyEWLYJVLQQnKTv"
    "MJDFKDbjsj09VXWgLsQs69f/wEjK621RvavwtyoAJ5B65jjJRYtyHMz18rVJnH+KLm4sJpDRuQS4OF2OFKbMX";

static void require_only_signature(const uint8_t *data, size_t size)
{
    size_t matched = 0;
    for (size_t i = 0; i < size && rsa_signature[matched]; i++) {
        if (data[i] == '\r' || data[i] == '\n')
            continue;
        REQUIRE(data[i] == (uint8_t)rsa_signature[matched]);
        matched++;
    }
    REQUIRE(!rsa_signature[matched]);
}

static bool verify(EVP_PKEY *key, const uint8_t *data, size_t size)
{
    struct artifact_error error = {0};
    EVP_PKEY *fitting;
    bool is_verified = artifact_manifest_verify(&fitting, &key, 1, manifest, strlen(manifest),
                                                (const char *)data, size, &error);
    if (!is_verified) {
        REQUIRE(error.code == ARTIFACT_BAD_SIGNATURE);
        fuzz_require_sentence(error.message);
    }
    REQUIRE(fitting == (is_verified ? key : NULL));
    REQUIRE(ERR_peek_error() == 0);
    return is_verified;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static EVP_PKEY *rsa, *ec;
    if (!rsa) {
        rsa = fuzz_key("test-rsa2048-pkcs8.pub.pem", ARTIFACT_KEY_VERIFY);
        ec = fuzz_key("test-ecp256-pkcs8.pub.pem", ARTIFACT_KEY_VERIFY);
    }

    if (verify(rsa, data, size)) {
        require_only_signature(data, size);
        REQUIRE(!verify(ec, data, size));
    }
    verify(ec, data, size);
    return 0;
}
