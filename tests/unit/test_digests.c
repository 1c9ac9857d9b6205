// SPDX-License-Identifier: Apache-2.0
#include "digests.h"
#include "unit.h"
#include <openssl/evp.h>
#include <string.h>

static void test_each_row_is_a_digest_that_libcrypto_knows(void)
{
    for (const struct ss_digest *digest = ss_digests; digest->name != NULL; digest++) {
        EVP_MD *md = EVP_MD_fetch(NULL, digest->name, NULL);

        CHECK(md != NULL);
        CHECK_INT(EVP_MD_get_size(md), digest->length);
        EVP_MD_free(md);
    }
}

static void test_a_digest_is_found_by_every_spelling(void)
{
    static const char *const spellings[] = {"SHA256", "sha256", "SHA2-256", "SHA-256",
                                            "2.16.840.1.101.3.4.2.1"};

    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        const struct ss_digest *digest = ss_digest_find(NULL, spellings[i]);

        if (CHECK(digest != NULL))
            CHECK_STR(digest->wire, "SHA-256");
    }
}

static void test_a_digest_that_no_worker_knows_is_not_found(void)
{
    CHECK(ss_digest_find(NULL, "BLAKE2b512") == NULL);
    CHECK(ss_digest_find(NULL, "no such digest") == NULL);
}

static void test_a_bare_digest_is_recognised_by_its_length(void)
{
    CHECK_STR(ss_digest_find_length(20)->wire, "SHA-1");
    CHECK_STR(ss_digest_find_length(32)->wire, "SHA-256");
    CHECK_STR(ss_digest_find_length(48)->wire, "SHA-384");
    CHECK_STR(ss_digest_find_length(64)->wire, "SHA-512");
    CHECK(ss_digest_find_length(33) == NULL);
    CHECK(ss_digest_find_length(0) == NULL);
}

/* RFC 8017, 9.2, note 1. */
static void test_digest_info_is_that_of_the_rfc(void)
{
    static const unsigned char sha1[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                         0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
    static const unsigned char sha512[] = {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                           0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                           0x03, 0x05, 0x00, 0x04, 0x40};
    static const unsigned char bytes[SS_DIGEST_MAX_LENGTH] = {1, 2, 3};
    unsigned char info[SS_DIGEST_INFO_MAX_LENGTH];

    CHECK_INT(ss_digest_info_print(ss_digest_find(NULL, "SHA1"), info, bytes), sizeof sha1 + 20);
    CHECK_MEM(info, sizeof sha1, sha1, sizeof sha1);
    CHECK_MEM(info + sizeof sha1, 20, bytes, 20);
    CHECK_INT(ss_digest_info_print(ss_digest_find(NULL, "SHA512"), info, bytes),
              sizeof sha512 + 64);
    CHECK_MEM(info, sizeof sha512, sha512, sizeof sha512);
    CHECK_MEM(info + sizeof sha512, 64, bytes, 64);
}

static void test_digest_info_is_parsed_back_and_nothing_else_is(void)
{
    static const unsigned char bytes[SS_DIGEST_MAX_LENGTH] = {0};
    unsigned char info[SS_DIGEST_INFO_MAX_LENGTH];

    for (const struct ss_digest *digest = ss_digests; digest->name != NULL; digest++) {
        size_t length = ss_digest_info_print(digest, info, bytes);

        CHECK(ss_digest_info_parse(info, length) == digest);
        CHECK(ss_digest_info_parse(info, length - 1) == NULL);
        info[4] ^= 1;
        CHECK(ss_digest_info_parse(info, length) == NULL);
    }
    CHECK(ss_digest_info_parse(bytes, 0) == NULL);
}

UNIT_TESTS("digests", UNIT_TEST(test_each_row_is_a_digest_that_libcrypto_knows),
           UNIT_TEST(test_a_digest_is_found_by_every_spelling),
           UNIT_TEST(test_a_digest_that_no_worker_knows_is_not_found),
           UNIT_TEST(test_a_bare_digest_is_recognised_by_its_length),
           UNIT_TEST(test_digest_info_is_that_of_the_rfc),
           UNIT_TEST(test_digest_info_is_parsed_back_and_nothing_else_is))
