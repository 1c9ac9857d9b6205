// SPDX-License-Identifier: Apache-2.0
#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_COLUMN = 36, COMMAND_COLUMN = 28 };

static const struct option global_options[] = {
    {"help", 'h', OPTION_FLAG, NULL, "Show this help", false},
    {"version", 'v', OPTION_FLAG, NULL, "Show the version", false},
    {0},
};

static const struct option *const global_tables[] = {global_options, NULL};

/* ---- Help ---- */

static void print_option(const struct option *option)
{
    char left[128];
    const char letter[] = {option->letter, '\0'};
    snprintf(left, sizeof left, "  --%s%s%s%s%s", option->name, *letter ? ", -" : "", letter,
             option->argument ? " " : "", option->argument ? option->argument : "");
    if (strlen(left) >= OPTION_COLUMN) {
        puts(left);
        left[0] = '\0';
    }
    printf("%-*s%s%s\n", OPTION_COLUMN, left, option->help,
           option->is_required ? " (required)" : "");
}

static void print_options(option_tables tables)
{
    puts("\nOptions:");
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++)
            print_option(option);
    }
    puts("\nSee mender-artifact(1).");
}

static void print_line(const char *name, const char *summary)
{
    printf("  %-*s%s\n", COMMAND_COLUMN - 2, name, summary);
}

void help_print_general(void)
{
    puts("mender-artifact - write, read, sign and validate Mender Artifacts\n\n"
         "Usage: mender-artifact COMMAND [OPTIONS] [ARTIFACT]\n\nCommands:");
    for (size_t i = 0; commands[i]; i++)
        print_line(commands[i]->name, commands[i]->summary);
    print_line("help [COMMAND]", "Show this help, or that of a command");
    print_options(global_tables);
}

void help_print_command(const struct command *command)
{
    printf("mender-artifact %s - %s\n\nUsage: mender-artifact %s [OPTIONS]%s%s\n", command->name,
           command->summary, command->name, *command->operand ? " " : "", command->operand);
    print_options(command->options);
}

void help_print_group(const char *group)
{
    printf("Usage: mender-artifact %s COMMAND [OPTIONS]\n\nCommands:\n", group);
    for (size_t i = 0; commands[i]; i++) {
        if (command_skip_group(commands[i], group))
            print_line(commands[i]->name, commands[i]->summary);
    }
}

/* ---- Completion ---- */

static void print_candidate(const char *dashes, const char *name, size_t length,
                            const char *summary)
{
    const char *zsh = getenv("_CLI_ZSH_AUTOCOMPLETE_HACK");
    bool is_described = zsh && strcmp(zsh, "1") == 0;
    printf("%s%.*s%s%s\n", dashes, (int)length, name, is_described ? ":" : "",
           is_described ? summary : "");
}

static void print_option_candidates(option_tables tables)
{
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            print_candidate("--", option->name, strlen(option->name), option->help);
            if (option->letter)
                print_candidate("-", &option->letter, 1, option->help);
        }
    }
}

/* The first words of all commands, each once. */
static void print_command_candidates(void)
{
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name;
        size_t length = strcspn(name, " ");
        bool is_repeated =
            i > 0 && name[length] && strncmp(name, commands[i - 1]->name, length) == 0;
        if (!is_repeated)
            print_candidate("", name, length, commands[i]->summary);
    }
    print_candidate("", "help", 4, "Show the help");
}

void help_print_candidates(int count, char *const *words)
{
    int used;
    bool wants_option = count > 0 && words[count - 1][0] == '-';
    const struct command *command = command_find(&used, count, words);
    if (wants_option)
        print_option_candidates(command ? command->options : global_tables);
    else if (count == 0)
        print_command_candidates();
    for (size_t i = 0; commands[i] && count > 0 && !command && !wants_option; i++) {
        const char *name = command_skip_group(commands[i], words[0]);
        if (name)
            print_candidate("", name, strlen(name), commands[i]->summary);
    }
}
