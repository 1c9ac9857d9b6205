// SPDX-License-Identifier: Apache-2.0
/*
 * The digests that SignServer's workers know, under the names that libcrypto and the server have
 * for them. Rows are constant and compared by address.
 */
#ifndef SS_DIGESTS_H
#define SS_DIGESTS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    SS_NAME_SIZE = 50, /* of a name in libcrypto, with its terminator */
    SS_DIGEST_MAX_LENGTH = 64,
    SS_DIGEST_INFO_MAX_LENGTH = 19 + SS_DIGEST_MAX_LENGTH,
};

struct ss_digest {
    const char *name; /* libcrypto's; also how a SIGNATUREALGORITHM begins: SHA256withRSA */
    const char *wire; /* what a client that sends this digest calls it; NULL: no client may */
    size_t length;
    bool is_for_rsa;        /* workers with RSA keys take it from a client */
    unsigned char oid_byte; /* the last byte of its object identifier */
};

extern const struct ss_digest ss_digests[]; /* ends with a name of NULL */

/* By any name that libcrypto has for it; NULL when SignServer does not know it. */
const struct ss_digest *ss_digest_find(OSSL_LIB_CTX *inner, const char *name);

/* The one that is meant when a bare digest of this length is to be signed (SHA-1, SHA-2); or NULL.
 */
const struct ss_digest *ss_digest_find_length(size_t length);

/*
 * DigestInfo (RFC 8017, 9.2), what PKCS#1 v1.5 pads. Print returns the length of what it wrote to
 * `info` (SS_DIGEST_INFO_MAX_LENGTH bytes). Parse returns NULL for what is no DigestInfo of ours;
 * the digest is the last `length` bytes of it.
 */
size_t ss_digest_info_print(const struct ss_digest *digest, unsigned char *info,
                            const unsigned char *bytes);
const struct ss_digest *ss_digest_info_parse(const unsigned char *info, size_t info_length);

/* Hashes `data` into `bytes` (SS_DIGEST_MAX_LENGTH). */
bool ss_digest_compute(const struct ss_digest *digest, OSSL_LIB_CTX *inner, unsigned char *bytes,
                       const unsigned char *data, size_t data_length);

#endif
