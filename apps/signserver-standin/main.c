// SPDX-License-Identifier: Apache-2.0
/* The life of a stand-in: make everything, listen, wait, take everything down. Prints; the other
 * files do not. */
#include "control.h"
#include "environment.h"
#include "http.h"
#include "options.h"
#include "pki.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static int complain(const struct problem *problem)
{
    fprintf(stderr, "signserver-standin: %s\n", problem->text);
    return EXIT_FAILURE;
}

/* ---- A running server ---- */

struct standin {
    struct options *options;
    struct directory directory;
    struct claim claim;
    struct pki pki;
    struct http_server *server;
    struct environment environment;
};

/* Files that only a running server has, beside the environment's and the claim's. */
static bool write_address(const struct standin *standin, const char *url, struct problem *problem)
{
    char port[16];
    int length = snprintf(port, sizeof port, "%u\n", (unsigned)http_server_port(standin->server));
    char *line = NULL;
    int line_length = asprintf(&line, "%s\n", url);
    if (line_length < 0)
        return fail_memory(problem);
    bool ok = directory_write(&standin->directory, "port", 0644, port, (size_t)length, problem) &&
              directory_write(&standin->directory, "url", 0644, line, (size_t)line_length, problem);
    free(line);
    return ok;
}

static void announce(const struct standin *standin, const char *url)
{
    const char *listen = standin->options->http.listen;
    fprintf(
        stderr,
        "signserver-standin: NOT FOR PRODUCTION: for tests and first runs, with throw-away keys\n"
        "signserver-standin: %s, files in %s\n",
        url, standin->directory.path);
    if (strncmp(listen, "127.", 4) != 0 && strcmp(listen, "::1") != 0)
        fprintf(
            stderr,
            "signserver-standin: warning: %s can be reached from other machines; whoever reaches "
            "it may sign\n",
            listen);
}

static bool make_environment(struct standin *standin, struct problem *problem)
{
    char url[64];
    snprintf(url, sizeof url, "%s://localhost:%u",
             standin->options->http.is_plain ? "http" : "https",
             (unsigned)http_server_port(standin->server));
    if (!write_address(standin, url, problem) ||
        !environment_init(&standin->environment, &standin->directory, url, problem) ||
        !environment_write(&standin->environment, &standin->directory, problem))
        return false;
    announce(standin, url);
    return true;
}

static bool start(struct standin *standin, struct problem *problem)
{
    struct options *options = standin->options;
    if (!directory_open(&standin->directory, options->directory, problem) ||
        !claim_take(&standin->claim, &standin->directory, problem) ||
        !pki_make(&standin->pki, options->server_name, &standin->directory, problem) ||
        !workers_prepare(&options->workers, &standin->pki.ca, &standin->directory, problem))
        return false;
    standin->server = http_server_new(&options->http, &standin->pki, &options->workers,
                                      &standin->directory, problem);
    return standin->server && make_environment(standin, problem);
}

static void stop(struct standin *standin)
{
    static const char *const addresses[] = {"env", "port", "url"};
    http_server_free(standin->server);
    environment_clear(&standin->environment);
    pki_clear(&standin->pki);
    if (standin->claim.file >= 0) {
        for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
            directory_remove(&standin->directory, addresses[i]);
    }
    claim_release(&standin->claim, &standin->directory);
    directory_close(&standin->directory);
}

/* ---- Waiting ---- */

/* What ends us, and the end of the command. Blocked in every thread, and waited for in one. */
static sigset_t signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

static siginfo_t wait_signal(void)
{
    const sigset_t set = signals();
    siginfo_t signal;
    while (sigwaitinfo(&set, &signal) < 0)
        ;
    return signal;
}

static void wait_for_end(void)
{
    while (wait_signal().si_signo == SIGCHLD)
        ;
}

/*
 * The command's exit status as a shell gives it. What ends us, ends it first; only a terminal has
 * sent it the same signal by itself.
 */
static int wait_for_command(pid_t command)
{
    int status = 0;
    for (;;) {
        siginfo_t signal = wait_signal();
        if (signal.si_signo == SIGCHLD) {
            if (waitpid(command, &status, WNOHANG) == command)
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        } else if (signal.si_code != SI_KERNEL) {
            kill(command, signal.si_signo);
        }
    }
}

/* The command gets signals as we got them. */
static int spawn(pid_t *process, const struct standin *standin)
{
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    char **command = standin->options->command;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawnp(process, command[0], NULL, &attributes, command,
                             standin->environment.variables);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static int run_command(const struct standin *standin)
{
    pid_t process;
    int error = spawn(&process, standin);
    if (error == 0)
        return wait_for_command(process);
    fprintf(stderr, "signserver-standin: cannot run '%s': %s\n", standin->options->command[0],
            strerror(error));
    return error == ENOENT ? 127 : 126;
}

/* ---- The forms of the command ---- */

static int serve(struct options *options, struct background *background)
{
    struct problem problem;
    struct standin standin = {.options = options, .claim = {.file = -1}};
    int status = EXIT_FAILURE;
    const sigset_t set = signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!start(&standin, &problem)) {
        complain(&problem);
        goto out;
    }
    if (options->command) {
        status = run_command(&standin);
        goto out;
    }
    if (background) {
        puts(standin.directory.path);
        if (!background_ready(background, &standin.directory, &problem)) {
            complain(&problem);
            goto out;
        }
    }
    wait_for_end();
    status = EXIT_SUCCESS;
out:
    stop(&standin);
    return status;
}

static int serve_in_background(struct options *options)
{
    struct problem problem;
    struct background background;
    if (!background_start(&background, &problem))
        return complain(&problem);
    return background.is_parent ? background_wait(&background) : serve(options, &background);
}

static int run(struct options *options)
{
    struct problem problem;
    if (options->is_help) {
        options_print_help(stdout);
        return EXIT_SUCCESS;
    }
    if (options->is_version) {
        puts("signserver-standin " PROJECT_VERSION);
        return EXIT_SUCCESS;
    }
    if (options->is_stop)
        return control_stop(options->directory, &problem) ? EXIT_SUCCESS : complain(&problem);
    return options->is_background ? serve_in_background(options) : serve(options, NULL);
}

int main(int argc, char **argv)
{
    struct options options;
    struct problem problem;
    (void)argc;
    /* Nobody's openssl.cnf: it may activate a provider that would ask this very server. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    int status = options_parse(&options, argv, &problem) ? run(&options) : complain(&problem);
    options_clear(&options);
    return status;
}
