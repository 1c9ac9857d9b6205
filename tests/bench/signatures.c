// SPDX-License-Identifier: Apache-2.0
/*
 * What a signature through the provider costs beside the same request posted by libcurl and nothing
 * else; tests/bench/provider measures with it.
 *
 *     signatures THREADS SIGNATURES ROUNDS URL WORKER PIN
 *
 * Each round makes so many signatures each way, with keys and connections that were used before,
 * one way after the other; the first way changes. Printed are the medians of the rounds. The bare
 * requests go to the worker "bare", so that the server's journal tells them apart.
 */
#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_THREADS = 64, MAX_ROUNDS = 99, MAX_SIGNATURE = 1024 };

static const unsigned char digest[32] = {1, 2, 3};

struct bench {
    int threads, signatures, rounds;
    EVP_PKEY *key;
    char url[512];
    unsigned char signature[MAX_SIGNATURE]; /* one, to verify */
    size_t signature_length;
};

/* A way of making signatures: what a thread needs for it, and one signature. */
struct way {
    const char *name;
    void *(*begin)(const struct bench *bench);
    bool (*once)(const struct bench *bench, void *state);
    void (*end)(void *state);
};

static void die(const char *what)
{
    fprintf(stderr, "signatures: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static long long now_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- The ways ---- */

static size_t receive(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes;
    *(size_t *)user += size * count;
    return size * count;
}

static struct curl_slist *headers;

static void *begin_bare(const struct bench *bench)
{
    static char body[256];
    CURL *easy = curl_easy_init();

    if (headers == NULL) {
        unsigned char text[64];

        EVP_EncodeBlock(text, digest, sizeof digest);
        snprintf(body, sizeof body,
                 "{\"data\":\"%s\",\"encoding\":\"BASE64\",\"metaData\":{\"USING_CLIENTSUPPLIED_"
                 "HASH\":\"true\",\"CLIENTSIDE_HASHDIGESTALGORITHM\":\"SHA-256\"}}",
                 text);
        headers = curl_slist_append(headers, "Content-Type: application/json");
        headers = curl_slist_append(headers, "Expect:");
        headers = curl_slist_append(headers, "X-Keyfactor-Requested-With: bare");
    }
    curl_easy_setopt(easy, CURLOPT_URL, bench->url);
    curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("SIGNSERVER_CA_CERT_PATH"));
    curl_easy_setopt(easy, CURLOPT_SSLCERT, getenv("SIGNSERVER_CLIENT_CERT_PATH"));
    curl_easy_setopt(easy, CURLOPT_SSLKEY, getenv("SIGNSERVER_CLIENT_CERT_KEY_PATH"));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return easy;
}

static bool post_bare(const struct bench *bench, void *easy)
{
    size_t length = 0;
    long status = 0;

    (void)bench;
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &length);
    return curl_easy_perform(easy) == CURLE_OK &&
           curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200 &&
           length > 0;
}

static void end_bare(void *easy)
{
    curl_easy_cleanup(easy);
}

static void *begin_nothing(const struct bench *bench)
{
    return bench->key;
}

/* RSA has to be told what the digest is. */
static bool name_digest(EVP_PKEY_CTX *ctx)
{
    return EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1;
}

