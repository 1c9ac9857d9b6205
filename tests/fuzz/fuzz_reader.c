// SPDX-License-Identifier: Apache-2.0
/*
 * Whole artifacts: what is read without an error keeps the rules that a reader promises, and the
 * ways of reading agree: what is reported is what a strict reading refuses, what augments an
 * artifact is the same apart, and a limit to the payload is just that.
 */
#include "fuzz.h"

#include "error.h"
#include "inputs.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Contents over this are not waited for: a few bytes of a compressor stand for any number. */
enum { MAX_BYTES = 4 << 20 };

/* What the callbacks saw. */
struct watch {
    bool is_in_member;
    uint64_t expected, got; /* of the member */
    uint64_t total;
    size_t member_count; /* that came to their end */
};

static bool begin(void *user, const char *member, uint64_t size, struct artifact_error *error)
{
    struct watch *watch = user;
    (void)error;
    REQUIRE(!watch->is_in_member);
    if (strncmp(member, "scripts/", 8) == 0)
        REQUIRE(!artifact_script_name_problem(member + 8));
    else
        REQUIRE(strncmp(member, "data/0000/", 10) == 0 && !artifact_file_name_problem(member + 10));
    watch->is_in_member = true;
    watch->expected = size;
    watch->got = 0;
    return true;
}

static bool take(void *user, const unsigned char *bytes, size_t length,
                 struct artifact_error *error)
{
    struct watch *watch = user;
    REQUIRE(watch->is_in_member && bytes && length > 0);
    watch->got += length;
    watch->total += length;
    return watch->total <= MAX_BYTES ||
           artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "larger than the target waits for");
}

static bool end(void *user, struct artifact_error *error)
{
    struct watch *watch = user;
    (void)error;
    REQUIRE(watch->is_in_member && watch->got == watch->expected);
    watch->is_in_member = false;
    watch->member_count++;
    return true;
}

static void require_files(const struct artifact_info *info)
{
    for (size_t i = 0; i < info->file_count; i++) {
        const struct artifact_payload_file *file = &info->files[i];
        REQUIRE(!artifact_file_name_problem(file->name));
        REQUIRE(strspn(file->checksum, "0123456789abcdef") == 64 && !file->checksum[64]);
    }
}

static void require_version(const struct artifact_info *info)
{
    REQUIRE(info->version == 2 || info->version == 3);
    REQUIRE(info->has_depends == (info->version == 3));
    if (info->version == 2)
        REQUIRE(!info->group[0] && info->payload_type && !info->is_augmented && !info->augment);
}

static void require_info(const struct artifact_info *info, const struct watch *watch)
{
    require_version(info);
    REQUIRE(strcmp(info->format, "mender") == 0);
    REQUIRE(info->name[0] && info->group && info->compression);
    REQUIRE(info->compatible_types.count > 0);
    REQUIRE(info->payload_type || info->file_count == 0);
    REQUIRE(!watch->is_in_member);
    REQUIRE(watch->member_count == info->file_count + info->scripts.count);
    REQUIRE((info->signature == ARTIFACT_SIGNATURE_FAILED) == (info->signature_error[0] != '\0'));
    for (size_t i = 0; i < info->warnings.count; i++)
        fuzz_require_sentence(info->warnings.items[i].message);
    require_files(info);
}

/* ---- The ways of reading ---- */

/* What is read, for artifact_info_free, and how many bytes came; NULL: refused. */
static struct artifact_info *read_artifact(const char *path, uint64_t *total,
                                           struct artifact_read_options options)
{
    static EVP_PKEY *keys[2];
    struct watch watch = {0};
    const struct artifact_contents contents = {begin, take, end, &watch};
    struct artifact_error error = {0};

    if (!keys[0]) {
        keys[0] = fuzz_key("test-rsa2048-pkcs8.pub.pem", ARTIFACT_KEY_VERIFY);
        keys[1] = fuzz_key("test-ecp256-pkcs8.pub.pem", ARTIFACT_KEY_VERIFY);
    }
    options.keys = keys;
    options.key_count = 2;
    options.contents = &contents;
    struct artifact_info *info = artifact_read(path, &options, &error);

    if (info) {
        require_info(info, &watch);
    } else {
        REQUIRE(artifact_error_is_of_contents(&error) || watch.total > MAX_BYTES);
        fuzz_require_sentence(error.message);
    }
    *total = watch.total;
    return info;
}

static bool is_read(const char *path, struct artifact_read_options options)
{
    uint64_t total = 0;
    struct artifact_info *info = read_artifact(path, &total, options);

    artifact_info_free(info);
    return info != NULL;
}

static void count_problem(void *user, const struct artifact_error *problem)
{
    size_t *count = user;

    REQUIRE(problem->code == ARTIFACT_INVALID);
    fuzz_require_sentence(problem->message);
    (*count)++;
}

/* What a reading that reports finds is wrong, to which it need not end. */
static size_t count_problems(const char *path, bool is_apart)
{
    size_t count = 0;
    const struct artifact_read_options options = {.report = count_problem,
                                                  .report_user = &count,
                                                  .augment_apart = is_apart,
                                                  .max_payload_size = MAX_BYTES};
    struct artifact_error error = {0};
    struct artifact_info *info = artifact_read(path, &options, &error);

    REQUIRE(info);
    artifact_info_free(info);
    return count;
}

static void require_apart(const char *path, const struct artifact_info *merged)
{
    uint64_t total = 0;
    struct artifact_info *info =
        read_artifact(path, &total, (struct artifact_read_options){.augment_apart = true});

    REQUIRE(info && !info->is_augmented && !info->augment == !merged->is_augmented);
    REQUIRE(info->file_count == merged->file_count && strcmp(info->name, merged->name) == 0);
    artifact_info_free(info);
}

static void require_limit(const char *path, const struct artifact_info *info)
{
    uint64_t size = 0;

    for (size_t i = 0; i < info->file_count; i++)
        size += info->files[i].size;
    REQUIRE(is_read(path, (struct artifact_read_options){.max_payload_size = size}));
    if (size > 1)
        REQUIRE(!is_read(path, (struct artifact_read_options){.max_payload_size = size - 1}));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    uint64_t total = 0;
    int fd = fuzz_file(path, data, size);
    struct artifact_info *info = read_artifact(path, &total, (struct artifact_read_options){0});

    if (info) {
        REQUIRE(is_read(path, (struct artifact_read_options){.strict = true}) ==
                (count_problems(path, false) == 0));
        require_apart(path, info);
        require_limit(path, info);
    } else if (total <= MAX_BYTES) {
        REQUIRE(count_problems(path, true) > 0);
    }
    artifact_info_free(info);
    close(fd);
    return 0;
}
