// SPDX-License-Identifier: Apache-2.0
#include "key.h"
#include "pin.h"
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <string.h>

/* struct ss_scheme in four bytes, which are read and written at once. */
struct packed_scheme {
    uint8_t input;
    uint8_t padding;
    uint8_t digest; /* 1 + its row in ss_digests; 0: none */
    uint8_t unused;
};

struct ss_key {
    atomic_int references;
    struct ss_context *context;
    const struct ss_type *type;
    EVP_PKEY *inner;
    struct ss_key *origin; /* of a view: the remote key that it shows, one reference */
    /* Of a remote key. */
    struct ss_worker *worker;
    X509 *certificate;
    _Atomic(struct packed_scheme) scheme;
    struct ss_key *next_known; /* in the context's list, which holds one reference */
};

static struct ss_key *key_new(struct ss_context *context)
{
    struct ss_key *key = OPENSSL_zalloc(sizeof *key);

    if (key != NULL) {
        atomic_init(&key->references, 1);
        key->context = context;
    }
    return key;
}

void ss_key_up_ref(struct ss_key *key)
{
    atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
}

void ss_key_free(struct ss_key *key)
{
    if (key == NULL || atomic_fetch_sub(&key->references, 1) > 1)
        return;
    ss_key_free(key->origin);
    ss_worker_free(key->worker);
    X509_free(key->certificate);
    EVP_PKEY_free(key->inner);
    OPENSSL_free(key);
}

/* What is said of the worker is kept in one place for all views of a key. */
static struct ss_key *origin(struct ss_key *key)
{
    return key->origin == NULL ? key : key->origin;
}

struct ss_key *ss_key_new_local(struct ss_context *context, const struct ss_type *type)
{
    struct ss_key *key = key_new(context);

    if (key != NULL)
        key->type = type;
    return key;
}

void ss_key_take_local(struct ss_key *key, EVP_PKEY *whole)
{
    EVP_PKEY_free(key->inner);
    key->inner = whole;
}

struct ss_key *ss_key_new_view(struct ss_key *key)
{
    struct ss_key *view = ss_key_new_local(key->context, key->type);

    if (view == NULL)
        return NULL;
    view->origin = origin(key);
    ss_key_up_ref(view->origin);
    view->inner = EVP_PKEY_dup(key->inner);
    if (view->inner != NULL)
        return view;
    ss_key_free(view);
    return NULL;
}

bool ss_key_is_remote(const struct ss_key *key)
{
    return ss_key_get0_worker(key) != NULL;
}

EVP_PKEY *ss_key_get0_inner(const struct ss_key *key)
{
    return key == NULL ? NULL : key->inner;
}

X509 *ss_key_get0_certificate(const struct ss_key *key)
{
    return key->origin == NULL ? key->certificate : key->origin->certificate;
}

struct ss_context *ss_key_get0_context(const struct ss_key *key)
{
    return key->context;
}

const struct ss_type *ss_key_get0_type(const struct ss_key *key)
{
    return key->type;
}

struct ss_worker *ss_key_get0_worker(const struct ss_key *key)
{
    return key->origin == NULL ? key->worker : key->origin->worker;
}

int ss_key_give(struct ss_key *key, OSSL_CALLBACK *callback, void *argument)
{
    int type = OSSL_OBJECT_PKEY;
    char *data_type = (char *)(uintptr_t)key->type->name;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, data_type, 0),
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &key, sizeof key),
        OSSL_PARAM_END,
    };
    int ok = callback(params, argument);

    ss_key_free(key); /* NULL, if it was taken */
    return ok;
}

struct ss_scheme ss_key_get_scheme(const struct ss_key *key)
{
    struct packed_scheme packed =
        atomic_load(key->origin == NULL ? &key->scheme : &key->origin->scheme);

    return (struct ss_scheme){
        (enum ss_input)packed.input,
        (enum ss_padding)packed.padding,
        packed.digest == 0 ? NULL : &ss_digests[packed.digest - 1],
    };
}

void ss_key_learn(struct ss_key *key, const struct ss_scheme *scheme)
{
    struct packed_scheme packed = {(uint8_t)scheme->input, (uint8_t)scheme->padding, 0, 0};

    if (scheme->digest != NULL)
        packed.digest = (uint8_t)(scheme->digest - ss_digests + 1);
    atomic_store(&origin(key)->scheme, packed);
}

static struct ss_key *find_known(struct ss_context *context, const char *uri)
{
    for (struct ss_key *key = atomic_load(&context->known_keys); key != NULL;
         key = key->next_known) {
        if (strcmp(ss_worker_get0_uri(key->worker), uri) == 0) {
            ss_key_up_ref(key);
            return key;
        }
    }
    return NULL;
}

