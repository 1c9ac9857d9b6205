// SPDX-License-Identifier: Apache-2.0
#include "software_version.h"

#include <string.h>

static const char rootfs_image[] = "rootfs-image";

const struct option software_version_options[] = {
    {"software-name", 0, OPTION_TEXT, "NAME",
     "Name of the software in the payload, for the version it provides", false},
    {"software-version", 0, OPTION_TEXT, "VERSION",
     "Its version (default: the name of the artifact)", false},
    {"software-filesystem", 0, OPTION_TEXT, "NAME", "What it is part of (default: rootfs-image)",
     false},
    {"no-default-software-version", 0, OPTION_FLAG, NULL,
     "Use none of these defaults, and clear only what --clears-provides says", false},
    {"no-default-clears-provides", 0, OPTION_FLAG, NULL, "Clear only what --clears-provides says",
     false},
    {0},
};

/* Whether -p gives this key in a way that stays: not empty, and not before a --software option. */
static bool is_given(const struct arguments *arguments, const char *key)
{
    static const char *const options[] = {"software-name", "software-version",
                                          "software-filesystem"};
    size_t length = strlen(key);
    long given = -1, software = -1;
    for (size_t i = 0; i < arguments->option_count; i++) {
        const char *value = arguments->options[i].value;
        if (strcmp(arguments->options[i].option->name, "provides") == 0 &&
            strncmp(value, key, length) == 0 && value[length] == ':')
            given = value[length + 1] ? (long)i : -1;
    }
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        long at = arguments_find_last(arguments, options[i]);
        software = at > software ? at : software;
    }
    return given > software;
}

static bool add_provide(struct write_request *request, const struct arguments *arguments,
                        const char *name, struct artifact_error *error)
{
    bool has_default = !arguments_has_flag(arguments, "no-default-software-version");
    const char *filesystem = arguments_get_text(arguments, "software-filesystem");
    const char *version = arguments_get_text(arguments, "software-version");
    if (!version && has_default)
        version = request->spec.name;
    if (!version)
        return true;
    const char *key =
        write_request_format(request, "%s%s%s.version", filesystem ? filesystem : rootfs_image,
                             name ? "." : "", name ? name : "");
    if (!key)
        return command_fail(error, "out of memory");
    if (!is_given(arguments, key))
        request->provides[request->spec.provides_count++] = (struct artifact_pair){key, version};
    return true;
}

static bool has_pattern(const struct write_request *request, const char *pattern)
{
    for (size_t i = 0; i < request->spec.clears_provides_count; i++) {
        if (strcmp(request->clears_provides[i], pattern) == 0)
            return true;
    }
    return false;
}

static bool add_clears(struct write_request *request, const struct arguments *arguments,
                       const char *name, struct artifact_error *error)
{
    size_t *count = &request->spec.clears_provides_count;
    bool is_rootfs = request->kind == WRITE_ROOTFS;
    const char *filesystem = arguments_get_raw(arguments, "software-filesystem");
    if (!filesystem)
        filesystem = rootfs_image;
    if (arguments_has_flag(arguments, "no-default-clears-provides") ||
        arguments_has_flag(arguments, "no-default-software-version"))
        return true;
    if (is_rootfs && !name && strcmp(filesystem, rootfs_image) == 0) {
        request->clears_provides[(*count)++] = "artifact_group";
        request->clears_provides[(*count)++] = "rootfs_image_checksum";
    }
    if (!name && !is_rootfs)
        name = request->spec.payload_type;
    const char *pattern =
        write_request_format(request, "%s%s%s.*", filesystem, name ? "." : "", name ? name : "");
    if (!pattern)
        return command_fail(error, "out of memory");
    if (!has_pattern(request, pattern))
        request->clears_provides[(*count)++] = pattern;
    return true;
}

bool software_version_add(struct write_request *request, const struct arguments *arguments,
                          struct artifact_error *error)
{
    bool is_rootfs = request->kind == WRITE_ROOTFS;
    bool has_default = !arguments_has_flag(arguments, "no-default-software-version");
    const char *given = arguments_get_text(arguments, "software-name");
    const char *name = given                       ? given
                       : !is_rootfs && has_default ? request->spec.payload_type
                                                   : NULL;
    return add_provide(request, arguments, name, error) &&
           add_clears(request, arguments, given, error);
}
