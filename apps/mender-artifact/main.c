// SPDX-License-Identifier: Apache-2.0
/* Finds the command, and turns its result into words and an exit status. */
#include "help.h"
#include "interruption.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_FAILURE = 1, STATUS_NO_COMMAND = 3 };

static bool is_one_of(const char *word, const char *const *names)
{
    while (*names && strcmp(word, *names) != 0)
        names++;
    return *names != NULL;
}

static bool is_help(const char *word)
{
    static const char *const names[] = {"-h", "--h", "-help", "--help", NULL};
    return is_one_of(word, names);
}

/* ---- Running a command ---- */

static int exit_status(const struct command *command, enum artifact_code code)
{
    for (const struct exit_status *row = command->exit_statuses; row->code != ARTIFACT_OK; row++) {
        if (row->code == code)
            return row->status;
    }
    return STATUS_FAILURE;
}

/* Whoever gives several artifacts should learn that all but the first are passed over. */
static void warn_of_surplus(const struct command *command, const struct arguments *arguments)
{
    if (strstr(command->operand, "..."))
        return;
    for (size_t i = *command->operand ? 1 : 0; i < arguments->operand_count; i++)
        command_warn("%s is ignored: %s takes %s", arguments->operands[i], command->name,
                     *command->operand ? "one artifact at a time" : "nothing but options");
}

static bool parse_and_run(const struct command *command, struct arguments *arguments, int count,
                          char *const *words, struct artifact_error *error)
{
    if (!arguments_parse(arguments, command->options, count, words, error))
        return false;
    if (arguments_has_flag(arguments, "help")) {
        help_print_command(command);
        return true;
    }
    if (!arguments_check_required(arguments, command->options, error))
        return false;
    warn_of_surplus(command, arguments);
    return command->run(arguments, error);
}

static int run_command(const struct command *command, int count, char *const *words)
{
    struct arguments arguments = {0};
    struct artifact_error error = {0};
    bool is_done = parse_and_run(command, &arguments, count, words, &error);
    arguments_clear(&arguments);
    if (is_done)
        return EXIT_SUCCESS;
    text_make_printable(error.message, "\n");
    fprintf(stderr, "%s\n", error.message);
    return exit_status(command, error.code);
}

/* ---- Finding it ---- */

static int fail_unknown(const char *word)
{
    static const char *const upstream[] = {"modify", "cp", "cat", "install", "rm", NULL};
    if (is_one_of(word, upstream))
        fprintf(stderr,
                "%s is not supported: dump takes an artifact apart, and write makes one of the "
                "parts\n",
                word);
    else
        fprintf(stderr, "No help topic for '%s'\n", word);
    return STATUS_NO_COMMAND;
}

static int fail_unknown_option(const char *word)
{
    const char *name = word + 1 + (word[1] == '-');
    fprintf(stderr, "Incorrect Usage: flag provided but not defined: -%.*s\n",
            (int)strcspn(name, "="), name);
    return EXIT_FAILURE;
}

static int help(int count, char *const *words)
{
    int used;
    const struct command *command = command_find(&used, count, words);
    if (count == 0)
        help_print_general();
    else if (command)
        help_print_command(command);
    else if (count == 1 && command_is_group(words[0]))
        help_print_group(words[0]);
    else
        return fail_unknown(words[count - 1]);
    return EXIT_SUCCESS;
}

/* The words begin with a group, or with nothing that we know. */
static int dispatch_group(int count, char *const *words)
{
    if (command_is_group(words[0]) && (count == 1 || is_help(words[1]))) {
        help_print_group(words[0]);
        return EXIT_SUCCESS;
    }
    const char *word = count > 1 && command_is_group(words[0]) ? words[1] : words[0];
    return word[0] == '-' && word[1] ? fail_unknown_option(word) : fail_unknown(word);
}

static int dispatch(int count, char *const *words)
{
    static const char *const help_words[] = {"help", "h", NULL};
    static const char *const version_words[] = {"-v", "--v", "-version", "--version", NULL};
    int used;
    if (count > 0 && strcmp(words[count - 1], "--generate-bash-completion") == 0) {
        help_print_candidates(count - 1, words);
        return EXIT_SUCCESS;
    }
    if (count == 0 || is_help(words[0]))
        return help(0, NULL);
    if (is_one_of(words[0], version_words)) {
        puts("mender-artifact version " PROJECT_VERSION);
        return EXIT_SUCCESS;
    }
    if (is_one_of(words[0], help_words))
        return help(count - 1, words + 1);
    const struct command *command = command_find(&used, count, words);
    return command ? run_command(command, count - used, words + used)
                   : dispatch_group(count, words);
}

/*
 * The hidden option --compression may stand before the command. For commands that have it too it is
 * a default, and becomes their first option; for others it means nothing.
 */
static char **move_compression(int *count, char **words)
{
    static const char *const names[] = {"-compression", "--compression", NULL};
    int taken = 0, used = 0;
    if (*count > 1 && is_one_of(words[0], names))
        taken = 2;
    else if (*count > 0 && (strncmp(words[0], "--compression=", 14) == 0 ||
                            strncmp(words[0], "-compression=", 13) == 0))
        taken = 1;
    if (taken == 0)
        return words;
    char *option[2] = {words[0], words[1]};
    const struct command *command = command_find(&used, *count - taken, words + taken);
    if (!command || !options_find(command->options, "compression")) {
        *count -= taken;
        return words + taken;
    }
    memmove(words, words + taken, (size_t)used * sizeof *words);
    memcpy(words + used, option, (size_t)taken * sizeof *words);
    return words;
}

/* What was asked for and could not be printed is a failure: a report, and help as well. */
static int check_printed(int status)
{
    if (status != EXIT_SUCCESS || (fflush(stdout) == 0 && !ferror(stdout)))
        return status;
    fputs("can not write to standard output\n", stderr);
    return STATUS_FAILURE;
}

/* What is opened next would take the number of a standard stream that is closed, and an artifact in
 * the making be what warnings go to. Nothing can be read from this, or written to it. */
static void fill_standard_streams(void)
{
    int fd;
    do
        fd = open("/", O_PATH | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    int count = argc > 0 ? argc - 1 : 0;
    fill_standard_streams();
    interruption_init();
    char **words = move_compression(&count, argv + 1);
    return check_printed(dispatch(count, words));
}
