// SPDX-License-Identifier: Apache-2.0
/*
 * signserver:WORKER, signserver:///WORKER, signserver://HOST[:PORT]/WORKER, each with ?cert=FILE.
 * WORKER and FILE are percent-encoded as RFC 3986 says; the scheme is compared without regard to
 * case.
 */
#ifndef SS_URI_H
#define SS_URI_H

#include "error.h"

enum { SS_AUTHORITY_SIZE = 256 };

struct ss_uri {
    char *authority; /* "host" or "host:port", lower case; NULL: the configured servers */
    char *worker;    /* decoded: a name or a number; never empty, no '/', no control characters */
    char *cert;      /* decoded file name of the pin; NULL: none */
};

bool ss_uri_parse(struct ss_uri *uri, const char *text, struct ss_error *error);

/* The normal form: signserver:///WORKER or signserver://AUTHORITY/WORKER, with ?cert= where given.
 * For OPENSSL_free. */
char *ss_uri_print(const struct ss_uri *uri, struct ss_error *error);

void ss_uri_clear(struct ss_uri *uri);

/* RFC 3986: everything outside `unreserved` becomes %XX. For OPENSSL_free. */
char *ss_percent_encode(const char *text, struct ss_error *error);

/*
 * Checks "host" or "host:port" (a name of letters, digits, '-', '_' and '.', an IPv4 address, or an
 * IPv6 one in brackets; port 1 to 65535) and writes it in lower case to `authority`, which has
 * SS_AUTHORITY_SIZE bytes. NULL, or what is wrong.
 */
const char *ss_authority_normalise(char *authority, const char *text, size_t length);

#endif
