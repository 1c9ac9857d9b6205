// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_word(struct command_line *line, const char *word)
{
    char **words = realloc(line->words, (line->count + 1) * sizeof *words);
    char *copy = words ? strdup(word) : NULL;
    if (words)
        line->words = words;
    if (!copy)
        return false;
    line->words[line->count++] = copy;
    return true;
}

bool command_line_add(struct command_line *line, const char *option, const char *value)
{
    return add_word(line, option) && (!value || add_word(line, value));
}

bool command_line_add_all(struct command_line *line, const char *option,
                          const struct artifact_strings *values)
{
    bool ok = true;
    for (size_t i = 0; ok && i < values->count; i++)
        ok = command_line_add(line, option, values->items[i]);
    return ok;
}

bool command_line_add_pair(struct command_line *line, const char *option, const char *key,
                           const char *value)
{
    char *pair = NULL;
    bool ok = asprintf(&pair, "%s:%s", key, value) >= 0;
    if (!ok)
        return false;
    ok = command_line_add(line, option, pair);
    free(pair);
    return ok;
}

/* Within single quotes a shell leaves all but the quote itself alone (POSIX 2.2.2). */
static void print_quoted(const char *word)
{
    static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789@%+=:,./_-";
    if (*word && strspn(word, harmless) == strlen(word)) {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*word);
    }
    putchar('\'');
}

void command_line_print(const struct command_line *line, bool for_shell)
{
    for (size_t i = 0; i < line->count; i++) {
        if (for_shell) {
            print_quoted(line->words[i]);
            putchar(i + 1 < line->count ? ' ' : '\n');
        } else {
            fputs(line->words[i], stdout);
            putchar('\0');
        }
    }
}

void command_line_clear(struct command_line *line)
{
    for (size_t i = 0; i < line->count; i++)
        free(line->words[i]);
    free(line->words);
    *line = (struct command_line){0};
}
