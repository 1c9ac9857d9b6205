// SPDX-License-Identifier: Apache-2.0
#include "problem.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool fail(struct problem *problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);
    return false;
}

bool fail_crypto(struct problem *problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);

    const char *reason = ERR_reason_error_string(ERR_peek_error());
    size_t used = strlen(problem->text);
    if (reason)
        snprintf(problem->text + used, sizeof problem->text - used, ": %s", reason);
    ERR_clear_error();
    return false;
}

bool fail_memory(struct problem *problem)
{
    return fail(problem, "out of memory");
}
