// SPDX-License-Identifier: Apache-2.0
#include "craft.h"

#include <endian.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCK = 512 };

void craft_free(struct craft *craft)
{
    free(craft->bytes);
    *craft = (struct craft){0};
}

void craft_append(struct craft *craft, const void *bytes, size_t length)
{
    craft->bytes = realloc(craft->bytes, craft->length + length + 1);
    if (!craft->bytes)
        abort();
    if (length > 0)
        memcpy(craft->bytes + craft->length, bytes, length);
    craft->length += length;
}

static void pad(struct craft *craft)
{
    static const unsigned char zeros[BLOCK];
    craft_append(craft, zeros, (BLOCK - craft->length % BLOCK) % BLOCK);
}

/* Fills in the checksum of a tar header. */
static void seal(unsigned char block[BLOCK])
{
    unsigned sum = 0;
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += block[i];
    snprintf((char *)block + 148, 8, "%06o", sum & 0777777);
    block[155] = ' ';
}

void craft_header(struct craft *craft, const char *name, char type, unsigned long long size,
                  const char *link)
{
    unsigned char block[BLOCK] = {0};
    char *field = (char *)block;
    size_t name_length = strlen(name);
    memcpy(block, name, name_length < 100 ? name_length : 100);
    snprintf(field + 100, 8, "%07o", 0600);
    snprintf(field + 108, 8, "%07o", 0);
    snprintf(field + 116, 8, "%07o", 0);
    snprintf(field + 124, 12, "%011llo", size);
    snprintf(field + 136, 12, "%011o", 0);
    block[156] = (unsigned char)type;
    if (link)
        snprintf(field + 157, 100, "%s", link);
    memcpy(block + 257, "ustar\00000", 8);
    seal(block);
    craft_append(craft, block, sizeof block);
}

void craft_set_field(struct craft *craft, size_t header, size_t at, const void *bytes,
                     size_t length)
{
    memcpy(craft->bytes + header + at, bytes, length);
    seal(craft->bytes + header);
}

void craft_gnu(struct craft *craft, const char *name, char type, const char *text, size_t length)
{
    size_t header = craft->length;
    craft_header(craft, name, type, length, NULL);
    craft_set_field(craft, header, 257, "ustar  ", 8);
    craft_append(craft, text, length);
    pad(craft);
}

void craft_file(struct craft *craft, const char *name, const void *bytes, size_t length)
{
    craft_header(craft, name, '0', length, NULL);
    craft_append(craft, bytes, length);
    pad(craft);
}

void craft_text(struct craft *craft, const char *name, const char *text)
{
    craft_file(craft, name, text, strlen(text));
}

void craft_pax(struct craft *craft, const char *key, const char *value)
{
    /* A record's length counts its own digits; two guesses settle it. */
    size_t rest = strlen(key) + strlen(value) + 3, length = rest + 2;
    for (int i = 0; i < 2; i++)
        length = rest + (size_t)snprintf(NULL, 0, "%zu", length);
    craft_header(craft, "pax", 'x', length, NULL);
    size_t start = craft->length;
    char number[24];
    snprintf(number, sizeof number, "%zu ", length);
    craft_append(craft, number, strlen(number));
    craft_append(craft, key, strlen(key));
    craft_append(craft, "=", 1);
    craft_append(craft, value, strlen(value));
    craft_append(craft, "\n", 1);
    if (craft->length - start != length)
        abort();
    pad(craft);
}

void craft_end(struct craft *craft)
{
    static const unsigned char zeros[2 * BLOCK];
    craft_append(craft, zeros, sizeof zeros);
}

