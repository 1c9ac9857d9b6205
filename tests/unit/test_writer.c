// SPDX-License-Identifier: Apache-2.0
#include "artifact.h"
#include "files.h"
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct artifact_error error;
static const char *const types[] = {"dev1"};

/* A payload, an output and a specification of a rootfs artifact, to be changed by each test. */
struct fixture {
    char *directory, *payload, *output;
    struct artifact_file file;
    struct artifact_spec spec;
};

static void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){.directory = files_directory()};
    fixture->payload = files_path(fixture->directory, "rootfs.ext4");
    fixture->output = files_path(fixture->directory, "out.mender");
    fixture->file.path = fixture->payload;
    fixture->spec = (struct artifact_spec){
        .payload_type = "rootfs-image",
        .name = "rel-1",
        .compatible_types = types,
        .compatible_type_count = 1,
        .files = &fixture->file,
        .file_count = 1,
        .compression = "none",
    };
    files_write(fixture->payload, "rootfs content", 14);
    error = (struct artifact_error){0};
    unsetenv("SOURCE_DATE_EPOCH");
}

static void fixture_clear(struct fixture *fixture)
{
    free(fixture->payload);
    free(fixture->output);
    files_remove(fixture->directory);
}

static bool write_artifact(const struct fixture *fixture)
{
    bool is_written = artifact_write(&fixture->spec, fixture->output, NULL, NULL, &error);
    if (!is_written)
        CHECK(access(fixture->output, F_OK) != 0);
    return is_written;
}

static void check_refused(struct fixture *fixture, enum artifact_code code, const char *sentence)
{
    error = (struct artifact_error){0};
    CHECK(!write_artifact(fixture));
    CHECK_INT(error.code, code);
    CHECK_CONTAINS(error.message, sentence);
}

/* A member of a tar in memory, for free(); its place among the members goes to `place`. */
static char *member_of(const char *tar, size_t tar_length, const char *name, size_t *length,
                       int *place)
{
    char *found = NULL;
    struct archive_entry *entry;
    struct archive *archive = archive_read_new();
    archive_read_support_format_tar(archive);
    archive_read_support_filter_all(archive);
    CHECK(archive_read_open_memory(archive, tar, tar_length) == ARCHIVE_OK);
    for (int i = 0; !found && archive_read_next_header(archive, &entry) == ARCHIVE_OK; i++) {
        if (strcmp(archive_entry_pathname(entry), name) != 0)
            continue;
        *length = (size_t)archive_entry_size(entry);
        if (place)
            *place = i;
        found = calloc(1, *length + 1);
        CHECK(archive_read_data(archive, found, *length) == (la_ssize_t)*length);
    }
    archive_read_free(archive);
    return found;
}

/* "header.tar" and "header-info", say; the inner name may be NULL. For free(). */
static char *read_member(const char *path, const char *outer, const char *inner)
{
    size_t length = 0, inner_length;
    char *artifact = files_read(path, &length);
    char *member = member_of(artifact, length, outer, &length, NULL);
    free(artifact);
    if (!inner || !member)
        return member;
    char *text = member_of(member, length, inner, &inner_length, NULL);
    free(member);
    return text;
}

static void check_member(const struct fixture *fixture, const char *outer, const char *inner,
                         const char *expected)
{
    char *text = read_member(fixture->output, outer, inner);
    CHECK_STR(text, expected);
    free(text);
}

/* ---- What is written ---- */

static char *sha256(const char *bytes, size_t length)
{
    unsigned char hash[32];
    char *hex = calloc(1, 65);
    EVP_Digest(bytes, length, hash, NULL, EVP_sha256(), NULL);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    return hex;
}

