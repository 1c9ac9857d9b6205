// SPDX-License-Identifier: Apache-2.0
#include "pki.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Credentials and their files ---- */

void credential_clear(struct credential *credential)
{
    EVP_PKEY_free(credential->key);
    X509_free(credential->certificate);
    *credential = (struct credential){0};
}

/* The BIO's contents as a string of the C library. */
static char *take_text(BIO *memory)
{
    char *bytes = NULL;
    long length = memory ? BIO_get_mem_data(memory, &bytes) : 0;
    char *text = length > 0 ? strndup(bytes, (size_t)length) : NULL;
    BIO_free(memory);
    return text;
}

char *certificate_print(const X509 *certificate)
{
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory)
        PEM_write_bio_X509(memory, certificate);
    return take_text(memory);
}

char *private_key_print(const EVP_PKEY *key)
{
    BIO *memory = BIO_new(BIO_s_secmem());
    if (memory)
        PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL);
    return take_text(memory);
}

static void free_secret(char *text)
{
    if (text)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
}

static bool write_text(const struct directory *directory, const char *name, const char *suffix,
                       unsigned mode, const char *text, struct problem *problem)
{
    char *file = NULL;
    if (!text || asprintf(&file, "%s%s", name, suffix) < 0)
        return fail_memory(problem);
    bool ok = directory_write(directory, file, mode, text, strlen(text), problem);
    free(file);
    return ok;
}

static bool write_certificate(const X509 *certificate, const struct directory *directory,
                              const char *name, struct problem *problem)
{
    char *text = certificate_print(certificate);
    bool ok = write_text(directory, name, ".pem", 0644, text, problem);
    free(text);
    return ok;
}

bool credential_write(const struct credential *credential, const struct directory *directory,
                      const char *name, struct problem *problem)
{
    char *text = private_key_print(credential->key);
    bool ok = write_text(directory, name, ".key", 0600, text, problem) &&
              write_certificate(credential->certificate, directory, name, problem);
    free_secret(text);
    return ok;
}

/* ---- Keys ---- */

const char key_types[] = "rsa-2048 rsa-3072 rsa-4096 p-256 p-384 p-521 ed25519 ed448"
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
                         " ml-dsa-44 ml-dsa-65 ml-dsa-87 slh-dsa-sha2-128f slh-dsa-shake-128f"
#endif
    ;

static EVP_PKEY *generate(const char *type)
{
    if (strncmp(type, "rsa-", 4) == 0)
        return EVP_RSA_gen((unsigned)strtoul(type + 4, NULL, 10));
    if (strncmp(type, "p-", 2) == 0) {
        char curve[8];
        snprintf(curve, sizeof curve, "P-%s", type + 2);
        return EVP_EC_gen(curve);
    }
    return EVP_PKEY_Q_keygen(NULL, NULL, type);
}

/* Whether `word` is one of the words of `list`. */
static bool is_listed(const char *word, const char *list)
{
    size_t length = strlen(word);
    while (*list) {
        size_t next = strcspn(list, " ");
        if (next == length && strncmp(list, word, length) == 0)
            return true;
        list += next + strspn(list + next, " ");
    }
    return false;
}

EVP_PKEY *key_new(const char *what, struct problem *problem)
{
    EVP_PKEY *key = NULL;
    if (is_listed(what, key_types)) {
        key = generate(what);
        if (!key)
            fail_crypto(problem, "cannot make a key '%s'", what);
        return key;
    }
    FILE *file = fopen(what, "re");
    if (!file) {
        fail(problem, "%s: neither a PEM file that can be read (%s) nor a kind of key (%s)", what,
             strerror(errno), key_types);
        return NULL;
    }
    key = PEM_read_PrivateKey(file, NULL, NULL, (void *)(uintptr_t) "");
    fclose(file);
    if (!key)
        fail_crypto(problem, "%s: no private key without a pass phrase in this PEM file", what);
    return key;
}

X509 *certificate_read(const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        fail(problem, "%s: %s", path, strerror(errno));
        return NULL;
    }
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    if (!certificate)
        fail_crypto(problem, "%s: no certificate in this PEM file", path);
    return certificate;
}

/* ---- Certificates ---- */

static bool set_name(X509 *certificate, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                                      (const unsigned char *)"SignServer stand-in", -1, -1, 0) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name,
                                      -1, -1, 0);
}

