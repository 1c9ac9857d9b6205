// SPDX-License-Identifier: Apache-2.0
#include "copy.h"

#include "io.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Headers of Linux before 5.17 do not have them. */
#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xff534d42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xfe534d42
#endif

enum {
    /* What the kernel is asked for at a time: how long giving up may take. */
    PART_BYTES = 1 << 24,
    BUFFER_BYTES = 1 << 20,
    LARGE_BYTES = 1 << 20, /* worth a thread, and a place that is found beforehand */
};

struct copy {
    struct artifact_copy_target target;
    int from_fd;
    uint64_t offset, length; /* of what is left */
    atomic_bool is_given_up;
};

static void advance(struct copy *copy, uint64_t count)
{
    copy->target.offset += count;
    copy->offset += count;
    copy->length -= count;
}

/* ---- By others ---- */

static bool is_on_server(const struct statfs *system)
{
    switch ((uint32_t)system->f_type) {
    case NFS_SUPER_MAGIC:
    case CIFS_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case CEPH_SUPER_MAGIC:
        return true;
    default:
        return false;
    }
}

/*
 * Whether the bytes may come to their place without being copied here: a file system shares blocks
 * when they lie alike in both files, and a server copies for itself. What remains of
 * copy_file_range(2) is the kernel's copying page by page, which takes longer than reading and
 * writing large parts.
 */
static bool is_worth_asking(const struct copy *copy)
{
    struct statfs system;
    if (!copy->target.has_offset || fstatfs(copy->target.fd, &system) != 0)
        return false;
    return is_on_server(&system) ||
           (system.f_bsize > 0 && copy->offset % (uint64_t)system.f_bsize ==
                                      copy->target.offset % (uint64_t)system.f_bsize);
}

/* As far as it goes: what is left is for the other way. */
static void ask_to_copy(struct copy *copy)
{
    while (copy->length > 0 && !atomic_load(&copy->is_given_up)) {
        off_t from = (off_t)copy->offset, to = (off_t)copy->target.offset;
        size_t part = copy->length < PART_BYTES ? (size_t)copy->length : PART_BYTES;
        ssize_t count = copy_file_range(copy->from_fd, &from, copy->target.fd, &to, part, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        advance(copy, (uint64_t)count);
    }
}

/* ---- By reading and writing ---- */

/* Only advice: a file system that knows how much comes finds a place for all of it at once. */
static void reserve(const struct copy *copy)
{
    if (copy->target.has_offset && copy->length >= LARGE_BYTES)
        (void)fallocate(copy->target.fd, FALLOC_FL_KEEP_SIZE, (off_t)copy->target.offset,
                        (off_t)copy->length);
}

static bool write_part(const struct artifact_copy_target *target, const unsigned char *bytes,
                       size_t length)
{
    return target->has_offset ? artifact_io_write_at(target->fd, target->offset, bytes, length)
                              : artifact_io_write(target->fd, bytes, length);
}

static bool copy_part(struct copy *copy, unsigned char *buffer, struct artifact_error *error)
{
    /* As far as a multiple of the size, so that the next part begins with a whole page. */
    size_t room = BUFFER_BYTES - (size_t)(copy->target.offset % BUFFER_BYTES);
    size_t part = copy->length < room ? (size_t)copy->length : room, count = 0;
    bool is_read = artifact_io_read_at(copy->from_fd, copy->offset, buffer, part, &count);
    if (!is_read || count == 0)
        return artifact_fail(error, ARTIFACT_CANNOT_OPEN, NULL, "can not read the input: %s",
                             is_read ? "it became shorter meanwhile" : strerror(errno));
    if (!write_part(&copy->target, buffer, count))
        return artifact_fail(error, ARTIFACT_CANNOT_WRITE, copy->target.path,
                             "can not write artifact file: %s: %s", copy->target.path,
                             strerror(errno));
    advance(copy, count);
    return true;
}

static bool copy_here(struct copy *copy, struct artifact_error *error)
{
    unsigned char *buffer = malloc(BUFFER_BYTES);
    bool is_ok = buffer || artifact_fail_memory(error);
    if (is_ok)
        reserve(copy);
    while (is_ok && copy->length > 0 && !atomic_load(&copy->is_given_up))
        is_ok = copy_part(copy, buffer, error);
    free(buffer);
    return is_ok;
}

static bool run_copy(struct copy *copy, struct artifact_error *error)
{
    if (is_worth_asking(copy))
        ask_to_copy(copy);
    return copy->length == 0 || copy_here(copy, error);
}

bool artifact_copy(const struct artifact_copy_target *target, int from_fd, uint64_t offset,
                   uint64_t length, struct artifact_error *error)
{
    struct copy copy = {*target, from_fd, offset, length, false};
    return run_copy(&copy, error);
}

/* ---- On a thread ---- */

struct artifact_copying {
    struct copy copy;
    bool has_thread;
    pthread_t thread;
    bool is_ok;
    struct artifact_error error; /* when it is not */
};

static void *run(void *user)
{
    struct artifact_copying *copying = user;
    copying->is_ok = run_copy(&copying->copy, &copying->error);
    return NULL;
}

struct artifact_copying *artifact_copying_begin(const struct artifact_copy_target *target,
                                                int from_fd, uint64_t offset, uint64_t length,
                                                struct artifact_error *error)
{
    struct artifact_copying *copying = calloc(1, sizeof *copying);
    if (!copying) {
        artifact_fail_memory(error);
        return NULL;
    }
    copying->copy = (struct copy){*target, from_fd, offset, length, false};
    copying->has_thread = length >= LARGE_BYTES &&
                          artifact_thread_start(&copying->thread, run, copying, &copying->error);
    /* Without a thread it only takes longer. */
    if (!copying->has_thread)
        run(copying);
    return copying;
}

static void join(struct artifact_copying *copying)
{
    if (copying->has_thread)
        pthread_join(copying->thread, NULL);
    copying->has_thread = false;
}

bool artifact_copying_end(struct artifact_copying *copying, struct artifact_error *error)
{
    join(copying);
    bool is_ok = copying->is_ok;
    if (!is_ok && error)
        *error = copying->error;
    free(copying);
    return is_ok;
}

void artifact_copying_free(struct artifact_copying *copying)
{
    if (!copying)
        return;
    atomic_store(&copying->copy.is_given_up, true);
    join(copying);
    free(copying);
}