static void test_a_rootfs_artifact_has_the_members_that_upstream_writes(void)
{
    static const char *const names[] = {"version", "manifest", "header.tar", "data/0000.tar"};
    static const char *const clears[] = {"artifact_group", "rootfs-image.*"};
    const struct artifact_pair provides[] = {
        {"rootfs-image.version", "old"}, {"b", "<&>"}, {"rootfs-image.version", "rel-1"}};
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.spec.provides = provides;
    fixture.spec.provides_count = 3;
    fixture.spec.clears_provides = clears;
    fixture.spec.clears_provides_count = 2;
    fixture.spec.checksum_key = "rootfs-image.checksum";
    fixture.spec.meta_data = "";
    CHECK(write_artifact(&fixture));

    size_t length, member_length;
    char *artifact = files_read(fixture.output, &length);
    for (int i = 0; i < 4; i++) {
        int place = -1;
        free(member_of(artifact, length, names[i], &member_length, &place));
        CHECK_INT(place, i);
    }
    char *header = member_of(artifact, length, "header.tar", &member_length, NULL);
    char *header_hex = sha256(header, member_length), *hex = sha256("rootfs content", 14);
    char manifest[512], type_info[512];
    snprintf(manifest, sizeof manifest,
             "%s  data/0000/rootfs.ext4\n%s  header.tar\n"
             "96bcd965947569404798bcbdb614f103db5a004eb6e364cfc162c146890ea35b  version\n",
             hex, header_hex);
    snprintf(type_info, sizeof type_info,
             "{\"type\":\"rootfs-image\",\"artifact_provides\":{\"b\":\"\\u003c\\u0026\\u003e\","
             "\"rootfs-image.checksum\":\"%s\",\"rootfs-image.version\":\"rel-1\"},"
             "\"clears_artifact_provides\":[\"artifact_group\",\"rootfs-image.*\"]}",
             hex);
    check_member(&fixture, "version", NULL, "{\"format\":\"mender\",\"version\":3}");
    check_member(&fixture, "manifest", NULL, manifest);
    check_member(&fixture, "header.tar", "header-info",
                 "{\"payloads\":[{\"type\":\"rootfs-image\"}],\"artifact_provides\":{"
                 "\"artifact_name\":\"rel-1\"},\"artifact_depends\":{\"device_type\":[\"dev1\"]}}");
    check_member(&fixture, "header.tar", "headers/0000/type-info", type_info);
    check_member(&fixture, "header.tar", "headers/0000/meta-data", "");
    check_member(&fixture, "data/0000.tar", "rootfs.ext4", "rootfs content");
    CHECK_INT(files_count(fixture.directory), 2);
    free(hex);
    free(header_hex);
    free(header);
    free(artifact);
    fixture_clear(&fixture);
}

static void test_every_field_of_the_header_has_its_place(void)
{
    static const char *const devices[] = {"z", "a", "z"}, *const names[] = {"r2", "r1"},
                             *const groups[] = {"g"};
    const struct artifact_pair depends[] = {{"k2", "v2"}, {"k1", ""}};
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.spec.payload_type = "mod";
    fixture.spec.group = "grp";
    fixture.spec.compatible_types = devices;
    fixture.spec.compatible_type_count = 3;
    fixture.spec.depends_names = names;
    fixture.spec.depends_name_count = 2;
    fixture.spec.depends_groups = groups;
    fixture.spec.depends_group_count = 1;
    fixture.spec.depends = depends;
    fixture.spec.depends_count = 2;
    fixture.spec.meta_data = " { \"b\" : 1.50, \"a\" : [ ] } ";
    CHECK(write_artifact(&fixture));
    check_member(&fixture, "header.tar", "header-info",
                 "{\"payloads\":[{\"type\":\"mod\"}],\"artifact_provides\":{\"artifact_name\":"
                 "\"rel-1\",\"artifact_group\":\"grp\"},\"artifact_depends\":{\"artifact_name\":["
                 "\"r2\",\"r1\"],\"device_type\":[\"z\",\"a\",\"z\"],\"artifact_group\":[\"g\"]}}");
    check_member(&fixture, "header.tar", "headers/0000/type-info",
                 "{\"type\":\"mod\",\"artifact_depends\":{\"k1\":\"\",\"k2\":\"v2\"}}");
    check_member(&fixture, "header.tar", "headers/0000/meta-data", "{\"a\":[],\"b\":1.5}");

    fixture.spec.meta_data = "{}";
    CHECK(write_artifact(&fixture));
    check_member(&fixture, "header.tar", "headers/0000/meta-data", NULL);

    fixture.spec.payload_type = "rootfs-image";
    fixture.spec.meta_data = NULL;
    CHECK(write_artifact(&fixture));
    check_member(&fixture, "header.tar", "headers/0000/meta-data", NULL);
    fixture_clear(&fixture);
}

