// SPDX-License-Identifier: Apache-2.0
#include "string_list.h"
#include "type_info.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* The result for a payload of this type, for artifact_info_free; what was found is counted. */
static struct artifact_info *parse_and_count(const char *type, const char *text, size_t *note_count,
                                             size_t *problem_count, struct artifact_error *error)
{
    struct artifact_problems problems = {0};
    struct artifact_info *info = calloc(1, sizeof *info);
    if (type)
        info->payload_type = strdup(type);
    bool is_parsed = artifact_type_info_parse(info, &problems, text, strlen(text), error);
    *problem_count = 0;
    for (size_t i = 0; i < problems.found.count; i++)
        *problem_count += problems.found.items[i].code != ARTIFACT_OK;
    *note_count = problems.found.count - *problem_count;
    artifact_problems_clear(&problems);
    if (is_parsed)
        return info;
    artifact_info_free(info);
    return NULL;
}

static struct artifact_info *parse(const char *type, const char *text, size_t *problem_count,
                                   struct artifact_error *error)
{
    size_t note_count;
    struct artifact_error unwanted;
    return parse_and_count(type, text, &note_count, problem_count, error ? error : &unwanted);
}

static void refuse(const char *type, const char *text, const char *part)
{
    size_t problem_count;
    struct artifact_error error = {0};
    struct artifact_info *info = parse(type, text, &problem_count, &error);
    CHECK(info == NULL);
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_STR(error.member, "type-info");
    CHECK_CONTAINS(error.message, part);
    artifact_info_free(info);
}

static void expect(const char *type, const char *text, size_t warnings, size_t problems)
{
    size_t note_count, problem_count;
    struct artifact_error error = {0};
    struct artifact_info *info = parse_and_count(type, text, &note_count, &problem_count, &error);
    CHECK(info != NULL);
    CHECK_INT(note_count, warnings);
    CHECK_INT(problem_count, problems);
    artifact_info_free(info);
}

static void test_a_value_gets_lost_or_unsorted(void)
{
    size_t problem_count;
    struct artifact_info *info =
        parse("mod",
              "{\"type\":\"mod\",\"artifact_provides\":{\"b\":\"2\",\"a\":\"\",\"B\":\"x\"},"
              "\"artifact_depends\":{\"z\":\"9\",\"y\":\"8\"},"
              "\"clears_artifact_provides\":[\"b.*\",\"a\"],\"future\":1}",
              &problem_count, NULL);
    if (!CHECK(info != NULL))
        return;
    if (CHECK_INT(info->provides_count, 3)) {
        CHECK_STR(info->provides[0].key, "B");
        CHECK_STR(info->provides[1].key, "a");
        CHECK_STR(info->provides[1].value, "");
        CHECK_STR(info->provides[2].value, "2");
    }
    if (CHECK_INT(info->depends_count, 2)) {
        CHECK_STR(info->depends[0].key, "y");
        CHECK(!info->depends[0].is_list);
        CHECK_STR(info->depends[0].values.items[0], "8");
    }
    CHECK(info->has_clears_provides);
    if (CHECK_INT(info->clears_provides.count, 2))
        CHECK_STR(info->clears_provides.items[0], "b.*");
    CHECK_INT(problem_count, 0);
    artifact_info_free(info);
}

static void test_clearing_nothing_is_taken_for_saying_nothing(void)
{
    size_t problem_count;
    struct artifact_info *silent = parse("mod", "{\"type\":\"mod\"}", &problem_count, NULL);
    struct artifact_info *none =
        parse("mod", "{\"type\":\"mod\",\"clears_artifact_provides\":[]}", &problem_count, NULL);
    CHECK(silent && !silent->has_clears_provides);
    CHECK(none && none->has_clears_provides && none->clears_provides.count == 0);
    artifact_info_free(silent);
    artifact_info_free(none);
}

static void test_a_type_other_than_header_infos_is_accepted(void)
{
    static const char sentence[] = "Type in type-info header does not match header-info";
    refuse("mod", "{\"type\":\"other\"}", sentence);
    refuse("mod", "{\"type\":\"\"}", sentence);
    refuse("mod", "{\"type\":null}", sentence);
    refuse("mod", "{}", "the type is missing");
    refuse("rootfs-image", "{\"type\":\"mod\"}", sentence);
    refuse("rootfs-image", "{\"type\":1}", "not a string");
    refuse(NULL, "{\"type\":\"mod\"}", sentence);
    refuse(NULL, "{}", "the type is missing");
    expect(NULL, "{\"type\":null}", 0, 0);
}

static void test_the_empty_rootfs_type_of_old_releases_is_refused(void)
{
    expect("rootfs-image", "{\"type\":\"rootfs-image\"}", 0, 0);
    expect("rootfs-image", "{\"type\":\"\"}", 1, 0);
    expect("rootfs-image", "{\"type\":null}", 1, 0);
    /* devices refuse this one */
    expect("rootfs-image", "{}", 0, 1);
}

static void test_a_list_to_depend_on_is_taken_for_what_devices_take(void)
{
    size_t problem_count;
    struct artifact_info *info =
        parse("mod", "{\"type\":\"mod\",\"artifact_depends\":{\"a\":[\"x\",\"y\"]}}",
              &problem_count, NULL);
    if (!CHECK(info != NULL))
        return;
    CHECK(info->depends[0].is_list);
    CHECK_INT(info->depends[0].values.count, 2);
    CHECK_INT(problem_count, 1);
    artifact_info_free(info);
}

