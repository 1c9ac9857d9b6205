// SPDX-License-Identifier: Apache-2.0
#include "curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Debian also has a libcurl over GnuTLS, of another name: this is the one over OpenSSL. */
static const char library[] = "libcurl.so.4";

/* Filled once, constant afterwards. */
static struct ss_curl functions;
static char problem[256];

static const struct {
    const char *name;
    void *place;
} symbols[] = {
    {"curl_easy_init", &functions.easy_init},
    {"curl_easy_cleanup", &functions.easy_cleanup},
    {"curl_easy_reset", &functions.easy_reset},
    {"curl_easy_setopt", &functions.easy_setopt},
    {"curl_easy_getinfo", &functions.easy_getinfo},
    {"curl_easy_perform", &functions.easy_perform},
    {"curl_easy_strerror", &functions.easy_strerror},
    {"curl_slist_append", &functions.slist_append},
    {"curl_slist_free_all", &functions.slist_free_all},
};

/* POSIX lets a data pointer of dlsym(3) become a function's; C asks for a copy of its bytes. */
static bool find(void *handle, const char *name, void *place)
{
    void *symbol = dlsym(handle, name);

    if (symbol == NULL)
        snprintf(problem, sizeof problem, "%s has no function %s", library, name);
    else
        memcpy(place, &symbol, sizeof symbol);
    return symbol != NULL;
}

/*
 * Since 7.84 the initialisation may run while other threads do what they like; before that we would
 * endanger a host that knows nothing of us.
 */
static bool initialise(void *handle)
{
    __typeof__(&curl_version_info) version_info = NULL;
    __typeof__(&curl_global_init) global_init = NULL;
    CURLcode code;

    if (!find(handle, "curl_version_info", &version_info) ||
        !find(handle, "curl_global_init", &global_init))
        return false;
    if ((version_info(CURLVERSION_NOW)->features & CURL_VERSION_THREADSAFE) == 0) {
        snprintf(problem, sizeof problem,
                 "%s cannot be initialised by a thread; 7.84 or newer is needed", library);
        return false;
    }
    code = global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        snprintf(problem, sizeof problem, "%s cannot be initialised: %s", library,
                 functions.easy_strerror(code));
    return code == CURLE_OK;
}

static void open_library(void)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    const char *reason;

    if (handle == NULL) {
        reason = dlerror();
        snprintf(problem, sizeof problem, "%s", reason == NULL ? "unknown reason" : reason);
        return;
    }
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (!find(handle, symbols[i].name, symbols[i].place))
            return;
    }
    initialise(handle);
}

const struct ss_curl *ss_curl_get0(struct ss_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (pthread_once(&once, open_library) != 0 || problem[0] != '\0') {
        ss_fail(error, SS_R_INTERNAL, "libcurl cannot be used: %s", problem);
        return NULL;
    }
    return &functions;
}
