// SPDX-License-Identifier: Apache-2.0
#include "unit.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>

/* Parses and expects a refusal whose sentence contains `part`. */
static void refuse(const char *text, size_t length, const char *part)
{
    struct artifact_error error = {0};
    char *format = NULL;
    unsigned version = 0;
    struct artifact_problems problems = {0};
    CHECK(!artifact_version_parse(&format, &version, &problems, text, length, &error));
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_STR(error.member, "version");
    CHECK_CONTAINS(error.message, part);
    CHECK(format == NULL);
    free(format);
}

static void refuse_text(const char *text, const char *part)
{
    refuse(text, strlen(text), part);
}

static void accept(const char *text, unsigned wanted)
{
    struct artifact_error error = {0};
    char *format = NULL;
    unsigned version = 0;
    struct artifact_problems problems = {0};
    CHECK(artifact_version_parse(&format, &version, &problems, text, strlen(text), &error));
    CHECK_STR(error.message, "");
    CHECK_STR(format, "mender");
    CHECK_INT(version, wanted);
    free(format);
}

static void test_what_writers_write_is_refused(void)
{
    accept("{\"format\":\"mender\",\"version\":3}", 3);
    accept("{\"format\":\"mender\",\"version\":2}", 2);
    accept(" {\"version\": 3, \"format\": \"mender\"}\n", 3);
}

static void test_another_version_is_accepted(void)
{
    refuse_text("{\"format\":\"mender\",\"version\":1}",
                "Mender-Artifact version 1 is no longer supported");
    refuse_text("{\"format\":\"mender\",\"version\":0}", "unsupported version: 0");
    refuse_text("{\"format\":\"mender\"}", "unsupported version: 0");
    refuse_text("{\"format\":\"mender\",\"version\":4}", "unsupported version: 4");
    refuse_text("{\"format\":\"mender\",\"version\":-3}", "unsupported version: -3");
    /* 3 when cut to 32 bits */
    refuse_text("{\"format\":\"mender\",\"version\":4294967299}", "unsupported version");
}

static void test_a_version_that_is_no_integer_is_accepted(void)
{
    refuse_text("{\"format\":\"mender\",\"version\":\"3\"}", "not an integer");
    refuse_text("{\"format\":\"mender\",\"version\":3.0}", "not an integer");
    refuse_text("{\"format\":\"mender\",\"version\":null}", "not an integer");
    refuse_text("{\"format\":\"mender\",\"version\":30000000000000000000}", "not an integer");
}

static void test_another_format_is_accepted(void)
{
    refuse_text("{\"format\":\"other\",\"version\":3}", "and not \"mender\"");
    refuse_text("{\"version\":3}", "and not \"mender\"");
    refuse_text("{\"format\":3,\"version\":3}", "not a string");
}

static void test_unknown_or_doubled_keys_are_accepted(void)
{
    refuse_text("{\"format\":\"mender\",\"version\":3,\"x\":1}", "unknown field \"x\"");
    refuse_text("{\"Format\":\"mender\",\"version\":3}", "unknown field \"Format\"");
    refuse_text("{\"format\":\"mender\",\"version\":2,\"version\":3}", "duplicate");
}

static void test_anything_but_one_json_object_is_accepted(void)
{
    static const char with_nul[] = "{\"format\":\"mender\",\"version\":3}\0";
    refuse_text("", "not valid JSON");
    refuse_text("3", "not a JSON object");
    refuse_text("null", "not a JSON object");
    refuse_text("[]", "not a JSON object");
    refuse_text("{\"format\":\"mender\",\"version\":3} trailing", "not valid JSON");
    refuse_text("{\"format\":\"mender\",\"version\":3}{}", "not valid JSON");
    refuse_text("\xef\xbb\xbf{\"format\":\"mender\",\"version\":3}", "not valid JSON");
    refuse(with_nul, sizeof with_nul, "not valid JSON");
}

UNIT_TESTS("version", UNIT_TEST(test_what_writers_write_is_refused),
           UNIT_TEST(test_another_version_is_accepted),
           UNIT_TEST(test_a_version_that_is_no_integer_is_accepted),
           UNIT_TEST(test_another_format_is_accepted),
           UNIT_TEST(test_unknown_or_doubled_keys_are_accepted),
           UNIT_TEST(test_anything_but_one_json_object_is_accepted))
