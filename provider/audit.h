// SPDX-License-Identifier: Apache-2.0
/*
 * The audit: one line of JSON (RFC 8259) for each signature that is asked for, by whom of the
 * workers, over what, and what came of it; for probes too, which are signatures to the server. It
 * goes to the file of the setting audit-file, opened for each line, so that it can be rotated at
 * any time. A signature that cannot be recorded is not asked for. Never holds a secret.
 */
#ifndef SS_AUDIT_H
#define SS_AUDIT_H

#include "worker.h"
#include <openssl/evp.h>
#include <time.h>

struct ss_audit {
    const struct ss_worker *worker;
    const char *path;
    int file; /* -1: no audit is kept */
    struct timespec started;
};

/* Opens the file, before anything is asked. On success ss_audit_end has to follow. */
bool ss_audit_begin(struct ss_audit *audit, const struct ss_worker *worker, struct ss_error *error);

/* What was asked and answered; all borrowed. */
struct ss_audit_entry {
    const char *purpose;   /* "sign" or "probe" */
    const char *host;      /* "": none was reached for */
    EVP_PKEY *public_half; /* NULL: not known */
    const char *digest;    /* name of what `data` is; NULL: it is a message */
    const unsigned char *data;
    size_t length;
    const struct ss_process_answer *answer;
    OSSL_LIB_CTX *inner; /* to hash in */
};

/* Writes the line; `error` tells the outcome. Returns whether there is a signature to use: a
 * failure to write makes it one of the signature. */
bool ss_audit_end(struct ss_audit *audit, const struct ss_audit_entry *entry, bool is_signed,
                  struct ss_error *error);

#endif