static void test_a_value_of_a_wrong_type_is_accepted(void)
{
    refuse("mod", "{\"type\":\"mod\",\"artifact_provides\":{\"a\":1}}",
           "Invalid TypeInfo provides type");
    refuse("mod", "{\"type\":\"mod\",\"artifact_provides\":{\"a\":null}}",
           "Invalid TypeInfo provides type");
    refuse("mod", "{\"type\":\"mod\",\"artifact_provides\":{\"a\":[\"x\"]}}",
           "Invalid TypeInfo provides type");
    refuse("mod", "{\"type\":\"mod\",\"artifact_provides\":[]}", "not an object");
    refuse("mod", "{\"type\":\"mod\",\"artifact_depends\":{\"a\":\"x\",\"b\":1}}",
           "Invalid TypeInfo depends type");
    refuse("mod", "{\"type\":\"mod\",\"artifact_depends\":{\"a\":[1]}}", "not a list of strings");
    refuse("mod", "{\"type\":\"mod\",\"clears_artifact_provides\":\"x\"}", "not a list of strings");
    refuse("mod", "{\"type\":\"mod\",\"clears_artifact_provides\":[{}]}", "not a list of strings");
}

/* In the first key the last letter is the long s, the small letter of an S. */
static void test_what_a_tool_reads_under_a_key_in_another_case_is_passed_over(void)
{
    refuse("mod", "{\"type\":\"mod\",\"artifact_provide\xc5\xbf\":{}}",
           "is spelt \"artifact_provides\"");
    refuse("mod", "{\"type\":\"mod\",\"Clears_Artifact_PROVIDES\":1}",
           "is spelt \"clears_artifact_provides\"");
    refuse("mod", "{\"Type\":\"mod\",\"type\":\"mod\"}", "\"Type\" is spelt \"type\"");
    expect("mod", "{\"type\":\"mod\",\"types\":1,\"typ\":1,\"\":1,\"artifact_depend\xc5\xbe\":1}",
           0, 0);
}

static void test_anything_but_one_json_object_is_accepted(void)
{
    refuse("mod", "", "not valid JSON");
    refuse("mod", "null", "not a JSON object");
    refuse("rootfs-image", "null", "not a JSON object");
    refuse("mod", "{\"type\":\"mod\"} x", "not valid JSON");
    refuse("mod", "{\"type\":\"mod\",\"type\":\"mod\"}", "duplicate");
}

/* ---- meta-data ---- */

static void expect_meta_data(const char *text, const char *wanted)
{
    struct artifact_error error = {0};
    char *out = NULL;
    CHECK(artifact_meta_data_parse(&out, text, strlen(text), &error));
    CHECK_STR(error.message, "");
    CHECK_STR(out, wanted);
    free(out);
}

static void refuse_meta_data(const char *text, const char *part)
{
    struct artifact_error error = {0};
    char *out = NULL;
    CHECK(!artifact_meta_data_parse(&out, text, strlen(text), &error));
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_CONTAINS(error.message, part);
    CHECK(out == NULL);
}

static void test_meta_data_changes_its_meaning(void)
{
    expect_meta_data("", NULL);
    expect_meta_data("null", NULL);
    expect_meta_data("{}", "{}");
    expect_meta_data(" { \"b\" : [ 1 , null , true ] , \"a\" : { \"d\" : 1.5 , \"c\" : \"x\" } } ",
                     "{\"a\":{\"c\":\"x\",\"d\":1.5},\"b\":[1,null,true]}");
}

static void test_meta_data_that_is_no_object_is_accepted(void)
{
    refuse_meta_data("[]", "Top level object in meta-data must be a JSON object");
    refuse_meta_data("\"x\"", "Top level object in meta-data must be a JSON object");
    refuse_meta_data("1", "Top level object in meta-data must be a JSON object");
    refuse_meta_data("{", "not valid JSON");
    refuse_meta_data("{} {}", "not valid JSON");
}

static void test_deep_meta_data_exhausts_the_stack(void)
{
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH * 5 + 1);
    for (size_t i = 0; i < DEPTH; i++)
        memcpy(text + 5 * i, "{\"a\":", 5);
    text[DEPTH * 5] = '\0';
    refuse_meta_data(text, "depth");
    free(text);
}

UNIT_TESTS("type_info", UNIT_TEST(test_a_value_gets_lost_or_unsorted),
           UNIT_TEST(test_clearing_nothing_is_taken_for_saying_nothing),
           UNIT_TEST(test_a_type_other_than_header_infos_is_accepted),
           UNIT_TEST(test_the_empty_rootfs_type_of_old_releases_is_refused),
           UNIT_TEST(test_a_list_to_depend_on_is_taken_for_what_devices_take),
           UNIT_TEST(test_a_value_of_a_wrong_type_is_accepted),
           UNIT_TEST(test_what_a_tool_reads_under_a_key_in_another_case_is_passed_over),
           UNIT_TEST(test_anything_but_one_json_object_is_accepted),
           UNIT_TEST(test_meta_data_changes_its_meaning),
           UNIT_TEST(test_meta_data_that_is_no_object_is_accepted),
           UNIT_TEST(test_deep_meta_data_exhausts_the_stack))
