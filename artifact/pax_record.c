// SPDX-License-Identifier: Apache-2.0
#include "pax_record.h"

#include <string.h>

static bool take_digit(uint64_t *number, unsigned char byte)
{
    if (byte < '0' || byte > '9')
        return false;
    uint64_t digit = (uint64_t)(byte - '0');
    if (*number > (INT64_MAX - digit) / 10)
        return false;
    *number = *number * 10 + digit;
    return true;
}

static bool take_length(struct artifact_pax_record *record, unsigned char byte)
{
    if (byte != ' ')
        return take_digit(&record->length, byte);
    record->part = ARTIFACT_PAX_KEY;
    return record->length > record->seen;
}

static const char sparse[] = "GNU.sparse.";

static enum artifact_pax_kind kind_of(const char *key)
{
    static const struct {
        const char *key;
        enum artifact_pax_kind kind;
    } kinds[] = {
        {"path", ARTIFACT_PAX_NAME},  {"linkpath", ARTIFACT_PAX_NAME}, {"uname", ARTIFACT_PAX_NAME},
        {"gname", ARTIFACT_PAX_NAME}, {"size", ARTIFACT_PAX_NUMBER},   {"uid", ARTIFACT_PAX_NUMBER},
        {"gid", ARTIFACT_PAX_NUMBER}, {"mtime", ARTIFACT_PAX_TIME},    {"atime", ARTIFACT_PAX_TIME},
        {"ctime", ARTIFACT_PAX_TIME},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].key, key) == 0)
            return kinds[i].kind;
    }
    return strcmp(key, sparse) == 0 ? ARTIFACT_PAX_SPARSE : ARTIFACT_PAX_OTHER;
}

static bool take_key(struct artifact_pax_record *record, unsigned char byte)
{
    if (byte == '=') {
        record->part = ARTIFACT_PAX_VALUE;
        record->kind = kind_of(record->key);
        return record->key_length > 0 && record->kind != ARTIFACT_PAX_SPARSE;
    }
    if (record->key_length < sizeof record->key - 1)
        record->key[record->key_length++] = (char)byte;
    else
        record->key_length = sizeof record->key;
    return byte != '\0';
}

static bool take_number(struct artifact_pax_record *record, unsigned char byte)
{
    if (record->value_length == 0 && (byte == '-' || byte == '+')) {
        record->is_negative = byte == '-';
        return true;
    }
    if (record->kind == ARTIFACT_PAX_TIME && byte == '.' && record->has_digits &&
        !record->has_point) {
        record->has_point = true;
        return true;
    }
    record->has_digits = true;
    return record->has_point ? byte >= '0' && byte <= '9' : take_digit(&record->number, byte);
}

static bool take_value(struct artifact_pax_record *record, unsigned char byte)
{
    bool is_fine = true;
    if (record->kind == ARTIFACT_PAX_NAME)
        is_fine = byte != '\0';
    else if (record->kind != ARTIFACT_PAX_OTHER)
        is_fine = take_number(record, byte);
    record->value_length++;
    record->has_bad_value = !is_fine;
    return is_fine;
}

static bool is_number(const struct artifact_pax_record *record)
{
    return record->kind == ARTIFACT_PAX_NUMBER || record->kind == ARTIFACT_PAX_TIME;
}

/* Without a value there is nothing that the record says. */
static bool end_record(struct artifact_pax_record *record, unsigned char byte)
{
    uint64_t size;
    if (record->part != ARTIFACT_PAX_VALUE || byte != '\n')
        return false;
    bool has_no_digits = is_number(record) && record->value_length > 0 && !record->has_digits;
    bool is_size = artifact_pax_record_get_size(record, &size);
    record->has_bad_value = has_no_digits || (is_size && record->is_negative && size > 0);
    return !record->has_bad_value;
}

bool artifact_pax_record_take(struct artifact_pax_record *record, unsigned char byte)
{
    record->seen++;
    if (record->part != ARTIFACT_PAX_LENGTH && record->seen == record->length)
        return end_record(record, byte);
    switch (record->part) {
    case ARTIFACT_PAX_LENGTH:
        return take_length(record, byte);
    case ARTIFACT_PAX_KEY:
        return take_key(record, byte);
    case ARTIFACT_PAX_VALUE:
        return take_value(record, byte);
    }
    return false;
}

bool artifact_pax_record_is_complete(const struct artifact_pax_record *record)
{
    return record->part == ARTIFACT_PAX_VALUE && record->seen == record->length;
}

bool artifact_pax_record_get_size(const struct artifact_pax_record *record, uint64_t *size)
{
    *size = record->number;
    return record->value_length > 0 && strcmp(record->key, "size") == 0 &&
           record->kind == ARTIFACT_PAX_NUMBER;
}
