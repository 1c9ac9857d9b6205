// SPDX-License-Identifier: Apache-2.0
/*
 * message_api message|digest KEY ALGORITHM FILE [OPTION:VALUE...]: signs the file's bytes with the
 * functions of OpenSSL 3.4 that are given an algorithm: as a message (EVP_PKEY_sign_message_init(3)
 * and its relatives), at once and, where the algorithm takes pieces, piece by piece; or as a digest
 * (EVP_PKEY_sign_init_ex2(3)). Verifies what it made, and that one changed bit does not verify. The
 * signatures go to once.sig and pieces.sig. What is signed once more in the same context is the
 * same. KEY is a URI or a file; options are those of pkeyutl.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX_BYTES = 65536, SIGNATURE_MAX_BYTES = 65536 };

/* What signs, how that is begun, and what is asked for beyond the algorithm. */
struct way {
    EVP_PKEY *key;
    EVP_SIGNATURE *algorithm;
    int (*sign_init)(EVP_PKEY_CTX *ctx, EVP_SIGNATURE *algorithm, const OSSL_PARAM params[]);
    int (*verify_init)(EVP_PKEY_CTX *ctx, EVP_SIGNATURE *algorithm, const OSSL_PARAM params[]);
    char *const *options; /* NULL-terminated */
};

struct bytes {
    unsigned char at[MESSAGE_MAX_BYTES];
    size_t length;
};

static bool require(bool ok, const char *what)
{
    if (ok)
        return true;
    fprintf(stderr, "%s failed\n", what);
    ERR_print_errors_fp(stderr);
    exit(EXIT_FAILURE);
}

static EVP_PKEY *load(const char *uri)
{
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    EVP_PKEY *key = NULL;

    require(store != NULL && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1,
            "opening the key");
    while (key == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (info != NULL)
            key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    require(key != NULL, "loading the key");
    return key;
}

static void read_file(struct bytes *bytes, const char *path)
{
    FILE *file = fopen(path, "rb");

    require(file != NULL, path);
    bytes->length = fread(bytes->at, 1, sizeof bytes->at, file);
    fclose(file);
}

static void write_file(const struct bytes *bytes, const char *path)
{
    FILE *file = fopen(path, "wb");

    require(file != NULL && fwrite(bytes->at, 1, bytes->length, file) == bytes->length &&
                fclose(file) == 0,
            path);
}

static void set_options(EVP_PKEY_CTX *ctx, char *const *options)
{
    for (; *options != NULL; options++) {
        char name[64];
        const char *colon = strchr(*options, ':');

        require(colon != NULL && (size_t)(colon - *options) < sizeof name, *options);
        snprintf(name, sizeof name, "%.*s", (int)(colon - *options), *options);
        require(EVP_PKEY_CTX_ctrl_str(ctx, name, colon + 1) > 0, *options);
    }
}

static void sign_once(struct bytes *signature, const struct way *way, const struct bytes *message)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, way->key, NULL);

    require(way->sign_init(ctx, way->algorithm, NULL) == 1, "beginning a signature");
    set_options(ctx, way->options);
    require(EVP_PKEY_sign(ctx, NULL, &signature->length, message->at, message->length) == 1 &&
                signature->length <= sizeof signature->at,
            "asking for the length");
    require(EVP_PKEY_sign(ctx, signature->at, &signature->length, message->at, message->length) ==
                1,
            "EVP_PKEY_sign");
    EVP_PKEY_CTX_free(ctx);
}

static bool verifies_once(const struct bytes *signature, const struct way *way,
                          const struct bytes *message)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, way->key, NULL);
    bool ok;

    require(way->verify_init(ctx, way->algorithm, NULL) == 1, "beginning to verify");
    set_options(ctx, way->options);
    ok = EVP_PKEY_verify(ctx, signature->at, signature->length, message->at, message->length) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* After a failure and after a success: what was given before is no part of what is signed, where a
 * context signs again at all. */
static void sign_once_more(const struct way *way, const struct bytes *message)
{
    static struct bytes signature;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, way->key, NULL);

    require(way->sign_init(ctx, way->algorithm, NULL) == 1, "beginning a signature");
    set_options(ctx, way->options);
    signature.length = 1;
    require(EVP_PKEY_sign(ctx, signature.at, &signature.length, message->at, message->length) != 1,
            "refusing too little room");
    for (int i = 0; i < 2; i++) {
        signature.length = sizeof signature.at;
        if (EVP_PKEY_sign(ctx, signature.at, &signature.length, message->at, message->length) == 1)
            require(verifies_once(&signature, way, message), "verifying what was signed once more");
    }
    EVP_PKEY_CTX_free(ctx);
}