static bool set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    /* 64 random bits, the highest one clear so that it is positive, and not zero. */
    bool ok = number && BN_rand(number, 63, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
              BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

static bool set_time(ASN1_TIME *time, const char *text, long offset)
{
    return text ? ASN1_TIME_set_string_X509(time, text) == 1
                : X509_gmtime_adj(time, offset) != NULL;
}

static bool add_extension(X509 *certificate, X509 *issuer, const char *name, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf(NULL, &context, name, value);
    bool ok = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

static bool add_extensions(X509 *certificate, X509 *issuer,
                           const struct certificate_profile *profile)
{
    for (size_t i = 0; i < sizeof profile->usage / sizeof profile->usage[0]; i++) {
        const char *const *usage = profile->usage[i];
        if (usage[0] && !add_extension(certificate, issuer, usage[0], usage[1]))
            return false;
    }
    return add_extension(certificate, issuer, "subjectKeyIdentifier", "hash") &&
           add_extension(certificate, issuer, "authorityKeyIdentifier", "keyid:always");
}

/* EdDSA, ML-DSA and SLH-DSA take no digest of the caller's choice. */
static const EVP_MD *digest_for(EVP_PKEY *key)
{
    char name[50];
    bool takes_one = EVP_PKEY_get_default_digest_name(key, name, sizeof name) > 0 &&
                     strcasecmp(name, "UNDEF") != 0 && name[0];
    return takes_one ? EVP_sha256() : NULL;
}

bool certificate_issue(struct credential *credential, const struct certificate_profile *profile,
                       const struct credential *issuer, struct problem *problem)
{
    const long hour = 60 * 60, year = 365 * 24 * hour;
    X509 *certificate = X509_new();
    X509 *parent = issuer ? issuer->certificate : certificate;
    EVP_PKEY *signer = issuer ? issuer->key : credential->key;
    bool ok = certificate && X509_set_version(certificate, X509_VERSION_3) &&
              set_serial(certificate) && set_name(certificate, profile->common_name) &&
              X509_set_issuer_name(certificate, X509_get_subject_name(parent)) &&
              set_time(X509_getm_notBefore(certificate), profile->not_before, -hour) &&
              set_time(X509_getm_notAfter(certificate), profile->not_after, year) &&
              X509_set_pubkey(certificate, credential->key) &&
              add_extensions(certificate, parent, profile) &&
              X509_sign(certificate, signer, digest_for(signer)) > 0;
    if (!ok) {
        X509_free(certificate);
        return fail_crypto(problem, "cannot make a certificate for '%s'", profile->common_name);
    }
    credential->certificate = certificate;
    return true;
}

/* ---- The whole set ---- */

/* P-256 keys: made in no time, which rsa-2048 is not. */
static bool make(struct credential *credential, const struct certificate_profile *profile,
                 const struct credential *issuer, struct problem *problem)
{
    credential->key = key_new("p-256", problem);
    return credential->key && certificate_issue(credential, profile, issuer, problem);
}

static bool make_server(struct pki *pki, const char *server_name, struct problem *problem)
{
    struct certificate_profile profile = {
        .common_name = server_name ? server_name : "localhost",
        .usage = {{"keyUsage", "critical,digitalSignature"}, {"extendedKeyUsage", "serverAuth"}}};
    char *names = NULL;
    if (asprintf(&names, "DNS:%s%s", profile.common_name,
                 server_name ? "" : ",IP:127.0.0.1,IP:::1") < 0)
        return fail_memory(problem);
    profile.usage[2][0] = "subjectAltName";
    profile.usage[2][1] = names;
    bool ok = make(&pki->server, &profile, &pki->ca, problem);
    free(names);
    return ok;
}

static bool make_ca(struct credential *ca, const char *name, struct problem *problem)
{
    struct certificate_profile profile = {.common_name = name,
                                          .usage = {{"basicConstraints", "critical,CA:TRUE"},
                                                    {"keyUsage", "critical,keyCertSign,cRLSign"}}};
    return make(ca, &profile, NULL, problem);
}

/* ---- Lists of revoked certificates ---- */

static bool revoke(X509_CRL *crl, const X509 *certificate)
{
    X509_REVOKED *revoked = X509_REVOKED_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    bool ok = revoked && now &&
              X509_REVOKED_set_serialNumber(
                  revoked, (ASN1_INTEGER *)(uintptr_t)X509_get0_serialNumber(certificate)) &&
              X509_REVOKED_set_revocationDate(revoked, now) && X509_CRL_add0_revoked(crl, revoked);
    if (!ok)
        X509_REVOKED_free(revoked);
    ASN1_TIME_free(now);
    return ok;
}

static bool fill_crl(X509_CRL *crl, const struct credential *ca, const X509 *revoked, long from,
                     long to)
{
    ASN1_TIME *last = X509_gmtime_adj(NULL, from), *next = X509_gmtime_adj(NULL, to);
    bool ok = crl && last && next && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
              X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->certificate)) &&
              X509_CRL_set1_lastUpdate(crl, last) && X509_CRL_set1_nextUpdate(crl, next) &&
              (!revoked || revoke(crl, revoked)) && X509_CRL_sign(crl, ca->key, EVP_sha256());
    ASN1_TIME_free(last);
    ASN1_TIME_free(next);
    return ok;
}

