// SPDX-License-Identifier: Apache-2.0
#include "passphrase.h"

#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Unbuffered, so that no other copy of the secret is left in memory. */
static bool read_line(char *text, size_t size, int fd)
{
    size_t length = 0;
    char *end = NULL;
    while (!end && length < size) {
        ssize_t count = read(fd, text + length, size - length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            end = count == 0 ? text + length : NULL;
            break;
        }
        end = memchr(text + length, '\n', (size_t)count);
        length += (size_t)count;
    }
    if (!end)
        return false;
    if (end > text && end[-1] == '\r')
        end--;
    *end = '\0';
    return true;
}

bool passphrase_init(struct passphrase *passphrase, const struct arguments *arguments,
                     struct artifact_error *error)
{
    const char *path = arguments_get_text(arguments, "key-passphrase-file");
    *passphrase = (struct passphrase){.is_from_file = path != NULL};
    if (!path)
        return true;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    errno = fd < 0 ? errno : ENAMETOOLONG;
    bool is_read = fd >= 0 && read_line(passphrase->text, sizeof passphrase->text, fd);
    if (!is_read)
        command_fail(error, "--key-passphrase-file %s: %s", path,
                     errno == ENAMETOOLONG ? "its first line is too long for a passphrase"
                                           : strerror(errno));
    else if (!*passphrase->text)
        is_read = command_fail(error, "--key-passphrase-file %s: its first line is empty", path);
    if (fd >= 0)
        close(fd);
    return is_read;
}

void passphrase_clear(struct passphrase *passphrase)
{
    OPENSSL_cleanse(passphrase, sizeof *passphrase);
}

/* OpenSSL itself would take a line of standard input where there is no terminal. */
static bool has_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

bool passphrase_give(void *user, const char *uri, char *text, size_t size)
{
    struct passphrase *passphrase = user;
    char prompt[256];
    if (passphrase->is_from_file) {
        snprintf(text, size, "%s", passphrase->text);
        return true;
    }
    passphrase->is_missing = !has_terminal();
    if (passphrase->is_missing)
        return false;
    snprintf(prompt, sizeof prompt, "Passphrase of %s: ", uri);
    return EVP_read_pw_string(text, (int)size, prompt, 0) == 0;
}
