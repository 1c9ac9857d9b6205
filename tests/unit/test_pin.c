// SPDX-License-Identifier: Apache-2.0
#include "files.h"
#include "pin.h"
#include "unit.h"
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* In `bytes`, which has room for 4096, the certificate of a key of a type that libcrypto does not
 * know. Its length. */
static size_t make_certificate(unsigned char *bytes)
{
    static const unsigned char rsa_encryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                   0x0d, 0x01, 0x01, 0x01};
    BIO *file = BIO_new_file(TEST_DATA "/vectors/keys/test-rsa2048.crt.pem", "r");
    X509 *certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
    int length = i2d_X509(certificate, &(unsigned char *){bytes});
    unsigned char *type = memmem(bytes, (size_t)length, rsa_encryption, sizeof rsa_encryption);

    CHECK(type != NULL);
    type[sizeof rsa_encryption - 1] = 0x7f;
    X509_free(certificate);
    BIO_free(file);
    return (size_t)length;
}

static void test_a_certificate_of_an_unknown_type_of_key_is_refused_and_leaves_nothing(void)
{
    unsigned char bytes[4096];
    char *directory = files_directory();
    char *path = files_path(directory, "unknown.der");
    const struct ss_uri uri = {.worker = (char *)(uintptr_t) "W", .cert = path};
    struct ss_settings settings = {0};
    struct ss_error error = {0};
    struct ss_pin pin;

    files_write(path, bytes, make_certificate(bytes));
    CHECK(!ss_pin_read(&pin, &settings, &uri, NULL, &error));
    CHECK_INT(error.reason, SS_R_CONFIGURATION);
    CHECK(pin.certificate == NULL);
    CHECK(pin.public_half == NULL);
    free(path);
    files_remove(directory);
}

UNIT_TESTS("pin",
           UNIT_TEST(test_a_certificate_of_an_unknown_type_of_key_is_refused_and_leaves_nothing))
