// SPDX-License-Identifier: Apache-2.0
#include "string_list.h"

#include <stdlib.h>

/* Whoever fills a pair in `provides` owns its strings; that they are const is for its readers. */
static void free_provides(struct artifact_info *info)
{
    for (size_t i = 0; i < info->provides_count; i++) {
        free((char *)info->provides[i].key);
        free((char *)info->provides[i].value);
    }
    free(info->provides);
}

static void free_depends(struct artifact_info *info)
{
    for (size_t i = 0; i < info->depends_count; i++) {
        free(info->depends[i].key);
        artifact_strings_clear(&info->depends[i].values);
    }
    free(info->depends);
}

static void free_files(struct artifact_info *info)
{
    for (size_t i = 0; i < info->file_count; i++)
        free(info->files[i].name);
    free(info->files);
}

void artifact_info_free(struct artifact_info *info)
{
    if (!info)
        return;
    free(info->format);
    free(info->compression);
    free(info->name);
    free(info->group);
    artifact_strings_clear(&info->compatible_types);
    artifact_strings_clear(&info->depends_names);
    artifact_strings_clear(&info->depends_groups);
    artifact_strings_clear(&info->scripts);
    free(info->payload_type);
    free_provides(info);
    free_depends(info);
    artifact_strings_clear(&info->clears_provides);
    free(info->meta_data);
    free_files(info);
    free(info->warnings.items);
    artifact_info_free(info->augment);
    free(info);
}
