// SPDX-License-Identifier: Apache-2.0
/*
 * A host program that signs through libcrypto alone, and lives and ends in each way that programs
 * do. One command a life; the configuration and the environment say which provider and server.
 * Exit status 0: all signatures verified and nothing was out of order.
 */
#include "host.h"
#include <arpa/inet.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_THREADS = 64, SECONDS_FOR_A_CHILD = 20 };

static bool sign(OSSL_LIB_CTX *libctx, EVP_PKEY *key)
{
    return host_sign(libctx, key) || host_complain("no signature that verifies");
}

static bool load_and_sign(OSSL_LIB_CTX *libctx, const char *uri)
{
    EVP_PKEY *key = host_load(libctx, uri);
    bool ok = key != NULL && sign(libctx, key);

    EVP_PKEY_free(key);
    return ok;
}

/* ---- A server that takes a request and never answers ---- */

/* Makes it one of the configured servers; call it before anything of libcrypto. The URI of a worker
 * on it, pinned to the file, goes to `uri`. */
static int listen_silently(char uri[512], const char *pin)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const char *configured = getenv("SIGNSERVER_HOSTNAME");
    char servers[512];

    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 ||
        listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        abort();
    snprintf(servers, sizeof servers, "%s http://127.0.0.1:%u",
             configured == NULL ? "" : configured, ntohs(address.sin_port));
    snprintf(uri, 512, "signserver://127.0.0.1:%u/W?cert=%s", ntohs(address.sin_port), pin);
    setenv("SIGNSERVER_HOSTNAME", servers, 1);
    return listener;
}

/* Returns when a request is under way. */
static int await_request(int listener)
{
    int connection = accept(listener, NULL, NULL);
    char byte;

    if (recv(connection, &byte, 1, MSG_PEEK) != 1)
        abort();
    return connection;
}

static void *sign_unanswered(void *key)
{
    unsigned char signature[1024], digest[32] = {1};
    size_t length = sizeof signature;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

    if (EVP_PKEY_sign_init(ctx) == 1)
        EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest);
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

/* ---- Lives ---- */

static int live_alone(int count, char **arguments)
{
    EVP_PKEY *key;
    bool ok;

    if (count != 2)
        return 2;
    key = host_load(NULL, arguments[1]);
    ok = key != NULL;
    for (int i = atoi(arguments[0]); ok && i > 0; i--)
        ok = sign(NULL, key);
    EVP_PKEY_free(key);
    return ok ? 0 : 1;
}

struct crew {
    int signatures;
    int key_count;
    char **uris;
    EVP_PKEY *keys[MAX_THREADS];
    atomic_int number;
    atomic_int failures;
};

/* Every eighth signature is made with a key of the thread's own, the others with shared ones. */
static void *work(void *user)
{
    struct crew *crew = user;
    int number = atomic_fetch_add(&crew->number, 1);

    for (int i = 0; i < crew->signatures; i++) {
        int which = (number + i) % crew->key_count;
        bool ok =
            i % 8 == 0 ? load_and_sign(NULL, crew->uris[which]) : sign(NULL, crew->keys[which]);

        if (!ok)
            atomic_fetch_add(&crew->failures, 1);
    }
    return NULL;
}

static int live_with_threads(int count, char **arguments)
{
    struct crew crew = {0};
    pthread_t threads[MAX_THREADS];
    int thread_count = count < 3 ? 0 : atoi(arguments[0]);

    if (thread_count < 1 || thread_count > MAX_THREADS || count - 2 > MAX_THREADS)
        return 2;
    crew.signatures = atoi(arguments[1]);
    crew.uris = arguments + 2;
    crew.key_count = count - 2;
    for (int i = 0; i < crew.key_count; i++) {
        if ((crew.keys[i] = host_load(NULL, crew.uris[i])) == NULL)
            return 1;
    }
    for (int i = 0; i < thread_count; i++) {
        if (pthread_create(&threads[i], NULL, work, &crew) != 0)
            abort();
    }
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < crew.key_count; i++)
        EVP_PKEY_free(crew.keys[i]);
    return atomic_load(&crew.failures) == 0 ? 0 : 1;
}

/* Threads of which each is the first to load: nothing is made when they start. */
static int live_with_a_race(int count, char **arguments)
{
    struct crew crew = {.signatures = 1, .key_count = 1, .uris = arguments + 1};
    pthread_t threads[MAX_THREADS];
    int thread_count = count != 2 ? 0 : atoi(arguments[0]);

    if (thread_count < 1 || thread_count > MAX_THREADS)
        return 2;
    for (int i = 0; i < thread_count; i++) {
        if (pthread_create(&threads[i], NULL, work, &crew) != 0)
            abort();
    }
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    return atomic_load(&crew.failures) == 0 ? 0 : 1;
}

