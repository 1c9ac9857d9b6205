// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STOP_TIMEOUT_MS = 20000 };

/* ---- The claim ---- */

/*
 * A POSIX lock: it goes with the process however that ends, and tells who has it. A number in a
 * file may be that of another process by now.
 */
static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static bool write_pid(int file)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    return ftruncate(file, 0) == 0 && write(file, text, (size_t)length) == length;
}

bool claim_take(struct claim *claim, const struct directory *directory, struct problem *problem)
{
    struct flock lock = whole_file();
    char *path = directory_path(directory, "pid");
    if (!path)
        return fail_memory(problem);
    claim->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool ok = false;
    if (claim->file < 0)
        fail(problem, "%s: %s", path, strerror(errno));
    else if (fcntl(claim->file, F_SETLK, &lock) != 0)
        fail(problem, "%s: a server runs in this directory already", directory->path);
    else if (!write_pid(claim->file))
        fail(problem, "%s: %s", path, strerror(errno));
    else
        ok = true;
    if (!ok && claim->file >= 0) {
        close(claim->file);
        claim->file = -1;
    }
    free(path);
    return ok;
}

void claim_release(struct claim *claim, const struct directory *directory)
{
    if (claim->file < 0)
        return;
    directory_remove(directory, "pid");
    close(claim->file);
    claim->file = -1;
}

/* ---- Stopping ---- */

/* The process that has the claim; 0: nobody. */
static pid_t claim_holder(const char *directory)
{
    char *path = NULL;
    struct flock lock = whole_file();
    if (asprintf(&path, "%s/pid", directory) < 0)
        return 0;
    int file = open(path, O_RDWR | O_CLOEXEC);
    bool is_held = file >= 0 && fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (file >= 0)
        close(file);
    free(path);
    return is_held ? lock.l_pid : 0;
}

bool control_stop(const char *path, struct problem *problem)
{
    pid_t process = claim_holder(path);
    int handle = process > 0 ? pidfd_open(process, 0) : -1;
    /* Once more: only now can the number not become another process's any more. */
    if (handle < 0 || claim_holder(path) != process) {
        if (handle >= 0)
            close(handle);
        return fail(problem, "%s: no server runs in this directory", path);
    }
    struct pollfd end = {.fd = handle, .events = POLLIN};
    bool ok = false;
    if (pidfd_send_signal(handle, SIGTERM, NULL, 0) != 0)
        fail(problem, "process %ld: %s", (long)process, strerror(errno));
    else if (poll(&end, 1, STOP_TIMEOUT_MS) <= 0)
        fail(problem, "process %ld does not end; kill -9 %ld would", (long)process, (long)process);
    else
        ok = true;
    close(handle);
    return ok;
}

/* ---- The background ---- */

bool background_start(struct background *background, struct problem *problem)
{
    int ends[2];
    fflush(NULL);
    if (close_range(STDERR_FILENO + 1, UINT_MAX, 0) != 0 || pipe2(ends, O_CLOEXEC) != 0)
        return fail(problem, "cannot go into the background: %s", strerror(errno));
    background->child = fork();
    background->is_parent = background->child > 0;
    background->pipe = ends[background->is_parent ? 0 : 1];
    close(ends[background->is_parent ? 1 : 0]);
    if (background->child < 0) {
        close(background->pipe);
        return fail(problem, "cannot go into the background: %s", strerror(errno));
    }
    if (!background->is_parent)
        setsid();
    return true;
}

int background_wait(struct background *background)
{
    char byte;
    ssize_t count;
    do
        count = read(background->pipe, &byte, 1);
    while (count < 0 && errno == EINTR);
    close(background->pipe);
    if (count == 1)
        return EXIT_SUCCESS;
    waitpid(background->child, NULL, 0); /* it has said why */
    return EXIT_FAILURE;
}

static bool redirect(const char *path, int flags, int target)
{
    int file = open(path, flags | O_CLOEXEC, 0600);
    bool ok = file >= 0 && dup2(file, target) == target;
    if (file >= 0)
        close(file);
    return ok;
}

bool background_ready(struct background *background, const struct directory *directory,
                      struct problem *problem)
{
    char *log = directory_path(directory, "log");
    fflush(NULL);
    bool ok = log && redirect("/dev/null", O_RDONLY, STDIN_FILENO) &&
              redirect("/dev/null", O_WRONLY, STDOUT_FILENO) &&
              redirect(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, STDERR_FILENO) &&
              chdir("/") == 0 && write(background->pipe, "", 1) == 1;
    free(log);
    close(background->pipe);
    return ok || fail(problem, "cannot go into the background: %s", strerror(errno));
}
