// SPDX-License-Identifier: Apache-2.0
/*
 * The workers: what was said about them on the command line or in a file, with their keys. A worker
 * is constant once it was prepared, except for what it counts.
 */
#ifndef STANDIN_WORKERS_H
#define STANDIN_WORKERS_H

#include "directory.h"
#include "faults.h"
#include "pki.h"
#include "problem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

/* What can be said about a worker; those in capitals are SignServer's worker properties. */
enum setting {
    SETTING_ID,
    SETTING_KEY,
    SETTING_CERT,
    SETTING_NOT_BEFORE,
    SETTING_NOT_AFTER,
    SETTING_TOKEN,
    SETTING_USER,
    SETTING_FAULT,
    SETTING_SIGNATUREALGORITHM,
    SETTING_CLIENTSIDEHASHING,
    SETTING_ALLOW_CLIENTSIDEHASHING_OVERRIDE,
    SETTING_ACCEPTED_HASH_DIGEST_ALGORITHMS,
    SETTING_AUTHTYPE,
    SETTING_DISABLED,
    SETTING_KEYUSAGELIMIT,
    SETTING_CHECKCERTVALIDITY,
    SETTING_COUNT
};

enum { WORKER_MAX_VALUES = 8 }; /* of one setting */

struct worker {
    char *name;
    int32_t id; /* 0 until it was chosen or said */
    char *settings[SETTING_COUNT][WORKER_MAX_VALUES];
    struct credential signer;
    struct credential other; /* another key of the same kind, when a fault needs it */
    struct fault faults[WORKER_MAX_VALUES];
    size_t fault_count;
    atomic_uint requests, signatures;
};

/* The value of a setting; NULL when it was not set or set to nothing. */
const char *worker_get(const struct worker *worker, enum setting setting);

struct workers {
    struct worker *items;
    size_t count;
};

/* Adds the worker `NAME[,SETTING=VALUE]...`; a backslash takes the meaning from the next character.
 */
bool workers_add(struct workers *workers, const char *text, struct problem *problem);

/* Adds the workers of a JSON file: an array of objects with `name` and settings as members. */
bool workers_read(struct workers *workers, const char *path, struct problem *problem);

/*
 * Fills in what was not said, makes the keys and certificates, and writes NAME.pem and NAME.key of
 * each worker. With no worker at all, one as Mender's documentation sets it up comes first.
 */
bool workers_prepare(struct workers *workers, const struct credential *ca,
                     const struct directory *directory, struct problem *problem);

/* NULL when there is none. */
struct worker *workers_find_name(const struct workers *workers, const char *name);
struct worker *workers_find_id(const struct workers *workers, int32_t id);

void workers_clear(struct workers *workers);

/* One line for each setting, for the help. */
void settings_print_help(FILE *out);

#endif
