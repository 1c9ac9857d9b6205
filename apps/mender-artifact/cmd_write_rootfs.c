// SPDX-License-Identifier: Apache-2.0
#include "key_options.h"
#include "progress.h"
#include "snapshot.h"
#include "software_version.h"

#include <string.h>

static const struct option options[] = {
    {"file", 'f', OPTION_INPUT, "FILE",
     "Image of the root file system: a file, - for standard input, or ssh://[user@]host[:port]",
     true},
    {"legacy-rootfs-image-checksum", 0, OPTION_FLAG, NULL,
     "Provide the checksum as rootfs_image_checksum", false},
    {"no-checksum-provide", 0, OPTION_FLAG, NULL, "Provide no checksum of the image", false},
    {0},
};

static const struct option *const tables[] = {
    write_options,
    options,
    snapshot_options,
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

/* What the image is called in the artifact when its source has no name of its own. */
static const char image_name[] = "rootfs.img";

/* Where the image is read from. The snapshot is cleared by the caller. */
static bool find_image(struct artifact_file *file, struct snapshot *snapshot,
                       const struct arguments *arguments, struct artifact_error *error)
{
    const char *given = arguments_get_text(arguments, "file");
    bool is_stdin = strcmp(given, "-") == 0;
    file->path = is_stdin ? "/dev/stdin" : given;
    if (is_stdin) {
        file->name = image_name;
        file->refuse_empty = true;
    }
    if (!ssh_is_address(given))
        return true;
    *file = (struct artifact_file){.path = snapshot->path, .name = image_name};
    return snapshot_take(snapshot, given, arguments, error);
}

static bool write_image(struct write_request *request, struct snapshot *snapshot,
                        const struct arguments *arguments, struct artifact_error *error)
{
    struct artifact_file file = {0};
    request->spec.checksum_key = checksum_key(arguments);
    request->spec.meta_data = ""; /* as upstream's tool has it */
    request->spec.files = &file;
    request->spec.file_count = 1;
    return software_version_add(request, arguments, error) &&
           find_image(&file, snapshot, arguments, error) &&
           (snapshot->fd < 0 || snapshot_add_provides(snapshot, request, error)) &&
           write_request_run(request, arguments, error);
}

static bool run(const struct arguments *arguments, struct artifact_error *error)
{
    struct write_request request;
    struct snapshot snapshot = {.fd = -1};
    if (!arguments_get_text(arguments, "file"))
        return command_fail(error, "must provide `compatible-types`, `artifact-name` and `file`");
    bool is_written =
        write_request_init(&request, WRITE_ROOTFS, "rootfs-image", arguments, error) &&
        write_image(&request, &snapshot, arguments, error);
    snapshot_clear(&snapshot);
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
