// SPDX-License-Identifier: Apache-2.0
/* Artifacts with several things wrong: a reading that reports tells all of them, in order, and who
 * refuses each. */
#include "artifact.h"
#include "craft.h"
#include "unit.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEV = ARTIFACT_DEVICES, TOOL = ARTIFACT_MENDER_ARTIFACT, BOTH = DEV | TOOL };

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define KEYS TEST_DATA "/vectors/keys/"

/* Words of a problem and who refuses it. */
struct wanted {
    const char *words;
    unsigned refused_by;
};

struct report {
    const struct wanted *wanted; /* the next; ends with NULL */
    size_t count;
};

static void compare(void *user, const struct artifact_error *problem)
{
    struct report *report = user;
    report->count++;
    if (!CHECK_CONTAINS(problem->message,
                        report->wanted->words ? report->wanted->words : "nothing"))
        return;
    CHECK_INT(problem->refused_by, report->wanted->refused_by);
    CHECK_INT(problem->code, ARTIFACT_INVALID);
    report->wanted++;
}

/* Reads it with the key, if any; the result is for artifact_info_free. */
static struct artifact_info *report_bytes(struct craft artifact, EVP_PKEY *key,
                                          const struct wanted *wanted)
{
    char path[64];
    struct report report = {wanted, 0};
    struct artifact_error error = {0};
    const struct artifact_read_options options = {
        .keys = &key, .key_count = key ? 1 : 0, .report = compare, .report_user = &report};
    int fd = craft_open(&artifact, false, path);
    struct artifact_info *info = artifact_read(path, &options, &error);
    CHECK(info != NULL);
    CHECK_STR(error.message, "");
    CHECK(report.wanted->words == NULL);
    close(fd);
    craft_free(&artifact);
    return info;
}

#define REPORTED(crafted, ...) report_all(crafted, (const struct wanted[]){__VA_ARGS__, {NULL, 0}})

static void report_all(struct crafted crafted, const struct wanted *wanted)
{
    artifact_info_free(report_bytes(craft_artifact(&crafted), NULL, wanted));
}

/* ---- Checksums ---- */

static void wrong_header_and_version(struct craft *manifest)
{
    memcpy(manifest->bytes + manifest->length - strlen(ZEROS "  version\n"), ZEROS, 64);
    memcpy(manifest->bytes + manifest->length - strlen(ZEROS "  header.tar\n" ZEROS "  version\n"),
           ZEROS, 64);
}

static struct crafted with_payload(const char *text)
{
    struct crafted crafted = {.files = {{"one", "text"}, {"two", "text"}, {"three", "text"}}};
    craft_text(&crafted.payload, "one", text);
    craft_text(&crafted.payload, "foreign", "text");
    craft_text(&crafted.payload, "three", text);
    craft_end(&crafted.payload);
    return crafted;
}

static void test_a_wrong_checksum_hides_others(void)
{
    struct crafted crafted = with_payload("TEXT");
    crafted.edit_manifest = wrong_header_and_version;
    REPORTED(crafted, {"version: invalid checksum", BOTH}, {"header.tar: invalid checksum", BOTH},
             {"data/0000.tar: one: invalid checksum", BOTH},
             {"can not find data file: foreign", BOTH},
             {"data/0000.tar: three: invalid checksum", BOTH},
             {"not part of artifact: data/0000/two", TOOL});
}

static void test_a_wrong_checksum_of_the_header_hides_its_contents(void)
{
    struct crafted crafted = {.type_info = "x", .edit_manifest = wrong_header_and_version};
    REPORTED(crafted, {"version: invalid checksum", BOTH}, {"header.tar: invalid checksum", BOTH},
             {"header.tar: type-info: not valid JSON", BOTH});
}

/* ---- Fields ---- */

static void test_a_field_of_version_hides_others(void)
{
    struct crafted crafted = {.version = "{\"format\":\"other\",\"version\":9,\"x\":1}",
                              .edit_manifest = wrong_header_and_version};
    REPORTED(crafted, {"unknown field \"x\"", TOOL}, {"the format is \"other\"", DEV},
             {"unsupported version: 9", BOTH}, {"version: invalid checksum", BOTH},
             {"header.tar: invalid checksum", BOTH});
}

static void test_a_line_of_the_manifest_hides_others(void)
{
    struct crafted crafted = {.more_manifest = "x\n" ZEROS "  ghost\n" ZEROS "  version\n"};
    REPORTED(crafted, {"malformed checksum line: 'x'", BOTH},
             {"not belong to any Payload: ghost", TOOL}, {"version: file already exists", TOOL});
}

