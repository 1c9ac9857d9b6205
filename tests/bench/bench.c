// SPDX-License-Identifier: Apache-2.0
/*
 * What the library itself costs, without a command around it; tests/bench/run measures it.
 *
 *     bench write COMPRESSION PAYLOAD ARTIFACT [LEVEL [THREADS]]
 *     bench validate ARTIFACT
 *     bench sign KEY ARTIFACT OUTPUT
 */
#include "artifact.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool do_write(int count, char **words, struct artifact_error *error)
{
    static const char *const device = "bench";
    struct artifact_file file = {.path = words[1], .name = "payload"};
    struct artifact_spec spec = {
        .payload_type = "rootfs-image",
        .name = "bench",
        .compatible_types = &device,
        .compatible_type_count = 1,
        .checksum_key = "rootfs-image.checksum",
        .files = &file,
        .file_count = 1,
        .compression = words[0],
        .compression_level = count > 3 ? (int)strtol(words[3], NULL, 10) : 0,
        .threads = count > 4 ? (unsigned)strtoul(words[4], NULL, 10) : 0,
    };
    return artifact_write(&spec, words[2], NULL, NULL, error);
}

static bool do_validate(int count, char **words, struct artifact_error *error)
{
    (void)count;
    const struct artifact_read_options options = {.strict = true};
    struct artifact_info *info = artifact_read(words[0], &options, error);
    artifact_info_free(info);
    return info != NULL;
}

static bool do_sign(int count, char **words, struct artifact_error *error)
{
    (void)count;
    EVP_PKEY *key = artifact_key_load(words[0], ARTIFACT_KEY_SIGN, error);
    bool is_signed = key && artifact_sign(words[1], words[2], key, NULL, NULL, error);
    EVP_PKEY_free(key);
    return is_signed;
}

static const struct {
    const char *name;
    int min_count, max_count;
    bool (*run)(int count, char **words, struct artifact_error *error);
} commands[] = {
    {"write", 3, 5, do_write},
    {"validate", 1, 1, do_validate},
    {"sign", 3, 3, do_sign},
};

int main(int argc, char **argv)
{
    struct artifact_error error = {0};
    int count = argc - 2;
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) != 0 || count < commands[i].min_count ||
            count > commands[i].max_count)
            continue;
        if (commands[i].run(count, argv + 2, &error))
            return 0;
        fprintf(stderr, "bench: %s\n", error.message);
        return 1;
    }
    fprintf(stderr, "usage: bench write COMPRESSION PAYLOAD ARTIFACT [LEVEL [THREADS]]\n"
                    "       bench validate ARTIFACT\n"
                    "       bench sign KEY ARTIFACT OUTPUT\n");
    return 2;
}
