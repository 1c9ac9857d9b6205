// SPDX-License-Identifier: Apache-2.0
#include "artifact.h"
#include "craft.h"
#include "files.h"
#include "unit.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct artifact_error error;

/* A valid unsigned artifact in a directory of its own, and a key. */
struct fixture {
    char *directory, *input, *output;
    char *bytes; /* of the input */
    size_t length;
    EVP_PKEY *key;
};

static void write_input(struct fixture *fixture, struct crafted *crafted)
{
    struct craft artifact = craft_artifact(crafted);
    files_write(fixture->input, artifact.bytes, artifact.length);
    craft_free(&artifact);
    free(fixture->bytes);
    fixture->bytes = files_read(fixture->input, &fixture->length);
}

static void fixture_init(struct fixture *fixture)
{
    struct crafted crafted = {.files = {{"one.txt", "contents"}}};
    *fixture = (struct fixture){.directory = files_directory(), .key = EVP_EC_gen("P-256")};
    fixture->input = files_path(fixture->directory, "in.mender");
    fixture->output = files_path(fixture->directory, "out.mender");
    error = (struct artifact_error){0};
    write_input(fixture, &crafted);
}

static void fixture_clear(struct fixture *fixture)
{
    EVP_PKEY_free(fixture->key);
    free(fixture->bytes);
    free(fixture->input);
    free(fixture->output);
    files_remove(fixture->directory);
}

static bool sign(const struct fixture *fixture, const char *output, bool force, bool no_check)
{
    const struct artifact_sign_options options = {.force = force, .no_check = no_check};
    return artifact_sign(fixture->input, output, fixture->key, &options, NULL, &error);
}

/* The bytes of version and manifest in crafted artifacts: headers, contents, padding. */
static size_t end_of_manifest(const char *bytes)
{
    size_t end = 1024;
    size_t size = (size_t)strtoul(bytes + end + 124, NULL, 8);
    return end + 512 + (size + 511) / 512 * 512;
}

/* Checks that the file is the input with one more member, of an EC signature, after the manifest.
 */
static void check_signed(const struct fixture *fixture, const char *path)
{
    size_t length, at = end_of_manifest(fixture->bytes);
    char *bytes = files_read(path, &length);
    if (CHECK_INT(length, fixture->length + 1024)) {
        CHECK_MEM(bytes, at, fixture->bytes, at);
        CHECK_STR(bytes + at, "manifest.sig");
        CHECK_INT(strtol(bytes + at + 100, NULL, 8), 0644);
        CHECK_INT(strtol(bytes + at + 124, NULL, 8), 88);
        CHECK_MEM(bytes + at + 1024, length - at - 1024, fixture->bytes + at, fixture->length - at);
    }
    free(bytes);
}

static void check_verified(const struct fixture *fixture, const char *path)
{
    EVP_PKEY *const keys[] = {fixture->key};
    const struct artifact_read_options options = {.keys = keys, .key_count = 1};
    struct artifact_info *info = artifact_read(path, &options, &error);
    if (CHECK(info != NULL))
        CHECK_INT(info->signature, ARTIFACT_SIGNATURE_VERIFIED);
    artifact_info_free(info);
}

static void check_input_unchanged(const struct fixture *fixture)
{
    size_t length;
    char *bytes = files_read(fixture->input, &length);
    CHECK_MEM(bytes, length, fixture->bytes, fixture->length);
    free(bytes);
}

static void test_only_the_signature_is_added(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    CHECK(sign(&fixture, fixture.output, false, false));
    check_signed(&fixture, fixture.output);
    check_verified(&fixture, fixture.output);
    check_input_unchanged(&fixture);
    CHECK_INT(files_count(fixture.directory), 2);
    fixture_clear(&fixture);
}

static void test_signing_in_place_keeps_the_mode(void)
{
    struct fixture fixture;
    struct stat status;
    fixture_init(&fixture);
    CHECK(chmod(fixture.input, 0640) == 0);
    CHECK(sign(&fixture, fixture.input, false, false));
    check_signed(&fixture, fixture.input);
    CHECK(stat(fixture.input, &status) == 0);
    CHECK_INT(status.st_mode & 07777, 0640);
    CHECK_INT(files_count(fixture.directory), 1);
    fixture_clear(&fixture);
}

static void test_a_signature_is_replaced_only_by_force(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    CHECK(sign(&fixture, fixture.output, false, false));
    free(fixture.input);
    fixture.input = strdup(fixture.output);
    EVP_PKEY_free(fixture.key);
    fixture.key = EVP_EC_gen("P-256");
    CHECK(!sign(&fixture, fixture.output, false, false));
    CHECK_INT(error.code, ARTIFACT_BAD_ARGUMENT);
    CHECK_STR(error.message,
              "Artifact already signed, refusing to re-sign. Use force option to override");
    CHECK(sign(&fixture, fixture.output, true, false));
    check_signed(&fixture, fixture.output);
    check_verified(&fixture, fixture.output);
    fixture_clear(&fixture);
}

static void test_a_symbolic_link_stays_and_another_output_is_honoured(void)
{
    struct fixture fixture;
    struct stat status;
    fixture_init(&fixture);
    char *link = files_path(fixture.directory, "link"), *real = fixture.input;
    CHECK(symlink("in.mender", link) == 0);
    fixture.input = link;
    CHECK(sign(&fixture, fixture.output, false, false));
    check_signed(&fixture, fixture.output);
    check_input_unchanged(&fixture);
    CHECK(sign(&fixture, link, false, false));
    CHECK(lstat(link, &status) == 0 && S_ISLNK(status.st_mode));
    check_signed(&fixture, real);
    free(real);
    fixture_clear(&fixture);
}

