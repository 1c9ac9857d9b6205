// SPDX-License-Identifier: Apache-2.0
#include "bytes.h"
#include "compress.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static struct artifact_error error;

static const char *const ids[] = {"none",      "gzip",        "lzma",     "zstd_fastest",
                                  "zstd_fast", "zstd_better", "zstd_best"};
enum { ID_COUNT = sizeof ids / sizeof ids[0] };

static bool append(void *user, const unsigned char *data, size_t length,
                   struct artifact_error *failure)
{
    (void)failure;
    bytes_append(user, data, length);
    return true;
}

static bool take(void *user, unsigned char *data, size_t size, size_t *length,
                 struct artifact_error *failure)
{
    (void)failure;
    *length = bytes_take(user, data, size);
    return true;
}

static bool encode(const struct artifact_sink *sink, const char *id, const struct bytes *in,
                   int level, unsigned threads)
{
    const struct artifact_compressor *compressor = artifact_compressor_by_id(id);
    struct artifact_encoder *encoder = compressor->encoder_new(sink, level, threads, &error);
    size_t half = in->length / 3;
    bool is_ok = encoder && compressor->encode(encoder, in->data, half, &error) &&
                 compressor->encode(encoder, in->data + half, in->length - half, &error) &&
                 compressor->encode_finish(encoder, &error);
    compressor->encoder_free(encoder);
    return is_ok;
}

static bool encode_at_level(struct bytes *out, const char *id, const struct bytes *in, int level,
                            unsigned threads)
{
    struct artifact_sink sink = {append, out};
    return encode(&sink, id, in, level, threads);
}

static bool encode_into(struct bytes *out, const char *id, const struct bytes *in, unsigned threads)
{
    return encode_at_level(out, id, in, 0, threads);
}

/* Reads all of `in`, in portions of `size`. */
static bool decode_into(struct bytes *out, const char *id, struct bytes *in, size_t size)
{
    unsigned char *buffer = malloc(size);
    struct artifact_source source = {take, in};
    const struct artifact_compressor *compressor = artifact_compressor_by_id(id);
    struct artifact_decoder *decoder = compressor->decoder_new(&source, &error);
    size_t length = 1;
    bool is_ok = decoder != NULL;
    while (is_ok && length > 0) {
        is_ok = compressor->decode(decoder, buffer, size, &length, &error);
        if (is_ok)
            bytes_append(out, buffer, length);
    }
    compressor->decoder_free(decoder);
    free(buffer);
    return is_ok;
}

static void check_round_trip(const char *id, size_t length, size_t step, size_t size)
{
    struct bytes plain = bytes_sample(length), packed = {0}, back = {0};
    CHECK(encode_into(&packed, id, &plain, 0));
    packed.step = step;
    if (!CHECK(decode_into(&back, id, &packed, size)))
        CHECK_STR(id, error.message);
    CHECK_MEM(back.data, back.length, plain.data, plain.length);
    free(plain.data);
    free(packed.data);
    free(back.data);
}

static void test_what_was_packed_comes_back(void)
{
    for (size_t i = 0; i < ID_COUNT; i++) {
        check_round_trip(ids[i], 300000, 0, 65536);
        check_round_trip(ids[i], 300000, 4096, 1);
        check_round_trip(ids[i], 5000, 1, 7);
        check_round_trip(ids[i], 1, 0, 65536);
        check_round_trip(ids[i], 0, 0, 65536);
    }
}

/* Level 1 of xz makes blocks of 4 MiB, gzip's members are of half a MiB: several threads decode
 * them at a time. */
static void check_blocks(const char *id, const char *problem)
{
    struct bytes plain = bytes_sample(8 << 20), packed = {0}, back = {0};
    CHECK(encode_at_level(&packed, id, &plain, 1, 2));
    CHECK(decode_into(&back, id, &packed, 1 << 17));
    CHECK_MEM(back.data, back.length, plain.data, plain.length);
    for (size_t part = 1; part < 8; part += 2) {
        size_t at = packed.length / 8 * part;
        packed.position = back.length = 0;
        packed.data[at] ^= 0x10;
        CHECK(!decode_into(&back, id, &packed, 1 << 17));
        CHECK(strncmp(error.message, problem, strlen(problem)) == 0);
        packed.data[at] ^= 0x10;
    }
    free(back.data);
    free(packed.data);
    free(plain.data);
}

static void test_blocks_come_back_in_order_and_damage_in_any_is_noticed(void)
{
    check_blocks("lzma", "damaged xz stream");
    check_blocks("gzip", "damaged gzip stream: ");
}

