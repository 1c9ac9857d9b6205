// SPDX-License-Identifier: Apache-2.0
#include "error.h"
#include "unit.h"

#include <openssl/err.h>
#include <string.h>

static struct artifact_error error;

static void test_a_failure_carries_code_member_and_sentence(void)
{
    CHECK(!artifact_fail(&error, ARTIFACT_INVALID, "manifest", "line %d is bad", 7));
    CHECK_INT(error.code, ARTIFACT_INVALID);
    CHECK_STR(error.member, "manifest");
    CHECK_STR(error.message, "line 7 is bad");
    CHECK(!artifact_fail(NULL, ARTIFACT_INVALID, NULL, "nobody wants to know"));
    CHECK(!artifact_fail_prefix(NULL, "nobody"));
    CHECK(!artifact_fail_memory(&error));
    CHECK_INT(error.code, ARTIFACT_NO_MEMORY);
    CHECK_STR(error.member, "");
}

static void test_an_error_can_quote_itself(void)
{
    artifact_fail(&error, ARTIFACT_INVALID, "a", "inner");
    artifact_fail(&error, ARTIFACT_BAD_KEY, error.member, "outer: %s", error.message);
    CHECK_STR(error.message, "outer: inner");
    CHECK_STR(error.member, "a");
}

static void test_a_prefix_keeps_code_and_member(void)
{
    artifact_fail(&error, ARTIFACT_BAD_SIGNATURE, "manifest.sig", "sentence");
    CHECK(!artifact_fail_prefix(&error, "context %d", 1));
    CHECK_INT(error.code, ARTIFACT_BAD_SIGNATURE);
    CHECK_STR(error.member, "manifest.sig");
    CHECK_STR(error.message, "context 1: sentence");
}

static void test_hostile_names_cannot_move_the_cursor_or_begin_a_line(void)
{
    artifact_fail(&error, ARTIFACT_INVALID, "a\nb", "%s", "x\x1b[2Jy\r\nz\x7f\xc3\xa9");
    CHECK_STR(error.member, "a?b");
    CHECK_STR(error.message, "x?[2Jy??z?\xc3\xa9");
    artifact_fail(&error, ARTIFACT_INVALID, NULL, "%s", "a\xc2\x9b[\xc2\xa0\xc2");
    CHECK_STR(error.message, "a??[\xc2\xa0\xc2");
}

static void test_long_sentences_are_cut_and_not_overrun(void)
{
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    artifact_fail(&error, ARTIFACT_INVALID, text, "%s", text);
    CHECK_INT(strlen(error.member), sizeof error.member - 1);
    CHECK_INT(strlen(error.message), sizeof error.message - 1);
    artifact_fail_prefix(&error, "%s", text);
    CHECK_INT(strlen(error.message), sizeof error.message - 1);
}

static void test_the_telling_entry_of_the_queue_is_appended_and_the_queue_is_emptied(void)
{
    ERR_raise_data(ERR_LIB_PEM, ERR_R_MALLOC_FAILURE, "older");
    ERR_raise_data(ERR_LIB_PEM, ERR_R_MALLOC_FAILURE, "worker W at https://host: refused");
    ERR_raise(ERR_LIB_EVP, ERR_R_EVP_LIB);
    artifact_fail_openssl(&error, ARTIFACT_BAD_KEY, NULL, "can not sign");
    CHECK_STR(error.message, "can not sign: malloc failure: worker W at https://host: refused");
    CHECK_INT(ERR_peek_error(), 0);

    ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
    artifact_fail_openssl(&error, ARTIFACT_BAD_KEY, NULL, "can not sign");
    CHECK_STR(error.message, "can not sign: malloc failure");
    artifact_fail_openssl(&error, ARTIFACT_BAD_KEY, NULL, "can not sign");
    CHECK_STR(error.message, "can not sign");

    ERR_raise_data(ERR_LIB_PEM, ERR_R_MALLOC_FAILURE, "line\nbreak");
    artifact_fail_openssl(&error, ARTIFACT_BAD_KEY, NULL, "can not sign");
    CHECK_STR(error.message, "can not sign: malloc failure: line?break");
    ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
    artifact_fail_openssl(NULL, ARTIFACT_BAD_KEY, NULL, "can not sign");
    CHECK_INT(ERR_peek_error(), 0);
}

UNIT_TESTS("error", UNIT_TEST(test_a_failure_carries_code_member_and_sentence),
           UNIT_TEST(test_an_error_can_quote_itself),
           UNIT_TEST(test_a_prefix_keeps_code_and_member),
           UNIT_TEST(test_hostile_names_cannot_move_the_cursor_or_begin_a_line),
           UNIT_TEST(test_long_sentences_are_cut_and_not_overrun),
           UNIT_TEST(test_the_telling_entry_of_the_queue_is_appended_and_the_queue_is_emptied))
