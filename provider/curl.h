// SPDX-License-Identifier: Apache-2.0
/*
 * libcurl, opened at the first request: a process that only has the provider activated pays neither
 * for loading it nor for its dependencies, and a host that is libcurl itself never finds us inside
 * its own initialisation.
 */
#ifndef SS_CURL_H
#define SS_CURL_H

#include "error.h"
#include <curl/curl.h>

struct ss_curl {
    __typeof__(&curl_easy_init) easy_init;
    __typeof__(&curl_easy_cleanup) easy_cleanup;
    __typeof__(&curl_easy_reset) easy_reset;
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    __typeof__(&curl_easy_perform) easy_perform;
    __typeof__(&curl_easy_strerror) easy_strerror;
    __typeof__(&curl_slist_append) slist_append;
    __typeof__(&curl_slist_free_all) slist_free_all;
};

/*
 * The one set of functions of the process; NULL with an error when libcurl cannot be used. It stays
 * loaded and initialised: it keeps state per thread and per process that cannot be taken down while
 * others may use it.
 */
const struct ss_curl *ss_curl_get0(struct ss_error *error);

#endif
