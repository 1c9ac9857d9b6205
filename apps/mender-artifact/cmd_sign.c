// SPDX-License-Identifier: Apache-2.0
#include "command.h"
#include "key_options.h"
#include "progress.h"

#include <openssl/evp.h>

static const struct option options[] = {
    {"output-path", 'o', OPTION_TEXT, "FILE",
     "Where to write the signed artifact (default: over the unsigned one)", false},
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
    if (cause.code != ARTIFACT_BAD_KEY)
        return false;
    return command_fail(error, "Can not use signing key provided: %s", cause.message);
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    EVP_PKEY *key = NULL;
    struct progress_bar bar;
    const char *output = arguments_get_text(arguments, "output-path");
    struct artifact_sign_options sign_options = {
        .force = arguments_has_flag(arguments, "force"),
        .no_check = arguments_has_flag(arguments, "no-check"),
    };
    if (arguments->operand_count == 0)
        return command_fail(error, "Nothing specified, nothing signed. \nMaybe you wanted to say "
                                   "'artifacts sign <pathspec>'?");
    if (!key_options_load(&key, arguments, ARTIFACT_KEY_SIGN, error))
        return fail_key(error);
    if (!key)
        return command_fail(error, "Missing signing key; please provide a signing key parameter");
    progress_init(&bar, arguments);
    bool is_signed = artifact_sign(arguments->operands[0], output ? output : arguments->operands[0],
                                   key, &sign_options, progress_get(&bar), error);
    progress_clear(&bar);
    EVP_PKEY_free(key);
    return is_signed;
}

const struct command command_sign = {
    "sign", "Sign an artifact", "ARTIFACT", tables, exit_statuses, run,
};
