// SPDX-License-Identifier: Apache-2.0
/* The proxies that libcurl takes from the environment (curl(1), ENVIRONMENT), as errors name them.
 */
#ifndef SS_PROXY_H
#define SS_PROXY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * "proxy 127.0.0.1:3128 (https_proxy)", without user name and password: the proxy for requests to
 * this URL, unless no_proxy excepts it. Returns false when no variable is set.
 */
bool ss_proxy_print(char *text, size_t size, const char *base_url);

/* Whether a sentence of libcurl's is about this server ("localhost:8443") and not about a proxy: it
 * names the host, and the port if there is one here. */
bool ss_proxy_is_server_named(const char *sentence, const char *server);

#endif
