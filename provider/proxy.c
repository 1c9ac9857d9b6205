// SPDX-License-Identifier: Apache-2.0
#include "proxy.h"

#include "error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The first that is set, in libcurl's order; *value is what it says. */
static const char *find_variable(const char **value, const char *base_url)
{
    /* A CGI program's HTTP_PROXY is a header of its client's: libcurl leaves it alone. */
    static const char *const for_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const for_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                            NULL};
    const char *const *name = strncasecmp(base_url, "http:", 5) == 0 ? for_http : for_https;

    for (; *name != NULL; name++) {
        *value = getenv(*name);
        if (*value != NULL && **value != '\0')
            break;
    }
    return *name;
}

bool ss_proxy_print(char *text, size_t size, const char *base_url)
{
    const char *value = NULL, *variable = find_variable(&value, base_url), *scheme, *at;
    char host[256];
    size_t length;

    if (variable == NULL)
        return false;
    scheme = strstr(value, "://");
    if (scheme != NULL)
        value = scheme + 3;
    length = strcspn(value, "/");
    at = memrchr(value, '@', length);
    if (at != NULL) {
        length -= (size_t)(at + 1 - value);
        value = at + 1;
    }
    ss_quote(host, sizeof host, value, length);
    snprintf(text, size, "proxy %s (%s)", host, variable);
    return true;
}

/* "host", "host:port", "[::1]:port": where the host begins, how long it is, and the port or "". */
static const char *split(const char *server, size_t *host_length, const char **port)
{
    const char *end;

    if (*server == '[') {
        server++;
        end = server + strcspn(server, "]");
        *port = *end == ']' && end[1] == ':' ? end + 2 : "";
    } else {
        end = server + strcspn(server, ":");
        *port = *end == ':' ? end + 1 : "";
    }
    *host_length = (size_t)(end - server);
    return server;
}

bool ss_proxy_is_server_named(const char *sentence, const char *server)
{
    const char *port, *at;
    size_t host_length;
    const char *host = split(server, &host_length, &port);

    at = host_length == 0 ? NULL : memmem(sentence, strlen(sentence), host, host_length);
    if (at == NULL)
        return false;
    if (*port == '\0')
        return true;
    at += host_length;
    at += strspn(at, "]: port");
    return strncmp(at, port, strlen(port)) == 0 && strspn(at + strlen(port), "0123456789") == 0;
}
