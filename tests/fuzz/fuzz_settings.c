// SPDX-License-Identifier: Apache-2.0
/*
 * Values of the settings: an input is lines of KEY=VALUE, of the environment where the key is one
 * of its variables, else of the section. Whatever they are, what comes out is usable.
 */
#include "fuzz.h"

#include "settings.h"
#include "uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 32 };

struct section {
    char *lines[MAX_PAIRS]; /* which keys and values are pieces of */
    const char *keys[MAX_PAIRS];
    const char *values[MAX_PAIRS];
    size_t count;
};

static const char *const variables[] = {"SIGNSERVER_HOSTNAME", "SIGNSERVER_CA_CERT_PATH",
                                        "SIGNSERVER_CLIENT_CERT_PATH",
                                        "SIGNSERVER_CLIENT_CERT_KEY_PATH"};

enum { VARIABLE_COUNT = sizeof variables / sizeof variables[0] };

static const char *get(void *user, const char *key)
{
    const struct section *section = user;

    for (size_t i = 0; i < section->count; i++) {
        if (strcmp(section->keys[i], key) == 0)
            return section->values[i];
    }
    return NULL;
}

static bool is_variable(const char *key)
{
    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        if (strcmp(variables[i], key) == 0)
            return true;
    }
    return false;
}

static void read_pairs(struct section *section, const uint8_t *data, size_t size)
{
    while (size > 0 && section->count < MAX_PAIRS) {
        char *line = fuzz_take_line(&data, &size);
        char *value = line + strcspn(line, "=");

        if (*value == '=')
            *value++ = '\0';
        if (is_variable(line))
            setenv(line, value, 1);
        section->lines[section->count] = line;
        section->keys[section->count] = line;
        section->values[section->count++] = value;
    }
}

static void forget_pairs(struct section *section)
{
    for (size_t i = 0; i < section->count; i++)
        free(section->lines[i]);
    for (size_t i = 0; i < VARIABLE_COUNT; i++)
        unsetenv(variables[i]);
}

/* With a slash behind it, lest the default path is put there, a base URL gives itself. */
static void require_normal_form(const char *url)
{
    char text[8192];
    struct section section = {.keys = {"url"}, .values = {text}, .count = 1};
    struct ss_settings again = {0};

    REQUIRE((size_t)snprintf(text, sizeof text, "%s/", url) < sizeof text);
    ss_settings_init(&again, get, &section);
    REQUIRE(again.error.reason == SS_R_NONE && again.url_count == 1);
    REQUIRE(strcmp(again.urls[0], url) == 0);
    ss_settings_clear(&again);
}

/* A URI that names the server of a base URL gets that URL, or an earlier one of the same server. */
static void require_url(const struct ss_settings *settings, const char *url)
{
    char authority[SS_AUTHORITY_SIZE];
    bool is_https = strncmp(url, "https://", 8) == 0;
    const char *host = url + (is_https ? 8 : 7);

    REQUIRE(is_https || strncmp(url, "http://", 7) == 0);
    REQUIRE(url[strlen(url) - 1] != '/');
    REQUIRE(ss_authority_normalise(authority, host, strcspn(host, "/")) == NULL);
    REQUIRE(strncmp(authority, host, strlen(authority)) == 0);
    REQUIRE(ss_settings_get0_url(settings, authority) != NULL || !is_https);
    require_normal_form(url);
}

static void require_usable(const struct ss_settings *settings)
{
    REQUIRE(settings->connect_timeout_ms >= 1000 && settings->connect_timeout_ms <= 3600 * 1000);
    REQUIRE(settings->timeout_ms >= 1000 && settings->timeout_ms <= 3600 * 1000);
    REQUIRE(settings->retries <= 10 && settings->max_message <= 1UL << 30);
    REQUIRE(settings->inner_providers != NULL && settings->inner_providers[0] != '\0');
    if (settings->error.reason != SS_R_NONE)
        fuzz_require_sentence(settings->error.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct section section = {.count = 0};
    struct ss_settings settings = {0};

    read_pairs(&section, data, size);
    ss_settings_init(&settings, get, &section);
    forget_pairs(&section);
    require_usable(&settings);
    for (size_t i = 0; i < settings.url_count; i++)
        require_url(&settings, settings.urls[i]);
    ss_settings_clear(&settings);
    return 0;
}
