// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include "io.h"
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    MAX_LINKS = 40, /* symbolic links in a row, as the kernel counts */
    MAX_NAME_TRIES = 100,
    MOVE_BYTES = 1 << 18,
};

struct artifact_output {
    char *path;        /* what to call it in errors; the target after symbolic links */
    const char *name;  /* its last component, within path */
    int directory_fd;  /* of the target; -1 when written through */
    int fd;            /* where bytes go */
    uint64_t position; /* what is written next goes there */
    struct artifact_temporary *temporary; /* the name it has beside the target */
    struct artifact_temporary own;        /* which nobody else has asked for */
    bool is_written_through;
    bool has_target;
    struct stat target; /* with has_target: what is there already */
    bool keeps_attributes;
    struct stat attributes; /* with keeps_attributes: mode and owner to end with */
};

static bool fail_output(const char *path, const char *what, int number,
                        struct artifact_error *error)
{
    return artifact_fail(error, ARTIFACT_CANNOT_WRITE, path, "can not %s artifact file: %s: %s",
                         what, path, strerror(number));
}

/* ---- Where it goes ---- */

/* What a symbolic link points to, seen from where the link is; NULL when it is none. For free(). */
static char *read_link(const char *path)
{
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0 || (size_t)length >= sizeof target - 1)
        return NULL;
    target[length] = '\0';
    const char *slash = strrchr(path, '/');
    char *joined = NULL;
    int prefix = target[0] == '/' || !slash ? 0 : (int)(slash + 1 - path);
    return asprintf(&joined, "%.*s%s", prefix, path, target) < 0 ? NULL : joined;
}

/* The path at the end of all links, which need not exist yet. For free(); NULL with errno. */
static char *follow_links(const char *path)
{
    char *current = strdup(path);
    for (int i = 0; current && i < MAX_LINKS; i++) {
        char *next = read_link(current);
        if (!next)
            return current;
        free(current);
        current = next;
    }
    errno = current ? ELOOP : ENOMEM;
    free(current);
    return NULL;
}

static int open_directory(const char *path, const char *name)
{
    if (name == path)
        return open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *directory = strndup(path, (size_t)(name - path));
    int fd = directory ? open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    free(directory);
    return fd;
}

/* Standard output, a pipe, a terminal: nothing that could be replaced, or should be. */
static bool open_through(struct artifact_output *output, const char *path, bool is_stdout,
                         struct artifact_error *error)
{
    output->is_written_through = true;
    output->fd = is_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                           : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (output->fd < 0 || fstat(output->fd, &output->target) != 0)
        return fail_output(path, "open", errno, error);
    output->has_target = true;
    return true;
}

/* ---- The file in the making ---- */

/*
 * A file without a name in this directory, -1 where the file system has no such thing. It is given
 * a name through /proc later, which a bare container may lack.
 */
