// SPDX-License-Identifier: Apache-2.0
/*
 * Section of openssl.cnf + environment + defaults -> one struct that never changes afterwards.
 * Nothing is connected or read here: file names are only kept. The table of settings in settings.c
 * is the one place that knows their names.
 */
#ifndef SS_SETTINGS_H
#define SS_SETTINGS_H

#include "error.h"
#include <stddef.h>

enum { SS_URLS_MAX = 16 };

enum ss_interface { SS_INTERFACE_REST, SS_INTERFACE_HTTP };

struct ss_settings {
    char **urls; /* base URLs, "https://HOST[:PORT]/signserver", no trailing slash; tried in turn */
    size_t url_count;
    char *ca_file;
    char *crl_file;
    char *client_cert;
    char *client_key;
    char *client_key_passphrase_file;
    char *username;
    char *password_file;
    char *bearer_token_file;
    char *certificate_dir;
    enum ss_interface interface;
    long connect_timeout_ms;
    long timeout_ms; /* of one operation, retries included */
    unsigned retries;
    size_t max_message;
    char *audit_file;
    char *trace;           /* a file, or "stderr" */
    char *inner_providers; /* names, separated by blanks */
    /*
     * What was wrong with the settings, kept until a key is opened: libcrypto hides failures of a
     * provider's initialisation, so this is where a person can see them. reason SS_R_NONE: nothing.
     */
    struct ss_error error;
};

/* The value of a key of the provider's section, borrowed, or NULL. */
typedef const char *ss_settings_get(void *user, const char *key);

/*
 * Fills zeroed settings from the section and from the environment, which wins (ignored in set-uid
 * programs, secure_getenv(3)). Always leaves a usable struct; problems are in settings->error.
 */
void ss_settings_init(struct ss_settings *settings, ss_settings_get *get, void *user);
void ss_settings_clear(struct ss_settings *settings);

/*
 * The base URL for an authority that a URI names, from the configured ones: credentials go to
 * configured servers only. NULL when it is none of them. authority NULL stands for the first.
 * Borrowed.
 */
const char *ss_settings_get0_url(const struct ss_settings *settings, const char *authority);

#endif
