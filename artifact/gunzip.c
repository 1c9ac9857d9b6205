// SPDX-License-Identifier: Apache-2.0
/*
 * Reading gzip (RFC 1952). Members that say how long they are (gzip_member.h) are kept until they
 * are whole, and unpacked several at a time; all others are read piece by piece as they come
 * (inflate.h). A member that then is not as it said is no error by itself: it is read again, and
 * with it all that follows, as if it had said nothing. What comes out, and what is said of damage,
 * so depends neither on the number of threads nor on what members say of themselves.
 */
#include "gunzip.h"

#include "inflate.h"
#include "parallel.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_THREADS = 12,
    /* Two more than threads: one is filled and one used while the others are unpacked. */
    MAX_BLOCKS = MAX_THREADS + 2,
};

/* What is kept until it is known what it is. */
struct block {
    struct artifact_gzip_member member;
    size_t length; /* of the whole member, as its header says; 0: no such member */
    bool is_unpacked;
};

struct artifact_decoder {
    struct artifact_input input;
    bool has_begun; /* there was a first byte */
    bool is_input_over, has_source_failed;

    /* How it ended: what there is to say then is said to each further call. */
    bool is_over, has_failed;
    struct artifact_error failure;

    struct artifact_inflate inflater;
    /* All from here on is for the inflater: a member that is not as long as it said may go on in
     * what looked like the next. */
    bool is_serial;

    unsigned thread_count;
    struct artifact_parallel *parallel;
    z_stream streams[MAX_THREADS]; /* of each thread; zero before its first member */
    struct block blocks[MAX_BLOCKS];
    uint64_t block_number; /* of the one that is filled; its place is this modulo their count */
    struct block *oldest;  /* of those that are kept, when it is used; NULL: none is */
    size_t oldest_used;
};

/* ---- What is kept ---- */

static void unpack_block(void *user, unsigned worker, void *job)
{
    struct artifact_decoder *decoder = user;
    struct block *block = job;
    block->is_unpacked = artifact_gzip_member_unpack(&block->member, &decoder->streams[worker]);
}

static struct block *current_block(struct artifact_decoder *decoder)
{
    return &decoder->blocks[decoder->block_number % (decoder->thread_count + 2)];
}

/* Without any thread it is only slower. */
static void submit_block(struct artifact_decoder *decoder)
{
    if (artifact_parallel_submit(decoder->parallel, current_block(decoder), NULL))
        decoder->block_number++;
    else
        decoder->is_serial = true;
}

/* First a header, and if it says so the whole member. */
static bool keep(struct artifact_decoder *decoder, size_t *taken, const unsigned char *bytes,
                 size_t length, struct artifact_error *error)
{
    struct block *block = current_block(decoder);
    struct artifact_gzip_member *member = &block->member;
    if (!artifact_gzip_member_prepare(member, error))
        return false;
    bool is_header = member->packed_length < ARTIFACT_GZIP_HEADER_BYTES;
    size_t whole = is_header ? ARTIFACT_GZIP_HEADER_BYTES : block->length;
    size_t rest = whole - member->packed_length;
    *taken = length < rest ? length : rest;
    memcpy(member->packed + member->packed_length, bytes, *taken);
    member->packed_length += *taken;
    if (member->packed_length < whole)
        return true;
    if (is_header)
        block->length = artifact_gzip_member_length(member->packed);
    else
        submit_block(decoder);
    return true;
}

static bool is_of_another_kind(const struct block *block)
{
    return block->member.packed_length >= ARTIFACT_GZIP_HEADER_BYTES && block->length == 0;
}

/* Whether what is kept has to make room, or comes before what is next. */
static bool must_use_kept(struct artifact_decoder *decoder)
{
    return decoder->is_serial || decoder->is_input_over ||
           is_of_another_kind(current_block(decoder)) ||
           artifact_parallel_is_full(decoder->parallel);
}

/* In the order in which it came; last is what was not given to a thread. */
static void take_oldest(struct artifact_decoder *decoder)
{
    struct block *current = current_block(decoder);
    decoder->oldest_used = 0;
    decoder->oldest = artifact_parallel_take(decoder->parallel);
    if (decoder->oldest) {
        decoder->is_serial = decoder->is_serial || !decoder->oldest->is_unpacked;
    } else if (current->member.packed_length > 0) {
        current->is_unpacked = false;
        decoder->oldest = current;
    }
}

static size_t give(struct artifact_plain *plain, const unsigned char *bytes, size_t length)
{
    size_t room = plain->size - plain->length;
    size_t part = length < room ? length : room;
    memcpy(plain->bytes + plain->length, bytes, part);
    plain->length += part;
    return part;
}