static void test_a_bootstrap_artifact_has_no_payload_and_still_the_data_member(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.spec.payload_type = NULL;
    fixture.spec.file_count = 0;
    CHECK(write_artifact(&fixture));
    check_member(&fixture, "header.tar", "headers/0000/type-info", "{\"type\":null}");
    check_member(&fixture, "header.tar", "headers/0000/meta-data", NULL);
    size_t length, data_length = 0;
    char *artifact = files_read(fixture.output, &length);
    free(member_of(artifact, length, "data/0000.tar", &data_length, NULL));
    CHECK_INT(data_length, 1024);
    free(artifact);

    fixture.spec.file_count = 1;
    CHECK(unlink(fixture.output) == 0);
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "without a payload");
    fixture_clear(&fixture);
}

static void test_a_signature_comes_after_the_manifest(void)
{
    struct fixture fixture;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    fixture_init(&fixture);
    CHECK(artifact_write(&fixture.spec, fixture.output, key, NULL, &error));
    size_t length, signature_length = 0;
    int place = -1;
    char *artifact = files_read(fixture.output, &length);
    char *signature = member_of(artifact, length, "manifest.sig", &signature_length, &place);
    CHECK_INT(place, 2);
    CHECK_INT(signature_length, 88);
    free(signature);
    free(artifact);
    EVP_PKEY_free(key);
    fixture_clear(&fixture);
}

static void test_scripts_are_sorted_and_come_from_files_and_directories(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    char *folder = files_path(fixture.directory, "scripts");
    CHECK(mkdir(folder, 0755) == 0);
    char *second = files_path(folder, "ArtifactInstall_Enter_00");
    char *first = files_path(fixture.directory, "ArtifactCommit_Leave_10");
    const char *const scripts[] = {folder, first};
    files_write(second, "two", 3);
    files_write(first, "one", 3);
    fixture.spec.scripts = scripts;
    fixture.spec.script_count = 2;
    CHECK(write_artifact(&fixture));
    check_member(&fixture, "header.tar", "scripts/ArtifactCommit_Leave_10", "one");
    size_t length;
    int place = -1;
    char *artifact = files_read(fixture.output, &length);
    char *header = member_of(artifact, length, "header.tar", &length, NULL);
    size_t header_length = length;
    free(member_of(header, header_length, "scripts/ArtifactInstall_Enter_00", &length, &place));
    CHECK_INT(place, 2);
    free(header);
    free(artifact);
    CHECK(unlink(fixture.output) == 0);

    char *again = files_path(folder, "ArtifactCommit_Leave_10");
    files_write(again, "x", 1);
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "Script already exists: ArtifactCommit_Leave_10");
    CHECK(unlink(again) == 0);
    free(again);
    again = files_path(folder, "one.txt");
    files_write(again, "x", 1);
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "Invalid script name: \"one.txt\". Scripts must");
    CHECK(unlink(first) == 0 && unlink(again) == 0);
    check_refused(&fixture, ARTIFACT_CANNOT_OPEN, "can not stat script file");
    free(again);
    free(first);
    free(second);
    free(folder);
    fixture_clear(&fixture);
}

/* ---- The same bytes ---- */

static void test_the_same_input_gives_the_same_bytes_whoever_runs_it_and_when(void)
{
    static const char *const compressions[] = {"none", "gzip", "lzma", "zstd_better"};
    for (size_t i = 0; i < 4; i++) {
        struct fixture fixture;
        size_t first_length, second_length;
        fixture_init(&fixture);
        fixture.spec.compression = compressions[i];
        CHECK(write_artifact(&fixture));
        char *first = files_read(fixture.output, &first_length);
        CHECK(unlink(fixture.output) == 0);

        const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1000000}};
        CHECK(utimensat(AT_FDCWD, fixture.payload, times, 0) == 0);
        CHECK(chmod(fixture.payload, 04755) == 0);
        mode_t before = umask(077);
        fixture.spec.threads = 1;
        CHECK(write_artifact(&fixture));
        umask(before);
        char *second = files_read(fixture.output, &second_length);
        CHECK_MEM(first, first_length, second, second_length);
        free(first);
        free(second);
        fixture_clear(&fixture);
    }
}

