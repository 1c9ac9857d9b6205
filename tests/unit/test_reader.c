// SPDX-License-Identifier: Apache-2.0
/* The rules of the whole artifact, one broken at a time; data/vectors has what others make of
 * them. */
#include "artifact.h"
#include "craft.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* of the version member */
#define HEX "96bcd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35b"
#define ROOTFS_HEADER_INFO                                                                         \
    "{\"payloads\":[{\"type\":\"rootfs-image\"}],\"artifact_provides\":{\"artifact_name\":\"n\"}," \
    "\"artifact_depends\":{\"device_type\":[\"dev\"]}}"
#define EMPTY_HEADER_INFO                                                                          \
    "{\"payloads\":[{\"type\":null}],\"artifact_provides\":{\"artifact_name\":\"n\"},"             \
    "\"artifact_depends\":{\"device_type\":[\"dev\"]}}"
#define BAD_NAME_HEADER_INFO                                                                       \
    "{\"payloads\":[{\"type\":\"mod\"}],\"artifact_provides\":{\"artifact_name\":\"\\u001b\"},"    \
    "\"artifact_depends\":{\"device_type\":[\"dev\"]}}"

/* Reads and frees the bytes. */
static struct artifact_info *read_bytes(struct craft *artifact, bool is_pipe,
                                        const struct artifact_read_options *options,
                                        struct artifact_error *error)
{
    char path[64];
    int fd = craft_open(artifact, is_pipe, path);
    struct artifact_info *info = artifact_read(path, options, error);
    close(fd);
    craft_free(artifact);
    return info;
}

/* Expects that reading fails, and not only when it is strict. */
static void refuse_bytes(struct craft artifact, const char *part)
{
    struct artifact_error error = {0};
    struct artifact_info *info = read_bytes(&artifact, false, NULL, &error);
    CHECK(info == NULL);
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_CONTAINS(error.message, part);
    artifact_info_free(info);
}

static void refuse(struct crafted crafted, const char *part)
{
    refuse_bytes(craft_artifact(&crafted), part);
}

/* Expects that reading succeeds; the result is for artifact_info_free. */
static struct artifact_info *accept(struct crafted crafted, bool is_strict)
{
    struct artifact_error error = {0};
    struct craft artifact = craft_artifact(&crafted);
    const struct artifact_read_options options = {.strict = is_strict};
    struct artifact_info *info = read_bytes(&artifact, false, &options, &error);
    CHECK_STR(error.message, "");
    CHECK(info != NULL);
    return info;
}

