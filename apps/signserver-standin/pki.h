// SPDX-License-Identifier: Apache-2.0
/* Keys and certificates, made on the spot or read from PEM files. */
#ifndef STANDIN_PKI_H
#define STANDIN_PKI_H

#include "directory.h"
#include "problem.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct credential {
    EVP_PKEY *key;
    X509 *certificate;
};

void credential_clear(struct credential *credential);

/* Writes NAME.pem and NAME.key (mode 0600) into the directory. */
bool credential_write(const struct credential *credential, const struct directory *directory,
                      const char *name, struct problem *problem);

/* The certificate or the private key as PEM text, for free(); NULL when memory runs out. */
char *certificate_print(const X509 *certificate);
char *private_key_print(const EVP_PKEY *key);

/* What a certificate says beside its key. NULL stands for what is usual. */
struct certificate_profile {
    const char *common_name;
    const char *usage[3][2]; /* X.509v3 extensions: name and value as in x509v3_config(5) */
    const char *not_before, *not_after; /* ASN.1 GeneralizedTime: an hour ago, in a year */
};

/*
 * Issues a certificate for credential->key with the issuer's key, or with its own when `issuer` is
 * NULL, and sets credential->certificate.
 */
bool certificate_issue(struct credential *credential, const struct certificate_profile *profile,
                       const struct credential *issuer, struct problem *problem);

/* Words for key_new, separated by blanks, for the help. */
extern const char key_types[];

/* A fresh key of one of the `key_types`, or the one in the PEM file `what`. NULL is failure. */
EVP_PKEY *key_new(const char *what, struct problem *problem);

/* The first certificate of a PEM file; NULL is failure. */
X509 *certificate_read(const char *path, struct problem *problem);

/* Everything that is neither a worker's key nor its certificate. */
struct pki {
    struct credential ca, server;
    X509_STORE *trust; /* of client certificates: our CA */
};

/*
 * Makes CAs, server and client certificates and writes them to the directory: ca.pem, server.pem
 * and .key, client.pem and .key, stranger.pem and .key (a client of another CA), other-ca.pem. The
 * server's certificate names `server_name`; NULL is localhost with the loopback addresses.
 */
bool pki_make(struct pki *pki, const char *server_name, const struct directory *directory,
              struct problem *problem);
void pki_clear(struct pki *pki);

/* Whether pki->trust accepts this certificate for a TLS client. */
bool pki_trusts_client(const struct pki *pki, X509 *certificate);

#endif
