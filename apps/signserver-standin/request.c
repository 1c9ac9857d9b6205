// SPDX-License-Identifier: Apache-2.0
#include "request.h"

#include "base64.h"

#include <stdlib.h>
#include <string.h>

static int hex_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at =
        digit ? strchr(digits, digit >= 'A' && digit <= 'F' ? digit + 32 : digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

char *request_decode(const char *text, size_t length)
{
    char *segment = malloc(length + 1), *out = segment;
    for (size_t i = 0; segment && i < length; i++) {
        char byte = text[i];
        if (byte == '%') {
            int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;
            if (low < 0 || (high == 0 && low == 0)) {
                free(segment);
                return NULL;
            }
            byte = (char)(high << 4 | low);
            i += 2;
        }
        *out++ = byte;
    }
    if (segment)
        *out = '\0';
    return segment;
}

bool request_parse_id(const char *text, int32_t *id)
{
    bool is_negative = *text == '-';
    int64_t value = 0;
    text += *text == '-' || *text == '+';
    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (*text - '0');
        if (value > (int64_t)INT32_MAX + is_negative)
            return false;
    }
    *id = (int32_t)(is_negative ? -value : value);
    return true;
}

void request_set_base64(json_t *object, const char *key, const unsigned char *bytes, size_t length)
{
    char *text = base64_encode(bytes, length);
    if (text)
        json_object_set_new(object, key, json_string(text));
    free(text);
}

enum { RECORD_MAX_DATA = 1024 };

void request_record(json_t *record, const unsigned char *data, size_t length)
{
    json_object_set_new(record, "length", json_integer((json_int_t)length));
    if (length <= RECORD_MAX_DATA)
        request_set_base64(record, "data", data, length);
}

void request_ask(struct outcome *outcome, unsigned *number, const struct input *input)
{
    *number = atomic_fetch_add(&input->worker->requests, 1);
    process(outcome, input, *number);
}

void request_play_faults(struct answer *answer, const struct worker *worker, unsigned number)
{
    for (size_t i = 0; i < worker->fault_count; i++) {
        if (fault_is_due(&worker->faults[i], number))
            fault_alter_answer(&worker->faults[i], answer);
    }
}
