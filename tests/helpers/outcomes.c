// SPDX-License-Identifier: Apache-2.0
/*
 * outcomes SECONDS STEP URI [STEP URI]...: what comes of keys, in one process, a line each: the
 * step (load, store or sign), the URI, and the reason of the provider's error or "works",
 * separated by tabs. What is not as it should be is another text: several errors or none, or that
 * a step took longer than the seconds.
 */
#include "host.h"
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool can_load(const char *uri)
{
    OSSL_STORE_INFO *info = host_open(NULL, uri, OSSL_STORE_INFO_PKEY);

    OSSL_STORE_INFO_free(info);
    return info != NULL;
}

static bool can_store(const char *uri)
{
    OSSL_STORE_INFO *info = host_open(NULL, uri, OSSL_STORE_INFO_CERT);

    OSSL_STORE_INFO_free(info);
    return info != NULL;
}

static bool can_sign(const char *uri)
{
    EVP_PKEY *key = host_load(NULL, uri);
    bool ok = key != NULL && host_sign(NULL, key);

    EVP_PKEY_free(key);
    return ok;
}

static const struct {
    const char *name;
    bool (*can)(const char *uri);
} steps[] = {{"load", can_load}, {"store", can_store}, {"sign", can_sign}};

/* Empties the error queue. */
static const char *take_reason(void)
{
    const char *reason = NULL;
    unsigned long code;

    while ((code = ERR_get_error()) != 0) {
        const char *library = ERR_lib_error_string(code);

        if (library == NULL || strcmp(library, "signserver") != 0)
            continue;
        if (reason != NULL)
            reason = "several errors";
        else
            reason = ERR_reason_error_string(code);
    }
    return reason == NULL ? "no error of the provider" : reason;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool take_step(const char *name, const char *uri, double seconds)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        double began = now();
        bool ok;

        if (strcmp(steps[i].name, name) != 0)
            continue;
        ok = steps[i].can(uri);
        printf("%s\t%s\t%s%s\n", name, uri, ok ? "works" : take_reason(),
               now() - began > seconds ? ", too late" : "");
        ERR_clear_error();
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!take_step(argv[i], argv[i + 1], atof(argv[1])))
            return 2;
    }
    return argc < 4;
}