static void test_a_field_of_the_header_hides_others(void)
{
    struct crafted crafted = {
        .header_info = "{\"payloads\":[{\"type\":\"mod\"}],\"more\":1,\"artifact_provides\":"
                       "{\"artifact_group\":\"\\t\"}}",
        .type_info = "{\"type\":\"other\",\"artifact_provides\":{\"a\":1},\"artifact_depends\":"
                     "{\"b\":[\"c\"]},\"clears_artifact_provides\":{}}",
        .meta_data = "[]",
    };
    REPORTED(crafted, {"unknown field \"more\"", TOOL}, {"missing argument: Artifact name", BOTH},
             {"artifact_depends is missing", DEV}, {"invalid artifact group", TOOL},
             {"does not match header-info", TOOL}, {"provides type: the value of \"a\"", BOTH},
             {"a list for \"b\"", DEV}, {"\"clears_artifact_provides\" is not a list", BOTH},
             {"must be a JSON object", BOTH});
}

static void test_null_is_taken_for_any_other_wrong_type(void)
{
    REPORTED(((struct crafted){.header_info = "{\"payloads\":[{\"type\":\"mod\"}],"
                                              "\"artifact_provides\":null,\"artifact_depends\":"
                                              "{\"device_type\":null,\"artifact_name\":null}}"}),
             {"Empty Artifact provides", BOTH}, {"\"device_type\" is not a list", DEV},
             {"device_type names no device type", BOTH}, {"\"artifact_name\" is not a list", DEV});
}

/* What header-info does not tell makes nothing else wrong. */
static void test_what_follows_from_a_problem_is_told_as_another(void)
{
    REPORTED(((struct crafted){.header_info = "x", .files = {{"one", "text"}}}),
             {"header-info: not valid JSON", BOTH});
    REPORTED(((struct crafted){.header_info = "", .files = {{"one", "text"}}}),
             {"the first member is not header-info", BOTH});
    REPORTED(((struct crafted){.header_name = "header.tar.gz", .files = {{"one", "text"}}}),
             {"header.tar.gz: damaged gzip stream", TOOL});
}

/* ---- Members ---- */

static void test_a_bad_script_hides_others(void)
{
    struct crafted crafted = with_payload("text");
    craft_text(&crafted.header, "header-info", CRAFT_HEADER_INFO);
    craft_text(&crafted.header, "scripts/one", "");
    craft_text(&crafted.header, "scripts/sub/two", "");
    craft_text(&crafted.header, "scripts/ArtifactInstall_Enter_00_\xc3\xa4", "");
    craft_header(&crafted.header, "headers/", '5', 0, NULL);
    craft_text(&crafted.header, "headers/0000/type-info", CRAFT_TYPE_INFO);
    craft_text(&crafted.header, "headers/0000/type-info", CRAFT_TYPE_INFO);
    craft_text(&crafted.header, "headers/0000/foo", "");
    craft_end(&crafted.header);
    REPORTED(crafted, {"Invalid script: one.", DEV}, {"Invalid script: sub/two.", BOTH},
             {"is not ASCII", DEV}, {"headers/: not a regular file", DEV},
             {"type-info\": out of place", DEV}, {"unsupported file: headers/0000/foo", BOTH},
             {"can not find data file: foreign", BOTH},
             {"not part of artifact: data/0000/two", TOOL});
}

static void test_a_foreign_member_hides_others(void)
{
    struct crafted crafted = with_payload("TEXT");
    struct craft artifact = craft_artifact(&crafted);
    artifact.length -= 1024;
    craft_text(&artifact, "foreign", "");
    craft_text(&artifact, "data/0000.tar", "");
    craft_end(&artifact);
    const struct wanted wanted[] = {{"one: invalid checksum", BOTH},
                                    {"can not find data file: foreign", BOTH},
                                    {"three: invalid checksum", BOTH},
                                    {"invalid data file name: foreign", TOOL},
                                    {"invalid data file name: data/0000.tar", 0},
                                    {"not part of artifact: data/0000/two", TOOL},
                                    {NULL, 0}};
    artifact_info_free(report_bytes(artifact, NULL, wanted));
}

