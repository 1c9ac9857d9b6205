// SPDX-License-Identifier: Apache-2.0
#include "buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ss_buffer_init(struct ss_buffer *buffer, size_t max_bytes)
{
    *buffer = (struct ss_buffer){.max_bytes = max_bytes};
}

/* Moves by hand: realloc(3) would leave a copy behind that nobody cleanses. */
static bool grow(struct ss_buffer *buffer, size_t wanted)
{
    size_t capacity = buffer->capacity < 128 ? 128 : buffer->capacity;
    unsigned char *bytes;

    while (capacity < wanted)
        capacity *= 2;
    bytes = OPENSSL_malloc(capacity);
    if (bytes == NULL)
        return false;
    if (buffer->length > 0)
        memcpy(bytes, buffer->bytes, buffer->length);
    OPENSSL_clear_free(buffer->bytes, buffer->capacity);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

bool ss_buffer_append(struct ss_buffer *buffer, const void *bytes, size_t length)
{
    size_t wanted;

    if (buffer->length > buffer->max_bytes || length > buffer->max_bytes - buffer->length)
        return false;
    wanted = buffer->length + length + 1;
    if (wanted > buffer->capacity && !grow(buffer, wanted))
        return false;
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
    return true;
}

void ss_buffer_clear(struct ss_buffer *buffer)
{
    OPENSSL_clear_free(buffer->bytes, buffer->capacity);
    ss_buffer_init(buffer, buffer->max_bytes);
}

static bool read_all(struct ss_buffer *buffer, int fd)
{
    unsigned char part[4096];
    ssize_t count;
    bool ok = true;

    while (ok && (count = read(fd, part, sizeof part)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        ok = count > 0;
        if (ok && !ss_buffer_append(buffer, part, (size_t)count)) {
            errno = EFBIG;
            ok = false;
        }
    }
    OPENSSL_cleanse(part, sizeof part);
    return ok;
}

bool ss_buffer_read_file(struct ss_buffer *buffer, const char *path)
{
    struct stat status;
    /* Without O_NONBLOCK a FIFO in the file's place would hold us for ever. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int number = 0;
    bool ok = false;

    if (fd < 0)
        return false;
    if (fstat(fd, &status) != 0)
        number = errno;
    else if (S_ISDIR(status.st_mode))
        number = EISDIR;
    else if (!S_ISREG(status.st_mode))
        number = EINVAL;
    else if (!(ok = read_all(buffer, fd)))
        number = errno;
    close(fd);
    errno = number;
    return ok;
}