static void sign_pieces(struct bytes *signature, const struct way *way, const struct bytes *message)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, way->key, NULL);
    size_t half = message->length / 2;

    signature->length = sizeof signature->at;
    require(way->sign_init(ctx, way->algorithm, NULL) == 1, "beginning a signature");
    set_options(ctx, way->options);
    require(EVP_PKEY_sign_message_update(ctx, message->at, half) == 1 &&
                EVP_PKEY_sign_message_update(ctx, message->at + half, message->length - half) == 1,
            "EVP_PKEY_sign_message_update");
    require(EVP_PKEY_sign_message_final(ctx, signature->at, &signature->length) == 1,
            "EVP_PKEY_sign_message_final");
    EVP_PKEY_CTX_free(ctx);
}

static bool verifies_pieces(const struct bytes *signature, const struct way *way,
                            const struct bytes *message)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, way->key, NULL);
    bool ok;

    require(way->verify_init(ctx, way->algorithm, NULL) == 1, "beginning to verify");
    set_options(ctx, way->options);
    require(EVP_PKEY_CTX_set_signature(ctx, signature->at, signature->length) == 1,
            "EVP_PKEY_CTX_set_signature");
    require(EVP_PKEY_verify_message_update(ctx, message->at, message->length) == 1,
            "EVP_PKEY_verify_message_update");
    ok = EVP_PKEY_verify_message_final(ctx) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

typedef bool verifier(const struct bytes *signature, const struct way *way,
                      const struct bytes *message);

static void check(verifier *verifies, const char *path, const struct bytes *signature,
                  const struct way *way, struct bytes *message)
{
    require(verifies(signature, way, message), "verifying");
    message->at[0] ^= 1;
    require(!verifies(signature, way, message), "not verifying another message");
    message->at[0] ^= 1;
    write_file(signature, path);
}

static bool takes_pieces(EVP_PKEY *key)
{
    bool is_newer = OpenSSL_version_num() >= 0x30600000L;

    return EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "EC") ||
           (is_newer && (EVP_PKEY_is_a(key, "ML-DSA-44") || EVP_PKEY_is_a(key, "ML-DSA-65") ||
                         EVP_PKEY_is_a(key, "ML-DSA-87")));
}

/* The provider that holds the key is the one to sign with it; libcrypto does not look for another.
 */
static EVP_SIGNATURE *fetch(const char *name, const OSSL_PROVIDER *provider)
{
    char query[128];

    snprintf(query, sizeof query, "provider=%s", OSSL_PROVIDER_get0_name(provider));
    return EVP_SIGNATURE_fetch(NULL, name, query);
}

int main(int argc, char **argv)
{
    static struct bytes message, signature;
    struct way way = {.sign_init = EVP_PKEY_sign_message_init,
                      .verify_init = EVP_PKEY_verify_message_init,
                      .options = argv + 5};
    bool is_digest = argc > 1 && strcmp(argv[1], "digest") == 0;

    if (argc < 5) {
        fprintf(stderr, "usage: %s message|digest KEY ALGORITHM FILE [OPTION:VALUE...]\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (is_digest) {
        way.sign_init = EVP_PKEY_sign_init_ex2;
        way.verify_init = EVP_PKEY_verify_init_ex2;
    }
    way.key = load(argv[2]);
    way.algorithm = fetch(argv[3], EVP_PKEY_get0_provider(way.key));
    require(way.algorithm != NULL, "EVP_SIGNATURE_fetch");
    read_file(&message, argv[4]);
    sign_once(&signature, &way, &message);
    check(verifies_once, "once.sig", &signature, &way, &message);
    sign_once_more(&way, &message);
    if (!is_digest && takes_pieces(way.key)) {
        sign_pieces(&signature, &way, &message);
        check(verifies_pieces, "pieces.sig", &signature, &way, &message);
    }
    EVP_SIGNATURE_free(way.algorithm);
    EVP_PKEY_free(way.key);
    return EXIT_SUCCESS;
}