/* Others take a file that comes again, and only what is right. */
static void test_a_second_copy_counts_for_less_than_the_first(void)
{
    struct crafted crafted = {.files = {{"one", "text"}}};
    craft_text(&crafted.payload, "one", "text");
    craft_text(&crafted.payload, "one", "TEXT");
    craft_text(&crafted.payload, "one", "text");
    craft_end(&crafted.payload);
    REPORTED(crafted, {"one: invalid checksum", BOTH}, {"data file one is there twice", 0});
}

static void test_a_cut_artifact_has_more_than_one_end(void)
{
    struct crafted crafted = with_payload("text");
    struct craft artifact = craft_artifact(&crafted);
    artifact.length -= 1024 + 1024 + 100;
    const struct wanted wanted[] = {
        {"can not find data file: foreign", BOTH}, {"not a readable tar", BOTH}, {NULL, 0}};
    artifact_info_free(report_bytes(artifact, NULL, wanted));
}

/* ---- The signature ---- */

static EVP_PKEY *load_key(void)
{
    EVP_PKEY *key =
        artifact_key_load(KEYS "test-rsa2048-pkcs1.pub.pem", ARTIFACT_KEY_VERIFY, NULL, NULL);
    CHECK(key != NULL);
    return key;
}

static void expect_signature(struct craft artifact, enum artifact_signature signature,
                             const struct wanted *wanted)
{
    EVP_PKEY *key = load_key();
    struct artifact_info *info = report_bytes(artifact, key, wanted);
    if (info)
        CHECK_INT(info->signature, signature);
    artifact_info_free(info);
    EVP_PKEY_free(key);
}

static void test_broken_contents_hide_a_failed_signature(void)
{
    struct crafted crafted = {.signature = "AAAA", .header_info = "x"};
    const struct wanted header[] = {{"header-info: not valid JSON", BOTH}, {NULL, 0}};
    expect_signature(craft_artifact(&crafted), ARTIFACT_SIGNATURE_FAILED, header);

    struct crafted other = {.signature = "AAAA", .more_manifest = "x\n"};
    const struct wanted manifest[] = {{"malformed checksum line", BOTH}, {NULL, 0}};
    expect_signature(craft_artifact(&other), ARTIFACT_SIGNATURE_FAILED, manifest);
}

static void test_a_signature_that_was_not_reached_is_judged(void)
{
    struct craft artifact = {0};
    const struct wanted wanted[] = {{"header.tar is missing", BOTH}, {NULL, 0}};
    craft_text(&artifact, "version", CRAFT_VERSION);
    craft_text(&artifact, "manifest",
               "96bcd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35b  version\n");
    craft_end(&artifact);
    expect_signature(artifact, ARTIFACT_SIGNATURE_UNREAD, wanted);
}

/* ---- Bounds ---- */

static void count(void *user, const struct artifact_error *problem)
{
    size_t *number = user;
    (void)problem;
    ++*number;
}

static void test_a_hostile_artifact_has_problems_without_end(void)
{
    char path[64], name[32];
    size_t number = 0;
    struct crafted crafted = {0};
    for (int i = 0; i < 1500; i++) {
        snprintf(name, sizeof name, "foreign-%d", i);
        craft_text(&crafted.payload, name, "");
    }
    craft_end(&crafted.payload);
    struct craft artifact = craft_artifact(&crafted);
    const struct artifact_read_options options = {.report = count, .report_user = &number};
    int fd = craft_open(&artifact, false, path);
    artifact_info_free(artifact_read(path, &options, NULL));
    CHECK_INT(number, 1001);
    close(fd);
    craft_free(&artifact);
}

UNIT_TESTS("problems", UNIT_TEST(test_a_wrong_checksum_hides_others),
           UNIT_TEST(test_a_wrong_checksum_of_the_header_hides_its_contents),
           UNIT_TEST(test_a_field_of_version_hides_others),
           UNIT_TEST(test_a_line_of_the_manifest_hides_others),
           UNIT_TEST(test_a_field_of_the_header_hides_others),
           UNIT_TEST(test_null_is_taken_for_any_other_wrong_type),
           UNIT_TEST(test_what_follows_from_a_problem_is_told_as_another),
           UNIT_TEST(test_a_bad_script_hides_others), UNIT_TEST(test_a_foreign_member_hides_others),
           UNIT_TEST(test_a_second_copy_counts_for_less_than_the_first),
           UNIT_TEST(test_a_cut_artifact_has_more_than_one_end),
           UNIT_TEST(test_broken_contents_hide_a_failed_signature),
           UNIT_TEST(test_a_signature_that_was_not_reached_is_judged),
           UNIT_TEST(test_a_hostile_artifact_has_problems_without_end))