/* Expects a warning that the strict reading makes an error. */
static void expect_problem(struct crafted crafted, const char *part)
{
    struct crafted again = crafted;
    struct artifact_info *info = accept(crafted, false);
    if (info && CHECK_INT(info->warnings.count, 1))
        CHECK_CONTAINS(info->warnings.items[0].message, part);
    artifact_info_free(info);

    struct artifact_error error = {0};
    struct craft artifact = craft_artifact(&again);
    const struct artifact_read_options strict = {.strict = true};
    CHECK(read_bytes(&artifact, false, &strict, &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_CONTAINS(error.message, part);
}

/* ---- What is told of a good one ---- */

static void check_info(const struct artifact_info *info)
{
    CHECK_STR(info->format, "mender");
    CHECK_INT(info->version, 3);
    CHECK_STR(info->compression, "none");
    CHECK_STR(info->name, "name");
    CHECK_STR(info->payload_type, "mod");
    CHECK_STR(info->meta_data, "{\"a\":1}");
    CHECK_INT(info->signature, ARTIFACT_SIGNATURE_NONE);
    CHECK_INT(info->warnings.count, 0);
    if (CHECK_INT(info->scripts.count, 1))
        CHECK_STR(info->scripts.items[0], "ArtifactInstall_Enter_00_x");
    if (!CHECK_INT(info->file_count, 2))
        return;
    CHECK_STR(info->files[0].name, "one");
    CHECK_INT(info->files[0].size, 5);
    CHECK_STR(info->files[1].name, "two");
    CHECK_STR(info->files[1].checksum,
              "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4");
}

static void test_a_pipe_is_read_otherwise_than_a_file(void)
{
    for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
        struct crafted crafted = {.scripts = "ArtifactInstall_Enter_00_x",
                                  .meta_data = "{ \"a\": 1 }",
                                  .files = {{"one", "first"}, {"two", "second"}}};
        struct craft artifact = craft_artifact(&crafted);
        struct artifact_error error = {0};
        const struct artifact_read_options strict = {.strict = true};
        struct artifact_info *info = read_bytes(&artifact, is_pipe == 1, &strict, &error);
        CHECK_STR(error.message, "");
        if (CHECK(info != NULL))
            check_info(info);
        artifact_info_free(info);
    }
}

static void test_files_are_told_in_the_archives_order(void)
{
    struct crafted crafted = {.files = {{"one", "first"}, {"two", "second"}}};
    craft_text(&crafted.payload, "two", "second");
    craft_text(&crafted.payload, "one", "first");
    craft_end(&crafted.payload);
    struct artifact_info *info = accept(crafted, true);
    if (info && CHECK_INT(info->file_count, 2)) {
        CHECK_STR(info->files[0].name, "one");
        CHECK_INT(info->files[1].size, 6);
    }
    artifact_info_free(info);
}

static void test_an_empty_payload_is_refused(void)
{
    struct artifact_info *info = accept(
        (struct crafted){.header_info = EMPTY_HEADER_INFO, .type_info = "{\"type\":null}"}, true);
    if (info) {
        CHECK(info->payload_type == NULL);
        CHECK(info->meta_data == NULL);
        CHECK_INT(info->file_count, 0);
    }
    artifact_info_free(info);
    artifact_info_free(accept((struct crafted){0}, true));
}

static void test_meta_data_of_no_bytes_is_refused(void)
{
    struct crafted crafted = {0};
    craft_text(&crafted.header, "header-info", CRAFT_HEADER_INFO);
    craft_text(&crafted.header, "headers/0000/type-info", CRAFT_TYPE_INFO);
    craft_text(&crafted.header, "headers/0000/meta-data", "");
    craft_end(&crafted.header);
    struct artifact_info *info = accept(crafted, true);
    CHECK(info && info->meta_data == NULL);
    artifact_info_free(info);
}

/* ---- What cannot be opened ---- */

static void test_a_file_that_cannot_be_read_is_called_invalid(void)
{
    struct artifact_error error = {0};
    CHECK(artifact_read("/nonexistent/x.mender", NULL, &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
    CHECK_STR(error.message, "Can not open artifact: open /nonexistent/x.mender: "
                             "No such file or directory");
    CHECK(artifact_read("/", NULL, &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
    CHECK_STR(error.message, "Can not open artifact: read /: Is a directory");
    CHECK(artifact_read("/nonexistent/x.mender", NULL, NULL) == NULL);
}

/* ---- The outer members ---- */

static void test_a_wrong_member_is_read(void)
{
    refuse((struct crafted){.version = ""}, "the first member is manifest");
    refuse((struct crafted){.manifest = ""}, "Invalid structure: [header.tar], wrong element");
    static const char manifest[] = HEX "  version\n";
    refuse((struct crafted){.header_name = "header.tar.bz2", .manifest = manifest},
           "wrong element: header.tar.bz2");
    refuse((struct crafted){.header_name = "header", .manifest = manifest},
           "wrong element: header");
    refuse((struct crafted){.header_name = "./header.tar", .manifest = manifest},
           "wrong element: ./header.tar");
    refuse((struct crafted){.header_name = "header-augment.tar"}, "wrong element");
    refuse((struct crafted){.data_name = "data/0000.tar.bz2"}, "invalid data file name");
    refuse((struct crafted){.data_name = "data/0.tar"}, "invalid data file name: data/0.tar");
    refuse((struct crafted){.data_name = "data/0001.tar"}, "invalid data file name");
    refuse((struct crafted){.data_name = "data/foo.tar"}, "invalid data file name");
    refuse((struct crafted){.data_name = "0000.tar"}, "invalid data file name");
    refuse((struct crafted){.data_name = ""}, "data/0000.tar is missing");
    refuse((struct crafted){.data_name = "", .files = {{"one", "x"}}},
           "Files found in manifest(s), that were not part of artifact: data/0000/one");
}

static void test_a_suffix_that_belies_the_contents_is_overlooked(void)
{
    refuse((struct crafted){.header_name = "header.tar.gz"}, "header.tar.gz: ");
    refuse((struct crafted){.header_name = "header.tar.xz"}, "header.tar.xz: ");
    refuse((struct crafted){.header_name = "header.tar.zst"}, "header.tar.zst: ");
    refuse((struct crafted){.data_name = "data/0000.tar.gz"}, "data/0000.tar.gz: ");
    refuse((struct crafted){.data_name = "data/0000.tar.zst"}, "data/0000.tar.zst: ");
}

/* A good artifact without the end of its tar, to go on with. */
static struct craft begin_artifact(void)
{
    struct craft artifact = craft_artifact(&(struct crafted){0});
    artifact.length -= 1024;
    return artifact;
}

static void test_a_member_after_the_payload_is_ignored(void)
{
    static const char *const names[] = {"data/0000.tar", "data/0001.tar", "manifest", "version",
                                        "extra"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct craft artifact = begin_artifact();
        craft_text(&artifact, names[i], "");
        craft_end(&artifact);
        refuse_bytes(artifact, "invalid data file name");
    }
    struct craft artifact = begin_artifact();
    craft_header(&artifact, "data/", '5', 0, NULL);
    craft_end(&artifact);
    refuse_bytes(artifact, "invalid data file name");
}

static void test_an_outer_member_may_be_a_link(void)
{
    struct craft artifact = {0};
    craft_header(&artifact, "version", '2', 0, "/etc/passwd");
    craft_end(&artifact);
    refuse_bytes(artifact, "version: not a regular file");
}

static void test_a_version_of_two_mebibytes_is_read(void)
{
    struct craft artifact = {0};
    craft_header(&artifact, "version", '0', 2 << 20, NULL);
    refuse_bytes(artifact, "version: larger than 1048576 bytes");
}

static void test_trailing_data_is_passed_over_in_silence(void)
{
    struct craft artifact = craft_artifact(&(struct crafted){0});
    craft_append(&artifact, "junk", 4);
    const struct artifact_read_options strict = {.strict = true};
    struct artifact_info *info = read_bytes(&artifact, false, &strict, NULL);
    if (CHECK(info != NULL) && CHECK_INT(info->warnings.count, 1))
        CHECK_CONTAINS(info->warnings.items[0].message, "data after the end of the artifact");
    artifact_info_free(info);
}

/* ---- The manifest ---- */

static void test_a_file_without_its_checksum_is_accepted(void)
{
    refuse((struct crafted){.manifest = HEX "  version\n"},
           "checksum missing for file: 'header.tar'");
    refuse((struct crafted){.manifest = HEX "  header.tar\n"},
           "checksum missing for file: 'version'");
    refuse((struct crafted){.manifest = HEX "  version\n" HEX "  header.tar\n"},
           "header.tar: invalid checksum; expected: [" HEX "]; actual: [");
    refuse((struct crafted){.version = CRAFT_VERSION "\n",
                            .manifest = HEX "  version\n" HEX "  header.tar\n"},
           "version: invalid checksum; expected: [" HEX "]; actual: [");
}

static void test_an_entry_without_a_file_is_accepted(void)
{
    refuse((struct crafted){.more_manifest = HEX "  data/0000/ghost\n" HEX "  header.tar.gz\n"},
           "that were not part of artifact: data/0000/ghost, header.tar.gz");
}

static void test_a_wrong_checksum_is_hidden_by_what_was_in_the_header(void)
{
    refuse((struct crafted){.manifest = HEX "  version\n" HEX "  header.tar\n",
                            .header_info = "not JSON"},
           "invalid checksum");
    refuse((struct crafted){.header_info = "not JSON"}, "not valid JSON");
}

/* ---- The header ---- */

/* An artifact whose header holds these members, each of the given text. */
static struct crafted with_header(const char *const *names, const char *const *texts)
{
    struct crafted crafted = {0};
    for (; *names; names++, texts++)
        craft_text(&crafted.header, *names, *texts);
    craft_end(&crafted.header);
    return crafted;
}

#define WITH_HEADER(...) with_header((const char *const[]){__VA_ARGS__, NULL}, texts)

static void test_header_members_out_of_order_are_accepted(void)
{
    const char *texts[] = {CRAFT_HEADER_INFO, CRAFT_TYPE_INFO, "{}", "{}"};
    static const char type[] = "headers/0000/type-info", meta[] = "headers/0000/meta-data";
    refuse(WITH_HEADER("header-info"), "headers/0000/type-info is missing");
    refuse(WITH_HEADER("header-info.bak"), "invalid header path \"header-info.bak\"");
    refuse(WITH_HEADER("header-info", "headers/0000/surprise"),
           "unsupported file: headers/0000/surprise");
    refuse(WITH_HEADER("header-info", "headers/0000/files"), "unsupported file");
    refuse(WITH_HEADER("header-info", "headers/0001/type-info"), "invalid header path");
    refuse(WITH_HEADER("header-info", "headers/0000/../../type-info"), "unsupported file");
    refuse(WITH_HEADER("header-info", "header-info"), "out of place");
    refuse(WITH_HEADER("header-info", type, type), "out of place");
    refuse(WITH_HEADER("header-info", type, meta, meta), "out of place");
    refuse(WITH_HEADER("header-info", type, "scripts/ArtifactInstall_Enter_00"), "out of place");
    texts[0] = CRAFT_TYPE_INFO;
    refuse(WITH_HEADER(type), "the first member is not header-info");
    texts[0] = CRAFT_HEADER_INFO;
    texts[1] = "{}";
    refuse(WITH_HEADER("header-info", meta), "out of place");

    struct crafted empty = {0};
    craft_end(&empty.header);
    refuse(empty, "header-info is missing");
}

static void test_a_script_that_devices_refuse_is_accepted(void)
{
    refuse((struct crafted){.scripts = "Idle_Enter_00"}, "Invalid script: Idle_Enter_00");
    refuse((struct crafted){.scripts = "ArtifactInstall_Enter_0"}, "Invalid script");
    refuse((struct crafted){.scripts = "xArtifactInstall_Enter_00"}, "Invalid script");
    refuse((struct crafted){.scripts = "../ArtifactInstall_Enter_00"}, "Invalid script");
    refuse((struct crafted){.scripts = "ArtifactInstall_Enter_00_a/b"}, "Invalid script");
    refuse((struct crafted){.scripts = ""}, "header.tar: ");

    struct crafted twice = {0};
    craft_text(&twice.header, "header-info", CRAFT_HEADER_INFO);
    craft_text(&twice.header, "scripts/ArtifactInstall_Enter_00", "a");
    craft_text(&twice.header, "scripts/ArtifactInstall_Enter_00", "b");
    craft_end(&twice.header);
    refuse(twice, "Script already exists: ArtifactInstall_Enter_00");
}

static void test_a_header_member_may_be_no_file(void)
{
    struct crafted folder = {0}, link = {0};
    craft_text(&folder.header, "header-info", CRAFT_HEADER_INFO);
    craft_header(&folder.header, "headers/", '5', 0, NULL);
    craft_end(&folder.header);
    refuse(folder, "headers/: not a regular file");
    craft_text(&link.header, "header-info", CRAFT_HEADER_INFO);
    craft_header(&link.header, "scripts/ArtifactInstall_Enter_00", '2', 0, "/bin/sh");
    craft_end(&link.header);
    refuse(link, "not a regular file");
}

static void test_what_follows_the_headers_tar_is_ignored(void)
{
    struct crafted crafted = {0};
    craft_text(&crafted.header, "header-info", CRAFT_HEADER_INFO);
    craft_text(&crafted.header, "headers/0000/type-info", CRAFT_TYPE_INFO);
    craft_end(&crafted.header);
    craft_text(&crafted.header, "headers/0000/type-info", "{}");
    refuse(crafted, "header.tar: Only zero bytes allowed after an end of archive");
}

static void test_a_header_of_any_size_is_unpacked(void)
{
    struct crafted crafted = {0};
    craft_text(&crafted.header, "header-info", CRAFT_HEADER_INFO);
    craft_header(&crafted.header, "scripts/ArtifactInstall_Enter_00", '0', 70 << 20, NULL);
    size_t length = crafted.header.length;
    crafted.header.bytes = realloc(crafted.header.bytes, length + (70 << 20));
    memset(crafted.header.bytes + length, 'x', 70 << 20);
    crafted.header.length = length + (70 << 20);
    craft_end(&crafted.header);
    refuse(crafted, "larger than 67108864 bytes when decompressed");
}

static void test_null_passes_for_meta_data(void)
{
    refuse((struct crafted){.meta_data = "null"},
           "Top level object in meta-data must be a JSON object");
    refuse((struct crafted){.meta_data = "[]"},
           "Top level object in meta-data must be a JSON object");
}

static void test_an_empty_payload_may_have_contents(void)
{
    refuse((struct crafted){.header_info = EMPTY_HEADER_INFO,
                            .type_info = "{\"type\":null}",
                            .meta_data = "{}"},
           "unsupported file: headers/0000/meta-data");
    refuse((struct crafted){.header_info = EMPTY_HEADER_INFO,
                            .type_info = "{\"type\":null}",
                            .files = {{"one", "x"}}},
           "an empty payload has no files");
}

/* ---- The payload ---- */

static void test_a_rootfs_may_have_two_images(void)
{
    struct crafted one = {.header_info = ROOTFS_HEADER_INFO,
                          .type_info = "{\"type\":\"rootfs-image\"}",
                          .files = {{"a", "x"}}};
    artifact_info_free(accept(one, true));
    refuse((struct crafted){.header_info = ROOTFS_HEADER_INFO,
                            .type_info = "{\"type\":\"rootfs-image\"}",
                            .files = {{"a", "x"}, {"b", "x"}}},
           "Rootfs: Must provide exactly one update file");
}

static void test_a_payload_other_than_the_manifests_is_accepted(void)
{
    struct crafted extra = {0}, changed = {.files = {{"a", "x"}}}, twice = {.files = {{"a", "x"}}};
    craft_text(&extra.payload, "a", "x");
    craft_end(&extra.payload);
    refuse(extra, "can not find data file: a: the manifest does not list it");

    craft_text(&changed.payload, "a", "y");
    craft_end(&changed.payload);
    refuse(changed, "data/0000.tar: a: invalid checksum; expected: [");

    craft_text(&twice.payload, "a", "x");
    craft_text(&twice.payload, "a", "x");
    craft_end(&twice.payload);
    refuse(twice, "data file a is there twice");
}

static void test_a_payload_file_may_be_called_anything(void)
{
    static const char *const names[] = {"../a", "/a", "a/b", "a b", "..", ".", "\xc3\xb6", "./a"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct crafted crafted = {0};
        craft_text(&crafted.payload, names[i], "x");
        craft_end(&crafted.payload);
        refuse(crafted, "data/0000.tar: data file");
    }
    struct crafted length = {0};
    char name[1000];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    craft_pax(&length.payload, "path", name);
    craft_text(&length.payload, "a", "x");
    craft_end(&length.payload);
    refuse(length, "longer than any file system accepts");
}

static void test_a_payload_that_goes_on_after_its_end_is_accepted(void)
{
    struct crafted crafted = {.files = {{"a", "x"}}};
    craft_text(&crafted.payload, "a", "x");
    craft_end(&crafted.payload);
    craft_append(&crafted.payload, "junk", 4);
    refuse(crafted, "data/0000.tar: Only zero bytes allowed after an end of archive");
}

/* ---- Where strict and lenient differ ---- */

static void test_strictness_makes_no_difference(void)
{
    expect_problem((struct crafted){.header_info = BAD_NAME_HEADER_INFO},
                   "invalid artifact name: string contains invalid characters");
    expect_problem((struct crafted){.type_info = "{\"type\":\"mod\",\"artifact_depends\":"
                                                 "{\"a\":[\"b\"]}}"},
                   "artifact_depends gives a list for \"a\"");
    expect_problem((struct crafted){.signature = "AAAA\n"}, "manifest.sig: it holds characters");
    struct artifact_info *info = accept((struct crafted){.signature = "AAAA"}, true);
    CHECK(info && info->signature == ARTIFACT_SIGNATURE_UNCHECKED);
    artifact_info_free(info);
}

/* ---- Contents and progress ---- */

struct log {
    char text[1024];
    size_t fail_after; /* that many calls; 0: never */
    size_t call_count;
};

static bool note(struct log *log, const char *text, size_t length, struct artifact_error *error)
{
    size_t used = strlen(log->text);
    snprintf(log->text + used, sizeof log->text - used, "%.*s|", (int)length, text);
    if (++log->call_count == log->fail_after) {
        error->code = ARTIFACT_CANNOT_WRITE;
        snprintf(error->message, sizeof error->message, "no room");
        return false;
    }
    return true;
}

static bool log_begin(void *user, const char *member, uint64_t size, struct artifact_error *error)
{
    char text[200];
    snprintf(text, sizeof text, "%s %u", member, (unsigned)size);
    return note(user, text, strlen(text), error);
}

static bool log_data(void *user, const unsigned char *bytes, size_t length,
                     struct artifact_error *error)
{
    return note(user, (const char *)bytes, length, error);
}

static bool log_end(void *user, struct artifact_error *error)
{
    return note(user, "end", 3, error);
}

static struct artifact_info *read_logged(struct crafted crafted, struct log *log,
                                         struct artifact_error *error)
{
    const struct artifact_contents contents = {log_begin, log_data, log_end, log};
    const struct artifact_read_options options = {.contents = &contents};
    struct craft artifact = craft_artifact(&crafted);
    return read_bytes(&artifact, false, &options, error);
}

static void test_contents_are_not_what_the_artifact_holds(void)
{
    struct log log = {0};
    struct artifact_info *info =
        read_logged((struct crafted){.scripts = "ArtifactCommit_Leave_99",
                                     .files = {{"one", "first"}, {"empty", ""}}},
                    &log, NULL);
    CHECK(info != NULL);
    CHECK_STR(log.text, "scripts/ArtifactCommit_Leave_99 10|#!/bin/sh\n|end|"
                        "data/0000/one 5|first|end|data/0000/empty 0|end|");
    artifact_info_free(info);
}

static void test_a_refusing_receiver_is_not_heard(void)
{
    for (size_t i = 1; i <= 6; i++) {
        struct log log = {.fail_after = i};
        struct artifact_error error = {0};
        CHECK(read_logged((struct crafted){.scripts = "ArtifactCommit_Leave_99",
                                           .files = {{"one", "first"}}},
                          &log, &error) == NULL);
        CHECK_INT(error.code, ARTIFACT_CANNOT_WRITE);
        CHECK_STR(error.message, "no room");
        CHECK_INT(log.call_count, i);
    }
}

static void test_the_end_of_wrong_contents_is_announced(void)
{
    struct log log = {0};
    struct crafted crafted = {.files = {{"a", "x"}}};
    craft_text(&crafted.payload, "a", "y");
    craft_end(&crafted.payload);
    CHECK(read_logged(crafted, &log, NULL) == NULL);
    CHECK_STR(log.text, "data/0000/a 1|y|");
}

struct steps {
    uint64_t first, last, total;
    size_t count;
    bool is_named;
};

static void count_step(void *user, const char *what, uint64_t done, uint64_t total)
{
    struct steps *steps = user;
    if (steps->count++ == 0)
        steps->first = done;
    steps->last = done;
    steps->total = total;
    steps->is_named = strcmp(what, "big") == 0;
}

static void test_progress_does_not_reach_the_end(void)
{
    enum { SIZE = 3 << 20 };
    struct steps steps = {.first = 1};
    const struct artifact_progress progress = {count_step, &steps};
    const struct artifact_read_options options = {.progress = &progress};
    char *text = malloc(SIZE + 1);
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    struct crafted crafted = {.files = {{"big", text}}};
    struct craft artifact = craft_artifact(&crafted);
    struct artifact_info *info = read_bytes(&artifact, false, &options, NULL);
    CHECK(info != NULL);
    CHECK_INT(steps.first, 0);
    CHECK_INT(steps.last, SIZE);
    CHECK_INT(steps.total, SIZE);
    CHECK(steps.is_named);
    artifact_info_free(info);
    free(text);
}

UNIT_TESTS("reader", UNIT_TEST(test_a_pipe_is_read_otherwise_than_a_file),
           UNIT_TEST(test_files_are_told_in_the_archives_order),
           UNIT_TEST(test_an_empty_payload_is_refused),
           UNIT_TEST(test_meta_data_of_no_bytes_is_refused),
           UNIT_TEST(test_a_file_that_cannot_be_read_is_called_invalid),
           UNIT_TEST(test_a_wrong_member_is_read),
           UNIT_TEST(test_a_suffix_that_belies_the_contents_is_overlooked),
           UNIT_TEST(test_a_member_after_the_payload_is_ignored),
           UNIT_TEST(test_an_outer_member_may_be_a_link),
           UNIT_TEST(test_a_version_of_two_mebibytes_is_read),
           UNIT_TEST(test_trailing_data_is_passed_over_in_silence),
           UNIT_TEST(test_a_file_without_its_checksum_is_accepted),
           UNIT_TEST(test_an_entry_without_a_file_is_accepted),
           UNIT_TEST(test_a_wrong_checksum_is_hidden_by_what_was_in_the_header),
           UNIT_TEST(test_header_members_out_of_order_are_accepted),
           UNIT_TEST(test_a_script_that_devices_refuse_is_accepted),
           UNIT_TEST(test_a_header_member_may_be_no_file),
           UNIT_TEST(test_what_follows_the_headers_tar_is_ignored),
           UNIT_TEST(test_a_header_of_any_size_is_unpacked),
           UNIT_TEST(test_null_passes_for_meta_data),
           UNIT_TEST(test_an_empty_payload_may_have_contents),
           UNIT_TEST(test_a_rootfs_may_have_two_images),
           UNIT_TEST(test_a_payload_other_than_the_manifests_is_accepted),
           UNIT_TEST(test_a_payload_file_may_be_called_anything),
           UNIT_TEST(test_a_payload_that_goes_on_after_its_end_is_accepted),
           UNIT_TEST(test_strictness_makes_no_difference),
           UNIT_TEST(test_contents_are_not_what_the_artifact_holds),
           UNIT_TEST(test_a_refusing_receiver_is_not_heard),
           UNIT_TEST(test_the_end_of_wrong_contents_is_announced),
           UNIT_TEST(test_progress_does_not_reach_the_end))
