// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- One function an option that takes a value ---- */

static bool set_directory(struct options *options, const char *value, struct problem *problem)
{
    options->directory = value;
    return value[0] || fail(problem, "--directory: no directory named");
}

static bool set_port(struct options *options, const char *value, struct problem *problem)
{
    char *end = NULL;
    errno = 0;
    unsigned long port = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno != 0 || port > UINT16_MAX)
        return fail(problem, "--port: '%s' is no port number", value);
    options->http.port = (uint16_t)port;
    return true;
}

static bool set_listen(struct options *options, const char *value, struct problem *problem)
{
    (void)problem;
    options->http.listen = value;
    return true;
}

static bool set_server_name(struct options *options, const char *value, struct problem *problem)
{
    options->server_name = value;
    /* The other characters would mean something to the writer of the certificate. */
    bool ok =
        value[0] && !value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789.-*")];
    return ok || fail(problem, "--server-name: '%s' is no host name", value);
}

static bool set_client_cert(struct options *options, const char *value, struct problem *problem)
{
    static const char *const words[] = {[CLIENT_CERT_REQUEST] = "request",
                                        [CLIENT_CERT_REQUIRE] = "require",
                                        [CLIENT_CERT_NONE] = "none"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], value) == 0) {
            options->http.client_cert = (enum client_cert)i;
            return true;
        }
    }
    return fail(problem, "--client-cert: '%s' is none of request, require, none", value);
}

static bool add_worker(struct options *options, const char *value, struct problem *problem)
{
    return workers_add(&options->workers, value, problem);
}

static bool add_workers(struct options *options, const char *value, struct problem *problem)
{
    return workers_read(&options->workers, value, problem);
}

/* ---- The table ---- */

static const struct option {
    const char *name, *value_help, *help;
    bool (*set)(struct options *options, const char *value, struct problem *problem);
    size_t flag; /* without a function: which bool becomes true */
} table[] = {
    {"worker", "SPEC", "NAME[,SETTING=VALUE]..., see below; may be repeated", add_worker, 0},
    {"workers", "FILE", "the same from a JSON file: [{\"name\":\"W\",\"key\":\"p-256\"}]",
     add_workers, 0},
    {"directory", "DIR", "where keys, certificates and state go; a fresh one", set_directory, 0},
    {"listen", "ADDRESS", "127.0.0.1", set_listen, 0},
    {"port", "N", "0: a free one", set_port, 0},
    {"server-name", "NAME", "the name in the server's certificate; localhost", set_server_name, 0},
    {"client-cert", "WORD", "request, require or none, when TLS begins; request", set_client_cert,
     0},
    {"http", NULL, "without TLS", NULL, offsetof(struct options, http.is_plain)},
    {"old", NULL, "a server before 6.0, without REST", NULL, offsetof(struct options, http.is_old)},
    {"background", NULL, "return when it listens, and print the directory", NULL,
     offsetof(struct options, is_background)},
    {"stop", NULL, "end the server of --directory, and wait until it has gone", NULL,
     offsetof(struct options, is_stop)},
    {"help", NULL, "this text", NULL, offsetof(struct options, is_help)},
    {"version", NULL, "the version", NULL, offsetof(struct options, is_version)},
};

void options_print_help(FILE *out)
{
    fputs("usage: signserver-standin [OPTION]... [-- COMMAND [ARGUMENT]...]\n"
          "\n"
          "Speaks SignServer's REST and HTTP interfaces for signing, for tests and first runs. NOT "
          "FOR "
          "PRODUCTION:\n"
          "its keys lie in files and are made to be thrown away.\n"
          "\n"
          "With a COMMAND it sets the SIGNSERVER_* variables, runs the command, and ends with its "
          "status.\n"
          "Without any worker there is one as Mender's documentation has it, MenderPlainSigner.\n"
          "\n"
          "Options:\n",
          out);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *value = table[i].value_help ? table[i].value_help : "";
        int width = 22 - (int)strlen(table[i].name);
        fprintf(out, "  --%s %-*s %s\n", table[i].name, width, value, table[i].help);
    }
    fputs("\nSettings of a worker, with what is usual:\n", out);
    settings_print_help(out);
    fputs("\nFaults, [first-N:|after-N:]NAME[:ARGUMENT], for its first N or all later requests:\n",
          out);
    faults_print_help(out);
}

/* ---- Parsing ---- */

/* The option that `text` names, up to a '=' if there is one. */
static const struct option *find(const char *text)
{
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strlen(table[i].name) == length && memcmp(table[i].name, text, length) == 0)
            return &table[i];
    }
    return NULL;
}

/* Applies **argv and moves *argv behind it and its value. */
static bool apply(struct options *options, char ***argv, struct problem *problem)
{
    const char *text = *(*argv)++;
    const struct option *option = strncmp(text, "--", 2) == 0 ? find(text + 2) : NULL;
    if (!option)
        return fail(problem, "'%s' is no option; --help lists them", text);
    const char *value = strchr(text, '=');
    if (!option->set) {
        *(bool *)((char *)options + option->flag) = true;
        return !value || fail(problem, "--%s takes no value", option->name);
    }
    if (value)
        value++;
    else if (**argv)
        value = *(*argv)++;
    else
        return fail(problem, "--%s: %s is missing", option->name, option->value_help);
    return option->set(options, value, problem);
}

static bool check(const struct options *options, struct problem *problem)
{
    if (options->is_stop && !options->directory)
        return fail(problem, "--stop: of which server? --directory says so");
    if (options->is_background && options->command)
        return fail(problem, "--background and a command: one of them");
    return true;
}

bool options_parse(struct options *options, char **argv, struct problem *problem)
{
    *options = (struct options){.http = {.listen = "127.0.0.1"}};
    for (argv++; *argv && !options->command;) {
        if (strcmp(*argv, "--") == 0)
            options->command = argv + 1;
        else if (!apply(options, &argv, problem))
            return false;
    }
    if (options->command && !*options->command)
        return fail(problem, "no command after '--'");
    return check(options, problem);
}

void options_clear(struct options *options)
{
    workers_clear(&options->workers);
}
