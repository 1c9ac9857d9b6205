// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <string.h>

struct craft rows_tar(const char *const *members)
{
    struct craft tar = {0};
    for (; *members; members += 2) {
        if (members[0][strlen(members[0]) - 1] == '/')
            craft_header(&tar, members[0], '5', 0, NULL);
        else
            craft_text(&tar, members[0], members[1]);
    }
    craft_end(&tar);
    return tar;
}

struct craft rows_with_header(const char *const *members)
{
    struct crafted crafted = {.header = rows_tar(members)};
    return craft_artifact(&crafted);
}
