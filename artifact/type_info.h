// SPDX-License-Identifier: Apache-2.0
/* The members `type-info` and `meta-data` of headers/0000: what the payload provides, depends on
 * and clears; the module's own. */
#ifndef ARTIFACT_TYPE_INFO_H
#define ARTIFACT_TYPE_INFO_H

#include "problems.h"

/*
 * Fills provides, depends and clears_provides of `info`, whose payload_type is set from header-info
 * and must agree, unless it is "", which is not known. A rootfs-image whose type is "" or null here
 * (releases 3.3 to 4.3 wrote that) is only worth a note, since every device takes it; a
 * rootfs-image without any type and a list of values to depend on are tolerated.
 */
bool artifact_type_info_parse(struct artifact_info *info, struct artifact_problems *problems,
                              const char *text, size_t length, struct artifact_error *error);

/* `checksum` is entered under spec->checksum_key when that is set. The result is for free(). */
char *artifact_type_info_print(const struct artifact_spec *spec, const char *checksum,
                               size_t *length, struct artifact_error *error);

/* Checks that the text is a JSON object and gives it back minified, keys sorted, for free(). "" and
 * null are no object: *out NULL. */
bool artifact_meta_data_parse(char **out, const char *text, size_t length,
                              struct artifact_error *error);

#endif
