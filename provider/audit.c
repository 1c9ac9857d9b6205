// SPDX-License-Identifier: Apache-2.0
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHA256_LENGTH = 32 };

static bool fail_file(const struct ss_audit *audit, const char *what, int number,
                      struct ss_error *error)
{
    return ss_fail(error, SS_R_CONFIGURATION,
                   "audit-file (SIGNSERVER_AUDIT_FILE): cannot %s %s, and what is not recorded is "
                   "not signed: %s",
                   what, audit->path, strerror(number));
}

/* A link, a pipe or a device in the file's place would take the lines somewhere else. */
static bool open_file(struct ss_audit *audit, struct ss_error *error)
{
    struct stat status;
    int file = open(audit->path,
                    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
                    S_IRUSR | S_IWUSR);
    int number = errno;

    if (file < 0 && number == ELOOP)
        return ss_fail(error, SS_R_CONFIGURATION,
                       "audit-file (SIGNSERVER_AUDIT_FILE): %s is a symbolic link; name the file "
                       "itself",
                       audit->path);
    if (file < 0)
        return fail_file(audit, "open", number, error);
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        audit->file = file;
        return true;
    }
    close(file);
    return ss_fail(error, SS_R_CONFIGURATION,
                   "audit-file (SIGNSERVER_AUDIT_FILE): %s is not a regular file", audit->path);
}

bool ss_audit_begin(struct ss_audit *audit, const struct ss_worker *worker, struct ss_error *error)
{
    *audit = (struct ss_audit){
        .worker = worker, .path = ss_worker_get0_settings(worker)->audit_file, .file = -1};
    if (audit->path == NULL)
        return true;
    clock_gettime(CLOCK_MONOTONIC, &audit->started);
    return open_file(audit, error) || ss_fail_prefix(error, "%s", ss_worker_get0_name(worker));
}

/* ---- The line ---- */

static json_t *print_hex(const unsigned char *bytes, size_t length)
{
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";

    for (size_t i = 0; i < length && i < EVP_MAX_MD_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return json_string(text);
}

static json_t *print_sha256(const unsigned char *bytes, size_t length, OSSL_LIB_CTX *inner)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD *md = EVP_MD_fetch(inner, "SHA256", NULL);
    bool ok = md != NULL && EVP_Digest(bytes, length, digest, NULL, md, NULL) == 1;

    EVP_MD_free(md);
    return ok ? print_hex(digest, SHA256_LENGTH) : json_null();
}

/* The fingerprint of a SubjectPublicKeyInfo. */
static json_t *print_key(EVP_PKEY *public_half, OSSL_LIB_CTX *inner)
{
    unsigned char *der = NULL;
    int length = public_half == NULL ? 0 : i2d_PUBKEY(public_half, &der);
    json_t *text = length > 0 ? print_sha256(der, (size_t)length, inner) : json_null();

    OPENSSL_free(der);
    return text;
}

/* RFC 3339, in UTC. */
static json_t *print_time(void)
{
    struct timespec now;
    struct tm parts;
    char seconds[32] = "", text[48];

    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &parts) != NULL)
        strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, sizeof text, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
    return json_string(text);
}

static json_int_t count_ms(const struct timespec *started)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (json_int_t)(now.tv_sec - started->tv_sec) * 1000 +
           (now.tv_nsec - started->tv_nsec) / 1000000;
}

static const char *name_reason(enum ss_reason reason)
{
    for (const OSSL_ITEM *item = ss_reason_strings(); item->ptr != NULL; item++) {
        if (item->id == (unsigned)reason)
            return item->ptr;
    }
    return "failed";
}

static json_t *print_text(const char *text)
{
    return text[0] == '\0' ? json_null() : json_string(text);
}

static char *print_line(const struct ss_audit *audit, const struct ss_audit_entry *entry,
                        bool is_signed, const struct ss_error *error)
{
    json_t *line = json_object();
    bool is_message = entry->digest == NULL;
    char *text = NULL;
    bool ok;

    ERR_set_mark();
    ok = json_object_set_new(line, "time", print_time()) == 0 &&
         json_object_set_new(line, "purpose", json_string(entry->purpose)) == 0 &&
         json_object_set_new(line, "worker",
                             json_string(ss_worker_get0_bare_name(audit->worker))) == 0 &&
         json_object_set_new(line, "host", print_text(entry->host)) == 0 &&
         json_object_set_new(line, "key", print_key(entry->public_half, entry->inner)) == 0 &&
         json_object_set_new(line, "digestAlgorithm",
                             json_string(is_message ? "SHA-256" : entry->digest)) == 0 &&
         json_object_set_new(line, "digest",
                             is_message ? print_sha256(entry->data, entry->length, entry->inner)
                                        : print_hex(entry->data, entry->length)) == 0 &&
         json_object_set_new(line, "archiveId", print_text(entry->answer->archive_id)) == 0 &&
         json_object_set_new(line, "requestId", print_text(entry->answer->request_id)) == 0 &&
         json_object_set_new(line, "attempts", json_integer(entry->answer->attempts)) == 0 &&
         json_object_set_new(line, "milliseconds", json_integer(count_ms(&audit->started))) == 0 &&
         json_object_set_new(line, "outcome",
                             json_string(is_signed ? "signed" : name_reason(error->reason))) == 0 &&
         (is_signed || json_object_set_new(line, "error", json_string(error->text)) == 0);
    ERR_pop_to_mark();
    if (ok)
        text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    return text;
}

bool ss_audit_end(struct ss_audit *audit, const struct ss_audit_entry *entry, bool is_signed,
                  struct ss_error *error)
{
    char *text;
    size_t length;
    ssize_t count = -1;

    if (audit->file < 0)
        return is_signed;
    text = print_line(audit, entry, is_signed, error);
    length = text == NULL ? 0 : strlen(text);
    errno = ENOMEM;
    if (text != NULL) {
        text[length++] = '\n'; /* in the place of the terminator */
        /* One call, so that lines of several processes do not mix (O_APPEND). */
        count = write(audit->file, text, length);
        if (count >= 0)
            errno = ENOSPC;
    }
    if (is_signed && (count < 0 || (size_t)count != length)) {
        fail_file(audit, "write to", errno, error);
        is_signed = ss_fail_prefix(error, "%s", ss_worker_get0_name(audit->worker));
    }
    free(text);
    close(audit->file);
    audit->file = -1;
    return is_signed;
}
