// SPDX-License-Identifier: Apache-2.0
/*
 *     strictness DIRECTORY
 *
 * writes NAME.mender for each row, and prints the rows, their columns separated by tabs: NAME, our
 * verdict, that of the reference's newest tool, of its release 3.9, and of a device, the words of
 * our refusal or warning, and why we differ from one of the others ("-": nothing).
 */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>

static void write_row(const char *directory, const struct row *row)
{
    char path[4096];
    struct crafted crafted = row->crafted;
    struct craft artifact = row->make ? row->make() : craft_artifact(&crafted);
    snprintf(path, sizeof path, "%s/%s.mender", directory, row->name);
    FILE *file = fopen(path, "wb");
    bool is_written =
        file && (artifact.length == 0 || fwrite(artifact.bytes, artifact.length, 1, file) == 1);
    if ((file && fclose(file) != 0) || !is_written) {
        fprintf(stderr, "%s: can not be written\n", path);
        exit(EXIT_FAILURE);
    }
    craft_free(&artifact);
}

static void print_row(const struct row *row)
{
    static const char *const verdicts[] = {[OK] = "ok", [WARN] = "warn", [NO] = "no"};
    enum verdict old = !row->is_new ? row->tool : row->tool == OK ? NO : OK;
    printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row->name, verdicts[row->ours], verdicts[row->tool],
           verdicts[old], verdicts[row->device], row->words ? row->words : "-",
           row->reason ? row->reason : "-");
}

static const struct row *const tables[] = {
    rows_outer,     rows_tar_headers, rows_version,    rows_manifest, rows_header,
    rows_type_info, rows_payload,     rows_compressed, rows_augment,
};

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct row *row = tables[i]; row->name; row++) {
            write_row(argv[1], row);
            print_row(row);
        }
    }
    return EXIT_SUCCESS;
}
