// SPDX-License-Identifier: Apache-2.0
#include "key_options.h"
#include "progress.h"
#include "write_options.h"

static const struct option *const tables[] = {write_options,    key_options_sign, key_options_other,
                                              progress_options, common_options,   NULL};

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct write_request request;
    bool is_written = write_request_init(&request, WRITE_BOOTSTRAP, NULL, arguments, error) &&
                      write_request_run(&request, arguments, error);
    write_request_clear(&request);
    return is_written;
}

const struct command command_write_bootstrap = {
    "write bootstrap-artifact",
    "Write an artifact without a payload, which tells what a device has",
    "",
    tables,
    write_exit_statuses,
    run,
};