static bool sign_in_child(EVP_PKEY *key, int signatures)
{
    pid_t child = fork();
    int status = 1;

    if (child == 0) {
        bool ok = true;

        alarm(SECONDS_FOR_A_CHILD);
        for (int i = 0; ok && i < signatures; i++)
            ok = sign(NULL, key);
        EVP_PKEY_free(key);
        exit(ok ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        return host_complain("a child did not sign");
    return true;
}

/* SIGNATURES URI: parent, child and parent again. */
static int live_with_children(int count, char **arguments)
{
    int signatures = count != 2 ? 0 : atoi(arguments[0]);
    EVP_PKEY *key = signatures < 1 ? NULL : host_load(NULL, arguments[1]);
    bool ok = key != NULL && sign(NULL, key);

    for (int i = 0; ok && i < 2; i++) {
        ok = sign_in_child(key, signatures);
        for (int j = 0; ok && j < signatures; j++)
            ok = sign(NULL, key);
    }
    EVP_PKEY_free(key);
    return ok ? 0 : 1;
}

/* PIN URI: a child is made while another thread waits for its answer. */
static int live_with_a_child_amid_a_request(int count, char **arguments)
{
    char silent[512];
    EVP_PKEY *key, *unanswered;
    pthread_t thread;
    int listener, connection;
    bool ok;

    if (count != 2)
        return 2;
    listener = listen_silently(silent, arguments[0]);
    key = host_load(NULL, arguments[1]);
    unanswered = host_load(NULL, silent);
    if (key == NULL || unanswered == NULL || !sign(NULL, key) ||
        pthread_create(&thread, NULL, sign_unanswered, unanswered) != 0)
        return 1;
    connection = await_request(listener);
    ok = sign_in_child(key, 2) && sign(NULL, key);
    close(listener);
    close(connection);
    pthread_join(thread, NULL);
    EVP_PKEY_free(key);
    EVP_PKEY_free(unanswered);
    return ok ? 0 : 1;
}

/* PIN: exit(3) while another thread waits for its answer. */
static int exit_amid_a_request(int count, char **arguments)
{
    char silent[512];
    EVP_PKEY *unanswered;
    pthread_t thread;
    int listener;

    if (count != 1)
        return 2;
    listener = listen_silently(silent, arguments[0]);
    unanswered = host_load(NULL, silent);
    if (unanswered == NULL || pthread_create(&thread, NULL, sign_unanswered, unanswered) != 0)
        return 1;
    await_request(listener);
    alarm(SECONDS_FOR_A_CHILD);
    return 0;
}

/* URI: what the next program inherits, which "connections" counts. */
static int live_on_as_another_program(int count, char **arguments)
{
    if (count != 1 || !load_and_sign(NULL, arguments[0]))
        return 1;
    execl("/proc/self/exe", "lifecycle", "connections", (char *)NULL);
    return 1;
}

static bool is_connection(int fd)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;

    return getpeername(fd, (struct sockaddr *)&peer, &length) == 0 &&
           (peer.ss_family == AF_INET || peer.ss_family == AF_INET6);
}

static int count_connections(int count, char **arguments)
{
    int connections = 0;

    (void)arguments;
    for (int fd = 3; count == 0 && fd < 1024; fd++)
        connections += is_connection(fd);
    printf("%d\n", connections);
    return 0;
}

static bool is_module_mapped(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[4096];
    bool found = false;

    while (!found && maps != NULL && fgets(line, sizeof line, maps) != NULL)
        found = strstr(line, "/signserver.so") != NULL;
    fclose(maps);
    return found;
}

/* TIMES URI: in a library context of its own each time, and the module is gone in between. */
static int live_again_and_again(int count, char **arguments)
{
    for (int i = count != 2 ? 0 : atoi(arguments[0]); i > 0; i--) {
        OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
        OSSL_PROVIDER *base = OSSL_PROVIDER_load(libctx, "default");
        OSSL_PROVIDER *signserver = OSSL_PROVIDER_load(libctx, "signserver");
        EVP_PKEY *key = host_load(libctx, arguments[1]);

        /* A key keeps its provider: it signs after the last word of who loaded that. */
        if (key == NULL || !sign(libctx, key) || OSSL_PROVIDER_unload(signserver) != 1 ||
            !sign(libctx, key))
            return 1;
        EVP_PKEY_free(key);
        OSSL_PROVIDER_unload(base);
        OSSL_LIB_CTX_free(libctx);
        if (is_module_mapped())
            return !host_complain("the module stays after it was unloaded");
    }
    return count == 2 ? 0 : 2;
}

/* MODULE TIMES: opened and closed by somebody who does not know what it is. */
static int open_and_close(int count, char **arguments)
{
    for (int i = count != 2 ? 0 : atoi(arguments[1]); i > 0; i--) {
        void *module = dlopen(arguments[0], RTLD_NOW);

        if (module == NULL || dlclose(module) != 0)
            return !host_complain("dlopen or dlclose");
    }
    return count == 2 && !is_module_mapped() ? 0 : 2;
}

/* URI: with the key alive, and freed after the library was. */
static int clean_up_with_a_key(int count, char **arguments)
{
    EVP_PKEY *key = count != 1 ? NULL : host_load(NULL, arguments[0]);

    if (key == NULL || !sign(NULL, key))
        return 1;
    OPENSSL_cleanup();
    return 0;
}

static int clean_up_after_all(int count, char **arguments)
{
    if (count != 1 || !load_and_sign(NULL, arguments[0]))
        return 1;
    OPENSSL_cleanup();
    OPENSSL_cleanup();
    return 0;
}

/* CONFIGURATION CONFIGURATION URI: each library context has its own server, at the same time. */
static int live_in_two_contexts(int count, char **arguments)
{
    OSSL_LIB_CTX *libctx[2] = {NULL, NULL};
    EVP_PKEY *keys[2] = {NULL, NULL};
    bool ok = count == 3;

    for (int i = 0; ok && i < 2; i++) {
        libctx[i] = OSSL_LIB_CTX_new();
        ok = OSSL_LIB_CTX_load_config(libctx[i], arguments[i]) == 1 &&
             (keys[i] = host_load(libctx[i], arguments[2])) != NULL;
    }
    for (int i = 0; ok && i < 6; i++)
        ok = sign(libctx[i % 2], keys[i % 2]);
    if (ok && EVP_PKEY_eq(keys[0], keys[1]) == 1)
        ok = host_complain("both contexts have the same key");
    for (int i = 0; i < 2; i++) {
        EVP_PKEY_free(keys[i]);
        OSSL_LIB_CTX_free(libctx[i]);
    }
    return ok ? 0 : 1;
}

static bool fetch(CURL *easy)
{
    return curl_easy_perform(easy) == CURLE_OK || host_complain("curl_easy_perform");
}

static size_t swallow(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes;
    (void)user;
    return size * count;
}

static CURL *new_fetch(const char *url)
{
    CURL *easy = curl_easy_init();

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("SIGNSERVER_CA_CERT_PATH"));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
    return easy;
}

