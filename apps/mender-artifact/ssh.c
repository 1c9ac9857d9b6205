// SPDX-License-Identifier: Apache-2.0
#include "ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
    MARKER_TIMEOUT_MS = 120000,
    CHUNK_BYTES = 1 << 16,
    FIXED_ARGUMENTS = 12, /* beside --ssh-args */
};

static const char scheme[] = "ssh://";

static bool fail(struct artifact_error *error, const char *what, const char *why)
{
    command_fail(error, "SSH error: %s%s%s", what, why ? ": " : "", why ? why : "");
    error->code = ARTIFACT_CANNOT_WRITE;
    return false;
}

/* ---- The address ---- */

bool ssh_is_address(const char *word)
{
    return strncmp(word, scheme, strlen(scheme)) == 0;
}

static bool fail_address(const char *address, struct artifact_error *error)
{
    return command_fail(error, "%s: must be ssh://[user@]host[:port]", address);
}

/* What follows the host, ":port" or nothing. */
static bool take_port(struct ssh *ssh, const char *text)
{
    size_t length = strlen(text);
    if (length == 0)
        return true;
    if (*text != ':' || length < 2 || length > 6 || strspn(text + 1, "0123456789") != length - 1)
        return false;
    memcpy(ssh->port, text + 1, length);
    return true;
}

/* A name that began with a dash would be an option. */
static bool parse_address(struct ssh *ssh, const char *address)
{
    const char *user = address + strlen(scheme);
    const char *at = strrchr(user, '@');
    const char *host = at ? at + 1 : user;
    bool is_bracketed = *host == '[';
    size_t host_length = is_bracketed ? strcspn(++host, "]") : strcspn(host, ":");
    const char *end = host + host_length;
    if (is_bracketed && *end++ != ']')
        return false;
    int user_length = at ? (int)(at + 1 - user) : 0;
    if (host_length == 0 || user_length == 1 || *user == '-' || *host == '-' ||
        strpbrk(user, " /\t\n") || strlen(user) >= sizeof ssh->destination)
        return false;
    snprintf(ssh->destination, sizeof ssh->destination, "%.*s%.*s", user_length, user,
             (int)host_length, host);
    return take_port(ssh, end);
}

bool ssh_init(struct ssh *ssh, const char *address, const struct arguments *arguments,
              struct artifact_error *error)
{
    *ssh = (struct ssh){0};
    if (!parse_address(ssh, address))
        return fail_address(address, error);
    return arguments_get_list(&ssh->extra, &ssh->extra_count, arguments, "ssh-args", error);
}

void ssh_clear(struct ssh *ssh)
{
    free(ssh->extra);
    *ssh = (struct ssh){0};
}

/* ---- The process ---- */

/* Where --ssh-args name a port, that one counts. */
static bool has_own_port(const struct ssh *ssh)
{
    for (size_t i = 0; i < ssh->extra_count; i++) {
        if (strstr(ssh->extra[i], "-p"))
            return true;
    }
    return false;
}

/* What ssh runs goes through the user's shell on the device, whichever that is: hence the quotes.
 */
static const char **make_arguments(const struct ssh *ssh, const char *quoted_script)
{
    const char **words = calloc(ssh->extra_count + FIXED_ARGUMENTS, sizeof *words);
    size_t count = 0;
    if (!words)
        return NULL;
    words[count++] = "ssh";
    for (size_t i = 0; i < ssh->extra_count; i++)
        words[count++] = ssh->extra[i];
    if (*ssh->port && !has_own_port(ssh)) {
        words[count++] = "-p";
        words[count++] = ssh->port;
    }
    words[count++] = "-o";
    words[count++] = "ServerAliveInterval=30";
    words[count++] = "-o";
    words[count++] = "ServerAliveCountMax=1";
    words[count++] = ssh->destination;
    words[count++] = "/bin/sh";
    words[count++] = "-c";
    words[count++] = quoted_script;
    return words;
}

/* Our signals are blocked while ssh runs; ssh must get its own. */
static int spawn(pid_t *child, const char **words, int stdout_fd, const sigset_t *mask)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
    posix_spawnattr_setsigmask(&attributes, mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int number =
        posix_spawnp(child, words[0], &actions, &attributes, (char *const *)words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* A run of a script: ssh, what it prints, and the terminal. */
struct session {
    pid_t child;
    int from_fd;   /* what the script prints */
    int signal_fd; /* that someone wants us to end */
    sigset_t previous_mask;
    bool has_terminal;
    struct termios terminal; /* as it was */

    const char *marker;
    size_t marked;  /* bytes of it that have come at last */
    bool has_begun; /* the marker has come, and the end of its line */
    int64_t deadline_ms;
    char line[256]; /* before the marker: the current line */
    size_t line_length;
    int to_fd;
    uint64_t rest_bytes; /* how many more are taken */
};

static int64_t now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void hide_echo(struct session *session)
{
    session->has_terminal = tcgetattr(STDIN_FILENO, &session->terminal) == 0;
    if (!session->has_terminal)
        return;
    struct termios silent = session->terminal;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
}

static void restore_echo(struct session *session)
{
    if (session->has_terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &session->terminal);
    session->has_terminal = false;
}

static bool session_open(struct session *session, const struct ssh *ssh, const char *script,
                         struct artifact_error *error)
{
    int number = ENOMEM, pipe_fds[2];
    char *quoted = NULL;
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGHUP);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGQUIT);
    sigaddset(&ending, SIGTERM);
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return fail(error, "can not make a pipe", strerror(errno));
    session->from_fd = pipe_fds[0];
    sigprocmask(SIG_BLOCK, &ending, &session->previous_mask);
    session->signal_fd = signalfd(-1, &ending, SFD_CLOEXEC);
    hide_echo(session); /* before anyone can ask for a password */
    const char **words = asprintf(&quoted, "'%s'", script) < 0 ? NULL : make_arguments(ssh, quoted);
    if (words)
        number = spawn(&session->child, words, pipe_fds[1], &session->previous_mask);
    close(pipe_fds[1]);
    free(words);
    free(quoted);
    if (number != 0) {
        session->child = -1;
        return fail(error, "can not run ssh", strerror(number));
    }
    return true;
}

