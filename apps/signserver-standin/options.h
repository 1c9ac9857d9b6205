// SPDX-License-Identifier: Apache-2.0
/* The command line. */
#ifndef STANDIN_OPTIONS_H
#define STANDIN_OPTIONS_H

#include "http.h"
#include "problem.h"
#include "workers.h"

#include <stdio.h>

struct options {
    const char *directory, *server_name;
    struct http_settings http;
    struct workers workers;
    bool is_background, is_stop, is_help, is_version;
    char **command; /* what follows "--", ended by NULL; NULL: no command */
};

/* Texts are borrowed from argv; what workers hold is for options_clear, on failure too. */
bool options_parse(struct options *options, char **argv, struct problem *problem);
void options_clear(struct options *options);

void options_print_help(FILE *out);

#endif
