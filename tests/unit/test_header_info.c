// SPDX-License-Identifier: Apache-2.0
#include "header_info.h"
#include "string_list.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOADS "\"payloads\":[{\"type\":\"mod\"}]"
#define PROVIDES "\"artifact_provides\":{\"artifact_name\":\"n\"}"
#define DEPENDS "\"artifact_depends\":{\"device_type\":[\"d\"]}"

/* The result, for artifact_info_free; the problems go to its warnings. */
static struct artifact_info *parse(const char *text, struct artifact_error *error)
{
    struct artifact_info *info = calloc(1, sizeof *info);
    struct artifact_problems problems = {0};
    bool is_parsed = artifact_header_info_parse(info, &problems, text, strlen(text), error);
    info->warnings = problems.found;
    if (is_parsed)
        return info;
    artifact_info_free(info);
    return NULL;
}

static void refuse_with(enum artifact_code code, const char *text, const char *part)
{
    struct artifact_error error = {0};
    struct artifact_info *info = parse(text, &error);
    CHECK(info == NULL);
    CHECK_INT(error.code, code);
    CHECK_STR(error.member, "header-info");
    CHECK_CONTAINS(error.message, part);
    artifact_info_free(info);
}

static void refuse(const char *text, const char *part)
{
    refuse_with(ARTIFACT_INVALID, text, part);
}

static void test_a_value_gets_lost(void)
{
    struct artifact_error error = {0};
    struct artifact_info *info = parse(
        "{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":\"n\",\"artifact_group\":\"g\"},"
        "\"artifact_depends\":{\"artifact_name\":[\"a\",\"b\"],\"device_type\":[\"d\",\"d\"],"
        "\"artifact_group\":[\"x\"],\"more\":1}}",
        &error);
    CHECK_STR(error.message, "");
    if (!CHECK(info != NULL))
        return;
    CHECK_STR(info->payload_type, "mod");
    CHECK_STR(info->name, "n");
    CHECK_STR(info->group, "g");
    CHECK(info->has_depends);
    CHECK_INT(info->depends_names.count, 2);
    CHECK_STR(info->depends_names.items[1], "b");
    CHECK_INT(info->compatible_types.count, 2);
    CHECK_STR(info->depends_groups.items[0], "x");
    CHECK_INT(info->warnings.count, 0);
    artifact_info_free(info);
}

static void test_an_absent_group_or_null_type_is_refused(void)
{
    struct artifact_info *info =
        parse("{\"payloads\":[{\"type\":null}]," PROVIDES "," DEPENDS "}", NULL);
    if (!CHECK(info != NULL))
        return;
    CHECK(info->payload_type == NULL);
    CHECK_STR(info->group, "");
    CHECK_INT(info->depends_names.count, 0);
    artifact_info_free(info);
}

static void test_any_number_of_payloads_is_accepted(void)
{
    refuse("{\"payloads\":[]," PROVIDES "," DEPENDS "}", "No Payloads added");
    refuse("{" PROVIDES "," DEPENDS "}", "No Payloads added");
    refuse_with(ARTIFACT_UNSUPPORTED,
                "{\"payloads\":[{\"type\":\"a\"},{\"type\":\"b\"}]," PROVIDES "," DEPENDS "}",
                "more than one payload");
    refuse("{\"payloads\":{}," PROVIDES "," DEPENDS "}", "not a list");
}

static void test_a_payload_without_a_right_type_is_accepted(void)
{
    refuse("{\"payloads\":[{\"type\":\"\"}]," PROVIDES "," DEPENDS "}",
           "Unexpected empty Payload type");
    refuse("{\"payloads\":[{}]," PROVIDES "," DEPENDS "}", "type is missing");
    refuse("{\"payloads\":[{\"type\":1}]," PROVIDES "," DEPENDS "}", "type is not a string");
    refuse("{\"payloads\":[null]," PROVIDES "," DEPENDS "}", "not an object");
    refuse("{\"payloads\":[{\"type\":\"a\",\"x\":1}]," PROVIDES "," DEPENDS "}",
           "unknown field \"x\"");
}

static void test_an_artifact_without_a_name_is_accepted(void)
{
    refuse("{" PAYLOADS "," DEPENDS "}", "Empty Artifact provides");
    refuse("{" PAYLOADS ",\"artifact_provides\":{}," DEPENDS "}", "Artifact name");
    refuse("{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":\"\"}," DEPENDS "}",
           "Artifact name");
    refuse("{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":null}," DEPENDS "}",
           "not a string");
    refuse("{" PAYLOADS ",\"artifact_provides\":[]," DEPENDS "}", "not an object");
}

