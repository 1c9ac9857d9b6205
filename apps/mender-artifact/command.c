// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <stdarg.h>
#include <stdio.h>

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
    va_list arguments;
    va_start(arguments, format);
    fputs("warning: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}
