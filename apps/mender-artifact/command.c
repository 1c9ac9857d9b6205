// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

extern const struct command command_dump, command_read, command_sign, command_validate,
    command_write_bootstrap, command_write_module, command_write_rootfs;

const struct command *const commands[] = {
    &command_write_rootfs,
    &command_write_module,
    &command_write_bootstrap,
    &command_read,
    &command_validate,
    &command_sign,
    &command_dump,
    NULL,
};

const struct option common_options[] = {
    {"help", 'h', OPTION_FLAG, NULL, "Show this help", false},
    {0},
};

/* How many of the words are this command's name; 0: it is another one. */
static int match(const struct command *command, int count, char *const *words)
{
    const char *rest = command->name;
    int used = 0;
    while (*rest) {
        size_t length = strcspn(rest, " ");
        if (used >= count || strlen(words[used]) != length ||
            strncmp(words[used], rest, length) != 0)
            return 0;
        rest += length + (rest[length] == ' ');
        used++;
    }
    return used;
}

const struct command *command_find(int *used, int count, char *const *words)
{
    for (size_t i = 0; commands[i]; i++) {
        *used = match(commands[i], count, words);
        if (*used)
            return commands[i];
    }
    return NULL;
}

const char *command_skip_group(const struct command *command, const char *group)
{
    size_t length = strlen(group);
    bool is_of_group = strncmp(command->name, group, length) == 0 && command->name[length] == ' ';
    return is_of_group ? command->name + length + 1 : NULL;
}

bool command_is_group(const char *word)
{
    size_t i = 0;
    while (commands[i] && !command_skip_group(commands[i], word))
        i++;
    return commands[i] != NULL;
}

bool command_fail(struct artifact_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->code = ARTIFACT_BAD_ARGUMENT;
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return false;
}

void command_warn(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_make_printable(text, "");
    fprintf(stderr, "warning: %s\n", text);
}