static void test_source_date_epoch_is_the_time_of_files(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    CHECK(write_artifact(&fixture));
    size_t length, data_length;
    char *artifact = files_read(fixture.output, &length);
    char *data = member_of(artifact, length, "data/0000.tar", &data_length, NULL);
    CHECK_INT(strtol(artifact + 136, NULL, 8), 0); /* version */
    if (CHECK(data != NULL))
        CHECK_INT(strtol(data + 136, NULL, 8), 1700000000);
    free(data);
    free(artifact);
    CHECK(unlink(fixture.output) == 0);

    static const char *const bad[] = {"-1", "1x",         "now",
                                      " 1", "8589934592", "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        setenv("SOURCE_DATE_EPOCH", bad[i], 1);
        check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "SOURCE_DATE_EPOCH");
    }
    unsetenv("SOURCE_DATE_EPOCH");
    fixture_clear(&fixture);
}

/* ---- Sources that are not plain files ---- */

static void test_a_payload_from_a_pipe_is_written_whole(void)
{
    struct fixture fixture;
    int ends[2];
    char path[32];
    fixture_init(&fixture);
    CHECK(pipe(ends) == 0);
    CHECK_INT(write(ends[1], "from a pipe", 11), 11);
    close(ends[1]);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    fixture.file = (struct artifact_file){.path = path, .name = "piped"};
    CHECK(write_artifact(&fixture));
    check_member(&fixture, "data/0000.tar", "piped", "from a pipe");
    close(ends[0]);
    fixture_clear(&fixture);
}

static void test_a_payload_whose_size_the_kernel_does_not_tell_is_written_whole(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.file = (struct artifact_file){.path = "/proc/version", .name = "version"};
    size_t length;
    CHECK(write_artifact(&fixture));
    char *text = read_member(fixture.output, "data/0000.tar", "version");
    CHECK_CONTAINS(text, "Linux");
    length = text ? strlen(text) : 0;
    CHECK(length > 0 && text[length - 1] == '\n');
    free(text);
    fixture_clear(&fixture);
}

static void test_an_empty_payload_file_is_fine(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    files_write(fixture.payload, "", 0);
    CHECK(write_artifact(&fixture));
    check_member(&fixture, "data/0000.tar", "rootfs.ext4", "");
    fixture_clear(&fixture);
}

struct change {
    const char *path;
    off_t size;
};

/* Makes the file another size as soon as its first bytes were read. */
static void change_size(void *user, const char *what, uint64_t done, uint64_t total)
{
    const struct change *change = user;
    CHECK_STR(what, "rootfs.ext4");
    CHECK(done > 0 && done <= total);
    CHECK(truncate(change->path, change->size) == 0);
}

static void test_a_payload_that_changes_its_size_meanwhile_is_noticed(void)
{
    enum { SIZE = 3 << 20 };
    const off_t sizes[] = {SIZE / 2, SIZE * 2};
    char *bytes = calloc(1, SIZE);
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;
        fixture_init(&fixture);
        files_write(fixture.payload, bytes, SIZE);
        struct change change = {fixture.payload, sizes[i]};
        struct artifact_progress progress = {change_size, &change};
        CHECK(!artifact_write(&fixture.spec, fixture.output, NULL, &progress, &error));
        CHECK_CONTAINS(error.message, i == 0 ? "became shorter" : "became longer");
        CHECK_INT(files_count(fixture.directory), 1);
        fixture_clear(&fixture);
    }
    free(bytes);
}

/* ---- What is refused ---- */