static bool use_oldest(struct artifact_decoder *decoder, struct artifact_plain *plain)
{
    struct artifact_gzip_member *member = &decoder->oldest->member;
    bool is_plain = decoder->oldest->is_unpacked && !decoder->is_serial;
    size_t length = is_plain ? member->plain_length : member->packed_length;
    size_t used, rest = length - decoder->oldest_used;
    bool is_ok = true;
    if (is_plain)
        used = give(plain, member->plain + decoder->oldest_used, rest);
    else
        is_ok = artifact_inflate(&decoder->inflater, plain, &used,
                                 member->packed + decoder->oldest_used, rest, &decoder->failure);
    decoder->oldest_used += used;
    if (used == rest) {
        decoder->inflater.has_member = decoder->inflater.has_member || is_plain;
        member->packed_length = 0;
        decoder->oldest = NULL;
    }
    return is_ok;
}

/* ---- The input ---- */

/* When the source fails, then after all that came before it. */
static void fill(struct artifact_decoder *decoder)
{
    decoder->has_source_failed = !artifact_input_fill(&decoder->input, &decoder->failure);
    decoder->is_input_over = decoder->has_source_failed || decoder->input.is_at_end;
    decoder->has_begun = decoder->has_begun || !decoder->is_input_over;
}

static bool read_input(struct artifact_decoder *decoder, struct artifact_plain *plain)
{
    struct artifact_input *input = &decoder->input;
    const unsigned char *bytes = input->bytes + input->position;
    size_t taken, length = input->length - input->position;
    bool is_kept = !decoder->is_serial && decoder->inflater.stage == ARTIFACT_INFLATE_BETWEEN;
    bool is_ok = is_kept ? keep(decoder, &taken, bytes, length, &decoder->failure)
                         : artifact_inflate(&decoder->inflater, plain, &taken, bytes, length,
                                            &decoder->failure);
    input->position += is_ok ? taken : 0;
    return is_ok;
}

static bool finish(struct artifact_decoder *decoder, struct artifact_plain *plain)
{
    size_t taken;
    if (!artifact_inflate(&decoder->inflater, plain, &taken, NULL, 0, &decoder->failure))
        return false;
    if (plain->length > 0)
        return true;
    if (decoder->has_source_failed)
        return false;
    decoder->is_over = decoder->has_begun && decoder->inflater.stage == ARTIFACT_INFLATE_BETWEEN;
    return decoder->is_over ||
           artifact_fail(&decoder->failure, ARTIFACT_INVALID, NULL, "truncated gzip stream");
}

/* ---- The whole ---- */

static bool step(struct artifact_decoder *decoder, struct artifact_plain *plain)
{
    if (!decoder->oldest && must_use_kept(decoder))
        take_oldest(decoder);
    if (decoder->oldest)
        return use_oldest(decoder, plain);
    if (decoder->is_input_over)
        return finish(decoder, plain);
    if (decoder->input.position < decoder->input.length)
        return read_input(decoder, plain);
    fill(decoder);
    return true;
}

/* What came before a failure is handed out first. */
bool artifact_gunzip(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                     size_t *length, struct artifact_error *error)
{
    struct artifact_plain plain = {.bytes = bytes, .size = size};
    while (plain.length == 0 && !decoder->is_over && !decoder->has_failed)
        decoder->has_failed = !step(decoder, &plain);
    *length = plain.length;
    if (plain.length > 0 || decoder->is_over)
        return true;
    if (error)
        *error = decoder->failure;
    return false;
}

struct artifact_decoder *artifact_gunzip_new(const struct artifact_source *source, unsigned threads,
                                             struct artifact_error *error)
{
    struct artifact_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) {
        artifact_fail_memory(error);
        return NULL;
    }
    decoder->input.source = *source;
    decoder->thread_count = artifact_parallel_threads(threads, MAX_THREADS);
    decoder->parallel = artifact_parallel_new(decoder->thread_count, decoder->thread_count + 1,
                                              unpack_block, decoder, error);
    if (decoder->parallel && artifact_inflate_init(&decoder->inflater, error))
        return decoder;
    artifact_gunzip_free(decoder);
    return NULL;
}

void artifact_gunzip_free(struct artifact_decoder *decoder)
{
    if (!decoder)
        return;
    artifact_parallel_free(decoder->parallel);
    for (size_t i = 0; i < MAX_BLOCKS; i++)
        artifact_gzip_member_clear(&decoder->blocks[i].member);
    for (size_t i = 0; i < MAX_THREADS; i++)
        inflateEnd(&decoder->streams[i]); /* refuses, and no more, what was never begun */
    artifact_inflate_clear(&decoder->inflater);
    free(decoder);
}
