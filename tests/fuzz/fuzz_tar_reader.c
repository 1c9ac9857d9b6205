// SPDX-License-Identifier: Apache-2.0
/* Tars: members are as long as they say, and nothing depends on the pieces that a source gives. */
#include "fuzz.h"

#include "inputs.h"
#include "tar_reader.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_MEMBER_BYTES = 1 << 16,
    PIECE_BYTES = 1000,
};

/* How a reading went. */
struct outcome {
    bool is_ok;
    uint64_t trailing_bytes;
    size_t member_count;
    uint64_t byte_count;
    unsigned sum; /* of all that was read, names included */
};

static void add(struct outcome *outcome, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        outcome->sum = outcome->sum * 31 + at[i];
}

static bool read_in_pieces(struct outcome *outcome, struct artifact_tar_reader *reader,
                           uint64_t size, struct artifact_error *error)
{
    unsigned char bytes[PIECE_BYTES];
    size_t length = 0;
    uint64_t total = 0;
    do {
        if (!artifact_tar_reader_read(reader, bytes, sizeof bytes, &length, error))
            return false;
        REQUIRE(length <= sizeof bytes);
        add(outcome, bytes, length);
        total += length;
        REQUIRE(total <= size);
    } while (length > 0);
    REQUIRE(total == size);
    outcome->byte_count += total;
    return true;
}

static bool slurp(struct outcome *outcome, struct artifact_tar_reader *reader, uint64_t size,
                  struct artifact_error *error)
{
    size_t length = 0;
    char *text = artifact_tar_reader_slurp(reader, MAX_MEMBER_BYTES, &length, error);
    if (!text)
        return false;
    REQUIRE(length == size && length <= MAX_MEMBER_BYTES && !text[length]);
    add(outcome, text, length);
    outcome->byte_count += length;
    free(text);
    return true;
}

/* One in pieces, the next as a whole, the third not at all, and so on. */
static bool read_member(struct outcome *outcome, struct artifact_tar_reader *reader,
                        const struct artifact_member *member, struct artifact_error *error)
{
    uint64_t size = member->size;
    add(outcome, member->name, strlen(member->name));
    switch (outcome->member_count++ % 3) {
    case 0:
        return read_in_pieces(outcome, reader, size, error);
    case 1:
        return slurp(outcome, reader, size, error);
    default:
        return true;
    }
}

static bool read_members(struct outcome *outcome, struct artifact_tar_reader *reader,
                         struct artifact_error *error)
{
    bool has_member = true;
    while (has_member) {
        struct artifact_member member;
        if (!artifact_tar_reader_next(reader, &has_member, &member, error) ||
            (has_member && !read_member(outcome, reader, &member, error)))
            return false;
    }
    return artifact_tar_reader_finish(reader, &outcome->trailing_bytes, 0, error);
}

static struct outcome read_tar(const uint8_t *data, size_t size, size_t step)
{
    struct artifact_error error = {0};
    struct fuzz_memory memory = {data, size, step};
    struct artifact_source source = fuzz_memory_source(&memory);
    struct artifact_tar_reader *reader = artifact_tar_reader_new(&source, &error);
    struct outcome outcome = {0};

    REQUIRE(reader);
    outcome.is_ok = read_members(&outcome, reader, &error);
    if (!outcome.is_ok) {
        REQUIRE(error.code == ARTIFACT_INVALID);
        fuzz_require_sentence(error.message);
    }
    REQUIRE(outcome.byte_count <= size);
    artifact_tar_reader_free(reader);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = read_tar(data, size, size);
    struct outcome pieces = read_tar(data, size, 100);

    REQUIRE(whole.is_ok == pieces.is_ok && whole.member_count == pieces.member_count);
    REQUIRE(whole.byte_count == pieces.byte_count && whole.sum == pieces.sum);
    REQUIRE(whole.trailing_bytes == pieces.trailing_bytes);
    return 0;
}