static void test_ids_and_suffixes_find_their_compressor(void)
{
    static const char *const suffixes[] = {"", ".gz", ".xz", ".zst", ".zst", ".zst", ".zst"};
    for (size_t i = 0; i < ID_COUNT; i++) {
        const struct artifact_compressor *compressor = artifact_compressor_by_id(ids[i]);
        if (CHECK(compressor != NULL)) {
            CHECK_STR(compressor->id, ids[i]);
            CHECK_STR(compressor->suffix, suffixes[i]);
        }
        compressor = artifact_compressor_by_suffix(suffixes[i]);
        if (CHECK(compressor != NULL))
            CHECK_STR(compressor->suffix, suffixes[i]);
    }
    CHECK(artifact_compressor_by_id("zip") == NULL);
    CHECK(artifact_compressor_by_id("") == NULL);
    CHECK(artifact_compressor_by_suffix(".bz2") == NULL);
    CHECK(artifact_compressor_by_suffix("gz") == NULL);
}

/* With work for two threads: blocks of xz are of 4 MiB, the jobs of zstd's highest name of 16. */
static void test_the_number_of_threads_does_not_show_in_the_output(void)
{
    for (size_t i = 0; i < ID_COUNT; i++) {
        bool is_zstd = strncmp(ids[i], "zstd", 4) == 0;
        struct bytes plain = bytes_sample(is_zstd ? 17 << 20 : 5 << 20);
        struct bytes first = {0}, second = {0};
        CHECK(encode_into(&first, ids[i], &plain, 1));
        CHECK(encode_into(&second, ids[i], &plain, 3));
        CHECK_MEM(first.data, first.length, second.data, second.length);
        free(first.data);
        free(second.data);
        free(plain.data);
    }
}

/* A stream followed by another is one, in every format that says so. */
static void test_streams_in_a_row_are_one(void)
{
    for (size_t i = 1; i < ID_COUNT; i++) {
        struct bytes plain = bytes_sample(1000), packed = {0}, back = {0};
        CHECK(encode_into(&packed, ids[i], &plain, 0));
        CHECK(encode_into(&packed, ids[i], &plain, 0));
        CHECK(decode_into(&back, ids[i], &packed, 333));
        CHECK_INT(back.length, 2000);
        free(plain.data);
        free(packed.data);
        free(back.data);
    }
}

static void test_streams_cut_anywhere_are_refused(void)
{
    for (size_t i = 1; i < ID_COUNT; i++) {
        struct bytes plain = bytes_sample(500), packed = {0};
        CHECK(encode_into(&packed, ids[i], &plain, 0));
        size_t whole = packed.length;
        for (packed.length = 0; packed.length < whole; packed.length++) {
            struct bytes back = {0};
            packed.position = 0;
            if (!CHECK(!decode_into(&back, ids[i], &packed, 4096)))
                CHECK_INT(packed.length, -1);
            CHECK_INT(error.code, ARTIFACT_INVALID);
            free(back.data);
        }
        free(plain.data);
        free(packed.data);
    }
}

static void test_bytes_after_the_end_are_refused(void)
{
    for (size_t i = 1; i < ID_COUNT; i++) {
        static const char *const junk[] = {"x", "\x1f", "junk that is longer than a header"};
        for (size_t j = 0; j < sizeof junk / sizeof junk[0]; j++) {
            struct bytes plain = bytes_sample(500), packed = {0}, back = {0};
            CHECK(encode_into(&packed, ids[i], &plain, 0));
            bytes_append(&packed, junk[j], strlen(junk[j]));
            CHECK(!decode_into(&back, ids[i], &packed, 4096));
            CHECK_INT(error.code, ARTIFACT_INVALID);
            free(plain.data);
            free(packed.data);
            free(back.data);
        }
    }
}

static void test_content_of_another_format_is_refused(void)
{
    for (size_t i = 1; i < ID_COUNT; i++) {
        struct bytes plain = bytes_sample(2000), back = {0};
        CHECK(!decode_into(&back, ids[i], &plain, 4096));
        CHECK_INT(error.code, ARTIFACT_INVALID);
        free(plain.data);
        free(back.data);
    }
}

/* A zlib stream and a raw .lzma file are not what the suffix promises, although the libraries could
 * read them. */
static void test_relatives_of_the_format_are_refused(void)
{
    struct bytes zlib = {.data = (unsigned char *)"\x78\x9c\x03\x00\x00\x00\x00\x01", .length = 8};
    struct bytes lzma = {
        .data = (unsigned char *)"\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff",
        .length = 13};
    struct bytes back = {0};
    CHECK(!decode_into(&back, "gzip", &zlib, 10));
    CHECK(!decode_into(&back, "lzma", &lzma, 10));
    free(back.data);
}

/* In pieces libzstd does not see this for itself: 246 bytes, says the header, and there are none.
 */
