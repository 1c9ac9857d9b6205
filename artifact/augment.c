// SPDX-License-Identifier: Apache-2.0
#include "augment.h"

#include "json.h"
#include "string_list.h"

#include <stdlib.h>
#include <string.h>

static const char member[] = "header-augment.tar";

static bool fail_conflict(const char *key, const char *conflict, struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_INVALID, member, "%.200s: %s", key, conflict);
}

/* ---- Provides and depends: arrays that are sorted by key ---- */

static int compare_provides(const void *left, const void *right)
{
    return strcmp(((const struct artifact_pair *)left)->key,
                  ((const struct artifact_pair *)right)->key);
}

static int compare_depends(const void *left, const void *right)
{
    return strcmp(((const struct artifact_alternatives *)left)->key,
                  ((const struct artifact_alternatives *)right)->key);
}

static bool merge_provides(struct artifact_info *info, struct artifact_info *augment,
                           struct artifact_error *error)
{
    if (augment->provides_count == 0)
        return true;
    size_t room = info->provides_count + augment->provides_count;
    struct artifact_pair *merged = reallocarray(info->provides, room, sizeof *merged);
    if (!merged)
        return artifact_fail_memory(error);
    info->provides = merged;
    for (size_t i = 0, count = info->provides_count; i < augment->provides_count; i++) {
        struct artifact_pair *added = &augment->provides[i];
        struct artifact_pair *there =
            count ? bsearch(added, merged, count, sizeof *merged, compare_provides) : NULL;
        struct artifact_pair *place = there ? there : &merged[info->provides_count++];
        /* What is replaced is freed with the augment. */
        const struct artifact_pair replaced = there ? *there : (struct artifact_pair){0};
        *place = *added;
        *added = replaced;
    }
    qsort(info->provides, info->provides_count, sizeof *merged, compare_provides);
    return true;
}

static bool merge_depends(struct artifact_info *info, struct artifact_info *augment,
                          struct artifact_error *error)
{
    if (augment->depends_count == 0)
        return true;
    size_t room = info->depends_count + augment->depends_count;
    struct artifact_alternatives *merged = reallocarray(info->depends, room, sizeof *merged);
    if (!merged)
        return artifact_fail_memory(error);
    info->depends = merged;
    for (size_t i = 0, count = info->depends_count; i < augment->depends_count; i++) {
        struct artifact_alternatives *added = &augment->depends[i];
        struct artifact_alternatives *there =
            count ? bsearch(added, merged, count, sizeof *merged, compare_depends) : NULL;
        if (there && there->is_list != added->is_list)
            return fail_conflict(added->key, "Type conflict: list/non-list", error);
        struct artifact_alternatives *place = there ? there : &merged[info->depends_count++];
        const struct artifact_alternatives replaced =
            there ? *there : (struct artifact_alternatives){0};
        *place = *added;
        *added = replaced;
    }
    qsort(info->depends, info->depends_count, sizeof *merged, compare_depends);
    return true;
}

/* ---- Meta-data ---- */

static bool merge_objects(json_t *into, json_t *from, struct artifact_error *error)
{
    const char *key;
    json_t *added;
    json_object_foreach(from, key, added)
    {
        json_t *there = json_object_get(into, key);
        if (there && json_is_object(there) != json_is_object(added))
            return fail_conflict(key, "Type conflict: object/non-object", error);
        if (there && json_is_array(there) != json_is_array(added))
            return fail_conflict(key, "Type conflict: list/non-list", error);
        if (there && json_is_object(there)) {
            if (!merge_objects(there, added, error))
                return false;
        } else if (json_object_set(into, key, added) != 0) {
            return artifact_fail_memory(error);
        }
    }
    return true;
}

static bool merge_texts(char **text, const char *added, struct artifact_error *error)
{
    size_t length = 0;
    char *merged = NULL;
    json_t *into = artifact_json_parse("meta-data", *text, strlen(*text), error);
    json_t *from = into ? artifact_json_parse("meta-data", added, strlen(added), error) : NULL;
    if (from && merge_objects(into, from, error))
        merged = artifact_json_print(into, true, &length, error);
    json_decref(into);
    json_decref(from);
    if (!merged)
        return false;
    free(*text);
    *text = merged;
    return true;
}

static bool merge_meta_data(struct artifact_info *info, struct artifact_info *augment,
                            struct artifact_error *error)
{
    if (info->meta_data && augment->meta_data)
        return merge_texts(&info->meta_data, augment->meta_data, error);
    if (augment->meta_data) {
        info->meta_data = augment->meta_data;
        augment->meta_data = NULL;
    }
    return true;
}

/* ---- The whole ---- */

static void swap_strings(struct artifact_strings *left, struct artifact_strings *right)
{
    struct artifact_strings kept = *left;
    *left = *right;
    *right = kept;
}

bool artifact_augment_merge(struct artifact_info *info, struct artifact_info *augment,
                            struct artifact_error *error)
{
    if (!info->payload_type || !augment->payload_type)
        return artifact_fail(error, ARTIFACT_INVALID, member,
                             "Empty payload can not have augmented header");
    if (!merge_provides(info, augment, error) || !merge_depends(info, augment, error) ||
        !merge_meta_data(info, augment, error))
        return false;
    char *type = info->payload_type;
    info->payload_type = augment->payload_type;
    augment->payload_type = type;
    if (augment->has_clears_provides) {
        swap_strings(&info->clears_provides, &augment->clears_provides);
        info->has_clears_provides = true;
    }
    info->is_augmented = true;
    return true;
}