/* At the end of the first reading: other bytes, and as many of them. */
static void change_bytes(void *user, const char *what, uint64_t done, uint64_t total)
{
    (void)what;
    if (done == total)
        files_write(user, "ROOTFS CONTENT", 14);
}

static void test_a_payload_that_changes_its_bytes_meanwhile_is_noticed(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    CHECK_INT(utimensat(AT_FDCWD, fixture.payload, past, 0), 0);
    const struct artifact_progress progress = {change_bytes, fixture.payload};
    CHECK(!artifact_write(&fixture.spec, fixture.output, NULL, &progress, &error));
    CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
    CHECK_CONTAINS(error.message, "was changed while it was read");
    CHECK_INT(files_count(fixture.directory), 1);
    fixture_clear(&fixture);
}

static long size_of(const char *path)
{
    struct stat status;
    CHECK(stat(path, &status) == 0);
    return (long)status.st_size;
}

/* A value of `length` letters in the header, and a payload that no other call has. */
static void write_filled(struct fixture *fixture, char *value, size_t length)
{
    static uint32_t payload;
    uint32_t random = 1;
    for (size_t i = 0; i < length; i++) {
        random = random * 1664525 + 1013904223;
        value[i] = (char)('a' + (random >> 16) % 26);
    }
    value[length] = '\0';
    payload++;
    files_write(fixture->payload, (char *)&payload, sizeof payload);
    unlink(fixture->output); /* what replaces nothing need not reach the disk */
    CHECK(write_artifact(fixture));
}

/* A header that ends next to the end of a block of the tar is a block longer or shorter with
 * another checksum of the payload. */
static void test_a_payload_is_whole_wherever_its_header_ends(void)
{
    enum { MAX_LENGTH = 2000, STEP = 32, PAYLOADS = 8 };
    struct fixture fixture;
    char value[MAX_LENGTH + 1] = "";
    const struct artifact_pair provides = {"filling", value};
    fixture_init(&fixture);
    fixture.spec.provides = &provides;
    fixture.spec.provides_count = 1;
    fixture.spec.checksum_key = "rootfs-image.checksum";
    fixture.spec.compression = "gzip";

    size_t length = STEP;
    write_filled(&fixture, value, 0);
    long least = size_of(fixture.output);
    do
        write_filled(&fixture, value, length += STEP);
    while (length < MAX_LENGTH - STEP && size_of(fixture.output) == least);
    CHECK(size_of(fixture.output) > least);

    for (size_t i = 0; i < 2 * STEP * PAYLOADS; i++) {
        write_filled(&fixture, value, length - i / PAYLOADS);
        struct artifact_info *info = artifact_read(fixture.output, NULL, &error);
        CHECK(info != NULL);
        artifact_info_free(info);
    }
    fixture_clear(&fixture);
}

static void test_of_several_files_each_gets_its_own_contents(void)
{
    static const char *const compressions[] = {"none", "gzip"};
    struct fixture fixture;
    fixture_init(&fixture);
    char *second = files_path(fixture.directory, "second");
    char *third = files_path(fixture.directory, "third");
    files_write(second, "2", 1);
    files_write(third, "three", 5);
    const struct artifact_file files[] = {
        {.path = fixture.payload}, {.path = second}, {.path = third}};
    fixture.spec.payload_type = "module";
    fixture.spec.files = files;
    fixture.spec.file_count = 3;
    for (size_t i = 0; i < 2; i++) {
        const struct artifact_read_options options = {.strict = true};
        fixture.spec.compression = compressions[i];
        CHECK(write_artifact(&fixture));
        struct artifact_info *info = artifact_read(fixture.output, &options, &error);
        if (!CHECK(info != NULL))
            CHECK_STR(error.message, "");
        else
            CHECK_INT(info->file_count, 3);
        artifact_info_free(info);
    }
    free(third);
    free(second);
    fixture_clear(&fixture);
}

