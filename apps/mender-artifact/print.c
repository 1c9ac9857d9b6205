// SPDX-License-Identifier: Apache-2.0
#include "print.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The text; what must not reach a terminal as the number of the byte, after the prefix. */
static void print_escaped(const char *value, size_t length, const char *prefix)
{
    const unsigned char *text = (const unsigned char *)value, *end = text + length;
    while (text < end) {
        size_t taken = text_printable_length(text);
        if (taken == 0) {
            bool is_c1 = text[0] == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f;
            text += is_c1; /* U+0080 to U+009F: the second byte is the number */
            printf("%s%02x", prefix, *text);
            text++;
            continue;
        }
        fwrite(text, 1, taken, stdout);
        text += taken;
    }
}

static void print_text(const char *value)
{
    print_escaped(value, strlen(value), "\\x");
}

static void print_field(const char *label, const char *value)
{
    fputs(label, stdout);
    print_text(value);
    putchar('\n');
}

static void print_list(const char *label, const struct artifact_strings *list)
{
    printf("%s[", label);
    for (size_t i = 0; i < list->count; i++) {
        fputs(i ? ", " : "", stdout);
        print_text(list->items[i]);
    }
    puts("]");
}

static void print_scripts(const struct artifact_strings *scripts)
{
    puts(scripts->count ? "  State scripts:" : "  State scripts: []");
    for (size_t i = 0; i < scripts->count; i++)
        print_field("    - ", scripts->items[i]);
}

static const char *signature_text(enum artifact_signature signature)
{
    switch (signature) {
    case ARTIFACT_SIGNATURE_NONE:
        return "no signature";
    case ARTIFACT_SIGNATURE_UNCHECKED:
        return "signed but no key for verification provided; please use `-k` option for providing "
               "verification key";
    case ARTIFACT_SIGNATURE_VERIFIED:
        return "signed and verified correctly";
    case ARTIFACT_SIGNATURE_FAILED:
    case ARTIFACT_SIGNATURE_UNREAD:
        break;
    }
    return "signed; verification using provided key failed";
}

static void print_head(const struct artifact_info *info)
{
    puts("Mender Artifact:");
    print_field("  Name: ", info->name);
    print_field("  Format: ", info->format);
    printf("  Version: %u\n", info->version);
    printf("  Signature: %s\n", signature_text(info->signature));
    print_list("  Compatible types: ", &info->compatible_types);
    if (info->version >= 3)
        print_field("  Provides group: ", info->group);
    if (info->has_depends) {
        print_list("  Depends on one of artifact(s): ", &info->depends_names);
        print_list("  Depends on one of group(s): ", &info->depends_groups);
    }
    print_scripts(&info->scripts);
}

static void print_pair(const char *key, const char *value)
{
    fputs("      ", stdout);
    print_text(key);
    print_field(": ", value);
}

static void print_provides(const struct artifact_info *info)
{
    puts(info->provides_count ? "    Provides:" : "    Provides: {}");
    for (size_t i = 0; i < info->provides_count; i++)
        print_pair(info->provides[i].key, info->provides[i].value);
}

static void print_alternatives(const struct artifact_alternatives *depend)
{
    if (!depend->is_list) {
        print_pair(depend->key, depend->values.items[0]);
        return;
    }
    fputs("      ", stdout);
    print_text(depend->key);
    fputs(": [", stdout);
    for (size_t i = 0; i < depend->values.count; i++) {
        fputs(i ? " " : "", stdout);
        print_text(depend->values.items[i]);
    }
    puts("]");
}

static void print_depends(const struct artifact_info *info)
{
    puts(info->depends_count ? "    Depends:" : "    Depends: {}");
    for (size_t i = 0; i < info->depends_count; i++)
        print_alternatives(&info->depends[i]);
}

/* ---- Meta-data: minified JSON, known to be well-formed, with line breaks ---- */

static void break_line(size_t depth)
{
    printf("\n%*s", (int)(6 + 2 * depth), "");
}

/* A string up to its closing quote; its escapes are JSON's, and so are those that are added. */
static const char *print_string(const char *at)
{
    const char *end = at + 1;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    print_escaped(at, (size_t)(end + 1 - at), "\\u00");
    return end + 1;
}

static void print_json(const char *at)
{
    size_t depth = 0;
    while (*at) {
        bool is_empty = (at[0] == '{' && at[1] == '}') || (at[0] == '[' && at[1] == ']');
        if (*at == '"') {
            at = print_string(at);
            continue;
        }
        if ((*at == '}' || *at == ']'))
            break_line(--depth);
        putchar(*at);
        if (is_empty)
            putchar(*++at);
        else if (*at == '{' || *at == '[')
            break_line(++depth);
        else if (*at == ',')
            break_line(depth);
        else if (*at == ':')
            putchar(' ');
        at++;
    }
    putchar('\n');
}

static void print_meta_data(const struct artifact_info *info)
{
    if (!info->meta_data || strcmp(info->meta_data, "{}") == 0) {
        puts("    Metadata: {}");
        return;
    }
    fputs("    Metadata:\n      ", stdout);
    print_json(info->meta_data);
}

/* "2026-11-23 08:37:45 +0100 CET"; where a zone has no letters its offset stands again, shortened
 * ("-0300 -03"). */
static void print_time(time_t modified)
{
    struct tm local;
    char text[128] = "";
    if (localtime_r(&modified, &local))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z %Z", &local);
    printf("        modified: %s\n", text);
}

static void print_files(const struct artifact_info *info)
{
    puts(info->file_count ? "    Files:" : "    Files: []");
    for (size_t i = 0; i < info->file_count; i++) {
        printf("      - checksum: %s\n", info->files[i].checksum);
        print_time(info->files[i].modified);
        print_field("        name: ", info->files[i].name);
        printf("        size: %" PRIu64 "\n", info->files[i].size);
    }
}

void print_info(const struct artifact_info *info)
{
    print_head(info);
    puts("\nUpdates:");
    print_field("  - Type: ", info->payload_type ? info->payload_type : "Empty type");
    print_provides(info);
    print_depends(info);
    print_list("    Clears Provides: ", &info->clears_provides);
    print_meta_data(info);
    print_files(info);
}
