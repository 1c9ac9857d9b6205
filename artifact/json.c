// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading ---- */

/* Upstream's tool stops reading at the end of the value, and mends text that is no UTF-8, and half
 * a surrogate pair, which jansson tells from other bad syntax by its words only. */
static unsigned refused_by(const json_error_t *problem)
{
    static const char surrogate[] = "invalid Unicode '";
    if (strncmp(problem->text, surrogate, strlen(surrogate)) == 0)
        return ARTIFACT_DEVICES;
    switch (json_error_code(problem)) {
    case json_error_end_of_input_expected:
    case json_error_invalid_utf8:
        return ARTIFACT_DEVICES;
    case json_error_duplicate_key:
    case json_error_null_byte_in_key:
    case json_error_null_character:
    case json_error_stack_overflow:
        return 0;
    default:
        return ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT;
    }
}

json_t *artifact_json_parse(const char *member, const char *text, size_t length,
                            struct artifact_error *error)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    if (length > ARTIFACT_JSON_MAX_BYTES) {
        artifact_refuse(error, 0, member, "%s: larger than %d bytes", member,
                        (int)ARTIFACT_JSON_MAX_BYTES);
        return NULL;
    }
    json_error_t problem;
    errno = 0; /* jansson takes memory that it does not get for various errors in the text */
    json_t *value = json_loadb(text, length, flags, &problem);
    /* An integer beyond 64 bits: legal JSON, and a double to the readers on devices. */
    if (!value && json_error_code(&problem) == json_error_numeric_overflow)
        value = json_loadb(text, length, flags | JSON_DECODE_INT_AS_REAL, &problem);
    if (!value && errno == ENOMEM)
        artifact_fail_memory(error);
    else if (!value)
        artifact_refuse(error, refused_by(&problem), member,
                        "%s: not valid JSON: %s (line %d, column %d)", member, problem.text,
                        problem.line, problem.column);
    if (!value || !memchr(text, '\0', length))
        return value;
    /* Behind a number or a word jansson passes over one. */
    artifact_fail(error, ARTIFACT_INVALID, member, "%s: not valid JSON: a NUL byte", member);
    json_decref(value);
    return NULL;
}

/* ---- Printing ---- */

struct printer {
    FILE *out;
    bool is_sorted;
    bool is_out_of_memory; /* beside what the stream itself knows */
};

static void print_value(struct printer *printer, const json_t *value);

/* The two separators U+2028 and U+2029 end a line in JavaScript; E2 80 A8 and E2 80 A9. */
static bool is_line_separator(const unsigned char *bytes, size_t length)
{
    return length >= 3 && bytes[0] == 0xe2 && bytes[1] == 0x80 && (bytes[2] & 0xfe) == 0xa8;
}

static void print_character(FILE *out, unsigned char character)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *form = short_forms; *form; form += 2) {
        if (character == (unsigned char)form[0]) {
            fprintf(out, "\\%c", form[1]);
            return;
        }
    }
    /* The last three so that the text may stand inside HTML, which upstream's encoder cares for. */
    if (character < 0x20 || character == '<' || character == '>' || character == '&')
        fprintf(out, "\\u%04x", character);
    else
        putc(character, out);
}

static void print_string(FILE *out, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    putc('"', out);
    for (size_t i = 0; i < length; i++) {
        if (is_line_separator(bytes + i, length - i)) {
            fprintf(out, "\\u202%c", bytes[i + 2] == 0xa8 ? '8' : '9');
            i += 2;
        } else {
            print_character(out, bytes[i]);
        }
    }
    putc('"', out);
}

/* A number's decimal form: 0.DIGITS times ten to the power of exponent + 1. */
struct decimal {
    bool is_negative;
    char digits[20];
    size_t count;
    long exponent;
};

/*
 * The fewest digits that read back as the same number. They are picked out of %e one by one: the
 * locale of the program decides what the point looks like.
 */
static struct decimal shortest_decimal(double number)
{
    char text[40];
    int precision = 0;
    do
        snprintf(text, sizeof text, "%.*e", precision, number);
    while (strtod(text, NULL) != number && ++precision < 17);

    struct decimal decimal = {.is_negative = text[0] == '-'};
    const char *at = text;
    for (; *at && *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9' && decimal.count < sizeof decimal.digits - 1)
            decimal.digits[decimal.count++] = *at;
    }
    decimal.exponent = *at ? strtol(at + 1, NULL, 10) : 0;
    return decimal;
}