static void test_the_output_must_not_be_an_input(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    CHECK(!artifact_write(&fixture.spec, fixture.payload, NULL, NULL, &error));
    CHECK_INT(error.code, ARTIFACT_BAD_ARGUMENT);
    CHECK(link(fixture.payload, fixture.output) == 0);
    CHECK(!artifact_write(&fixture.spec, fixture.output, NULL, NULL, &error));
    size_t length;
    char *text = files_read(fixture.payload, &length);
    CHECK_STR(text, "rootfs content");
    free(text);
    fixture_clear(&fixture);
}

static void test_names_that_devices_refuse_are_refused(void)
{
    static const char *const bad[] = {"a\tb"};
    char name[258] = "";
    struct fixture fixture;
    fixture_init(&fixture);
    memset(name, 'n', 257);
    fixture.spec.name = name;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "invalid artifact provides: invalid artifact name: too many characters");
    fixture.spec.name = "";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "name");
    fixture.spec.name = NULL;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "name");
    fixture.spec.name = "n";
    fixture.spec.group = bad[0];
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "invalid artifact provides: invalid artifact group: string contains invalid");
    fixture.spec.group = "";
    fixture.spec.depends_names = bad;
    fixture.spec.depends_name_count = 1;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "invalid artifact depends: artifact name at index 0 invalid");
    fixture.spec.depends_name_count = 0;
    fixture.spec.depends_groups = bad;
    fixture.spec.depends_group_count = 1;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "invalid artifact depends: artifact group at index 0 invalid");
    fixture.spec.depends_group_count = 0;
    fixture.spec.compatible_types = bad;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "invalid artifact depends: compatible devices at index 0 invalid");
    fixture.spec.compatible_type_count = 0;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "device type");
    fixture_clear(&fixture);
}

static void test_provides_and_depends_cannot_replace_what_the_header_says(void)
{
    static const char *const reserved[] = {"artifact_name", "artifact_group", "device_type"};
    for (size_t i = 0; i < 3; i++) {
        struct fixture fixture;
        const struct artifact_pair pair = {reserved[i], "x"};
        fixture_init(&fixture);
        fixture.spec.depends = &pair;
        fixture.spec.depends_count = 1;
        check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, reserved[i]);
        fixture.spec.depends_count = 0;
        fixture.spec.provides = &pair;
        fixture.spec.provides_count = 1;
        check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, reserved[i]);
        fixture_clear(&fixture);
    }
}

static void test_text_that_is_no_utf8_is_refused(void)
{
    struct fixture fixture;
    const struct artifact_pair pairs[] = {{"k", "\xff"}, {"\xff", "v"}};
    fixture_init(&fixture);
    for (size_t i = 0; i < 2; i++) {
        fixture.spec.provides = &pairs[i];
        fixture.spec.provides_count = 1;
        check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "not valid UTF-8");
    }
    fixture.spec.provides_count = 0;
    fixture.spec.payload_type = "\xff";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "not valid UTF-8");
    fixture_clear(&fixture);
}

static void test_payload_files_that_cannot_be_stored_are_refused(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.file.name = "a b";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "Payload: data file a b contains forbidden characters.");
    fixture.file.name = "../x";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "contains forbidden characters");
    fixture.file.name = NULL;
    fixture.spec.file_count = 0;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "Must provide exactly one update file");
    fixture.spec.file_count = 1;
    fixture.file.path = fixture.directory;
    fixture.file.name = "x";
    check_refused(&fixture, ARTIFACT_CANNOT_OPEN, "Is a directory");
    fixture.file.path = "/nonexistent/file";
    check_refused(&fixture, ARTIFACT_CANNOT_OPEN,
                  "Failed to open the payload file: \"/nonexistent/file\": No such file");

    const struct artifact_file twice[] = {{.path = fixture.payload, .name = "x"},
                                          {.path = fixture.payload, .name = "x"}};
    fixture.spec.payload_type = "mod";
    fixture.spec.files = twice;
    fixture.spec.file_count = 2;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "file already exists");
    fixture.spec.checksum_key = "sum";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "exactly one payload file");
    CHECK_INT(files_count(fixture.directory), 1);
    fixture_clear(&fixture);
}

