// SPDX-License-Identifier: Apache-2.0
#include "reference.h"
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

enum {
    TAG_INTEGER = V_ASN1_INTEGER,
    TAG_UTF8STRING = V_ASN1_UTF8STRING,
    TAG_SEQUENCE = V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED,
};

enum { VERSION = 1 };

static const char description[] = "SignServer key reference";

static bool fail_damaged(struct ss_error *error, const char *what)
{
    return ss_fail(error, SS_R_REFERENCE,
                   "the key reference is damaged (%s); write a new one: "
                   "openssl pkey -in signserver:WORKER -out FILE",
                   what);
}

/* ---- DER: tags of one byte, and lengths of the shortest form up to 65535 (X.690, 10.1) ---- */

struct bytes {
    const unsigned char *at;
    size_t left;
};

static bool take_byte(struct bytes *from, unsigned *byte)
{
    if (from->left == 0)
        return false;
    *byte = *from->at++;
    from->left--;
    return true;
}

static bool take_header(struct bytes *from, unsigned tag, size_t *length)
{
    unsigned actual = 0, first = 0, high = 0, low = 0;

    if (!take_byte(from, &actual) || actual != tag || !take_byte(from, &first))
        return false;
    *length = first;
    if (first < 0x80)
        return true;
    if (first > 0x82 || first < 0x81 || (first == 0x82 && !take_byte(from, &high)) ||
        !take_byte(from, &low))
        return false;
    *length = high << 8 | low;
    return *length >= (first == 0x82 ? 0x100 : 0x80);
}

static bool take(struct bytes *from, unsigned tag, struct bytes *content)
{
    size_t length;

    if (!take_header(from, tag, &length) || length > from->left)
        return false;
    *content = (struct bytes){from->at, length};
    from->at += length;
    from->left -= length;
    return true;
}

static bool put(struct ss_buffer *to, unsigned tag, const void *content, size_t length)
{
    unsigned char header[4] = {(unsigned char)tag};
    size_t used = 1;

    if (length > 0xffff)
        return false;
    if (length > 0xff)
        header[used++] = 0x82;
    else if (length > 0x7f)
        header[used++] = 0x81;
    if (length > 0xff)
        header[used++] = (unsigned char)(length >> 8);
    header[used++] = (unsigned char)(length & 0xff);
    return ss_buffer_append(to, header, used) && ss_buffer_append(to, content, length);
}

/* ---- Reading ---- */

static bool is_description(const struct bytes *text)
{
    return text->left == sizeof description - 1 &&
           memcmp(text->at, description, sizeof description - 1) == 0;
}

bool ss_reference_recognise(const unsigned char *head, size_t length)
{
    struct bytes from = {head, length}, text;
    size_t whole;

    return take_header(&from, TAG_SEQUENCE, &whole) && take(&from, TAG_UTF8STRING, &text) &&
           is_description(&text);
}

static bool check_version(const struct bytes *integer, struct ss_error *error)
{
    if (integer->left == 1 && integer->at[0] == VERSION)
        return true;
    return ss_fail(error, SS_R_REFERENCE,
                   "the key reference is of another version than %d, the only one that this "
                   "provider knows; use the release that wrote it, or a newer one",
                   VERSION);
}

static bool parse_uri(struct ss_uri *uri, const struct bytes *text, struct ss_error *error)
{
    char *copy = NULL;
    bool ok;

    if (memchr(text->at, '\0', text->left) != NULL)
        return fail_damaged(error, "its URI holds a NUL");
    copy = OPENSSL_strndup((const char *)text->at, text->left);
    if (copy == NULL)
        return ss_fail_internal(error, "memory");
    ok = ss_uri_parse(uri, copy, error) || ss_fail_prefix(error, "in a key reference");
    OPENSSL_free(copy);
    /* Whoever hands us a key file is not to choose further files that we open. */
    if (ok && uri->cert != NULL)
        return fail_damaged(error, "its URI has a ?cert=, in place of which it has the public key");
    return ok;
}

static bool parse_public_half(EVP_PKEY **public_half, const struct bytes *from, OSSL_LIB_CTX *inner,
                              struct ss_error *error)
{
    const unsigned char *end = from->at;

    ERR_set_mark();
    *public_half = d2i_PUBKEY_ex(NULL, &end, (long)from->left, inner, NULL);
    ERR_pop_to_mark();
    if (*public_half == NULL)
        return fail_damaged(error, "it holds no public key that can be used");
    return end == from->at + from->left ||
           fail_damaged(error, "there is more after its public key");
}

bool ss_reference_parse(struct ss_reference *reference, const unsigned char *der, size_t length,
                        OSSL_LIB_CTX *inner, struct ss_error *error)
{
    struct bytes from = {der, length}, members, text, version, uri;

    *reference = (struct ss_reference){0};
    if (length > SS_REFERENCE_MAX_BYTES)
        return fail_damaged(error, "it is too long");
    if (!take(&from, TAG_SEQUENCE, &members))
        return fail_damaged(error, "it is cut short, or no DER");
    if (from.left > 0)
        return fail_damaged(error, "something follows it");
    if (!take(&members, TAG_UTF8STRING, &text) || !is_description(&text))
        return fail_damaged(error, "it does not begin like one");
    if (!take(&members, TAG_INTEGER, &version))
        return fail_damaged(error, "its version is missing");
    if (!check_version(&version, error))
        return false;
    if (!take(&members, TAG_UTF8STRING, &uri))
        return fail_damaged(error, "its URI is missing");
    return parse_uri(&reference->uri, &uri, error) &&
           parse_public_half(&reference->public_half, &members, inner, error);
}

void ss_reference_clear(struct ss_reference *reference)
{
    ss_uri_clear(&reference->uri);
    EVP_PKEY_free(reference->public_half);
    *reference = (struct ss_reference){0};
}

/* ---- Writing ---- */

static bool put_members(struct ss_buffer *to, const char *uri, EVP_PKEY *public_half)
{
    static const unsigned char version[] = {VERSION};
    unsigned char *key = NULL;
    int length = i2d_PUBKEY(public_half, &key);
    bool ok = length > 0 && put(to, TAG_UTF8STRING, description, sizeof description - 1) &&
              put(to, TAG_INTEGER, version, sizeof version) &&
              put(to, TAG_UTF8STRING, uri, strlen(uri)) &&
              ss_buffer_append(to, key, (size_t)length);

    OPENSSL_free(key);
    return ok;
}

bool ss_reference_print(struct ss_buffer *der, const struct ss_uri *uri, EVP_PKEY *public_half,
                        struct ss_error *error)
{
    struct ss_uri unpinned = {.authority = uri->authority, .worker = uri->worker};
    char *text = ss_uri_print(&unpinned, error);
    struct ss_buffer members;
    bool ok;

    if (text == NULL)
        return false;
    ss_buffer_init(&members, SS_REFERENCE_MAX_BYTES);
    ok = put_members(&members, text, public_half) &&
         put(der, TAG_SEQUENCE, members.bytes, members.length);
    ss_buffer_clear(&members);
    OPENSSL_free(text);
    return ok || ss_fail_internal(error, "writing a key reference");
}
