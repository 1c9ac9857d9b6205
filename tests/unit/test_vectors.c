// SPDX-License-Identifier: Apache-2.0
/*
 * Every artifact of data/vectors, read strictly and with a report: the two agree. What other
 * programs say of them is compared in interop/vectors.bats.
 */
#include "artifact.h"
#include "craft.h"
#include "unit.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VECTORS TEST_DATA "/vectors/"

/* Validated by the tool and refused by devices, and so by us; read for those who still have them.
 */
static const char *const for_no_device[] = {
    "rootfs-v2",
    "rootfs-v2-signed",
    "sign-v2",
    "module-augmented",
    "module-augmented-full-signed",
    "sign-augmented",
};

/* ---- The index ---- */

static json_t *load_index(void)
{
    json_error_t problem;
    json_t *index = json_load_file(VECTORS "index.json", JSON_ALLOW_NUL, &problem);
    unit_check(index != NULL, __FILE__, __LINE__, problem.text);
    return index;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- The two readings ---- */

static void count(void *user, const struct artifact_error *problem)
{
    size_t *number = user;
    CHECK_INT(problem->code, ARTIFACT_INVALID);
    ++*number;
}

static struct artifact_info *read_vector(const char *file, EVP_PKEY *key, size_t *number,
                                         struct artifact_error *error)
{
    char path[512];
    const struct artifact_read_options options = {.keys = &key,
                                                  .key_count = key ? 1 : 0,
                                                  .strict = true,
                                                  .report = number ? count : NULL,
                                                  .report_user = number};
    snprintf(path, sizeof path, VECTORS "%s", file);
    return artifact_read(path, &options, error);
}

static void compare(const char *file, EVP_PKEY *key)
{
    size_t number = 0;
    struct artifact_error error = {0};
    struct artifact_info *strict = read_vector(file, key, NULL, &error);
    struct artifact_info *report = read_vector(file, key, &number, NULL);
    unit_check(report != NULL, __FILE__, __LINE__, file);
    unit_check((strict != NULL) == (number == 0), __FILE__, __LINE__, file);
    CHECK_INT(error.code, strict ? ARTIFACT_OK : ARTIFACT_INVALID);
    if (strict && report)
        CHECK_INT(strict->signature, report->signature);
    artifact_info_free(strict);
    artifact_info_free(report);
}

static void test_a_report_and_a_strict_reading_differ(void)
{
    EVP_PKEY *key = artifact_key_load(VECTORS "keys/test-rsa2048-pkcs1.pub.pem",
                                      ARTIFACT_KEY_VERIFY, NULL, NULL);
    json_t *index = load_index(), *vector;
    size_t i, files = 0;
    json_array_foreach(json_object_get(index, "vectors"), i, vector)
    {
        const char *file = text_of(vector, "file");
        files += file != NULL;
        if (file) {
            compare(file, NULL);
            compare(file, key);
        }
    }
    CHECK(files > 200);
    json_decref(index);
    EVP_PKEY_free(key);
}

/* ---- What no device takes is read, with a word ---- */

static void test_what_no_device_takes_cannot_be_read_or_is_validated(void)
{
    for (size_t i = 0; i < sizeof for_no_device / sizeof for_no_device[0]; i++) {
        char file[128], path[512];
        struct artifact_error error = {0};
        bool is_v2 = strstr(for_no_device[i], "v2") != NULL;
        const char *words = is_v2 ? "the format version is 2" : "the artifact is augmented";
        snprintf(file, sizeof file, "good/%s.mender", for_no_device[i]);
        snprintf(path, sizeof path, VECTORS "%s", file);
        CHECK(read_vector(file, NULL, NULL, &error) == NULL);
        CHECK_CONTAINS(error.message, words);
        CHECK_INT(error.refused_by, ARTIFACT_DEVICES);

        struct artifact_info *info = artifact_read(path, NULL, NULL);
        if (!CHECK(info != NULL))
            continue;
        CHECK_INT(info->version, is_v2 ? 2 : 3);
        CHECK_INT(info->is_augmented, !is_v2);
        CHECK_INT(info->warnings.count, 1);
        CHECK_CONTAINS(info->warnings.items[0].message, words);
        artifact_info_free(info);
    }
}

/* ---- Damage ---- */

static unsigned char *load(const char *file, size_t *length)
{
    FILE *stream = fopen(file, "rb");
    unsigned char *bytes = malloc(1 << 20);
    *length = stream && bytes ? fread(bytes, 1, 1 << 20, stream) : 0;
    if (stream)
        fclose(stream);
    CHECK(*length > 0);
    return bytes;
}

/* Reads it from memory with the key and says whether it is good and rightly signed. */
static bool is_good(const unsigned char *bytes, size_t length, EVP_PKEY *key)
{
    const struct artifact_read_options options = {.keys = &key, .key_count = 1, .strict = true};
    char path[64];
    struct craft craft = {(unsigned char *)bytes, length};
    int fd = craft_open(&craft, false, path);
    struct artifact_info *info = artifact_read(path, &options, NULL);
    bool is_verified = info && info->signature == ARTIFACT_SIGNATURE_VERIFIED;
    artifact_info_free(info);
    close(fd);
    return is_verified;
}

static void test_a_flipped_byte_before_the_payload_goes_unseen(void)
{
    size_t length, data = 0;
    unsigned char *bytes = load(VECTORS "malformed/control-rsa.mender", &length);
    EVP_PKEY *key = artifact_key_load(VECTORS "keys/test-rsa2048-pkcs1.pub.pem",
                                      ARTIFACT_KEY_VERIFY, NULL, NULL);
    CHECK(is_good(bytes, length, key));
    while (data + 512 < length && strncmp((char *)bytes + data, "data/0000.tar", 13) != 0)
        data += 512;
    /* Only the zeros that fill up a block may change; they are not part of anything. */
    for (size_t i = 0; i < data; i += 3) {
        bytes[i] ^= 0x41;
        if (is_good(bytes, length, key))
            CHECK_INT(bytes[i], 0x41);
        bytes[i] ^= 0x41;
    }
    EVP_PKEY_free(key);
    free(bytes);
}

static void test_a_cut_artifact_is_accepted(void)
{
    size_t length;
    unsigned char *bytes = load(VECTORS "malformed/control-rsa.mender", &length);
    EVP_PKEY *key = artifact_key_load(VECTORS "keys/test-rsa2048-pkcs1.pub.pem",
                                      ARTIFACT_KEY_VERIFY, NULL, NULL);
    for (size_t cut = 0; cut < length - 2 * 512; cut += 61)
        CHECK(!is_good(bytes, cut, key));
    EVP_PKEY_free(key);
    free(bytes);
}

UNIT_TESTS("vectors", UNIT_TEST(test_a_report_and_a_strict_reading_differ),
           UNIT_TEST(test_what_no_device_takes_cannot_be_read_or_is_validated),
           UNIT_TEST(test_a_flipped_byte_before_the_payload_goes_unseen),
           UNIT_TEST(test_a_cut_artifact_is_accepted))