static void test_padding_and_bytes_after_the_end_are_copied(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    char *padded = calloc(1, fixture.length + 10240);
    memcpy(padded, fixture.bytes, fixture.length);
    free(fixture.bytes);
    fixture.bytes = padded;
    fixture.length += 10240;
    files_write(fixture.input, padded, fixture.length);
    CHECK(sign(&fixture, fixture.output, false, false));
    check_signed(&fixture, fixture.output);
    fixture_clear(&fixture);
}

/* The extended header belongs to the member after it and must not be torn off. */
static void test_the_signature_goes_before_the_pax_header_of_the_next_member(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    size_t at = end_of_manifest(fixture.bytes);
    struct craft tar = {0};
    craft_append(&tar, fixture.bytes, at);
    craft_pax(&tar, "mtime", "1.5");
    craft_append(&tar, fixture.bytes + at, fixture.length - at);
    files_write(fixture.input, tar.bytes, tar.length);
    free(fixture.bytes);
    fixture.bytes = files_read(fixture.input, &fixture.length);
    CHECK(sign(&fixture, fixture.output, false, false));
    check_signed(&fixture, fixture.output);
    craft_free(&tar);
    fixture_clear(&fixture);
}

static void test_a_corrupt_artifact_is_not_signed_unless_told_so(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct crafted crafted = {.files = {{"one.txt", "contents"}},
                              .more_manifest =
                                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                  "  data/0000/missing\n"};
    write_input(&fixture, &crafted);
    CHECK(!sign(&fixture, fixture.output, false, false));
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK(access(fixture.output, F_OK) != 0);
    CHECK(sign(&fixture, fixture.output, false, true));
    check_signed(&fixture, fixture.output);
    fixture_clear(&fixture);
}

static void check_refused(struct fixture *fixture, const void *bytes, size_t length,
                          const char *sentence)
{
    files_write(fixture->input, bytes, length);
    CHECK(!sign(fixture, fixture->output, false, true));
    CHECK_CONTAINS(error.message, sentence);
    CHECK(access(fixture->output, F_OK) != 0);
    CHECK_INT(files_count(fixture->directory), 1);
}

static void test_what_is_no_artifact_is_refused_even_unchecked(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    check_refused(&fixture, "", 0, "Could not read tar header");
    check_refused(&fixture, "text", 4, "Could not read tar header");
    check_refused(&fixture, fixture.bytes, 1024, "`manifest` not found. Corrupt Artifact?");
    check_refused(&fixture, fixture.bytes, 1536, "Could not read tar header");
    check_refused(&fixture, fixture.bytes, end_of_manifest(fixture.bytes),
                  "nothing comes after the manifest");
    fixture_clear(&fixture);
}

static void test_a_manifest_of_a_monstrous_size_is_refused(void)
{
    struct fixture fixture;
    struct craft tar = {0};
    fixture_init(&fixture);
    craft_text(&tar, "version", CRAFT_VERSION);
    craft_header(&tar, "manifest", '0', 1ULL << 32, NULL);
    check_refused(&fixture, tar.bytes, tar.length, "the manifest is larger than");
    craft_free(&tar);
    fixture_clear(&fixture);
}

static void test_only_regular_files_are_signed(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    CHECK(!artifact_sign("/dev/null", fixture.output, fixture.key, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "only a regular file can be signed");
    CHECK(!artifact_sign(fixture.directory, fixture.output, fixture.key, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "only a regular file can be signed");
    char *fifo = files_path(fixture.directory, "fifo");
    CHECK(mkfifo(fifo, 0600) == 0);
    CHECK(!artifact_sign(fifo, fixture.output, fixture.key, NULL, NULL, &error));
    CHECK(!artifact_sign("/nonexistent", fixture.output, fixture.key, NULL, NULL, &error));
    CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
    CHECK_CONTAINS(error.message, "/nonexistent: No such file or directory");
    free(fifo);
    fixture_clear(&fixture);
}

static void test_an_output_that_cannot_be_made_leaves_the_input_alone(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    char *nowhere = files_path(fixture.directory, "no/out.mender");
    CHECK(!sign(&fixture, nowhere, false, false));
    CHECK_INT(error.code, ARTIFACT_CANNOT_WRITE);
    check_input_unchanged(&fixture);
    free(nowhere);
    fixture_clear(&fixture);
}

UNIT_TESTS("resign", UNIT_TEST(test_only_the_signature_is_added),
           UNIT_TEST(test_signing_in_place_keeps_the_mode),
           UNIT_TEST(test_a_signature_is_replaced_only_by_force),
           UNIT_TEST(test_a_symbolic_link_stays_and_another_output_is_honoured),
           UNIT_TEST(test_padding_and_bytes_after_the_end_are_copied),
           UNIT_TEST(test_the_signature_goes_before_the_pax_header_of_the_next_member),
           UNIT_TEST(test_a_corrupt_artifact_is_not_signed_unless_told_so),
           UNIT_TEST(test_what_is_no_artifact_is_refused_even_unchecked),
           UNIT_TEST(test_a_manifest_of_a_monstrous_size_is_refused),
           UNIT_TEST(test_only_regular_files_are_signed),
           UNIT_TEST(test_an_output_that_cannot_be_made_leaves_the_input_alone))
