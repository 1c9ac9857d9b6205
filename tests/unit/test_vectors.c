// SPDX-License-Identifier: Apache-2.0
/*
 * Every artifact of data/vectors is validated without a key and with each kind of key that
 * index.json has a verdict for. We must accept what both upstream's tool validates and the current
 * device client installs, and nothing else. Where we differ on purpose, a line below says why; a
 * line that no longer makes a difference is an error too.
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

enum difference {
    WE_REFUSE, /* though the tool and the device take it */
    WE_ACCEPT, /* though the tool or the device refuses it */
};

static const struct exception {
    const char *id;
    enum difference difference;
    const char *reason;
} exceptions[] = {
    {"v390-rootfs-signed", WE_ACCEPT, "devices take the empty rootfs type of releases 3.3 to 4.3"},
    {"modify-module-fields", WE_ACCEPT, "well-formed; this device lacks what it depends on"},
    {"payload-gzip-bad-crc", WE_REFUSE, "a compressed stream is checked to its end"},
    {"payload-gzip-bad-crc-signed", WE_REFUSE, "a compressed stream is checked to its end"},
    {"payload-gzip-trailing-junk", WE_REFUSE, "nothing may hide behind the compressed stream"},
    {"payload-gzip-trailing-junk-signed", WE_REFUSE, "nothing may hide behind the stream"},
    {"payload-file-twice-same", WE_REFUSE, "the older device client refuses it"},
    {"payload-file-twice-same-signed", WE_REFUSE, "the older device client refuses it"},
    {"type-symlink", WE_REFUSE, "only regular files belong into a payload"},
    {"type-symlink-signed", WE_REFUSE, "only regular files belong into a payload"},
    {"type-hardlink", WE_REFUSE, "only regular files belong into a payload"},
    {"type-hardlink-signed", WE_REFUSE, "only regular files belong into a payload"},
    {"type-chardev", WE_REFUSE, "only regular files belong into a payload"},
    {"type-chardev-signed", WE_REFUSE, "only regular files belong into a payload"},
    {"json-header-info-duplicate-key", WE_REFUSE, "readers may differ in which of them counts"},
    {"json-meta-deep", WE_REFUSE, "nested deeper than any recursion should go"},
    {"header-gz-bomb", WE_REFUSE, "a JSON file of more than 1 MiB"},
};

enum { EXCEPTION_COUNT = sizeof exceptions / sizeof exceptions[0] };

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

/* The exit code of upstream's development line. */
static json_int_t exit_code_of(const json_t *verdict)
{
    const json_t *next = json_object_get(json_object_get(verdict, "next"), "exit");
    return json_integer_value(next ? next : json_object_get(verdict, "exit"));
}

/* The path of the key among the tool's arguments: "validate -k KEY FILE". */
static const char *key_of(const json_t *verdict)
{
    const json_t *arguments = json_object_get(verdict, "args");
    return json_array_size(arguments) == 4 ? json_string_value(json_array_get(arguments, 2)) : NULL;
}

static bool is_installed(const json_t *vector)
{
    const json_t *device = json_object_get(json_object_get(vector, "device"), "mender-update 5.1");
    const char *verdict = text_of(device, "verdict");
    return verdict && strcmp(verdict, "accepted") == 0;
}

/* The device has the right key where there is one, so its verdict is not on the other cases. */
static bool is_expected(const json_t *vector, const char *key_case, const json_t *verdict)
{
    bool has_key = json_object_get(json_object_get(vector, "validate"), "right_key") != NULL;
    bool is_devices_case = strcmp(key_case, has_key ? "right_key" : "no_key") == 0;
    return exit_code_of(verdict) == 0 && (!is_devices_case || is_installed(vector));
}

/* ---- Ours ---- */

