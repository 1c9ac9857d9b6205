// SPDX-License-Identifier: Apache-2.0
#include "digests.h"
#include <openssl/evp.h>
#include <string.h>

const struct ss_digest ss_digests[] = {
    {"SHA256", "SHA-256", 32, true, 1},  {"SHA384", "SHA-384", 48, true, 2},
    {"SHA512", "SHA-512", 64, true, 3},  {"SHA1", "SHA-1", 20, true, 0x1a},
    {"SHA224", "SHA-224", 28, false, 4}, {"SHA3-256", NULL, 32, false, 8},
    {"SHA3-384", NULL, 48, false, 9},    {"SHA3-512", NULL, 64, false, 10},
    {"SHA3-224", NULL, 28, false, 7},    {NULL, NULL, 0, false, 0},
};

const struct ss_digest *ss_digest_find(OSSL_LIB_CTX *inner, const char *name)
{
    EVP_MD *md = EVP_MD_fetch(inner, name, NULL);
    const struct ss_digest *digest = ss_digests;

    if (md == NULL)
        return NULL;
    while (digest->name != NULL && !EVP_MD_is_a(md, digest->name))
        digest++;
    EVP_MD_free(md);
    return digest->name == NULL ? NULL : digest;
}

const struct ss_digest *ss_digest_find_length(size_t length)
{
    for (const struct ss_digest *digest = ss_digests; digest->name != NULL; digest++) {
        if (digest->wire != NULL && digest->length == length)
            return digest;
    }
    return NULL;
}

/* SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING header } before the digest; returns its length.
 */
static size_t print_prefix(const struct ss_digest *digest, unsigned char prefix[19])
{
    static const unsigned char sha1[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                         0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
    static const unsigned char nist[] = {0x30, 0,    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                         0x65, 0x03, 0x04, 0x02, 0,    0x05, 0x00, 0x04, 0};

    if (digest->oid_byte == 0x1a) {
        memcpy(prefix, sha1, sizeof sha1);
        return sizeof sha1;
    }
    memcpy(prefix, nist, sizeof nist);
    prefix[1] = (unsigned char)(17 + digest->length);
    prefix[14] = digest->oid_byte;
    prefix[18] = (unsigned char)digest->length;
    return sizeof nist;
}

size_t ss_digest_info_print(const struct ss_digest *digest, unsigned char *info,
                            const unsigned char *bytes)
{
    size_t prefix_length = print_prefix(digest, info);

    memcpy(info + prefix_length, bytes, digest->length);
    return prefix_length + digest->length;
}

const struct ss_digest *ss_digest_info_parse(const unsigned char *info, size_t info_length)
{
    for (const struct ss_digest *digest = ss_digests; digest->name != NULL; digest++) {
        unsigned char prefix[19];
        size_t prefix_length = print_prefix(digest, prefix);

        if (info_length == prefix_length + digest->length &&
            memcmp(info, prefix, prefix_length) == 0)
            return digest;
    }
    return NULL;
}

bool ss_digest_compute(const struct ss_digest *digest, OSSL_LIB_CTX *inner, unsigned char *bytes,
                       const unsigned char *data, size_t data_length)
{
    EVP_MD *md = EVP_MD_fetch(inner, digest->name, NULL);
    bool ok = md != NULL && EVP_Digest(data, data_length, bytes, NULL, md, NULL) == 1;

    EVP_MD_free(md);
    return ok;
}