static void test_versions_compressions_and_meta_data_that_do_not_exist_are_refused(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.spec.format_version = 1;
    check_refused(&fixture, ARTIFACT_BAD_VERSION, "Artifact version 1 is not supported");
    fixture.spec.payload_type = "mod";
    fixture.spec.format_version = 2;
    check_refused(&fixture, ARTIFACT_BAD_VERSION,
                  "Module images need at least artifact format version 3");
    fixture.spec.format_version = 3;
    fixture.spec.compression = "foo";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT,
                  "compressor 'foo' is not supported: invalid compressor id: foo");
    fixture.spec.compression = "gzip";
    fixture.spec.compression_level = 100;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "levels");
    fixture.spec.compression_level = 0;
    fixture.spec.meta_data = "[]";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "must be a JSON object");
    fixture.spec.meta_data = "{";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "meta-data");
    fixture_clear(&fixture);
}

static void test_no_empty_payload_is_augmented_and_nothing_without_a_type(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct artifact_augment augment = {0};
    fixture.spec.augment = &augment;
    augment.payload_type = "mod";
    fixture.spec.payload_type = NULL;
    fixture.spec.file_count = 0;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "an empty payload, or format version 2, can");
    fixture.spec.payload_type = "rootfs-image";
    fixture.spec.format_version = 2;
    fixture.spec.file_count = 1;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "an empty payload, or format version 2, can");
    fixture.spec.format_version = 0;
    augment.payload_type = NULL;
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "what augments a payload needs a type too");
    augment.payload_type = "";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "Unexpected empty Payload type");
    augment.payload_type = "mod";
    augment.meta_data = "[]";
    check_refused(&fixture, ARTIFACT_BAD_ARGUMENT, "must be a JSON object");
    fixture_clear(&fixture);
}

static void test_a_key_that_devices_cannot_verify_is_refused_before_the_work(void)
{
    struct fixture fixture;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    fixture_init(&fixture);
    fixture.file.path = "/nonexistent/file";
    CHECK(!artifact_write(&fixture.spec, fixture.output, key, NULL, &error));
    CHECK_INT(error.code, ARTIFACT_UNSUPPORTED_KEY);
    EVP_PKEY_free(key);
    fixture_clear(&fixture);
}

UNIT_TESTS("writer", UNIT_TEST(test_a_rootfs_artifact_has_the_members_that_upstream_writes),
           UNIT_TEST(test_every_field_of_the_header_has_its_place),
           UNIT_TEST(test_a_bootstrap_artifact_has_no_payload_and_still_the_data_member),
           UNIT_TEST(test_a_signature_comes_after_the_manifest),
           UNIT_TEST(test_scripts_are_sorted_and_come_from_files_and_directories),
           UNIT_TEST(test_the_same_input_gives_the_same_bytes_whoever_runs_it_and_when),
           UNIT_TEST(test_source_date_epoch_is_the_time_of_files),
           UNIT_TEST(test_a_payload_from_a_pipe_is_written_whole),
           UNIT_TEST(test_a_payload_whose_size_the_kernel_does_not_tell_is_written_whole),
           UNIT_TEST(test_an_empty_payload_file_is_fine),
           UNIT_TEST(test_a_payload_that_changes_its_size_meanwhile_is_noticed),
           UNIT_TEST(test_a_payload_that_changes_its_bytes_meanwhile_is_noticed),
           UNIT_TEST(test_a_payload_is_whole_wherever_its_header_ends),
           UNIT_TEST(test_of_several_files_each_gets_its_own_contents),
           UNIT_TEST(test_the_output_must_not_be_an_input),
           UNIT_TEST(test_names_that_devices_refuse_are_refused),
           UNIT_TEST(test_provides_and_depends_cannot_replace_what_the_header_says),
           UNIT_TEST(test_text_that_is_no_utf8_is_refused),
           UNIT_TEST(test_payload_files_that_cannot_be_stored_are_refused),
           UNIT_TEST(test_versions_compressions_and_meta_data_that_do_not_exist_are_refused),
           UNIT_TEST(test_no_empty_payload_is_augmented_and_nothing_without_a_type),
           UNIT_TEST(test_a_key_that_devices_cannot_verify_is_refused_before_the_work))
