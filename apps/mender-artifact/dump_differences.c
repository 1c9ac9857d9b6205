// SPDX-License-Identifier: Apache-2.0
#include "dump_differences.h"

#include "command.h"

#include <string.h>

/* ---- Provides and depends ---- */

/* The first colon of KEY:VALUE ends the key, and some keys belong to the header. `what` is said of
 * it: "provides". */
static void check_key(const char *what, const char *key)
{
    static const char *const reserved[] = {"artifact_name", "artifact_group", "device_type"};
    if (strchr(key, ':'))
        command_warn("%s %s has a colon in its key, which can not be written", what, key);
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(key, reserved[i]) == 0)
            command_warn("%s %s has a key that write refuses", what, key);
    }
}

static void check_depends(const struct artifact_alternatives *depends)
{
    check_key("depends", depends->key);
    if (depends->values.count != 1)
        command_warn("depends %s has %zu alternatives, of which one at most can be written",
                     depends->key, depends->values.count);
    else if (depends->is_list)
        command_warn("depends %s is a list of one value, which is written without the list",
                     depends->key);
}

static void check_keys(const struct artifact_info *info)
{
    for (size_t i = 0; i < info->provides_count; i++)
        check_key("provides", info->provides[i].key);
    for (size_t i = 0; i < info->depends_count; i++)
        check_depends(&info->depends[i]);
}

/* ---- The rest ---- */

/* Of a list that is given on the command line. `what` is said of it: "compatible types". */
static void check_list(const char *what, const struct artifact_strings *list)
{
    bool has_empty = false;
    for (size_t i = 0; list->count > 1 && i < list->count; i++)
        has_empty = has_empty || !*list->items[i];
    if (has_empty)
        command_warn("one of the %s is empty, which write leaves out beside others", what);
}

static void check_lists(const struct artifact_info *info)
{
    check_list("compatible types", &info->compatible_types);
    check_list("artifacts that it depends on", &info->depends_names);
    check_list("groups that it depends on", &info->depends_groups);
    check_list("provides that it clears", &info->clears_provides);
}

/* Where it is missing, devices clear everything. */
static void check_clears(const struct artifact_info *info)
{
    if (info->has_clears_provides && info->clears_provides.count == 0)
        command_warn("the artifact says that it clears no provides; an empty list can not be "
                     "written, and devices clear all of them where there is none");
    if (info->augment && info->augment->has_clears_provides)
        command_warn("what augments the artifact clears provides, which can not be written");
}

static void check_payload(const struct artifact_info *info)
{
    bool is_rootfs = info->payload_type && strcmp(info->payload_type, "rootfs-image") == 0;
    if (is_rootfs && info->file_count != 1)
        command_warn("the artifact has no image of a root file system in it, which write refuses");
    if (info->version == 2 && !is_rootfs)
        command_warn("format version 2 is written with the type rootfs-image only, and not %s",
                     info->payload_type ? info->payload_type : "empty");
}

/* Only modules may have them. */
static void check_name(const struct artifact_info *info)
{
    bool is_module = info->payload_type && info->version != 2;
    if (!is_module && strpbrk(info->name, " \t\n\v\f\r"))
        command_warn("the artifact's name has white space in it, which write refuses");
}

void dump_differences_warn(const struct artifact_info *info)
{
    check_name(info);
    check_keys(info);
    if (info->augment)
        check_keys(info->augment);
    check_lists(info);
    check_clears(info);
    check_payload(info);
}