static bool sign(const struct bench *bench, void *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    unsigned char signature[MAX_SIGNATURE];
    size_t length = sizeof signature;
    bool ok = EVP_PKEY_sign_init(ctx) == 1 && name_digest(ctx) &&
              EVP_PKEY_sign(ctx, signature, &length, digest, sizeof digest) == 1;

    (void)bench;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool verify(const struct bench *bench, void *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool ok =
        EVP_PKEY_verify_init(ctx) == 1 && name_digest(ctx) &&
        EVP_PKEY_verify(ctx, bench->signature, bench->signature_length, digest, sizeof digest) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* What a client does at least that does not believe the server. */
static bool post_and_verify(const struct bench *bench, void *easy)
{
    return post_bare(bench, easy) && verify(bench, bench->key);
}

static void end_nothing(void *state)
{
    (void)state;
}

enum { BARE, BARE_VERIFIED, PROVIDER, VERIFY, WAYS };

static const struct way ways[WAYS] = {
    [BARE] = {"bare libcurl", begin_bare, post_bare, end_bare},
    [BARE_VERIFIED] = {"bare, verified", begin_bare, post_and_verify, end_bare},
    [PROVIDER] = {"provider", begin_nothing, sign, end_nothing},
    [VERIFY] = {"verify alone", begin_nothing, verify, end_nothing},
};

/* ---- Measuring ---- */

/* A thread goes through all rounds of all ways together with the others, on connections it keeps.
 */
struct worker {
    const struct bench *bench;
    pthread_t thread;
    void *states[WAYS];
    const struct way *way;
    long long *latencies_ns;
    long long cpu_ns; /* what the thread itself computed */
};

static void *run_worker(void *user)
{
    struct worker *worker = user;
    void *state = worker->states[worker->way - ways];
    long long cpu_before = now_ns(CLOCK_THREAD_CPUTIME_ID);

    for (int i = 0; i < worker->bench->signatures; i++) {
        long long before = now_ns(CLOCK_MONOTONIC);

        if (!worker->way->once(worker->bench, state))
            die(worker->way->name);
        worker->latencies_ns[i] = now_ns(CLOCK_MONOTONIC) - before;
    }
    worker->cpu_ns = now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_before;
    return NULL;
}

struct result {
    double per_second, p50_us, p99_us;
    double cpu_us; /* of the client's thread, a signature: what a busy machine changes least */
};

static int compare_ns(const void *a, const void *b)
{
    const long long *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static struct result measure(const struct bench *bench, struct worker *workers,
                             const struct way *way, long long *latencies_ns)
{
    size_t count = (size_t)bench->threads * (size_t)bench->signatures;
    long long begin = now_ns(CLOCK_MONOTONIC), cpu_ns = 0, spent;

    for (int i = 0; i < bench->threads; i++) {
        workers[i].way = way;
        workers[i].latencies_ns = latencies_ns + (size_t)i * (size_t)bench->signatures;
        if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0)
            die("no thread");
    }
    for (int i = 0; i < bench->threads; i++)
        pthread_join(workers[i].thread, NULL);
    spent = now_ns(CLOCK_MONOTONIC) - begin;
    for (int i = 0; i < bench->threads; i++)
        cpu_ns += workers[i].cpu_ns;
    qsort(latencies_ns, count, sizeof *latencies_ns, compare_ns);
    return (struct result){
        (double)count * 1e9 / (double)spent, (double)latencies_ns[count / 2] / 1e3,
        (double)latencies_ns[count * 99 / 100] / 1e3, (double)cpu_ns / (double)count / 1e3};
}

static int compare_double(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_double);
    return values[count / 2];
}

/* The medians of one figure of each way, and of its ratio to the bare one's in the same round. */
static void print_way(const struct bench *bench, struct result results[][WAYS], int which)
{
    double per_second[MAX_ROUNDS], p50[MAX_ROUNDS], p99[MAX_ROUNDS], cpu[MAX_ROUNDS],
        ratio[MAX_ROUNDS];

    for (int i = 0; i < bench->rounds; i++) {
        per_second[i] = results[i][which].per_second;
        p50[i] = results[i][which].p50_us;
        p99[i] = results[i][which].p99_us;
        cpu[i] = results[i][which].cpu_us;
        ratio[i] = results[i][which].p50_us / results[i][BARE].p50_us;
    }
    printf("%7d  %-14s %10.0f %9.0f %9.0f %9.2f %9.0f\n", bench->threads, ways[which].name,
           median(per_second, bench->rounds), median(p50, bench->rounds),
           median(p99, bench->rounds), median(ratio, bench->rounds), median(cpu, bench->rounds));
}

static void run(const struct bench *bench)
{
    static struct result results[MAX_ROUNDS][WAYS];
    static struct worker workers[MAX_THREADS];
    long long *latencies_ns =
        calloc((size_t)bench->threads * (size_t)bench->signatures, sizeof *latencies_ns);

    if (latencies_ns == NULL)
        die("no memory");
    for (int i = 0; i < bench->threads; i++) {
        workers[i].bench = bench;
        for (int way = 0; way < WAYS; way++)
            workers[i].states[way] = ways[way].begin(bench);
    }
    /* The round before the first connects, and is not counted. */
    for (int round = -1; round < bench->rounds; round++) {
        for (int i = 0; i < WAYS; i++) {
            int way = (i + round + WAYS) % WAYS;

            results[round < 0 ? 0 : round][way] = measure(bench, workers, &ways[way], latencies_ns);
        }
    }
    for (int way = 0; way < WAYS; way++)
        print_way(bench, results, way);
    for (int i = 0; i < bench->threads; i++) {
        for (int way = 0; way < WAYS; way++)
            ways[way].end(workers[i].states[way]);
    }
    free(latencies_ns);
}

static EVP_PKEY *load(const char *worker, const char *pin)
{
    char uri[512];
    OSSL_STORE_CTX *store;
    OSSL_STORE_INFO *info;
    EVP_PKEY *key = NULL;

    snprintf(uri, sizeof uri, "signserver:///%s?cert=%s", worker, pin);
    store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    if (store != NULL && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1 &&
        (info = OSSL_STORE_load(store)) != NULL) {
        key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    if (key == NULL)
        die(uri);
    return key;
}

static void make_signature(struct bench *bench)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, bench->key, NULL);

    bench->signature_length = sizeof bench->signature;
    if (EVP_PKEY_sign_init(ctx) != 1 || !name_digest(ctx) ||
        EVP_PKEY_sign(ctx, bench->signature, &bench->signature_length, digest, sizeof digest) != 1)
        die("no signature");
    EVP_PKEY_CTX_free(ctx);
}

static int number(const char *text, int max)
{
    long value = strtol(text, NULL, 10);

    if (value < 1 || value > max)
        die("a number is out of its range");
    return (int)value;
}

int main(int argc, char **argv)
{
    struct bench bench = {0};

    if (argc != 7)
        die("usage: signatures THREADS SIGNATURES ROUNDS URL WORKER PIN");
    bench.threads = number(argv[1], MAX_THREADS);
    bench.signatures = number(argv[2], 1000000);
    bench.rounds = number(argv[3], MAX_ROUNDS);
    snprintf(bench.url, sizeof bench.url, "%s/signserver/rest/v1/workers/bare/process", argv[4]);
    bench.key = load(argv[5], argv[6]);
    make_signature(&bench);
    run(&bench);
    EVP_PKEY_free(bench.key);
    curl_slist_free_all(headers);
    return 0;
}
