// SPDX-License-Identifier: Apache-2.0
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const OSSL_ITEM reasons[] = {
    {SS_R_CONFIGURATION, (void *)"wrong setting"},
    {SS_R_URI, (void *)"malformed key URI"},
    {SS_R_CONNECTION, (void *)"no connection to the server"},
    {SS_R_TLS, (void *)"TLS failure"},
    {SS_R_TIMEOUT, (void *)"time limit passed"},
    {SS_R_AUTHENTICATION, (void *)"not authorised"},
    {SS_R_NO_SUCH_WORKER, (void *)"no such worker"},
    {SS_R_REFUSED, (void *)"refused by the server"},
    {SS_R_SERVER, (void *)"failure of the server"},
    {SS_R_BAD_ANSWER, (void *)"bad answer"},
    {SS_R_BAD_SIGNATURE, (void *)"bad signature from the server"},
    {SS_R_KEY_CHANGED, (void *)"answer from another key"},
    {SS_R_UNSUPPORTED, (void *)"unsupported by the worker"},
    {SS_R_RECURSION, (void *)"key needed for its own connection"},
    {SS_R_INTERNAL, (void *)"internal failure"},
    {SS_R_REFERENCE, (void *)"malformed key reference"},
    {SS_R_BUFFER, (void *)"output buffer too small"},
    {0, NULL},
};

const OSSL_ITEM *ss_reason_strings(void)
{
    return reasons;
}

bool ss_fail(struct ss_error *error, enum ss_reason reason, const char *format, ...)
{
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments); /* apart: an argument may be the old text */
    va_end(arguments);
    error->reason = reason;
    memcpy(error->text, text, sizeof text);
    return false;
}

bool ss_fail_prefix(struct ss_error *error, const char *format, ...)
{
    char prefix[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    return ss_fail(error, error->reason, "%s: %s", prefix, error->text);
}

bool ss_fail_internal(struct ss_error *error, const char *what)
{
    return ss_fail(error, SS_R_INTERNAL, "internal failure: %s", what);
}

/* The length of the UTF-8 sequence at `text` (RFC 3629), 0 when it is none. */
static size_t utf8_length(const unsigned char *text, size_t length)
{
    static const struct {
        unsigned char first_min, first_max, second_min, second_max, length;
    } rows[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    if (text[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (text[0] < rows[i].first_min || text[0] > rows[i].first_max || length < rows[i].length)
            continue;
        if (text[1] < rows[i].second_min || text[1] > rows[i].second_max)
            return 0;
        for (size_t k = 2; k < rows[i].length; k++) {
            if ((text[k] & 0xc0) != 0x80)
                return 0;
        }
        return rows[i].length;
    }
    return 0;
}

bool ss_is_utf8(const char *text, size_t length)
{
    size_t step = 1;

    for (; length > 0 && step > 0; text += step, length -= step)
        step = utf8_length((const unsigned char *)text, length);
    return step > 0;
}

/* C1 controls (U+0080 to U+009F) move a terminal's cursor as well. */
static bool is_control(const unsigned char *text, size_t length)
{
    if (length == 1)
        return text[0] < 0x20 || text[0] == 0x7f;
    return length == 2 && text[0] == 0xc2 && text[1] < 0xa0;
}

void ss_quote(char *out, size_t out_size, const char *text, size_t length)
{
    static const char ellipsis[] = "...";
    const unsigned char *from = (const unsigned char *)text;
    size_t used = 0, kept = 0; /* kept: what leaves room for the ellipsis */

    if (out_size < sizeof ellipsis) {
        if (out_size > 0)
            out[0] = '\0';
        return;
    }
    for (size_t i = 0; i < length;) {
        size_t step = utf8_length(from + i, length - i);
        bool is_fit = step > 0 && !is_control(from + i, step);
        size_t wanted = is_fit ? step : 1;

        if (used + wanted >= out_size) {
            memcpy(out + kept, ellipsis, sizeof ellipsis);
            return;
        }
        if (is_fit)
            memcpy(out + used, from + i, step);
        else
            out[used] = '?';
        used += wanted;
        i += step > 0 ? step : 1;
        if (used + sizeof ellipsis <= out_size)
            kept = used;
    }
    out[used] = '\0';
}

static void vset_error(const struct ss_core *core, uint32_t reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    core->vset_error(core->handle, reason, format, arguments);
    va_end(arguments);
}

void ss_raise(const struct ss_core *core, const struct ss_error *error, const char *file, int line,
              const char *function)
{
    if (error->reason == SS_R_NONE || core->new_error == NULL || core->vset_error == NULL)
        return;
    core->new_error(core->handle);
    if (core->set_error_debug != NULL)
        core->set_error_debug(core->handle, file, line, function);
    vset_error(core, (uint32_t)error->reason, "%s", error->text);
}
