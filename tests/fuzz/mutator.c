// SPDX-License-Identifier: Apache-2.0
/*
 * How libFuzzer changes tars and artifacts. Checksums would turn nearly every change away at the
 * door, and one byte put in would move all that follows off its block. So a change is made within
 * one member, of the outer tar or of an inner one that is not compressed, and sizes, header
 * checksums and the manifests' lines are put right after it. Now and then nothing is.
 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The engine's own change of some bytes, and the function that it asks for. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum {
    BLOCK = 512,
    NAME_BYTES = 100,
    SIZE_AT = 124,
    SUM_AT = 148,
    MAX_MEMBERS = 64,
    MAX_GROWTH = 1024, /* of a member, in one change */
    HEX_BYTES = 64,
};

struct member {
    size_t at;                   /* its header */
    size_t size;                 /* of its contents */
    const struct member *parent; /* the tar that it is in; NULL: the outermost */
};

struct tar {
    uint8_t *bytes;
    size_t length, max_length;
    struct member members[MAX_MEMBERS];
    size_t count;
};

static size_t padded(size_t size)
{
    return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* ---- What is there ---- */

static void copy_name(char name[NAME_BYTES + 1], const struct tar *tar, const struct member *member)
{
    memcpy(name, tar->bytes + member->at, NAME_BYTES);
    name[NAME_BYTES] = '\0';
}

static bool is_called(const struct tar *tar, const struct member *member, const char *wanted)
{
    char name[NAME_BYTES + 1];

    copy_name(name, tar, member);
    return strcmp(name, wanted) == 0;
}

static bool is_inner_tar(const struct tar *tar, const struct member *member)
{
    return is_called(tar, member, "header.tar") || is_called(tar, member, "header-augment.tar") ||
           is_called(tar, member, "data/0000.tar");
}

static size_t read_size(const uint8_t *header)
{
    size_t size = 0;

    for (const uint8_t *at = header + SIZE_AT; *at >= '0' && *at <= '7' && size < 1 << 30; at++)
        size = size * 8 + (size_t)(*at - '0');
    return size;
}

/* Lists the members from one offset to another, and those of the tars among them. */
static void list(struct tar *tar, size_t at, size_t end, const struct member *parent)
{
    while (tar->count < MAX_MEMBERS && end - at >= BLOCK && tar->bytes[at] != '\0') {
        struct member *member = &tar->members[tar->count];

        *member = (struct member){at, read_size(tar->bytes + at), parent};
        if (padded(member->size) > end - at - BLOCK)
            return;
        tar->count++;
        if (parent == NULL && is_inner_tar(tar, member))
            list(tar, at + BLOCK, at + BLOCK + member->size, member);
        at += BLOCK + padded(member->size);
    }
}

static void list_all(struct tar *tar)
{
    tar->count = 0;
    list(tar, 0, tar->length, NULL);
}

/* ---- Changes ---- */

static void write_size(struct tar *tar, const struct member *member, size_t size)
{
    char digits[12];

    snprintf(digits, sizeof digits, "%011zo", size);
    memcpy(tar->bytes + member->at + SIZE_AT, digits, sizeof digits);
}

/* Puts whole blocks in the place of others inside a member's tar; false: there is no room. */
static bool replace(struct tar *tar, const struct member *member, size_t at, size_t old_length,
                    const uint8_t *bytes, size_t new_length)
{
    const struct member *parent = member->parent;

    if (tar->length - old_length + new_length > tar->max_length)
        return false;
    memmove(tar->bytes + at + new_length, tar->bytes + at + old_length,
            tar->length - at - old_length);
    memcpy(tar->bytes + at, bytes, new_length);
    tar->length += new_length - old_length;
    if (parent != NULL)
        write_size(tar, parent, parent->size - old_length + new_length);
    return true;
}

static void change_contents(struct tar *tar, const struct member *member)
{
    size_t room = member->size + MAX_GROWTH, size;
    uint8_t *bytes = calloc(1, padded(room));

    if (bytes == NULL)
        return;
    memcpy(bytes, tar->bytes + member->at + BLOCK, member->size);
    size = LLVMFuzzerMutate(bytes, member->size, room);
    memset(bytes + size, 0, padded(room) - size);
    if (replace(tar, member, member->at + BLOCK, padded(member->size), bytes, padded(size)))
        write_size(tar, member, size);
    free(bytes);
}

static void change_header(struct tar *tar, const struct member *member)
{
    uint8_t *header = tar->bytes + member->at;
    size_t size = LLVMFuzzerMutate(header, BLOCK, BLOCK);

    memset(header + size, 0, BLOCK - size);
}

/* Takes the member away, or puts it there a second time. */
static void change_count(struct tar *tar, const struct member *member, bool is_doubled)
{
    size_t length = BLOCK + padded(member->size);
    uint8_t *bytes = malloc(length);

    if (bytes == NULL)
        return;
    memcpy(bytes, tar->bytes + member->at, length);
    if (is_doubled)
        replace(tar, member, member->at + length, 0, bytes, length);
    else
        replace(tar, member, member->at, length, bytes, 0);
    free(bytes);
}

/* ---- Putting right ---- */

/* The sum of the header's bytes, its own field counted as blanks. */
static void write_sum(uint8_t *header)
{
    char digits[8];
    unsigned sum = 0;

    memset(header + SUM_AT, ' ', sizeof digits);
    for (size_t i = 0; i < BLOCK; i++)
        sum += header[i];
    snprintf(digits, sizeof digits, "%06o", sum);
    memcpy(header + SUM_AT, digits, sizeof digits - 1);
}

static void write_digest(uint8_t *hex, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[HEX_BYTES / 2];

    if (EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) != 1)
        return;
    for (size_t i = 0; i < sizeof digest; i++) {
        *hex++ = (uint8_t)digits[digest[i] >> 4];
        *hex++ = (uint8_t)digits[digest[i] & 15];
    }
}

