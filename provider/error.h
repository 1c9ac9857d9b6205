// SPDX-License-Identifier: Apache-2.0
/*
 * How the provider fails. Functions below the entry points fill a struct ss_error, once, where the
 * particulars are known best; the entry point that libcrypto called raises it. So one failure is
 * one entry in OpenSSL's error queue, and an attempt that was retried with success leaves none.
 */
#ifndef SS_ERROR_H
#define SS_ERROR_H

#include <openssl/core.h>
#include <stdarg.h>
#include <stdbool.h>

/* Stable reasons: numbers and words may be relied on by programs; provider-signserver(7) lists
 * them. */
enum ss_reason {
    SS_R_NONE = 0,
    SS_R_CONFIGURATION,  /* a setting is missing or wrong */
    SS_R_URI,            /* the key URI is malformed */
    SS_R_CONNECTION,     /* no server could be reached, or the answer was lost */
    SS_R_TLS,            /* the server is not who it should be, or refuses our certificate */
    SS_R_TIMEOUT,        /* the time limit passed */
    SS_R_AUTHENTICATION, /* the worker does not accept our credentials */
    SS_R_NO_SUCH_WORKER,
    SS_R_REFUSED,       /* the server refused the request (other 4xx) */
    SS_R_SERVER,        /* the server failed (5xx) */
    SS_R_BAD_ANSWER,    /* the answer is not what the protocol says */
    SS_R_BAD_SIGNATURE, /* the server's signature does not verify */
    SS_R_KEY_CHANGED,   /* the answer comes from another key than the one known or pinned */
    SS_R_UNSUPPORTED,   /* an operation or parameter that this worker cannot do */
    SS_R_RECURSION,     /* the provider's own connection would need the provider */
    SS_R_INTERNAL,      /* libcrypto or memory failed */
    SS_R_REFERENCE,     /* the key reference in a file is malformed */
    SS_R_BUFFER,        /* the caller has too little room for a signature */
};

struct ss_error {
    enum ss_reason reason;
    char text[1024]; /* one sentence: worker, host, the server's own words, the way out; never a
                        secret */
};

/* Fills `error` and returns false, so that a failing function can end with `return ss_fail(...)`.
 */
bool ss_fail(struct ss_error *error, enum ss_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts a context in front of the sentence: "context: sentence". Returns false. */
bool ss_fail_prefix(struct ss_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Out of memory or a failed call of libcrypto; `what` says which. Returns false. */
bool ss_fail_internal(struct ss_error *error, const char *what);

/*
 * Copies text from outside (a server's message) into `out`: control characters and bytes that are
 * no UTF-8 become '?', and what is over the size is cut with "...". Always terminates.
 */
void ss_quote(char *out, size_t out_size, const char *text, size_t length);

/* Whether all of the text is UTF-8 (RFC 3629). */
bool ss_is_utf8(const char *text, size_t length);

/* The functions of the core that raising needs; taken from the dispatch table that
 * OSSL_provider_init is handed. */
struct ss_core {
    const OSSL_CORE_HANDLE *handle;
    void (*new_error)(const OSSL_CORE_HANDLE *);
    void (*set_error_debug)(const OSSL_CORE_HANDLE *, const char *file, int line,
                            const char *function);
    void (*vset_error)(const OSSL_CORE_HANDLE *, uint32_t reason, const char *format,
                       va_list arguments);
};

/* Raises `error` in OpenSSL's error queue; does nothing when it is empty. */
void ss_raise(const struct ss_core *core, const struct ss_error *error, const char *file, int line,
              const char *function);

/* The same, naming the place of the call. */
#define SS_RAISE(core, error) ss_raise((core), (error), __FILE__, __LINE__, __func__)

/* Reasons and their words, for OSSL_FUNC_PROVIDER_GET_REASON_STRINGS; ends with {0, NULL}. */
const OSSL_ITEM *ss_reason_strings(void);

#endif