static void test_a_zstd_frame_that_is_shorter_than_its_header_says_is_refused(void)
{
    static const unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x24, 0xf6, 0x01,
                                          0x00, 0x00, 0x99, 0xe9, 0xd8, 0x51};
    for (size_t step = 0; step <= sizeof frame; step++) {
        struct bytes in = {.data = (unsigned char *)frame, .length = sizeof frame, .step = step};
        struct bytes out = {0};
        error = (struct artifact_error){0};
        CHECK(!decode_into(&out, "zstd_fast", &in, 65536));
        CHECK_INT(error.code, ARTIFACT_INVALID);
        free(out.data);
    }
}

/* In the formats that have checksums. What zstd would have to notice, the manifest's checksum does.
 */
static void test_a_flipped_bit_is_noticed(void)
{
    static const char *const checked[] = {"gzip", "lzma"};
    for (size_t i = 0; i < sizeof checked / sizeof checked[0]; i++) {
        struct bytes plain = bytes_sample(2000), packed = {0};
        CHECK(encode_into(&packed, checked[i], &plain, 0));
        for (size_t at = packed.length / 4; at < packed.length; at += packed.length / 7) {
            struct bytes back = {0};
            packed.position = 0;
            packed.data[at] ^= 0x10;
            CHECK(!decode_into(&back, checked[i], &packed, 4096));
            packed.data[at] ^= 0x10;
            free(back.data);
        }
        free(plain.data);
        free(packed.data);
    }
}

/*
 * RFC 8878, 3.1.1.1: the byte after the magic describes the header; without its bit 5 the next one
 * is the window's size, in whose upper five bits 13 stands for 8 MiB.
 */
static void test_readers_of_zstd_need_no_more_than_8_mib_and_for_small_contents_no_window(void)
{
    static const char *const levels[] = {"zstd_fastest", "zstd_fast", "zstd_better", "zstd_best"};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        struct bytes large = bytes_sample(1 << 20), small = bytes_sample(5000), packed = {0};
        CHECK(encode_into(&packed, levels[i], &large, 1));
        CHECK_INT(packed.data[4] & 0x20, 0);
        CHECK(packed.data[5] >> 3 <= 13);
        packed.length = 0;
        CHECK(encode_into(&packed, levels[i], &small, 1));
        CHECK_INT(packed.data[4] & 0x20, 0x20);
        free(packed.data);
        free(small.data);
        free(large.data);
    }
}

/* Fails when the room is used up. */
static bool refuse(void *user, const unsigned char *data, size_t length,
                   struct artifact_error *failure)
{
    size_t *room = user;
    (void)data;
    if (length >= *room)
        return artifact_fail(failure, ARTIFACT_CANNOT_WRITE, NULL, "the sink is full");
    *room -= length;
    return true;
}

static void test_a_failing_sink_stops_the_encoder_with_its_own_error(void)
{
    struct bytes plain = bytes_sample(1000000);
    for (size_t i = 0; i < ID_COUNT; i++) {
        size_t room = 1000;
        struct artifact_sink sink = {refuse, &room};
        CHECK(!encode(&sink, ids[i], &plain, 0, 0));
        CHECK_STR(error.message, "the sink is full");
    }
    free(plain.data);
}

static void test_levels_that_do_not_exist_are_refused(void)
{
    struct bytes out = {0};
    struct artifact_sink sink = {append, &out};
    CHECK(artifact_compressor_gzip.encoder_new(&sink, 13, 0, &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_BAD_ARGUMENT);
    CHECK(artifact_compressor_none.encoder_new(&sink, 1, 0, &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_BAD_ARGUMENT);
    CHECK(artifact_compressor_xz.encoder_new(&sink, -1, 0, &error) == NULL);
    CHECK(artifact_compressor_zstd_fast.encoder_new(&sink, 1000, 0, &error) == NULL);
    CHECK_INT(error.code, ARTIFACT_BAD_ARGUMENT);
}

UNIT_TESTS("compress", UNIT_TEST(test_what_was_packed_comes_back),
           UNIT_TEST(test_blocks_come_back_in_order_and_damage_in_any_is_noticed),
           UNIT_TEST(test_ids_and_suffixes_find_their_compressor),
           UNIT_TEST(test_the_number_of_threads_does_not_show_in_the_output),
           UNIT_TEST(test_streams_in_a_row_are_one),
           UNIT_TEST(test_streams_cut_anywhere_are_refused),
           UNIT_TEST(test_bytes_after_the_end_are_refused),
           UNIT_TEST(test_content_of_another_format_is_refused),
           UNIT_TEST(test_relatives_of_the_format_are_refused),
           UNIT_TEST(test_a_zstd_frame_that_is_shorter_than_its_header_says_is_refused),
           UNIT_TEST(test_a_flipped_bit_is_noticed),
           UNIT_TEST(test_readers_of_zstd_need_no_more_than_8_mib_and_for_small_contents_no_window),
           UNIT_TEST(test_a_failing_sink_stops_the_encoder_with_its_own_error),
           UNIT_TEST(test_levels_that_do_not_exist_are_refused))
