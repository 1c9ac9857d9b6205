// SPDX-License-Identifier: Apache-2.0
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_PROVIDES_BYTES = 1 << 20, STATUS_SSH_FAILED = 255 };

const struct option snapshot_options[] = {
    {"ssh-args", 'S', OPTION_LIST, "ARGUMENT",
     "Argument for ssh, when FILE is ssh://[user@]host[:port]; may be repeated", false},
    {"tmp", 0, OPTION_TEXT, "DIRECTORY",
     "Where a snapshot over ssh is kept meanwhile (default: the directory of the output)", false},
    {0},
};

/*
 * Each begins with its marker once it has the rights it needs, sudo's password included. They hold
 * no single quote, as ssh_run wants it.
 */
static const char snapshot_marker[] = "Initializing snapshot...";
static const char snapshot_script[] =
    "if [ \"$(id -u)\" = 0 ]; then as_root=; else as_root=\"sudo -S\"; fi; "
    "exec $as_root /bin/sh -c \"echo Initializing snapshot...; "
    "if command -v mender-snapshot >/dev/null; then exec mender-snapshot dump; fi; "
    "if command -v mender >/dev/null; then exec mender snapshot dump; fi; "
    "echo Mender not found: Please check that Mender is installed >&2; exit 1\"";

static const char provides_marker[] = "Initializing show-provides...";
static const char provides_script[] =
    "if [ \"$(id -u)\" = 0 ]; then as_root=; else as_root=\"sudo -S\"; fi; "
    "exec $as_root /bin/sh -c \"echo Initializing show-provides...; "
    "if command -v mender-update >/dev/null; then exec mender-update show-provides; fi; "
    "exec mender show-provides\"";

/* ---- The file ---- */

/* The directory of the output, or for standard output one that lies on a disk. For free(). */
static char *make_directory_name(const struct arguments *arguments)
{
    const char *tmp = arguments_get_text(arguments, "tmp");
    const char *output = arguments_get_text(arguments, "output-path");
    if (tmp)
        return strdup(tmp);
    if (output && strcmp(output, "-") == 0) {
        tmp = getenv("TMPDIR");
        return strdup(tmp && *tmp ? tmp : "/var/tmp");
    }
    const char *slash = output ? strrchr(output, '/') : NULL;
    return slash ? strndup(output, (size_t)(slash + 1 - output)) : strdup(".");
}

/* Where there are no files without a name it has one for an instant, in which no signal ends us. */
static int open_unnamed(const char *directory)
{
    char *name = NULL;
    sigset_t all, previous;
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    if (asprintf(&name, "%s/.snapshot-XXXXXX", directory) < 0)
        return -1;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &previous);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    sigprocmask(SIG_SETMASK, &previous, NULL);
    free(name);
    return fd;
}

static bool open_file(struct snapshot *snapshot, const struct arguments *arguments,
                      struct artifact_error *error)
{
    char *directory = make_directory_name(arguments);
    if (!directory)
        return command_fail(error, "out of memory");
    snapshot->fd = open_unnamed(directory);
    if (snapshot->fd < 0) {
        command_fail(error, "can not make a file for the snapshot in %s: %s", directory,
                     strerror(errno));
        error->code = ARTIFACT_CANNOT_WRITE;
    }
    free(directory);
    snprintf(snapshot->path, sizeof snapshot->path, "/proc/%ld/fd/%d", (long)getpid(),
             snapshot->fd);
    return snapshot->fd >= 0;
}

/* ---- Checking it ---- */

/* From PATH, or from where programs of the administrator lie, which the PATH of others often lacks.
 * An errno. */
static int spawn(pid_t *child, const posix_spawn_file_actions_t *actions, const char *const *words)
{
    static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/local/sbin"};
    char path[64];
    int number = posix_spawnp(child, words[0], actions, NULL, (char *const *)words, environ);
    for (size_t i = 0; number == ENOENT && i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], words[0]);
        number = posix_spawn(child, path, actions, NULL, (char *const *)words, environ);
    }
    return number;
}

/* Runs a program to its end; what it prints, up to a line's length, goes to `output` (NULL: to
 * standard error). -1 with errno when it can not be run, else its exit status. */
