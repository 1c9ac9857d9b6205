// SPDX-License-Identifier: Apache-2.0
#include "environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Below the directory, except for the first, which is the address. */
static const struct {
    const char *name, *file;
} table[] = {
    {"SIGNSERVER_HOSTNAME", NULL},
    {"SIGNSERVER_CA_CERT_PATH", "/ca.pem"},
    {"SIGNSERVER_CLIENT_CERT_PATH", "/client.pem"},
    {"SIGNSERVER_CLIENT_CERT_KEY_PATH", "/client.key"},
    {"SIGNSERVER_STANDIN", ""},
};

static bool is_ours(const char *variable)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        size_t length = strlen(table[i].name);
        if (strncmp(variable, table[i].name, length) == 0 && variable[length] == '=')
            return true;
    }
    return false;
}

static bool add_own(struct environment *environment, const struct directory *directory,
                    const char *url)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *file = table[i].file;
        if (asprintf(&environment->variables[i], "%s=%s%s", table[i].name,
                     file ? directory->path : url, file ? file : "") < 0) {
            environment->variables[i] = NULL;
            return false;
        }
        environment->own++;
    }
    return true;
}

static bool add_others(struct environment *environment)
{
    size_t count = environment->own;
    for (char **at = environ; *at; at++) {
        if (is_ours(*at))
            continue;
        environment->variables[count] = strdup(*at);
        if (!environment->variables[count++])
            return false;
    }
    return true;
}

bool environment_init(struct environment *environment, const struct directory *directory,
                      const char *url, struct problem *problem)
{
    size_t count = sizeof table / sizeof table[0] + 1;
    for (char **at = environ; *at; at++)
        count++;
    *environment = (struct environment){.variables = calloc(count, sizeof(char *))};
    return (environment->variables && add_own(environment, directory, url) &&
            add_others(environment)) ||
           fail_memory(problem);
}

/* export NAME='VALUE' */
static void print_variable(FILE *out, const char *variable)
{
    const char *value = strchr(variable, '=') + 1;
    fprintf(out, "export %.*s'", (int)(value - variable), variable);
    for (; *value; value++) {
        if (*value == '\'')
            fputs("'\\''", out);
        else
            putc(*value, out);
    }
    fputs("'\n", out);
}

bool environment_write(const struct environment *environment, const struct directory *directory,
                       struct problem *problem)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return fail_memory(problem);
    for (size_t i = 0; i < environment->own; i++)
        print_variable(memory, environment->variables[i]);
    bool ok = fclose(memory) == 0 ? directory_write(directory, "env", 0644, text, length, problem)
                                  : fail_memory(problem);
    free(text);
    return ok;
}

void environment_clear(struct environment *environment)
{
    for (size_t i = 0; environment->variables && environment->variables[i]; i++)
        free(environment->variables[i]);
    free(environment->variables);
    *environment = (struct environment){0};
}