/* The list takes a reference of its own. Members are never removed, so readers need no lock. */
static void remember(struct ss_context *context, struct ss_key *key)
{
    ss_key_up_ref(key);
    key->next_known = atomic_load(&context->known_keys);
    while (!atomic_compare_exchange_weak(&context->known_keys, &key->next_known, key))
        ;
}

void ss_key_forget_all(struct ss_context *context)
{
    struct ss_key *key = atomic_exchange(&context->known_keys, NULL);

    while (key != NULL) {
        struct ss_key *next = key->next_known;

        ss_key_free(key);
        key = next;
    }
}

/* Gives a remote key its public half, whose ownership moves. */
static bool take_public_half(struct ss_key *key, EVP_PKEY *public_half, X509 *certificate,
                             struct ss_error *error)
{
    const char *name;

    key->inner = public_half;
    key->certificate = certificate;
    if (public_half == NULL)
        return ss_fail_internal(error, "taking a public key");
    key->type = ss_type_find(public_half);
    if (key->type != NULL)
        return true;
    name = EVP_PKEY_get0_type_name(public_half);
    return ss_fail(error, SS_R_UNSUPPORTED, "%s has a key of a type that is not supported (%s)",
                   ss_worker_get0_name(key->worker), name == NULL ? "unknown" : name);
}

static bool open_pinned(struct ss_key *key, struct ss_pin *pin, struct ss_error *error)
{
    struct ss_pin moved = *pin;
    struct ss_scheme scheme;

    *pin = (struct ss_pin){0};
    if (!take_public_half(key, moved.public_half, moved.certificate, error))
        return false;
    scheme = ss_scheme_unknown(key->inner);
    ss_key_learn(key, &scheme);
    return true;
}

static bool open_by_probe(struct ss_key *key, OSSL_LIB_CTX *inner, struct ss_error *error)
{
    struct ss_scheme scheme;
    X509 *certificate = NULL;

    if (!ss_worker_shows_certificate(key->worker))
        return ss_fail(error, SS_R_CONFIGURATION,
                       "%s: interface = http does not tell a worker's public key; pin its "
                       "certificate with ?cert=FILE or in the setting certificate-dir",
                       ss_worker_get0_name(key->worker));
    if (!ss_scheme_probe(&scheme, &certificate, key->worker, NULL, false, inner, error) ||
        !take_public_half(key, X509_get_pubkey(certificate), certificate, error))
        return false;
    ss_key_learn(key, &scheme);
    remember(key->context, key);
    return true;
}

/* The public half that came with the URI is a pin like another, and has to agree with it. */
static bool add_pin(struct ss_pin *pin, EVP_PKEY *public_half, struct ss_error *error)
{
    if (public_half == NULL)
        return true;
    if (pin->public_half == NULL) {
        pin->public_half = EVP_PKEY_up_ref(public_half) == 1 ? public_half : NULL;
        return pin->public_half != NULL || ss_fail_internal(error, "taking a public key");
    }
    return ss_type_is_same_key(pin->public_half, public_half) ||
           ss_fail(error, SS_R_KEY_CHANGED,
                   "its key reference holds another public key than the one that certificate-dir "
                   "pins it to; write a new reference, or mend the pin");
}

bool ss_key_may_open(const struct ss_context *context, struct ss_error *error)
{
    if (ss_transport_is_in_request())
        return ss_fail(error, SS_R_RECURSION,
                       "a signserver: key is needed to reach the signing server itself (as its "
                       "client key?)");
    *error = context->settings.error;
    return error->reason == SS_R_NONE;
}

struct ss_key *ss_key_open(struct ss_context *context, const struct ss_uri *uri,
                           EVP_PKEY *public_half, struct ss_error *error)
{
    OSSL_LIB_CTX *inner =
        ss_key_may_open(context, error) ? ss_context_get0_inner(context, error) : NULL;
    struct ss_transport *transport =
        inner == NULL ? NULL : ss_context_get0_transport(context, error);
    struct ss_pin pin = {0};
    struct ss_key *key = NULL, *known = NULL;
    bool ok = false;

    if (transport == NULL)
        return NULL;
    key = key_new(context);
    if (key == NULL) {
        ss_fail_internal(error, "memory");
        return NULL;
    }
    key->worker = ss_worker_new(transport, &context->settings, uri, error);
    if (key->worker == NULL)
        goto out;
    if (!ss_pin_read(&pin, &context->settings, uri, inner, error) ||
        !add_pin(&pin, public_half, error)) {
        ss_fail_prefix(error, "%s", ss_worker_get0_name(key->worker));
        goto out;
    }
    if (pin.public_half != NULL)
        ok = open_pinned(key, &pin, error);
    else if ((known = find_known(context, ss_worker_get0_uri(key->worker))) == NULL)
        ok = open_by_probe(key, inner, error);
out:
    ss_pin_clear(&pin);
    if (ok)
        return key;
    ss_key_free(key);
    return known;
}