/* Plain digits from 1e-6 up to 1e21, an exponent outside of that. */
static void print_real(FILE *out, double number)
{
    struct decimal decimal = shortest_decimal(number);
    const char *digits = decimal.digits;
    long count = (long)decimal.count, exponent = decimal.exponent;

    if (decimal.is_negative)
        putc('-', out);
    if (exponent < -6 || exponent >= 21) {
        fprintf(out, "%c%s%se%+ld", digits[0], count > 1 ? "." : "", digits + 1, exponent);
    } else if (exponent < 0) {
        fprintf(out, "0.%.*s%s", (int)(-exponent - 1), "00000", digits);
    } else {
        for (long i = 0; i <= exponent; i++)
            putc(i < count ? digits[i] : '0', out);
        if (count > exponent + 1)
            fprintf(out, ".%s", digits + exponent + 1);
    }
}

static void print_array(struct printer *printer, const json_t *array)
{
    putc('[', printer->out);
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            putc(',', printer->out);
        print_value(printer, json_array_get(array, i));
    }
    putc(']', printer->out);
}

static int compare_keys(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The keys, borrowed from the object, in the order to print them in, and NULL; for free(). */
static const char **list_keys(const json_t *object, bool is_sorted)
{
    size_t count = 0;
    const char **keys = calloc(json_object_size(object) + 1, sizeof *keys);
    if (!keys)
        return NULL;
    /* Iterating changes nothing, yet jansson's iterators ask for an object that may change. */
    json_t *iterated = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(iterated); at; at = json_object_iter_next(iterated, at))
        keys[count++] = json_object_iter_key(at);
    if (is_sorted)
        qsort(keys, count, sizeof *keys, compare_keys);
    return keys;
}

static void print_object(struct printer *printer, const json_t *object)
{
    const char **keys = list_keys(object, printer->is_sorted);
    if (!keys) {
        printer->is_out_of_memory = true;
        return;
    }
    putc('{', printer->out);
    for (size_t i = 0; keys[i]; i++) {
        if (i > 0)
            putc(',', printer->out);
        print_string(printer->out, keys[i], strlen(keys[i]));
        putc(':', printer->out);
        print_value(printer, json_object_get(object, keys[i]));
    }
    putc('}', printer->out);
    free(keys);
}

/* As deep as the parser let it become. */
static void print_value(struct printer *printer, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        print_object(printer, value);
        break;
    case JSON_ARRAY:
        print_array(printer, value);
        break;
    case JSON_STRING:
        print_string(printer->out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        fprintf(printer->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        print_real(printer->out, json_real_value(value));
        break;
    case JSON_TRUE:
        fputs("true", printer->out);
        break;
    case JSON_FALSE:
        fputs("false", printer->out);
        break;
    case JSON_NULL:
        fputs("null", printer->out);
        break;
    }
}

char *artifact_json_print(const json_t *value, bool is_sorted, size_t *length,
                          struct artifact_error *error)
{
    char *text = NULL;
    size_t text_length = 0;
    struct printer printer = {.out = open_memstream(&text, &text_length), .is_sorted = is_sorted};
    if (!printer.out) {
        artifact_fail_memory(error);
        return NULL;
    }
    print_value(&printer, value);
    bool has_failed = ferror(printer.out) || printer.is_out_of_memory;
    if (fclose(printer.out) != 0 || has_failed || !text) {
        free(text);
        artifact_fail_memory(error);
        return NULL;
    }
    *length = text_length;
    return text;
}

/* ---- Building ---- */

json_t *artifact_json_string(const char *member, const char *text, struct artifact_error *error)
{
    errno = 0;
    json_t *value = json_string(text);
    if (!value && errno == ENOMEM)
        artifact_fail_memory(error);
    else if (!value)
        artifact_fail(error, ARTIFACT_BAD_ARGUMENT, member, "%s: \"%s\" is not valid UTF-8", member,
                      text);
    return value;
}

bool artifact_json_take(json_t *object, const char *key, json_t *value,
                        struct artifact_error *error)
{
    if (!value)
        return false;
    return json_object_set_new(object, key, value) == 0 || artifact_fail_memory(error);
}

bool artifact_json_set_strings(json_t *object, const char *member, const char *key,
                               const char *const *items, size_t count, struct artifact_error *error)
{
    if (count == 0)
        return true;
    json_t *list = json_array();
    bool is_ok = list || artifact_fail_memory(error);
    for (size_t i = 0; is_ok && i < count; i++) {
        json_t *item = artifact_json_string(member, items[i], error);
        is_ok = item && (json_array_append_new(list, item) == 0 || artifact_fail_memory(error));
    }
    if (is_ok)
        return artifact_json_take(object, key, list, error);
    json_decref(list);
    return false;
}
