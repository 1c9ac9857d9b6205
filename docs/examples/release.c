// SPDX-License-Identifier: Apache-2.0
/*
 * release KEY PUBLIC-KEY IMAGE ARTIFACT: makes a signed artifact of an image, and checks it as a
 * device will. KEY is a PEM file or the URI of any OpenSSL provider (signserver:WORKER).
 *
 *     cc -o release release.c $(pkg-config --cflags --libs artifact)
 */
#include <artifact.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what, const struct artifact_error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->message);
    return EXIT_FAILURE;
}

/* Signs while it writes: nothing unsigned is ever at `path`. */
static int write_artifact(const char *image, const char *path, EVP_PKEY *key)
{
    static const char *const devices[] = {"beaglebone"};
    const struct artifact_file file = {.path = image};
    const struct artifact_spec spec = {
        .payload_type = "rootfs-image",
        .name = "release-1",
        .compatible_types = devices,
        .compatible_type_count = 1,
        .checksum_key = "rootfs-image.checksum",
        .files = &file,
        .file_count = 1,
        .compression = "zstd_better",
    };
    struct artifact_error error = {0};
    if (!artifact_write(&spec, path, key, NULL, &error))
        return fail(path, &error);
    return EXIT_SUCCESS;
}

/* Reads every byte. A signature that does not fit is no failure to read, and is asked for. */
static int check_artifact(const char *path, EVP_PKEY *key)
{
    const struct artifact_read_options options = {.keys = &key, .key_count = 1, .strict = true};
    struct artifact_error error = {0};
    struct artifact_info *info = artifact_read(path, &options, &error);
    if (!info)
        return fail(path, &error);
    bool is_signed = info->signature == ARTIFACT_SIGNATURE_VERIFIED;
    printf("%s holds %s: %s\n", path, info->name,
           is_signed ? "signed and verified" : "not signed with this key");
    artifact_info_free(info);
    return is_signed ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s KEY PUBLIC-KEY IMAGE ARTIFACT\n", argv[0]);
        return EXIT_FAILURE;
    }
    int status = EXIT_FAILURE;
    struct artifact_error error = {0};
    EVP_PKEY *key = artifact_key_load(argv[1], ARTIFACT_KEY_SIGN, NULL, &error);
    EVP_PKEY *public_key =
        key ? artifact_key_load(argv[2], ARTIFACT_KEY_VERIFY, NULL, &error) : NULL;
    if (!public_key)
        fail(argv[0], &error);
    else
        status = write_artifact(argv[3], argv[4], key);
    if (status == EXIT_SUCCESS)
        status = check_artifact(argv[4], public_key);
    EVP_PKEY_free(public_key);
    EVP_PKEY_free(key);
    return status;
}
