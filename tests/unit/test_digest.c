// SPDX-License-Identifier: Apache-2.0
#include "digest.h"
#include "unit.h"

static struct artifact_error error;

static void test_known_values(void)
{
    static const struct {
        const char *text;
        const char *hex;
        size_t length;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3},
        {"{\"format\":\"mender\",\"version\":3}",
         "96bcd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35b", 31},
        {"{\"format\":\"mender\",\"version\":2}",
         "52c76ab66947278a897c2a6df8b4d77badfa343fec7ba3b2983c2ecbbb041a35", 31},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char hex[ARTIFACT_HEX_SIZE];

        CHECK(artifact_digest_bytes(hex, cases[i].text, cases[i].length, &error));
        CHECK_STR(hex, cases[i].hex);
    }
}

static void test_parts_are_hashed_as_the_whole_and_the_next_file_starts_over(void)
{
    struct artifact_digest *digest = artifact_digest_new(&error);

    for (int i = 0; i < 2; i++) {
        char hex[ARTIFACT_HEX_SIZE];

        CHECK(artifact_digest_update(digest, "a", 1, &error));
        CHECK(artifact_digest_update(digest, "", 0, &error));
        CHECK(artifact_digest_update(digest, "bc", 2, &error));
        CHECK(artifact_digest_finish(digest, hex, &error));
        CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    artifact_digest_free(digest);
}

UNIT_TESTS("digest", UNIT_TEST(test_known_values),
           UNIT_TEST(test_parts_are_hashed_as_the_whole_and_the_next_file_starts_over))
