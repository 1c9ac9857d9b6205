// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <limits.h>
#include <locale.h>
#include <openssl/asn1.h>
#include <string.h>
#include <wctype.h>

enum {
    MAX_NAME_BYTES = 256,
    MAX_FILE_NAME_BYTES = 90,
};

/*
 * The printable rule: Unicode categories L, M, N, P and S, and the ASCII space. That is the C
 * library's `graph` class without what is graphic there and yet invisible on a screen: format
 * characters (Cf), private use (Co) and the three no-break spaces. In order, for the search.
 */
static const struct {
    unsigned long first, last;
} invisible[] = {
    {0xa0, 0xa0},       {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},
    {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},
    {0x180e, 0x180e},   {0x2007, 0x2007},   {0x200b, 0x200f},   {0x202a, 0x202f},
    {0x2060, 0x206f},   {0xe000, 0xf8ff},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},
    {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0001, 0xe0001}, {0xe0020, 0xe007f}, {0xf0000, 0x10ffff},
};

static bool is_invisible(unsigned long character)
{
    size_t i = 0;
    while (i < sizeof invisible / sizeof invisible[0] && invisible[i].last < character)
        i++;
    return i < sizeof invisible / sizeof invisible[0] && invisible[i].first <= character;
}

static bool is_printable(unsigned long character, locale_t unicode)
{
    if (character == ' ')
        return true;
    return iswgraph_l((wint_t)character, unicode) && !is_invisible(character);
}

static bool is_printable_text(const char *text, locale_t unicode)
{
    const unsigned char *rest = (const unsigned char *)text;
    size_t length = strlen(text);
    while (length > 0) {
        unsigned long character;
        int taken = UTF8_getc(rest, (int)length, &character);
        bool is_surrogate = character >= 0xd800 && character <= 0xdfff;
        if (taken <= 0 || is_surrogate || character > 0x10ffff || !is_printable(character, unicode))
            return false;
        rest += taken;
        length -= (size_t)taken;
    }
    return true;
}

const char *artifact_name_problem(const char *name)
{
    if (strlen(name) > MAX_NAME_BYTES)
        return "too many characters";
    /* The user's locale decides nothing: what is fine here must be fine on the device. */
    locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    if (!unicode)
        return "this system has no C.UTF-8 locale to check its characters with";
    bool is_fine = is_printable_text(name, unicode);
    freelocale(unicode);
    return is_fine ? NULL : "string contains invalid characters";
}

const char *artifact_file_name(const struct artifact_file *file)
{
    if (file->name)
        return file->name;
    const char *slash = strrchr(file->path, '/');
    return slash ? slash + 1 : file->path;
}

const char *artifact_file_name_problem(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  ".,_-";
    if (!*name || name[strspn(name, allowed)])
        return "contains forbidden characters. Only letters, digits and characters in the set "
               "\".,_-\" are allowed";
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "is the name of a directory";
    if (strlen(name) > NAME_MAX)
        return "is longer than any file system accepts";
    return NULL;
}

const char *artifact_device_file_name_problem(const char *name)
{
    const char *problem = artifact_file_name_problem(name);
    if (!problem && strlen(name) > MAX_FILE_NAME_BYTES)
        return "is longer than the 90 characters that devices accept";
    return problem;
}

static const char script_form[] =
    "Scripts must have a name on the form: <STATE_NAME>_<ACTION>_<ORDERING_NUMBER>_"
    "<OPTIONAL_DESCRIPTION>. For example: 'ArtifactInstall_Enter_05_wifi-driver' is a valid "
    "script name.";

/* What follows the first of the words that the text begins with and a '_' ends; NULL: none. */
static const char *skip_word(const char *text, const char *const *words)
{
    for (; *words; words++) {
        size_t length = strlen(*words);
        if (strncmp(text, *words, length) == 0 && text[length] == '_')
            return text + length + 1;
    }
    return NULL;
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_order_and_description(const char *text)
{
    if (!is_digit(text[0]) || !is_digit(text[1]))
        return false;
    if (!text[2])
        return true;
    return text[2] == '_' && text[3] && !text[3 + strcspn(text + 3, " \t\n\v\f\r/")];
}

const char *artifact_script_name_problem(const char *name)
{
    static const char *const states[] = {"ArtifactInstall",
                                         "ArtifactReboot",
                                         "ArtifactCommit",
                                         "ArtifactFailure",
                                         "ArtifactRollbackReboot",
                                         "ArtifactRollback",
                                         NULL};
    static const char *const actions[] = {"Enter", "Leave", "Error", NULL};

    const char *rest = skip_word(name, states);
    if (rest)
        rest = skip_word(rest, actions);
    return rest && is_order_and_description(rest) ? NULL : script_form;
}

const char *artifact_device_script_name_problem(const char *name)
{
    const char *problem = artifact_script_name_problem(name);
    for (const char *at = name; !problem && *at; at++) {
        if ((unsigned char)*at >= 0x80)
            return "has a character that is not ASCII, which devices can not unpack";
    }
    return problem;
}