static bool validates(const char *file, const char *key_file, char sentence[1200])
{
    char path[512], key_path[512];
    struct artifact_error error = {0};
    EVP_PKEY *key = NULL;
    snprintf(path, sizeof path, VECTORS "%s", file);
    snprintf(key_path, sizeof key_path, VECTORS "%s", key_file ? key_file : "");
    if (key_file &&
        !CHECK((key = artifact_key_load(key_path, ARTIFACT_KEY_VERIFY, NULL, &error)) != NULL))
        return false;

    const struct artifact_read_options options = {
        .keys = &key, .key_count = key ? 1 : 0, .strict = true};
    struct artifact_info *info = artifact_read(path, &options, &error);
    enum artifact_signature wanted = key ? ARTIFACT_SIGNATURE_VERIFIED : ARTIFACT_SIGNATURE_NONE;
    bool is_valid = info && info->signature == wanted;
    snprintf(sentence, 1200, "%s", info ? info->signature_error : error.message);
    artifact_info_free(info);
    EVP_PKEY_free(key);
    return is_valid;
}

static const struct exception *find_exception(const char *id)
{
    for (size_t i = 0; i < EXCEPTION_COUNT; i++) {
        if (strcmp(exceptions[i].id, id) == 0)
            return &exceptions[i];
    }
    return NULL;
}

struct tally {
    size_t count;                  /* of verdicts compared */
    bool is_used[EXCEPTION_COUNT]; /* the exception made a difference */
};

static void compare(const json_t *vector, const char *key_case, const json_t *verdict,
                    struct tally *tally)
{
    const char *id = text_of(vector, "id");
    const struct exception *exception = find_exception(id);
    char sentence[1200] = "", text[1500];
    bool is_wanted = is_expected(vector, key_case, verdict);
    bool is_valid = validates(text_of(vector, "file"), key_of(verdict), sentence);

    tally->count++;
    if (exception && is_valid != is_wanted && is_valid == (exception->difference == WE_ACCEPT)) {
        tally->is_used[exception - exceptions] = true;
        return;
    }
    snprintf(text, sizeof text, "%s, %s: %s by us, not by the others: %s", id, key_case,
             is_valid ? "accepted" : "refused", sentence);
    unit_check(is_valid == is_wanted, __FILE__, __LINE__, text);
}

static struct tally compare_all(void)
{
    struct tally tally = {0};
    json_t *index = load_index(), *vector, *verdict;
    const char *key_case;
    size_t i;
    json_array_foreach(json_object_get(index, "vectors"), i, vector)
    {
        if (!text_of(vector, "file"))
            continue;
        json_object_foreach(json_object_get(vector, "validate"), key_case, verdict)
        {
            /* Key files of odd formats are no matter of artifacts. */
            if (strncmp(key_case, "key:", 4) != 0)
                compare(vector, key_case, verdict, &tally);
        }
    }
    json_decref(index);
    return tally;
}

static void test_a_verdict_differs_from_the_tool_and_the_device(void)
{
    struct tally tally = compare_all();
    CHECK(tally.count > 300);
    for (size_t i = 0; i < EXCEPTION_COUNT; i++)
        unit_check(tally.is_used[i], __FILE__, __LINE__, exceptions[i].id);
}

/* ---- What no device takes is read, with a word ---- */

static void test_what_no_device_takes_cannot_be_read_or_is_validated(void)
{
    for (size_t i = 0; i < sizeof for_no_device / sizeof for_no_device[0]; i++) {
        char file[128], path[512], sentence[1200] = "";
        bool is_v2 = strstr(for_no_device[i], "v2") != NULL;
        const char *words = is_v2 ? "the format version is 2" : "the artifact is augmented";
        snprintf(file, sizeof file, "good/%s.mender", for_no_device[i]);
        snprintf(path, sizeof path, VECTORS "%s", file);
        CHECK(!validates(file, NULL, sentence));
        CHECK_CONTAINS(sentence, words);

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

UNIT_TESTS("vectors", UNIT_TEST(test_a_verdict_differs_from_the_tool_and_the_device),
           UNIT_TEST(test_what_no_device_takes_cannot_be_read_or_is_validated),
           UNIT_TEST(test_a_flipped_byte_before_the_payload_goes_unseen),
           UNIT_TEST(test_a_cut_artifact_is_accepted))
