// SPDX-License-Identifier: Apache-2.0
#include "command.h"
#include "interruption.h"
#include "key_options.h"
#include "output_option.h"
#include "print_problem.h"
#include "progress.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct option options[] = {
    {"output-path", 'o', OPTION_TEXT, "FILE",
     "Where to write the signed artifact, a directory for several (default: over the unsigned one)",
     false},
    {"force", 'f', OPTION_FLAG, NULL, "Replace a signature that is there already", false},
    {"no-check", 0, OPTION_FLAG, NULL, "Do not check the artifact before it is signed", false},
    {0},
};

static const struct option *const tables[] = {key_options_sign, key_options_other, options,
                                              progress_options, common_options,    NULL};

static const struct exit_status exit_statuses[] = {{ARTIFACT_OK, 0}};

static bool fail_key(struct artifact_error *error)
{
    const struct artifact_error cause = *error;
    if (cause.code != ARTIFACT_BAD_KEY && cause.code != ARTIFACT_UNSUPPORTED_KEY)
        return false;
    return command_fail(error, "Can not use signing key provided: %s", cause.message);
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The file to write for an artifact: the output, or the artifact's name in it where that is a
 * directory. For free(); NULL with an error. */
static char *output_for(const char *artifact, const char *output, bool is_directory,
                        struct artifact_error *error)
{
    char *path = NULL;
    if (!output)
        path = strdup(artifact);
    else if (!is_directory)
        path = strdup(output);
    else if (asprintf(&path, "%s/%s", output, last_component(artifact)) < 0)
        path = NULL;
    if (!path)
        command_fail(error, "out of memory");
    return path;
}

struct signing {
    EVP_PKEY *key;
    struct artifact_sign_options options;
    const char *output; /* NULL: in place */
    bool is_directory;  /* the output */
};

/* What the check has found, once it is done. */
struct checked {
    const char *artifact;
    struct progress_bar bar;
};

static void warn(void *user, const struct artifact_error *warning)
{
    struct checked *checked = user;
    progress_clear(&checked->bar);
    print_warning(checked->artifact, warning);
}

static bool sign_one(const struct signing *signing, const char *artifact,
                     const struct arguments *arguments, struct artifact_error *error)
{
    struct checked checked = {.artifact = artifact};
    struct artifact_sign_options sign_options = signing->options;
    char *output = output_for(artifact, signing->output, signing->is_directory, error);
    if (!output)
        return false;
    sign_options.warn = warn;
    sign_options.warn_user = &checked;
    progress_init(&checked.bar, arguments);
    bool is_signed = artifact_sign(artifact, output, signing->key, &sign_options,
                                   progress_get(&checked.bar), error);
    progress_clear(&checked.bar);
    free(output);
    return is_signed;
}

/* Of several, the first that fails is named, and is the last that is tried. */
static bool sign_all(const struct signing *signing, const struct arguments *arguments,
                     struct artifact_error *error)
{
    for (size_t i = 0; i < arguments->operand_count; i++) {
        if (sign_one(signing, arguments->operands[i], arguments, error))
            continue;
        if (arguments->operand_count > 1) {
            const struct artifact_error cause = *error;
            snprintf(error->message, sizeof error->message,
                     "%.300s: %.600s (of %zu artifacts %zu are signed)", arguments->operands[i],
                     cause.message, arguments->operand_count, i);
        }
        return false;
    }
    return true;
}

static bool check_operands(const struct arguments *arguments, const struct signing *signing,
                           struct artifact_error *error)
{
    if (arguments->operand_count == 0)
        return command_fail(error, "Nothing specified, nothing signed. \nMaybe you wanted to say "
                                   "'artifacts sign <pathspec>'?");
    if (arguments->operand_count > 1 && signing->output && !signing->is_directory)
        return command_fail(error,
                            "%s is no directory; several signed artifacts need one, or no "
                            "--output-path to be signed in place",
                            signing->output);
    return true;
}

/* An artifact and an earlier one that would lie in the same place of the output's directory. */
static bool check_distinct(const struct arguments *arguments, size_t index, const char *output,
                           struct artifact_error *error)
{
    const char *artifact = arguments->operands[index];
    for (size_t i = 0; i < index; i++) {
        if (strcmp(last_component(arguments->operands[i]), last_component(artifact)) == 0)
            return command_fail(error,
                                "%s and %s would both be written to %s; sign them into different "
                                "directories, or in place",
                                arguments->operands[i], artifact, output);
    }
    return true;
}

static bool check_outputs(const struct arguments *arguments, const struct signing *signing,
                          struct artifact_error *error)
{
    bool is_ok = true;
    for (size_t i = 0; is_ok && i < arguments->operand_count; i++) {
        char *output =
            output_for(arguments->operands[i], signing->output, signing->is_directory, error);
        is_ok = output && output_check(output, arguments, error) &&
                (!signing->is_directory || check_distinct(arguments, i, output, error));
        free(output);
    }
    return is_ok;
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct stat output;
    struct signing signing = {
        .options = {.force = arguments_has_flag(arguments, "force"),
                    .no_check = arguments_has_flag(arguments, "no-check"),
                    .allow_unsupported = key_options_allow_unsupported(arguments),
                    .temporary = interruption_get0_temporary()},
        .output = arguments_get_text(arguments, "output-path"),
    };
    signing.is_directory =
        signing.output && stat(signing.output, &output) == 0 && S_ISDIR(output.st_mode);
    if (!check_operands(arguments, &signing, error) || !check_outputs(arguments, &signing, error))
        return false;
    if (!key_options_load(&signing.key, arguments, error))
        return fail_key(error);
    if (!signing.key)
        return command_fail(error, "Missing signing key; please provide a signing key parameter");
    bool is_signed = sign_all(&signing, arguments, error);
    EVP_PKEY_free(signing.key);
    return is_signed;
}

const struct command command_sign = {
    "sign", "Sign artifacts", "ARTIFACT...", tables, exit_statuses, run,
};
