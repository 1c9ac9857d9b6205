// SPDX-License-Identifier: Apache-2.0
#include "error.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* C0, DEL, and the second byte of C1 in UTF-8, where some terminals know commands too. */
static bool is_control(const char *text, size_t offset)
{
    unsigned char byte = (unsigned char)text[offset];
    bool is_after_c2 = offset > 0 && (unsigned char)text[offset - 1] == 0xc2;
    return byte < 0x20 || byte == 0x7f || (is_after_c2 && byte >= 0x80 && byte < 0xa0);
}

void artifact_replace_controls(char *text)
{
    for (size_t i = 0; text[i]; i++) {
        if (!is_control(text, i))
            continue;
        if ((unsigned char)text[i] >= 0x80)
            text[i - 1] = '?';
        text[i] = '?';
    }
}

static void append(char *message, size_t size, const char *text)
{
    size_t length = strlen(message);
    snprintf(message + length, size - length, "%s", text);
}

/* Unless something else is said. */
static unsigned refused_by(enum artifact_code code)
{
    switch (code) {
    case ARTIFACT_INVALID:
    case ARTIFACT_BAD_SIGNATURE:
        return ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT;
    case ARTIFACT_UNSUPPORTED:
        return ARTIFACT_DEVICES;
    default:
        return 0;
    }
}

static void fill(struct artifact_error *error, enum artifact_code code, const char *member,
                 const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));

static void fill(struct artifact_error *error, enum artifact_code code, const char *member,
                 const char *format, va_list arguments)
{
    /* Printed apart first: the arguments may point into the very error that is filled. */
    struct artifact_error filled = {.code = code, .refused_by = refused_by(code)};
    snprintf(filled.member, sizeof filled.member, "%s", member ? member : "");
    vsnprintf(filled.message, sizeof filled.message, format, arguments);
    artifact_replace_controls(filled.member);
    artifact_replace_controls(filled.message);
    *error = filled;
}

bool artifact_fail(struct artifact_error *error, enum artifact_code code, const char *member,
                   const char *format, ...)
{
    if (!error)
        return false;
    va_list arguments;
    va_start(arguments, format);
    fill(error, code, member, format, arguments);
    va_end(arguments);
    return false;
}

bool artifact_refuse(struct artifact_error *error, unsigned readers, const char *member,
                     const char *format, ...)
{
    if (!error)
        return false;
    va_list arguments;
    va_start(arguments, format);
    fill(error, ARTIFACT_INVALID, member, format, arguments);
    va_end(arguments);
    error->refused_by = readers;
    return false;
}

bool artifact_fail_prefix(struct artifact_error *error, const char *format, ...)
{
    if (!error)
        return false;
    struct artifact_error prefix;
    va_list arguments;
    va_start(arguments, format);
    fill(&prefix, error->code, error->member, format, arguments);
    va_end(arguments);

    prefix.refused_by = error->refused_by;
    append(prefix.message, sizeof prefix.message, ": ");
    append(prefix.message, sizeof prefix.message, error->message);
    *error = prefix;
    return false;
}

bool artifact_fail_in_member(struct artifact_error *error, const char *name)
{
    artifact_fail_prefix(error, "%.200s", name);
    if (error && !*error->member)
        snprintf(error->member, sizeof error->member, "%s", name);
    return false;
}

bool artifact_fail_memory(struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_NO_MEMORY, NULL, "out of memory");
}

/* How much an entry of OpenSSL's error queue tells, and in which words. */
struct queue_entry {
    int worth; /* 0: nothing; one for a known reason, two for data of its own */
    char reason[256];
    char data[sizeof((struct artifact_error *)NULL)->message];
};

/* The newest of those that tell most; a provider's entry has its own sentence as data. */
static struct queue_entry take_queue(void)
{
    struct queue_entry best = {0};
    const char *data = NULL;
    int flags = 0;
    unsigned long code;
    while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        const char *reason = ERR_reason_error_string(code);
        bool has_data = data && *data && flags & ERR_TXT_STRING;
        int worth = (reason ? 1 : 0) + (has_data ? 2 : 0);
        if (worth < best.worth)
            continue;
        best.worth = worth;
        snprintf(best.reason, sizeof best.reason, "%s", reason ? reason : "");
        snprintf(best.data, sizeof best.data, "%s", has_data ? data : "");
    }
    return best;
}

static void append_queue(char *message, size_t size)
{
    struct queue_entry entry = take_queue();
    const char *const parts[] = {entry.reason, entry.data};
    for (size_t i = 0; i < 2; i++) {
        if (parts[i][0]) {
            append(message, size, ": ");
            append(message, size, parts[i]);
        }
    }
}

bool artifact_fail_openssl(struct artifact_error *error, enum artifact_code code,
                           const char *member, const char *format, ...)
{
    if (!error) {
        ERR_clear_error();
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    fill(error, code, member, format, arguments);
    va_end(arguments);
    append_queue(error->message, sizeof error->message);
    artifact_replace_controls(error->message);
    return false;
}

bool artifact_error_is_of_contents(const struct artifact_error *error)
{
    return error->code == ARTIFACT_INVALID || error->code == ARTIFACT_UNSUPPORTED;
}