/* URI URL: the program has libcurl for itself, begins and ends with it, and does so again. */
static int live_with_libcurl(int count, char **arguments)
{
    EVP_PKEY *key;
    bool ok = count == 2 && load_and_sign(NULL, arguments[0]);

    for (int i = 0; ok && i < 2; i++) {
        CURL *easy;

        ok = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
        easy = new_fetch(arguments[1]);
        key = ok ? host_load(NULL, arguments[0]) : NULL;
        ok = key != NULL && fetch(easy) && sign(NULL, key) && fetch(easy);
        curl_easy_cleanup(easy);
        curl_global_cleanup();
        ok = ok && sign(NULL, key);
        EVP_PKEY_free(key);
    }
    return ok ? 0 : 1;
}

static const struct {
    const char *name;
    int (*run)(int count, char **arguments);
} lives[] = {
    {"sign", live_alone},
    {"threads", live_with_threads},
    {"race", live_with_a_race},
    {"fork", live_with_children},
    {"fork-amid-request", live_with_a_child_amid_a_request},
    {"exit-amid-request", exit_amid_a_request},
    {"exec", live_on_as_another_program},
    {"connections", count_connections},
    {"reload", live_again_and_again},
    {"dlclose", open_and_close},
    {"cleanup-with-key", clean_up_with_a_key},
    {"cleanup", clean_up_after_all},
    {"contexts", live_in_two_contexts},
    {"libcurl", live_with_libcurl},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof lives / sizeof lives[0]; i++) {
        if (strcmp(argv[1], lives[i].name) == 0)
            return lives[i].run(argc - 2, argv + 2);
    }
    fprintf(stderr, "usage: lifecycle LIFE [ARGUMENT...]\n");
    return 2;
}