/* Of the CA, for these seconds from now; `revoked` NULL: the list is empty. */
static bool write_crl(const struct credential *ca, const X509 *revoked, long from, long to,
                      const struct directory *directory, const char *name, struct problem *problem)
{
    X509_CRL *crl = X509_CRL_new();
    BIO *memory = BIO_new(BIO_s_mem());
    bool is_made =
        memory && fill_crl(crl, ca, revoked, from, to) && PEM_write_bio_X509_CRL(memory, crl);
    char *text = take_text(memory);
    bool ok = (is_made || fail_crypto(problem, "cannot make the list %s", name)) &&
              write_text(directory, name, ".crl", 0644, text, problem);
    free(text);
    X509_CRL_free(crl);
    return ok;
}

static bool write_crls(const struct pki *pki, const struct directory *directory,
                       struct problem *problem)
{
    const long day = 24 * 60 * 60;
    return write_crl(&pki->ca, NULL, -day, 30 * day, directory, "ca", problem) &&
           write_crl(&pki->ca, NULL, -2 * day, -day, directory, "expired", problem) &&
           write_crl(&pki->ca, pki->server.certificate, -day, 30 * day, directory, "revoked",
                     problem);
}

static bool make_client(const struct credential *ca, const char *name,
                        const struct directory *directory, struct problem *problem)
{
    struct certificate_profile profile = {
        .common_name = name,
        .usage = {{"keyUsage", "critical,digitalSignature"}, {"extendedKeyUsage", "clientAuth"}}};
    struct credential client = {0};
    bool ok =
        make(&client, &profile, ca, problem) && credential_write(&client, directory, name, problem);
    credential_clear(&client);
    return ok;
}

static bool make_trust(struct pki *pki, struct problem *problem)
{
    pki->trust = X509_STORE_new();
    if (!pki->trust || !X509_STORE_add_cert(pki->trust, pki->ca.certificate))
        return fail_crypto(problem, "cannot set up the trust in client certificates");
    return true;
}

bool pki_make(struct pki *pki, const char *server_name, const struct directory *directory,
              struct problem *problem)
{
    struct credential other_ca = {0};
    *pki = (struct pki){0};
    bool ok = make_ca(&pki->ca, "Stand-in CA", problem) &&
              make_ca(&other_ca, "Another CA", problem) && make_server(pki, server_name, problem) &&
              make_trust(pki, problem) &&
              write_certificate(pki->ca.certificate, directory, "ca", problem) &&
              write_certificate(other_ca.certificate, directory, "other-ca", problem) &&
              credential_write(&pki->server, directory, "server", problem) &&
              write_crls(pki, directory, problem) &&
              make_client(&pki->ca, "client", directory, problem) &&
              make_client(&other_ca, "stranger", directory, problem);
    credential_clear(&other_ca);
    return ok;
}

void pki_clear(struct pki *pki)
{
    X509_STORE_free(pki->trust);
    credential_clear(&pki->server);
    credential_clear(&pki->ca);
    *pki = (struct pki){0};
}

bool pki_trusts_client(const struct pki *pki, X509 *certificate)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool ok = context && X509_STORE_CTX_init(context, pki->trust, certificate, NULL) &&
              X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT) &&
              X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    return ok;
}
