// SPDX-License-Identifier: Apache-2.0
#include "names.h"
#include "unit.h"

#include <locale.h>
#include <string.h>

static const char invalid[] = "string contains invalid characters";

static void test_letters_marks_numbers_punctuation_symbols_and_space_are_accepted(void)
{
    static const char *const fine[] = {
        "",
        "release-1",
        "a b",
        "a:b/c\\\"<>&~",
        "\xc3\xa9\xcc\x81",     /* e with acute, combining acute */
        "\xe2\x85\xab\xc2\xb2", /* roman numeral, superscript */
        "\xf0\x9f\x98\x80",     /* an emoji */
        "\xe6\xbc\xa2\xe5\xad\x97",
        "\xef\xbf\xbd", /* U+FFFD itself */
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        CHECK_STR(artifact_name_problem(fine[i]), NULL);
}

static void test_what_nobody_can_see_is_refused(void)
{
    static const char *const bad[] = {
        "a\tb",
        "a\nb",
        "\x7f",
        "\x01",
        "\xc2\x85",         /* C1 control */
        "\xc2\xa0",         /* no-break space */
        "\xc2\xad",         /* soft hyphen */
        "\xe2\x80\x83",     /* em space */
        "\xe2\x80\x8b",     /* zero width space */
        "\xe2\x80\xa8",     /* line separator */
        "\xe2\x80\xae",     /* right-to-left override */
        "\xef\xbb\xbf",     /* byte order mark */
        "\xe3\x80\x80",     /* ideographic space */
        "\xee\x80\x80",     /* private use */
        "\xf3\xb0\x80\x80", /* private use, plane 15 */
        "\xf3\xa0\x81\x81", /* tag character */
        "\xef\xbf\xbe",     /* U+FFFE, not a character */
        "\xcd\xb8",         /* not assigned */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!CHECK_STR(artifact_name_problem(bad[i]), invalid))
            CHECK_INT(i, -1); /* shows which */
    }
}

static void test_bytes_that_are_no_utf8_are_refused(void)
{
    static const char *const bad[] = {
        "\x80",             /* begins with a continuation */
        "\xc3",             /* cut */
        "\xc3(",            /* continued wrongly */
        "\xc1\xa1",         /* overlong a */
        "\xe0\x81\xa1",     /* overlong, three bytes */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf8\x88\x80\x80\x80",
        "\xff",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!CHECK_STR(artifact_name_problem(bad[i]), invalid))
            CHECK_INT(i, -1);
    }
}

static void test_the_length_is_counted_in_bytes(void)
{
    char name[259] = "";
    memset(name, 'a', 256);
    CHECK_STR(artifact_name_problem(name), NULL);
    name[256] = 'a';
    CHECK_STR(artifact_name_problem(name), "too many characters");
    memcpy(name + 254, "\xe2\x82\xac", 4); /* 255 characters of 257 bytes */
    CHECK_STR(artifact_name_problem(name), "too many characters");
}

static void test_the_locale_of_the_program_decides_nothing(void)
{
    setlocale(LC_ALL, "C");
    CHECK_STR(artifact_name_problem("\xc3\xa9"), NULL);
    CHECK_STR(artifact_name_problem("\xc2\xa0"), invalid);
}

static void test_file_names_are_those_that_devices_take(void)
{
    char name[92] = "";
    memset(name, 'a', 90);
    CHECK_STR(artifact_device_file_name_problem(name), NULL);
    name[90] = 'a';
    CHECK_CONTAINS(artifact_device_file_name_problem(name), "90 characters");
    CHECK_STR(artifact_file_name_problem(name), NULL);
    CHECK_STR(artifact_file_name_problem("rootfs_1.ext4,A-Z"), NULL);
    CHECK_STR(artifact_file_name_problem(".hidden"), NULL);
    CHECK_STR(artifact_file_name_problem("..."), NULL);
    CHECK_CONTAINS(artifact_file_name_problem("."), "directory");
    CHECK_CONTAINS(artifact_file_name_problem(".."), "directory");
    static const char *const bad[] = {"",         "a b", "a/b", "/",  "a\n",
                                      "\xc3\xa9", "a:b", "a%b", "a\\"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_CONTAINS(artifact_file_name_problem(bad[i]), "contains forbidden characters. Only "
                                                           "letters, digits and characters in the "
                                                           "set \".,_-\" are allowed");
}

static void test_script_names_are_matched_as_a_whole(void)
{
    static const char *const fine[] = {
        "ArtifactInstall_Enter_00",       "ArtifactReboot_Leave_99",
        "ArtifactRollback_Error_01",      "ArtifactRollbackReboot_Enter_05_text",
        "ArtifactCommit_Leave_10_a_b.sh", "ArtifactFailure_Enter_00_\xc3\xa9",
    };
    static const char *const bad[] = {
        "",
        "one.txt",
        "Download_Enter_05_wifi-driver",
        "1ArtifactInstall_Enter_00",
        "artifactInstall_Enter_00",
        "ArtifactInstall_Enter_000",
        "ArtifactInstall_Enter_00.sh",
        "ArtifactInstall_Enter_00_",
        "ArtifactInstall_Enter_00_a b",
        "ArtifactInstall_Enter_00_a\n",
        "ArtifactInstall_Enter_00_a/b",
        "ArtifactInstall_Enter_0",
        "ArtifactInstall_Enter_",
        "ArtifactInstall_Enter",
        "ArtifactInstall_",
        "ArtifactInstall_Exit_00",
        "ArtifactInstallEnter_00",
        "ArtifactRollbackX_Enter_00",
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        CHECK_STR(artifact_script_name_problem(fine[i]), NULL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_CONTAINS(artifact_script_name_problem(bad[i]),
                       "Scripts must have a name on the form");
}

static void test_devices_take_every_character_in_the_name_of_a_script(void)
{
    CHECK_STR(artifact_device_script_name_problem("ArtifactInstall_Enter_00_a~b"), NULL);
    CHECK_CONTAINS(artifact_device_script_name_problem("ArtifactInstall_Enter_00_\xc3\xa9"),
                   "not ASCII");
    CHECK_CONTAINS(artifact_device_script_name_problem("\xc3\xa9"),
                   "Scripts must have a name on the form");
}

UNIT_TESTS("names",
           UNIT_TEST(test_letters_marks_numbers_punctuation_symbols_and_space_are_accepted),
           UNIT_TEST(test_what_nobody_can_see_is_refused),
           UNIT_TEST(test_bytes_that_are_no_utf8_are_refused),
           UNIT_TEST(test_the_length_is_counted_in_bytes),
           UNIT_TEST(test_the_locale_of_the_program_decides_nothing),
           UNIT_TEST(test_file_names_are_those_that_devices_take),
           UNIT_TEST(test_script_names_are_matched_as_a_whole),
           UNIT_TEST(test_devices_take_every_character_in_the_name_of_a_script))