static uint32_t crc32_of(const unsigned char *bytes, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

void craft_gzip(struct craft *craft, const unsigned char *bytes, size_t length)
{
    static const unsigned char header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    const uint32_t trailer[] = {htole32(crc32_of(bytes, length)), htole32((uint32_t)length)};
    const uint16_t block[] = {htole16((uint16_t)length), htole16((uint16_t)~length)};
    if (length > UINT16_MAX)
        abort();
    craft_append(craft, header, sizeof header);
    craft_append(craft, "\1", 1);
    craft_append(craft, block, sizeof block);
    craft_append(craft, bytes, length);
    craft_append(craft, trailer, sizeof trailer);
}

void craft_sha256(char hex[65], const void *bytes, size_t length)
{
    unsigned char digest[32];
    if (EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* ---- Artifacts ---- */

static const char *or_default(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

static void add_unless_empty(struct craft *craft, const char *name, const char *text)
{
    if (*text)
        craft_text(craft, name, text);
}

static struct craft make_header(const struct crafted *crafted)
{
    struct craft header = {0};
    add_unless_empty(&header, "header-info", or_default(crafted->header_info, CRAFT_HEADER_INFO));
    if (crafted->scripts) {
        char name[128];
        snprintf(name, sizeof name, "scripts/%s", crafted->scripts);
        craft_text(&header, name, "#!/bin/sh\n");
    }
    add_unless_empty(&header, "headers/0000/type-info",
                     or_default(crafted->type_info, CRAFT_TYPE_INFO));
    add_unless_empty(&header, "headers/0000/meta-data", or_default(crafted->meta_data, ""));
    craft_end(&header);
    return header;
}

static size_t count_files(const struct crafted *crafted)
{
    size_t count = 0;
    while (count < sizeof crafted->files / sizeof crafted->files[0] && crafted->files[count].name)
        count++;
    return count;
}

static struct craft make_payload(const struct crafted *crafted)
{
    struct craft payload = {0};
    for (size_t i = 0; i < count_files(crafted); i++)
        craft_text(&payload, crafted->files[i].name, crafted->files[i].text);
    craft_end(&payload);
    return payload;
}

static void add_line(struct craft *manifest, const char *folder, const char *name,
                     const void *bytes, size_t length)
{
    char hex[65];
    craft_sha256(hex, bytes, length);
    craft_append(manifest, hex, 64);
    craft_append(manifest, "  ", 2);
    craft_append(manifest, folder, strlen(folder));
    craft_append(manifest, name, strlen(name));
    craft_append(manifest, "\n", 1);
}

static struct craft make_manifest(const struct crafted *crafted, const char *version,
                                  const char *header_name)
{
    struct craft manifest = {0};
    for (size_t i = 0; i < count_files(crafted); i++)
        add_line(&manifest, "data/0000/", crafted->files[i].name, crafted->files[i].text,
                 strlen(crafted->files[i].text));
    add_line(&manifest, "", header_name, crafted->header.bytes, crafted->header.length);
    add_line(&manifest, "", "version", version, strlen(version));
    if (crafted->more_manifest)
        craft_append(&manifest, crafted->more_manifest, strlen(crafted->more_manifest));
    if (crafted->edit_manifest)
        crafted->edit_manifest(&manifest);
    return manifest;
}

struct craft craft_artifact(struct crafted *crafted)
{
    struct craft artifact = {0};
    const char *version = or_default(crafted->version, CRAFT_VERSION);
    const char *header_name = or_default(crafted->header_name, "header.tar");
    const char *data_name = or_default(crafted->data_name, "data/0000.tar");
    if (!crafted->header.bytes)
        crafted->header = make_header(crafted);
    if (!crafted->payload.bytes)
        crafted->payload = make_payload(crafted);
    struct craft manifest = make_manifest(crafted, version, header_name);

    add_unless_empty(&artifact, "version", version);
    if (crafted->manifest)
        add_unless_empty(&artifact, "manifest", crafted->manifest);
    else
        craft_file(&artifact, "manifest", manifest.bytes, manifest.length);
    add_unless_empty(&artifact, "manifest.sig", or_default(crafted->signature, ""));
    if (*header_name)
        craft_file(&artifact, header_name, crafted->header.bytes, crafted->header.length);
    if (*data_name)
        craft_file(&artifact, data_name, crafted->payload.bytes, crafted->payload.length);
    craft_end(&artifact);
    craft_free(&manifest);
    craft_free(&crafted->header);
    craft_free(&crafted->payload);
    return artifact;
}

/* ---- Where they are read from ---- */

static void write_all(int fd, const struct craft *craft)
{
    size_t done = 0;
    while (done < craft->length) {
        ssize_t written = write(fd, craft->bytes + done, craft->length - done);
        if (written <= 0)
            abort();
        done += (size_t)written;
    }
}

int craft_open(const struct craft *craft, bool is_pipe, char path[64])
{
    int ends[2] = {-1, -1};
    if (is_pipe ? pipe2(ends, O_CLOEXEC) != 0 : (ends[0] = memfd_create("craft", MFD_CLOEXEC)) < 0)
        abort();
    write_all(is_pipe ? ends[1] : ends[0], craft);
    if (is_pipe)
        close(ends[1]);
    snprintf(path, 64, "/proc/self/fd/%d", ends[0]);
    return ends[0];
}
