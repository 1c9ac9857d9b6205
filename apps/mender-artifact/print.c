// SPDX-License-Identifier: Apache-2.0
#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Controls of C0, DEL, and those of C1, which UTF-8 writes in two bytes (C2 80 to C2 9F). */
static bool is_control(const unsigned char *text)
{
    return text[0] < 0x20 || text[0] == 0x7f ||
           (text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0);
}

static void print_text(const char *value)
{
    const unsigned char *text = (const unsigned char *)value;
    for (; *text; text++) {
        if (!is_control(text)) {
            putchar(*text);
            continue;
        }
        if (*text == 0xc2)
            text++;
        printf("\\x%02x", *text);
    }
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

static void print_signature(const struct artifact_info *info)
{
    static const char *const texts[] = {
        [ARTIFACT_SIGNATURE_NONE] = "no signature",
        [ARTIFACT_SIGNATURE_UNCHECKED] = "signed but no key for verification provided; please use "
                                         "`-k` option for providing verification key",
        [ARTIFACT_SIGNATURE_VERIFIED] = "signed and verified correctly",
        [ARTIFACT_SIGNATURE_FAILED] = "signed; verification using provided key failed",
    };
    printf("  Signature: %s\n", texts[info->signature]);
}

static void print_head(const struct artifact_info *info)
{
    puts("Mender Artifact:");
    print_field("  Name: ", info->name);
    print_field("  Format: ", info->format);
    printf("  Version: %u\n", info->version);
    print_signature(info);
    print_list("  Compatible types: ", &info->compatible_types);
    print_field("  Provides group: ", info->group);
    print_list("  Depends on one of artifact(s): ", &info->depends_names);
    print_list("  Depends on one of group(s): ", &info->depends_groups);
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

/* A string is copied as it stands, to its closing quote. */
static const char *print_string(const char *at)
{
    putchar(*at++);
    while (*at != '"') {
        if (*at == '\\')
            putchar(*at++);
        putchar(*at++);
    }
    putchar(*at);
    return at + 1;
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
