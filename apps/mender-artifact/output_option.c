// SPDX-License-Identifier: Apache-2.0
#include "output_option.h"

#include "command.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* False when nothing is there yet. */
static bool describe(struct stat *status, const char *output)
{
    return strcmp(output, "-") == 0 ? fstat(STDOUT_FILENO, status) == 0 : stat(output, status) == 0;
}

bool output_is_stream(const char *output)
{
    struct stat status;
    if (strcmp(output, "-") == 0)
        return true;
    return stat(output, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* That of standard output, by this or another name: a device is not opened just to ask. */
static bool is_terminal(const struct stat *output)
{
    struct stat own;
    return S_ISCHR(output->st_mode) && isatty(STDOUT_FILENO) && fstat(STDOUT_FILENO, &own) == 0 &&
           own.st_rdev == output->st_rdev;
}

/* A key may be named by a URI of a file: "file:PATH", "file:///PATH" (RFC 8089). */
static const char *path_of(const char *value)
{
    static const char scheme[] = "file:", here[] = "//localhost/";
    if (strncmp(value, scheme, strlen(scheme)) != 0 || access(value, F_OK) == 0)
        return value;
    value += strlen(scheme);
    if (strncmp(value, here, strlen(here)) == 0)
        return value + strlen(here) - 1;
    return strncmp(value, "//", 2) == 0 ? value + 2 : value;
}

static bool is_input(const struct given_option *given, const struct stat *output)
{
    struct stat input;
    return (given->option->kind == OPTION_INPUT || given->option->kind == OPTION_INPUT_LIST) &&
           stat(path_of(given->value), &input) == 0 &&
           (S_ISREG(input.st_mode) || S_ISBLK(input.st_mode)) && input.st_dev == output->st_dev &&
           input.st_ino == output->st_ino;
}

bool output_check(const char *output, const struct arguments *arguments,
                  struct artifact_error *error)
{
    struct stat status;
    if (!describe(&status, output))
        return true;
    if (is_terminal(&status))
        return command_fail(error, "an artifact is not written to a terminal; name a file with "
                                   "--output-path, or pipe it to another program");
    for (size_t i = 0; i < arguments->option_count; i++) {
        const struct given_option *given = &arguments->options[i];
        if (is_input(given, &status))
            return command_fail(error,
                                "--%s %s: is the output as well as an input; give the output "
                                "another name",
                                given->option->name, given->value);
    }
    return true;
}