static int run_program(char *output, size_t size, const char *const *words)
{
    pid_t child;
    int fds[2], outcome = 0;
    posix_spawn_file_actions_t actions;
    if (pipe2(fds, O_CLOEXEC) != 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output ? fds[1] : STDERR_FILENO, STDOUT_FILENO);
    int number = spawn(&child, &actions, words);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    ssize_t length = number == 0 && output ? read(fds[0], output, size - 1) : 0;
    close(fds[0]);
    if (output)
        output[length > 0 ? length : 0] = '\0';
    errno = number;
    if (number != 0)
        return -1;
    while (waitpid(child, &outcome, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 128;
}

/* NULL for a file system that there is no fsck of. */
static const char *find_fsck(const char *type)
{
    if (strcmp(type, "ext2\n") == 0 || strcmp(type, "ext3\n") == 0 || strcmp(type, "ext4\n") == 0)
        return "fsck.ext4";
    return strcmp(type, "vfat\n") == 0 ? "fsck.vfat" : NULL;
}

/* The file system was in use: its journal is replayed, and little things are put right. */
static bool repair(const struct snapshot *snapshot, struct artifact_error *error)
{
    char type[64];
    const char *const blkid[] = {"blkid", "-p", "-s", "TYPE", "-o", "value", snapshot->path, NULL};
    if (run_program(type, sizeof type, blkid) < 0) {
        command_warn(
            "Skipping running fsck on the Artifact: `blkid` binary not found on the system");
        return true;
    }
    const char *const fsck[] = {find_fsck(type), "-a", snapshot->path, NULL};
    if (!fsck[0]) {
        command_warn("the snapshot is not checked: it is no file system that fsck is known for");
        return true;
    }
    int status = run_program(NULL, 0, fsck);
    if (status == 0 || status == 1)
        return true;
    if (status < 0)
        command_fail(error, "runFsck error: can not run %s: %s", fsck[0], strerror(errno));
    else
        command_fail(error,
                     "runFsck error: %s: exit status %d; it may be older than the device's "
                     "file system",
                     fsck[0], status);
    error->code = ARTIFACT_CANNOT_WRITE;
    return false;
}

/* ---- Life ---- */

bool snapshot_take(struct snapshot *snapshot, const char *address,
                   const struct arguments *arguments, struct artifact_error *error)
{
    int status;
    *snapshot = (struct snapshot){.fd = -1};
    if (!ssh_init(&snapshot->ssh, address, arguments, error) ||
        !open_file(snapshot, arguments, error) ||
        !ssh_run(&status, &snapshot->ssh, snapshot_script, snapshot_marker, snapshot->fd, INT64_MAX,
                 error))
        return false;
    if (lseek(snapshot->fd, 0, SEEK_END) == 0) {
        command_fail(error, "SSH error: %s: the snapshot is empty", address);
        error->code = ARTIFACT_CANNOT_WRITE;
        return false;
    }
    return repair(snapshot, error);
}

void snapshot_clear(struct snapshot *snapshot)
{
    if (snapshot->fd >= 0)
        close(snapshot->fd);
    ssh_clear(&snapshot->ssh);
    *snapshot = (struct snapshot){.fd = -1};
}

/* ---- What the device provides ---- */

/* "rootfs-image.KEY=VALUE"; other lines are not about the image. The checksum is that of the image
 * before it was in use. */
static bool add_line(struct write_request *request, char *line, struct artifact_error *error)
{
    static const char prefix[] = "rootfs-image.";
    char *equals = strchr(line, '=');
    if (!equals || strncmp(line, prefix, strlen(prefix)) != 0)
        return true;
    *equals = '\0';
    if (strcmp(line, "rootfs-image.checksum") == 0)
        return true;
    return write_request_add_provide(request, line, equals + 1, error);
}

static bool add_lines(struct write_request *request, int fd, struct artifact_error *error)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    bool is_ok = true;
    FILE *file = lseek(fd, 0, SEEK_SET) == 0 ? fdopen(fd, "r") : NULL;
    if (!file) {
        close(fd);
        return command_fail(error, "out of memory");
    }
    while (is_ok && (length = getline(&line, &size, file)) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        is_ok = add_line(request, line, error);
    }
    free(line);
    fclose(file);
    return is_ok;
}

/* Old clients can not tell, which is no reason to lose the image. */
bool snapshot_add_provides(const struct snapshot *snapshot, struct write_request *request,
                           struct artifact_error *error)
{
    int status;
    int fd = memfd_create("provides", MFD_CLOEXEC);
    if (fd < 0)
        return command_fail(error, "out of memory");
    if (ssh_run(&status, &snapshot->ssh, provides_script, provides_marker, fd, MAX_PROVIDES_BYTES,
                error))
        return add_lines(request, fd, error);
    close(fd);
    if (status <= 0 || status == STATUS_SSH_FAILED)
        return false;
    command_warn("the device does not tell what its root file system provides (exit status %d); "
                 "give it with --provides",
                 status);
    return true;
}