static void test_an_artifact_without_a_device_type_is_accepted(void)
{
    refuse("{" PAYLOADS "," PROVIDES "}", "artifact_depends is missing");
    refuse("{" PAYLOADS "," PROVIDES ",\"artifact_depends\":null}", "not an object");
    refuse("{" PAYLOADS "," PROVIDES ",\"artifact_depends\":{}}",
           "Required field 'CompatibleDevices' not found");
    refuse("{" PAYLOADS "," PROVIDES ",\"artifact_depends\":{\"device_type\":[]}}",
           "Required field 'CompatibleDevices' not found");
    refuse("{" PAYLOADS "," PROVIDES ",\"artifact_depends\":{\"device_type\":\"d\"}}",
           "not a list of strings");
    refuse("{" PAYLOADS "," PROVIDES ",\"artifact_depends\":{\"device_type\":[\"d\",1]}}",
           "not a list of strings");
}

static void test_unknown_or_doubled_keys_are_accepted(void)
{
    refuse("{" PAYLOADS "," PROVIDES "," DEPENDS ",\"foo\":1}", "unknown field \"foo\"");
    refuse("{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":\"n\",\"x\":\"y\"}," DEPENDS "}",
           "unknown field \"x\"");
    refuse("{" PAYLOADS "," PROVIDES "," PROVIDES "," DEPENDS "}", "duplicate");
}

static void test_anything_but_one_json_object_is_accepted(void)
{
    refuse("", "not valid JSON");
    refuse("[]", "not a JSON object");
    refuse("null", "not a JSON object");
    refuse("{" PAYLOADS "," PROVIDES "," DEPENDS "} x", "not valid JSON");
    refuse("{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":\"a\\u0000b\"}," DEPENDS "}",
           "not valid JSON");
    refuse("{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":\"\xff\"}," DEPENDS "}",
           "not valid JSON");
}

/* Expects exactly one problem in an otherwise good header. */
static void expect_problem(const char *text, const char *wanted)
{
    struct artifact_error error = {0};
    struct artifact_info *info = parse(text, &error);
    if (CHECK(info != NULL) && CHECK_INT(info->warnings.count, 1))
        CHECK_STR(info->warnings.items[0].message, wanted);
    artifact_info_free(info);
}

static void test_a_name_that_breaks_the_rules_goes_unsaid(void)
{
    char text[600];
    snprintf(text, sizeof text,
             "{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":\"%0257d\"}," DEPENDS "}", 0);
    expect_problem(text, "invalid header info: invalid artifact provides: invalid artifact name: "
                         "too many characters");
    expect_problem("{" PAYLOADS ",\"artifact_provides\":{\"artifact_name\":\"n\","
                   "\"artifact_group\":\"\\u001b\"}," DEPENDS "}",
                   "invalid header info: invalid artifact provides: invalid artifact group: string "
                   "contains invalid characters");
    expect_problem("{" PAYLOADS "," PROVIDES
                   ",\"artifact_depends\":{\"device_type\":[\"d\",\"\\t\"]}}",
                   "invalid header info: invalid artifact depends: compatible devices at index 1 "
                   "invalid: string contains invalid characters");
    expect_problem("{" PAYLOADS "," PROVIDES ",\"artifact_depends\":{\"device_type\":[\"d\"],"
                   "\"artifact_name\":[\"\\u00a0\"]}}",
                   "invalid header info: invalid artifact depends: artifact name at index 0 "
                   "invalid: string contains invalid characters");
    expect_problem("{" PAYLOADS "," PROVIDES ",\"artifact_depends\":{\"device_type\":[\"d\"],"
                   "\"artifact_group\":[\"\\u007f\"]}}",
                   "invalid header info: invalid artifact depends: artifact group at index 0 "
                   "invalid: string contains invalid characters");
}

/* Of a key that is not asked for upstream's tool asks its type, in whatever case. */
static void test_a_key_in_another_case_is_passed_over(void)
{
    refuse("{" PAYLOADS "," PROVIDES
           ",\"artifact_depends\":{\"device_type\":[\"d\"],\"Device_type\":[\"e\"]}}",
           "\"Device_type\" is spelt \"device_type\"");
    refuse("{" PAYLOADS "," PROVIDES
           ",\"artifact_depends\":{\"device_type\":[\"d\"],\"ARTIFACT_GROUP\":1}}",
           "\"ARTIFACT_GROUP\" is spelt \"artifact_group\"");
}

UNIT_TESTS("header_info", UNIT_TEST(test_a_value_gets_lost),
           UNIT_TEST(test_an_absent_group_or_null_type_is_refused),
           UNIT_TEST(test_any_number_of_payloads_is_accepted),
           UNIT_TEST(test_a_payload_without_a_right_type_is_accepted),
           UNIT_TEST(test_an_artifact_without_a_name_is_accepted),
           UNIT_TEST(test_an_artifact_without_a_device_type_is_accepted),
           UNIT_TEST(test_unknown_or_doubled_keys_are_accepted),
           UNIT_TEST(test_a_key_in_another_case_is_passed_over),
           UNIT_TEST(test_anything_but_one_json_object_is_accepted),
           UNIT_TEST(test_a_name_that_breaks_the_rules_goes_unsaid))
