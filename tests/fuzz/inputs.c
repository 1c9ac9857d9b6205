// SPDX-License-Identifier: Apache-2.0
#include "inputs.h"

#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool read_memory(void *user, unsigned char *bytes, size_t size, size_t *length,
                        struct artifact_error *error)
{
    struct fuzz_memory *memory = user;
    (void)error;
    *length = memory->length < size ? memory->length : size;
    if (*length > memory->step)
        *length = memory->step;
    if (*length > 0)
        memcpy(bytes, memory->bytes, *length);
    memory->bytes += *length;
    memory->length -= *length;
    return true;
}

struct artifact_source fuzz_memory_source(struct fuzz_memory *memory)
{
    return (struct artifact_source){read_memory, memory};
}

int fuzz_file(char path[64], const void *bytes, size_t length)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    REQUIRE(fd >= 0);
    REQUIRE(write(fd, bytes, length) == (ssize_t)length);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

EVP_PKEY *fuzz_key(const char *name, enum artifact_key_use use)
{
    struct artifact_error error = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/vectors/keys/%s", TEST_DATA, name);
    EVP_PKEY *key = artifact_key_load(path, use, NULL, &error);
    REQUIRE(key);
    return key;
}
