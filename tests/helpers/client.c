// SPDX-License-Identifier: Apache-2.0
#include "client.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static char *urls[SS_URLS_MAX];

struct ss_settings settings_for(const char *url, ...)
{
    struct ss_settings settings = {
        .urls = urls, .connect_timeout_ms = 2000, .timeout_ms = 10000, .retries = 2};
    va_list more;

    /* A developer's proxy would take the requests to somewhere else. */
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    va_start(more, url);
    for (; url != NULL; url = va_arg(more, const char *))
        urls[settings.url_count++] = (char *)(uintptr_t)url;
    va_end(more);
    return settings;
}

struct ss_error error;

bool post_to(struct ss_transport *transport, struct ss_http_answer *answer, const char *authority,
             struct ss_error *own_error)
{
    static const char *const headers[] = {"X-Test: yes", NULL};
    const struct ss_http_request request = {
        .path = "/path%2F",
        .content_type = "application/json",
        .headers = headers,
        .body = (const unsigned char *)"{\"x\":1}",
        .body_length = 7,
    };

    *own_error = (struct ss_error){0};
    return ss_transport_post(transport, answer, authority, &request, own_error);
}

long post(struct ss_transport *transport)
{
    struct ss_http_answer answer;
    long status = post_to(transport, &answer, NULL, &error) ? answer.status : 0;

    ss_http_answer_clear(&answer);
    return status;
}

long post_once(const struct ss_settings *settings)
{
    struct ss_transport *transport = ss_transport_new(settings, NULL, &error);
    long status = post(transport);

    ss_transport_free(transport);
    return status;
}

long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
