// SPDX-License-Identifier: Apache-2.0
/* Finds the command, and turns its result into words and an exit status. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_FAILURE = 1, STATUS_NO_COMMAND = 3 };

static const struct command *const commands[] = {
    &command_write_rootfs, &command_write_module, &command_write_bootstrap,
    &command_read,         &command_validate,     &command_sign,
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static const struct option global_options[] = {
    {"help", 'h', OPTION_FLAG, NULL, "Show this help", false},
    {"version", 'v', OPTION_FLAG, NULL, "Show the version", false},
    {0},
};

/* ---- Help ---- */

static void print_general_help(void)
{
    puts("mender-artifact - write, read, sign and validate Mender Artifacts\n\n"
         "Usage: mender-artifact COMMAND [OPTIONS] [ARTIFACT]\n\nCommands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-28s%s\n", commands[i]->name, commands[i]->summary);
    puts("  help [COMMAND]              Show this help, or that of a command\n\nOptions:");
    options_print_help((option_tables)(const struct option *const[]){global_options, NULL});
    puts("\nSee mender-artifact(1).");
}

static void print_command_help(const struct command *command)
{
    printf("mender-artifact %s - %s\n\nUsage: mender-artifact %s [OPTIONS]%s%s\n\nOptions:\n",
           command->name, command->summary, command->name, *command->operands ? " " : "",
           command->operands);
    options_print_help(command->options);
    puts("\nSee mender-artifact(1).");
}

/* The commands of a group, "write" for one. */
static bool print_group_help(const char *word)
{
    size_t length = strlen(word);
    bool has_any = false;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(commands[i]->name, word, length) != 0 || commands[i]->name[length] != ' ')
            continue;
        if (!has_any)
            printf("Usage: mender-artifact %s COMMAND [OPTIONS]\n\nCommands:\n", word);
        has_any = true;
        printf("  %-28s%s\n", commands[i]->name, commands[i]->summary);
    }
    return has_any;
}

/* ---- Finding the command ---- */

/* How many of the words are this command's name; 0: it is another one. */
static int match_command(const struct command *command, int count, char *const *words)
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

static const struct command *find_command(int *used, int count, char *const *words)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        *used = match_command(commands[i], count, words);
        if (*used)
            return commands[i];
    }
    return NULL;
}

static bool is_one_of(const char *word, const char *const *names)
{
    while (*names && strcmp(word, *names) != 0)
        names++;
    return *names != NULL;
}

static bool is_help(const char *word)
{
    static const char *const names[] = {"-h", "-help", "--help", NULL};
    return is_one_of(word, names);
}

static bool asks_for_help(int count, char *const *words)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        if (is_help(words[i]))
            return true;
    }
    return false;
}

/* ---- Running it ---- */

static int exit_status(const struct command *command, enum artifact_code code)
{
    for (const struct exit_status *row = command->exit_statuses; row->code != ARTIFACT_OK; row++) {
        if (row->code == code)
            return row->status;
    }
    return STATUS_FAILURE;
}

static int run_command(const struct command *command, int count, char *const *words)
{
    struct arguments arguments = {0};
    struct artifact_error error = {0};
    if (asks_for_help(count, words)) {
        print_command_help(command);
        return EXIT_SUCCESS;
    }
    bool is_done = arguments_parse(&arguments, command->options, count, words, &error) &&
                   arguments_check_required(&arguments, command->options, &error) &&
                   command->run(&arguments, &error);
    if (is_done && (fflush(stdout) != 0 || ferror(stdout)))
        is_done = command_fail(&error, "can not write to standard output");
    arguments_clear(&arguments);
    if (is_done)
        return EXIT_SUCCESS;
    fprintf(stderr, "%s\n", error.message);
    return exit_status(command, error.code);
}

static int fail_unknown(const char *word)
{
    fprintf(stderr, "No help topic for '%s'\n", word);
    return STATUS_NO_COMMAND;
}

static int help(int count, char *const *words)
{
    int used;
    if (count == 0) {
        print_general_help();
        return EXIT_SUCCESS;
    }
    const struct command *command = find_command(&used, count, words);
    if (command)
        print_command_help(command);
    else if (!print_group_help(words[0]))
        return fail_unknown(words[0]);
    return EXIT_SUCCESS;
}

/* Candidates for the word that is being typed, one per line: options after a dash, else commands.
 */
static int complete(int count, char *const *words)
{
    int used = 0;
    const struct command *command = find_command(&used, count, words);
    if (command) {
        if (words[count - 1][0] == '-')
            options_print_names(command->options);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *space = strchr(commands[i]->name, ' ');
        bool is_in_group =
            space && count > 0 &&
            strncmp(commands[i]->name, words[0], (size_t)(space - commands[i]->name)) == 0;
        if (is_in_group)
            puts(space + 1);
        else if (count == 0 && (!space || i == 0))
            printf("%.*s\n",
                   space ? (int)(space - commands[i]->name) : (int)strlen(commands[i]->name),
                   commands[i]->name);
    }
    return EXIT_SUCCESS;
}

static int dispatch(int count, char *const *words)
{
    static const char *const help_words[] = {"help", "h", NULL};
    static const char *const version_words[] = {"-v", "-version", "--version", NULL};
    int used = 0;
    if (count == 0 || is_help(words[0]))
        return help(0, NULL);
    if (strcmp(words[count - 1], "--generate-bash-completion") == 0)
        return complete(count - 1, words);
    if (is_one_of(words[0], version_words)) {
        puts("mender-artifact version " PROJECT_VERSION);
        return EXIT_SUCCESS;
    }
    if (is_one_of(words[0], help_words))
        return help(count - 1, words + 1);
    const struct command *command = find_command(&used, count, words);
    if (command)
        return run_command(command, count - used, words + used);
    if ((count == 1 || is_help(words[1])) && print_group_help(words[0]))
        return EXIT_SUCCESS;
    return fail_unknown(count > 1 && print_group_help(words[0]) ? words[1] : words[0]);
}

/*
 * The hidden option --compression may stand before the command, where it is the default for the
 * command's own: it becomes the command's first option.
 */
static char **move_compression(int *count, char **words)
{
    int taken = 0;
    if (*count > 0 && strncmp(words[0], "--compression=", 14) == 0)
        taken = 1;
    else if (*count > 1 && strcmp(words[0], "--compression") == 0)
        taken = 2;
    int used = 0;
    if (taken == 0 || !find_command(&used, *count - taken, words + taken))
        return words;
    char *option[2] = {words[0], words[1]};
    memmove(words, words + taken, (size_t)used * sizeof *words);
    memcpy(words + used, option, (size_t)taken * sizeof *words);
    return words;
}

int main(int argc, char **argv)
{
    int count = argc > 0 ? argc - 1 : 0;
    return dispatch(count, move_compression(&count, argv + 1));
}