/* Ends ssh if it still runs; *status as in ssh_run. */
static void session_close(struct session *session, bool is_aborted, int *status)
{
    restore_echo(session);
    if (session->from_fd >= 0)
        close(session->from_fd);
    int outcome = 0;
    if (session->child > 0) {
        if (is_aborted)
            kill(session->child, SIGTERM);
        while (waitpid(session->child, &outcome, 0) < 0 && errno == EINTR)
            continue;
        *status = WIFEXITED(outcome) ? WEXITSTATUS(outcome) : -1;
    }
    if (session->signal_fd >= 0)
        close(session->signal_fd);
    /* A signal that came meanwhile now does what it is there for. */
    sigprocmask(SIG_SETMASK, &session->previous_mask, NULL);
}

/* ---- What it prints ---- */

/* The device's words, in which nothing may steer our terminal. */
static void show_line(struct session *session)
{
    for (size_t i = 0; i < session->line_length; i++) {
        unsigned char byte = (unsigned char)session->line[i];
        fputc(byte < 0x20 || byte > 0x7e ? '?' : byte, stderr);
    }
    fputc('\n', stderr);
    session->line_length = 0;
}

/* One byte of a line, which is not its end. A marker's first letter is in it once only. */
static void take_byte(struct session *session, char byte)
{
    if (session->line_length == sizeof session->line)
        show_line(session);
    session->line[session->line_length++] = byte;
    if (byte && byte == session->marker[session->marked])
        session->marked++;
    else
        session->marked = byte == session->marker[0];
}

/* The marker may end a line that something else has begun, as what a login prints may do. */
static void take_line_end(struct session *session)
{
    session->has_begun = !session->marker[session->marked];
    size_t own = session->has_begun ? session->marked : 0;
    session->line_length -= own < session->line_length ? own : session->line_length;
    if (!session->has_begun || session->line_length > 0)
        show_line(session);
    session->marked = 0;
}

/* Takes lines up to the marker, and says how many bytes that were. */
static size_t take_lines(struct session *session, const char *bytes, size_t length)
{
    size_t used = 0;
    while (used < length && !session->has_begun) {
        char byte = bytes[used++];
        if (byte == '\n')
            take_line_end(session);
        else
            take_byte(session, byte);
    }
    if (session->has_begun)
        restore_echo(session);
    return used;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool take_bytes(struct session *session, const char *bytes, size_t length,
                       struct artifact_error *error)
{
    size_t used = take_lines(session, bytes, length);
    if (length - used > session->rest_bytes)
        return fail(error, "the device sends more than there can be", NULL);
    session->rest_bytes -= length - used;
    return write_all(session->to_fd, bytes + used, length - used) ||
           fail(error, "can not keep what the device sends", strerror(errno));
}

/* Waits for more, which may be the end. */
static bool wait_for_more(const struct session *session, struct artifact_error *error)
{
    struct pollfd files[] = {{.fd = session->from_fd, .events = POLLIN},
                             {.fd = session->signal_fd, .events = POLLIN}};
    int64_t left = session->has_begun ? -1 : session->deadline_ms - now_ms();
    if (!session->has_begun && left < 0)
        left = 0;
    int count = poll(files, 2, (int)left);
    if (count == 0)
        return fail(error, "Input deadline exceeded",
                    "the device has not begun within two minutes");
    if (count < 0)
        return fail(error, "can not wait for ssh", strerror(errno));
    return files[1].revents == 0 || fail(error, "interrupted", NULL);
}

static bool receive(struct session *session, struct artifact_error *error)
{
    bool is_ok = true;
    ssize_t length = 1;
    char *chunk = malloc(CHUNK_BYTES);
    if (!chunk)
        return command_fail(error, "out of memory");
    while (is_ok && length > 0) {
        is_ok = wait_for_more(session, error);
        if (!is_ok)
            break;
        length = read(session->from_fd, chunk, CHUNK_BYTES);
        if (length < 0)
            is_ok = fail(error, "can not read from ssh", strerror(errno));
        else if (length > 0)
            is_ok = take_bytes(session, chunk, (size_t)length, error);
    }
    free(chunk);
    if (session->line_length > 0)
        show_line(session);
    return is_ok;
}

bool ssh_run(int *status, const struct ssh *ssh, const char *script, const char *marker, int to_fd,
             uint64_t max_bytes, struct artifact_error *error)
{
    struct session session = {
        .child = -1,
        .from_fd = -1,
        .signal_fd = -1,
        .marker = marker,
        .deadline_ms = now_ms() + MARKER_TIMEOUT_MS,
        .to_fd = to_fd,
        .rest_bytes = max_bytes,
    };
    char outcome[32];
    *status = -1;
    sigprocmask(SIG_SETMASK, NULL, &session.previous_mask);
    bool is_ok = session_open(&session, ssh, script, error) && receive(&session, error);
    session_close(&session, !is_ok, status);
    if (!is_ok)
        return false;
    snprintf(outcome, sizeof outcome, "exit status %d", *status);
    if (*status != 0)
        return fail(error, ssh->destination, outcome);
    return session.has_begun || fail(error, ssh->destination, "the script did not begin");
}
