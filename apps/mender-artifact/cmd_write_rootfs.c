// SPDX-License-Identifier: Apache-2.0
#include "key_options.h"
#include "progress.h"
#include "software_version.h"

#include <string.h>

static const struct option options[] = {
    {"file", 'f', OPTION_TEXT, "FILE", "Image of the root file system", true},
    {"legacy-rootfs-image-checksum", 0, OPTION_FLAG, NULL,
     "Provide the checksum as rootfs_image_checksum", false},
    {"no-checksum-provide", 0, OPTION_FLAG, NULL, "Provide no checksum of the image", false},
    {0},
};

static const struct option *const tables[] = {
    write_options,
    options,
    payload_options,
    software_version_options,
    key_options_sign,
    key_options_other,
    progress_options,
    common_options,
    NULL,
};

static const char *checksum_key(const struct arguments *arguments)
{
    if (arguments_has_flag(arguments, "no-checksum-provide"))
        return NULL;
    return arguments_has_flag(arguments, "legacy-rootfs-image-checksum") ? "rootfs_image_checksum"
                                                                         : "rootfs-image.checksum";
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct write_request request;
    struct artifact_file file = {.path = arguments_get_text(arguments, "file")};
    if (!file.path)
        return command_fail(error, "must provide `compatible-types`, `artifact-name` and `file`");
    if (strncmp(file.path, "ssh://", 6) == 0)
        return command_fail(error,
                            "%s: snapshots over ssh are not supported; make an image of the "
                            "device's file system first",
                            file.path);
    bool is_written = write_request_init(&request, WRITE_ROOTFS, "rootfs-image", arguments, error);
    if (is_written) {
        request.spec.files = &file;
        request.spec.file_count = 1;
        request.spec.checksum_key = checksum_key(arguments);
        is_written = software_version_add(&request, arguments, error) &&
                     write_request_run(&request, arguments, error);
    }
    write_request_clear(&request);
    return is_written;
}

const struct command command_write_rootfs = {
    "write rootfs-image",
    "Write an artifact with the image of a root file system",
    "",
    tables,
    write_exit_statuses,
    run,
};