/* The line "HEX  NAME\n" of a member, if the manifest has one. */
static void write_line(struct tar *tar, const struct member *manifest, const struct member *member)
{
    char name[NAME_BYTES + 1], ending[NAME_BYTES + 16];
    uint8_t *text = tar->bytes + manifest->at + BLOCK, *found;

    copy_name(name, tar, member);
    snprintf(ending, sizeof ending, "  %s%s\n", member->parent == NULL ? "" : "data/0000/", name);
    found = memmem(text, manifest->size, ending, strlen(ending));
    if (found != NULL && found - text >= HEX_BYTES)
        write_digest(found - HEX_BYTES, tar->bytes + member->at + BLOCK, member->size);
}

static bool is_manifest(const struct tar *tar, const struct member *member)
{
    return is_called(tar, member, "manifest") || is_called(tar, member, "manifest-augment");
}

static void put_right(struct tar *tar)
{
    list_all(tar);
    for (size_t i = 0; i < tar->count; i++)
        write_sum(tar->bytes + tar->members[i].at);
    for (size_t i = 0; i < tar->count; i++) {
        for (size_t j = 0; is_manifest(tar, &tar->members[i]) && j < tar->count; j++)
            write_line(tar, &tar->members[i], &tar->members[j]);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct tar tar = {.bytes = data, .length = size, .max_length = max_size};
    unsigned choice = (unsigned)rand_r(&seed) % 16;
    const struct member *member;

    list_all(&tar);
    if (tar.count == 0 || choice == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    member = &tar.members[(size_t)rand_r(&seed) % tar.count];
    if (choice == 1)
        change_count(&tar, member, true);
    else if (choice == 2)
        change_count(&tar, member, false);
    else if (choice < 6)
        change_header(&tar, member);
    else
        change_contents(&tar, member);
    put_right(&tar);
    return tar.length;
}
