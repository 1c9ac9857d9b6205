// SPDX-License-Identifier: Apache-2.0
/*
 * Prints a payload to measure with: payload BYTES >FILE. The same bytes on every machine, and made
 * as a root file system image is: files of whole blocks, small ones and large ones, of which half
 * are noise (what is compressed already), and the rest text, tables of records as in programs, and
 * holes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD_COUNT = 1 << 13,
    WORD_BYTES = 12,
    BLOCK_BYTES = 1 << 12,
    MAX_DOUBLINGS = 7, /* of a file's blocks */
    MAX_FILE_BYTES = BLOCK_BYTES << (MAX_DOUBLINGS + 1),
};

struct generator {
    uint64_t state;
    unsigned char words[WORD_COUNT][WORD_BYTES];
    size_t file_bytes;
    unsigned char file[MAX_FILE_BYTES];
};

/* xorshift64* by Marsaglia and Vigna. */
static uint64_t next_number(struct generator *generator)
{
    uint64_t state = generator->state;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    generator->state = state;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

static void make_words(struct generator *generator)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        for (size_t j = 0; j < WORD_BYTES; j++)
            generator->words[i][j] = (unsigned char)('a' + next_number(generator) % 26);
    }
}

static void fill_noise(struct generator *generator)
{
    for (size_t i = 0; i < generator->file_bytes; i += sizeof(uint64_t)) {
        uint64_t number = next_number(generator);
        memcpy(generator->file + i, &number, sizeof number);
    }
}

/* Words of three to eleven letters; low numbers are more frequent, as in a language. */
static void fill_text(struct generator *generator)
{
    size_t filled = 0;
    while (filled < generator->file_bytes) {
        uint64_t dice = next_number(generator);
        size_t word = (dice & 0xffff) * (dice >> 16 & 0xffff) >> 19;
        size_t length = 3 + word % 9;
        if (length > generator->file_bytes - filled)
            length = generator->file_bytes - filled;
        memcpy(generator->file + filled, generator->words[word], length);
        filled += length;
        if (filled < generator->file_bytes)
            generator->file[filled++] = dice >> 60 ? ' ' : '\n';
    }
}

/* Records of sixteen bytes: a growing address, a few kinds, a small number, zeros. */
static void fill_records(struct generator *generator)
{
    uint64_t address = next_number(generator) >> 32;
    for (size_t i = 0; i < generator->file_bytes; i += 16) {
        uint64_t dice = next_number(generator);
        uint64_t record[2] = {address, (dice & 7) | (dice >> 40 & 0x3ff) << 16};
        address += dice >> 60 << 3;
        memcpy(generator->file + i, record, sizeof record);
    }
}

/* As many files of one size as of twice that size. */
static size_t draw_size(struct generator *generator)
{
    uint64_t dice = next_number(generator);
    size_t blocks = (size_t)1 << dice % (MAX_DOUBLINGS + 1);
    return (blocks + (size_t)(dice >> 32) % blocks) * BLOCK_BYTES;
}

static void make_file(struct generator *generator)
{
    generator->file_bytes = draw_size(generator);
    uint64_t kind = next_number(generator) >> 60;
    if (kind < 8)
        fill_noise(generator);
    else if (kind < 13)
        fill_text(generator);
    else if (kind < 15)
        fill_records(generator);
    else
        memset(generator->file, 0, generator->file_bytes);
}

static int print_payload(uint64_t rest)
{
    static struct generator generator = {.state = UINT64_C(0x9e3779b97f4a7c15)};
    make_words(&generator);
    while (rest > 0) {
        make_file(&generator);
        size_t part = rest < generator.file_bytes ? (size_t)rest : generator.file_bytes;
        if (fwrite(generator.file, 1, part, stdout) != part)
            return 1;
        rest -= part;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    uint64_t size = argc == 2 ? strtoull(argv[1], &end, 10) : 0;
    if (argc != 2 || end == argv[1] || *end) {
        fprintf(stderr, "usage: payload BYTES >FILE\n");
        return 2;
    }
    if (print_payload(size) == 0)
        return 0;
    perror("payload");
    return 1;
}