static int open_unnamed(int directory_fd, mode_t mode)
{
    if (access("/proc/self/fd", X_OK) != 0)
        return -1;
    return openat(directory_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
}

static bool next_temporary_name(struct artifact_output *output)
{
    char name[32];
    unsigned long long number;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return false;
    snprintf(name, sizeof name, ".artifact-%016llx", number);
    artifact_temporary_set(output->temporary, output->directory_fd, name);
    return true;
}

static bool open_named(struct artifact_output *output, mode_t mode)
{
    for (int i = 0; i < MAX_NAME_TRIES && next_temporary_name(output); i++) {
        output->fd = openat(output->directory_fd, output->temporary->name,
                            O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (output->fd >= 0 || errno != EEXIST)
            break;
    }
    if (output->fd < 0)
        artifact_temporary_clear(output->temporary);
    return output->fd >= 0;
}

static bool open_beside(struct artifact_output *output, struct artifact_error *error)
{
    const char *slash = strrchr(output->path, '/');
    output->name = slash ? slash + 1 : output->path;
    if (!*output->name || (output->has_target && S_ISDIR(output->target.st_mode)))
        return fail_output(output->path, "create", EISDIR, error);
    output->directory_fd = open_directory(output->path, output->name);
    if (output->directory_fd < 0)
        return fail_output(output->path, "create", errno, error);
    /* The umask decides over a new file; what replaces a file is nobody else's until it is done. */
    mode_t mode = output->has_target ? 0600 : 0666;
    output->fd = open_unnamed(output->directory_fd, mode);
    if (output->fd < 0 && !open_named(output, mode))
        return fail_output(output->path, "create", errno, error);
    if (output->has_target)
        artifact_output_keep_attributes(output, &output->target);
    return true;
}

static bool open_output(struct artifact_output *output, const char *path,
                        struct artifact_error *error)
{
    bool is_stdout = strcmp(path, "-") == 0;
    if (!is_stdout)
        output->has_target = stat(path, &output->target) == 0;
    bool is_special =
        output->has_target && !S_ISREG(output->target.st_mode) && !S_ISDIR(output->target.st_mode);
    output->path = is_stdout ? strdup("standard output") : follow_links(path);
    if (!output->path)
        return fail_output(path, "create", errno, error);
    if (is_stdout || is_special)
        return open_through(output, path, is_stdout, error);
    return open_beside(output, error);
}

struct artifact_output *artifact_output_new(const char *path, struct artifact_temporary *temporary,
                                            struct artifact_error *error)
{
    struct artifact_output *output = calloc(1, sizeof *output);
    if (!output) {
        artifact_fail_memory(error);
        return NULL;
    }
    output->fd = -1;
    output->directory_fd = -1;
    output->temporary = temporary ? temporary : &output->own;
    if (!open_output(output, path, error)) {
        artifact_output_free(output);
        return NULL;
    }
    return output;
}

void artifact_output_free(struct artifact_output *output)
{
    if (!output)
        return;
    artifact_temporary_remove(output->temporary);
    artifact_temporary_clear(output->temporary);
    if (output->fd >= 0)
        close(output->fd);
    if (output->directory_fd >= 0)
        close(output->directory_fd);
    free(output->path);
    free(output);
}

bool artifact_output_refuse_input(const struct artifact_output *output, const char *input_path,
                                  const struct stat *input, struct artifact_error *error)
{
    bool holds_data = S_ISREG(input->st_mode) || S_ISBLK(input->st_mode);
    if (!output->has_target || !holds_data || output->target.st_dev != input->st_dev ||
        output->target.st_ino != input->st_ino)
        return true;
    return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, input_path,
                         "%s: is the output as well as an input; give the output another name",
                         input_path);
}

/* ---- Contents ---- */

int artifact_output_fd(const struct artifact_output *output)
{
    return output->fd;
}

bool artifact_output_write(struct artifact_output *output, const void *bytes, size_t length,
                           struct artifact_error *error)
{
    uint64_t position = output->position;
    output->position += length;
    bool is_written = output->is_written_through
                          ? artifact_io_write(output->fd, bytes, length)
                          : artifact_io_write_at(output->fd, position, bytes, length);
    return is_written || fail_output(output->path, "write", errno, error);
}

static struct artifact_copy_target target_at(const struct artifact_output *output, uint64_t offset)
{
    return (struct artifact_copy_target){.fd = output->fd,
                                         .path = output->path,
                                         .has_offset = !output->is_written_through,
                                         .offset = offset};
}

bool artifact_output_copy(struct artifact_output *output, int from_fd, uint64_t offset,
                          uint64_t length, struct artifact_error *error)
{
    const struct artifact_copy_target target = target_at(output, output->position);
    output->position += length;
    return artifact_copy(&target, from_fd, offset, length, error);
}

/* ---- Contents that are in their place before what comes before them ---- */

bool artifact_output_has_places(const struct artifact_output *output)
{
    return !output->is_written_through;
}

struct artifact_copying *artifact_output_begin_copy(const struct artifact_output *output,
                                                    uint64_t place, int from_fd, uint64_t offset,
                                                    uint64_t length, struct artifact_error *error)
{
    const struct artifact_copy_target target = target_at(output, place);
    return artifact_copying_begin(&target, from_fd, offset, length, error);
}

static bool move_part(const struct artifact_output *output, uint64_t from, uint64_t to,
                      size_t length, unsigned char *buffer, struct artifact_error *error)
{
    size_t count = 0;
    if (!artifact_io_read_at(output->fd, from, buffer, length, &count))
        return fail_output(output->path, "read back", errno, error);
    if (count != length)
        return artifact_fail(error, ARTIFACT_CANNOT_WRITE, output->path,
                             "can not write artifact file: %s: somebody else made it shorter",
                             output->path);
    return artifact_io_write_at(output->fd, to, buffer, length) ||
           fail_output(output->path, "write", errno, error);
}

/* Onwards or backwards, so that no part is overwritten before it was read. */
static bool move_parts(const struct artifact_output *output, uint64_t from, uint64_t to,
                       uint64_t length, unsigned char *buffer, struct artifact_error *error)
{
    size_t part;
    for (uint64_t done = 0; done < length; done += part) {
        part = length - done < MOVE_BYTES ? (size_t)(length - done) : MOVE_BYTES;
        uint64_t at = from < to ? length - done - part : done;
        if (!move_part(output, from + at, to + at, part, buffer, error))
            return false;
    }
    return true;
}

bool artifact_output_move(const struct artifact_output *output, uint64_t from, uint64_t to,
                          uint64_t length, struct artifact_error *error)
{
    if (from == to)
        return true;
    unsigned char *buffer = malloc(MOVE_BYTES);
    bool is_moved =
        buffer ? move_parts(output, from, to, length, buffer, error) : artifact_fail_memory(error);
    free(buffer);
    return is_moved && (ftruncate(output->fd, (off_t)(to + length)) == 0 ||
                        fail_output(output->path, "write", errno, error));
}

void artifact_output_skip(struct artifact_output *output, uint64_t length)
{
    output->position += length;
}

/* ---- Into its place ---- */

void artifact_output_keep_attributes(struct artifact_output *output, const struct stat *of)
{
    if (output->is_written_through)
        return;
    output->keeps_attributes = true;
    output->attributes = *of;
    /* Until it is complete nobody else reads it; a failure shows at commit. */
    (void)fchmod(output->fd, 0600);
}

/* The owner first: changing it clears set-user-ID bits. Who may not give files away keeps his own,
 * and the group where he belongs to it: others of it are to reach the file as before. */
static bool apply_attributes(const struct artifact_output *output)
{
    if (!output->keeps_attributes)
        return true;
    const struct stat *of = &output->attributes;
    bool is_given = fchown(output->fd, of->st_uid, of->st_gid) == 0;
    if (!is_given && errno != EPERM && errno != EINVAL)
        return false;
    bool has_group = is_given || fchown(output->fd, (uid_t)-1, of->st_gid) == 0;
    if (!has_group && errno != EPERM && errno != EINVAL)
        return false;
    mode_t mode = of->st_mode & (is_given ? 07777 : 0777);
    return fchmod(output->fd, mode) == 0;
}

static bool link_unnamed(const struct artifact_output *output, const char *name)
{
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", output->fd);
    return linkat(AT_FDCWD, self, output->directory_fd, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool link_temporary(struct artifact_output *output)
{
    bool is_linked = false;
    for (int i = 0; i < MAX_NAME_TRIES && !is_linked && next_temporary_name(output); i++) {
        is_linked = link_unnamed(output, output->temporary->name);
        if (!is_linked && errno != EEXIST)
            break;
    }
    if (!is_linked)
        artifact_temporary_clear(output->temporary);
    return is_linked;
}

/*
 * A new target is linked straight to its name. An existing one must be replaced by a rename, and
 * so the file needs a name first: a kill between these two calls leaves the complete file under
 * its temporary name, and the old target untouched. That is the only instant at which an unnamed
 * file can leave something behind.
 */
static bool put_in_place(struct artifact_output *output)
{
    bool is_unnamed = !output->temporary->is_there;
    if (is_unnamed && !output->has_target && link_unnamed(output, output->name))
        return true;
    if (is_unnamed && !link_temporary(output))
        return false;
    if (renameat(output->directory_fd, output->temporary->name, output->directory_fd,
                 output->name) != 0)
        return false;
    artifact_temporary_clear(output->temporary);
    return true;
}

/*
 * Before a target is replaced: so that not even a power cut leaves neither the old file nor the new
 * one. A file that is new can be made again, and is not waited for, which on a slow disk takes
 * longer than all the rest.
 */
static bool sync_replacement(const struct artifact_output *output)
{
    return !output->has_target || fsync(output->fd) == 0;
}

/*
 * Makes the exchange survive a power cut. A directory that may be written and not read cannot be
 * synced by us, nor can those of some network file systems: the file is complete all the same.
 */
static bool sync_directory(const struct artifact_output *output)
{
    if (!output->has_target)
        return true;
    int fd = openat(output->directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES;
    bool is_synced = fsync(fd) == 0 || errno == EINVAL || errno == ENOSYS;
    int number = errno;
    close(fd);
    errno = number;
    return is_synced;
}

bool artifact_output_commit(struct artifact_output *output, struct artifact_error *error)
{
    if (output->is_written_through)
        return true;
    if (!apply_attributes(output))
        return fail_output(output->path, "set the mode of", errno, error);
    if (!sync_replacement(output))
        return fail_output(output->path, "write", errno, error);
    if (!put_in_place(output))
        return fail_output(output->path, "create", errno, error);
    if (!sync_directory(output))
        return fail_output(output->path, "sync the directory of", errno, error);
    return true;
}

/* ---- Scratch ---- */

static int open_scratch(int directory_fd)
{
    return openat(directory_fd, ".", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
}

/* Where there are no unnamed files: a named one that loses its name before a signal can end us. */
static int open_scratch_named(int directory_fd)
{
    struct artifact_output scratch = {.directory_fd = directory_fd, .fd = -1};
    sigset_t all, previous;
    scratch.temporary = &scratch.own;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &previous);
    if (open_named(&scratch, 0600))
        unlinkat(directory_fd, scratch.own.name, 0);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    return scratch.fd;
}

int artifact_output_scratch(const struct artifact_output *output, struct artifact_error *error)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/var/tmp"; /* on a disk: what lies in there may be as large as a payload */
    int directory_fd = output->directory_fd;
    if (output->is_written_through)
        directory_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = directory_fd >= 0 ? open_scratch(directory_fd) : -1;
    if (fd < 0 && directory_fd >= 0)
        fd = open_scratch_named(directory_fd);
    if (fd < 0)
        artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "can not create a scratch file in %s: %s",
                      output->is_written_through ? folder : "the output's directory",
                      strerror(errno));
    if (output->is_written_through && directory_fd >= 0)
        close(directory_fd);
    return fd;
}
