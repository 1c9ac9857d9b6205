// SPDX-License-Identifier: Apache-2.0
#include "bytes.h"
#include "gunzip.h"
#include "gzip_member.h"
#include "unit.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct artifact_error error;

/* ---- What is read ---- */

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

static bool take_and_fail(void *user, unsigned char *data, size_t size, size_t *length,
                          struct artifact_error *failure)
{
    *length = bytes_take(user, data, size);
    return *length > 0 || artifact_fail(failure, ARTIFACT_CANNOT_OPEN, "disk", "the disk is gone");
}

static void append_own(struct bytes *packed, const struct bytes *plain)
{
    struct artifact_sink sink = {append, packed};
    const struct artifact_compressor *gzip = &artifact_compressor_gzip;
    struct artifact_encoder *encoder = gzip->encoder_new(&sink, 0, 0, &error);
    CHECK(encoder && gzip->encode(encoder, plain->data, plain->length, &error) &&
          gzip->encode_finish(encoder, &error));
    gzip->encoder_free(encoder);
}

static void set_said_length(unsigned char *member, size_t length)
{
    for (int i = 0; i < 4; i++)
        member[16 + i] = (unsigned char)(length >> 8 * i);
}

/* As gzip(1) writes it, which does not say how long it is; or with the header of one of ours. */
static void append_foreign(struct bytes *packed, const struct bytes *plain, int level,
                           bool has_our_header)
{
    static const unsigned char our_header[20] = "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x08\0MA\x04";
    z_stream stream = {0};
    uLong bound = compressBound(plain->length) + 64;
    unsigned char *member = malloc(bound);
    CHECK_INT(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = plain->data;
    stream.avail_in = (uInt)plain->length;
    stream.next_out = member;
    stream.avail_out = (uInt)bound;
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t start = packed->length, header = has_our_header ? 10 : 0;
    if (has_our_header)
        bytes_append(packed, our_header, sizeof our_header);
    bytes_append(packed, member + header, stream.total_out - header);
    if (has_our_header)
        set_said_length(packed->data + start, packed->length - start);
    deflateEnd(&stream);
    free(member);
}

/* ---- How it is read ---- */

static bool read_all(struct artifact_decoder *decoder, struct bytes *out, size_t size)
{
    unsigned char *buffer = malloc(size);
    size_t length = 1;
    bool is_ok = decoder != NULL;
    while (is_ok && length > 0) {
        is_ok = artifact_gunzip(decoder, buffer, size, &length, &error);
        if (is_ok)
            bytes_append(out, buffer, length);
    }
    free(buffer);
    return is_ok;
}

/* From the first of `in` to the last, in portions of `size`. */
static bool decode(struct bytes *out, struct bytes *in, unsigned threads, size_t size)
{
    struct artifact_source source = {take, in};
    struct artifact_decoder *decoder = artifact_gunzip_new(&source, threads, &error);
    in->position = out->length = 0;
    bool is_ok = read_all(decoder, out, size);
    artifact_gunzip_free(decoder);
    return is_ok;
}

/* What zlib alone makes of it. */
static bool decode_by_zlib(struct bytes *out, const struct bytes *in, size_t max)
{
    z_stream stream = {.next_in = in->data, .avail_in = (uInt)in->length};
    int status = Z_STREAM_END;
    out->data = malloc(max);
    out->capacity = max;
    stream.next_out = out->data;
    stream.avail_out = (uInt)max;
    CHECK_INT(inflateInit2(&stream, 15 + 16), Z_OK);
    do {
        CHECK_INT(inflateReset(&stream), Z_OK);
        status = inflate(&stream, Z_FINISH);
    } while (status == Z_STREAM_END && stream.avail_in > 0);
    out->length = max - stream.avail_out;
    inflateEnd(&stream);
    return status == Z_STREAM_END;
}

/* Whatever the threads and the pieces, it is as zlib has it, and damage is told in one way. */
static void check_as_by_zlib(struct bytes *packed, bool is_good)
{
    static const struct {
        unsigned threads;
        size_t step, size;
    } rows[] = {
        {1, 0, 1 << 17}, {2, 0, 100000}, {3, 4099, 1 << 17}, {12, 0, 1 << 20}, {2, 70001, 257}};
    struct bytes expected = {0}, back = {0};
    char message[sizeof error.message] = "";
    CHECK_INT(decode_by_zlib(&expected, packed, 16 << 20), is_good);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        packed->step = rows[i].step;
        error = (struct artifact_error){0};
        CHECK_INT(decode(&back, packed, rows[i].threads, rows[i].size), is_good);
        CHECK_MEM(back.data, back.length, expected.data, expected.length);
        CHECK_INT(error.code, is_good ? 0 : ARTIFACT_INVALID);
        if (i == 0)
            memcpy(message, error.message, sizeof message);
        CHECK_STR(error.message, message);
    }
    bytes_free(&back);
    bytes_free(&expected);
}

/* ---- Good streams ---- */

/* Nor anything else that differs from run to run: only how long the member is. */
static void test_the_header_has_no_time_and_no_name(void)
{
    struct bytes plain = bytes_sample(10), packed = {0};
    append_own(&packed, &plain);
    CHECK_MEM(packed.data, 16, "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x08\0MA\x04", 16);
    CHECK_INT(packed.data[16], packed.length);
    CHECK_MEM(packed.data + 17, 3, "\0\0", 3);
    bytes_free(&plain);
    bytes_free(&packed);
}

static void test_members_of_any_kind_come_back_in_order(void)
{
    struct bytes plain = bytes_sample(1300000), tiny = bytes_sample(3), packed = {0};
    for (int i = 0; i < 3; i++) {
        append_own(&packed, &plain);
        append_foreign(&packed, i > 0 ? &plain : &tiny, 6, false);
        append_own(&packed, &tiny);
    }
    check_as_by_zlib(&packed, true);
    bytes_free(&packed);
    bytes_free(&tiny);
    bytes_free(&plain);
}

/* To devices it is a member as any: what it says of its length is nobody's word. */
static void test_a_member_that_is_not_as_long_as_it_says_is_read_all_the_same(void)
{
    struct bytes plain = bytes_sample(300000), packed = {0};
    append_own(&packed, &plain);
    size_t length = packed.length;
    const size_t said[] = {0,          28,           512,     length - 1, length,
                           length + 1, length + 600, 1 << 19, 1 << 20};
    for (int i = 0; i < 3; i++)
        append_own(&packed, &plain);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        set_said_length(packed.data, said[i]);
        check_as_by_zlib(&packed, true);
        set_said_length(packed.data, length);
        set_said_length(packed.data + 2 * length, said[i]);
        check_as_by_zlib(&packed, true);
        set_said_length(packed.data + 2 * length, length);
    }
    bytes_free(&packed);
    bytes_free(&plain);
}

/* It says that it ends where its contents, which are only stored, have what looks like another. */
static void test_what_looks_like_a_member_inside_of_another_is_its_contents(void)
{
    enum { BEFORE = 600, STORED_HEADER = 5 };
    struct bytes inner = bytes_sample(3000), plain = bytes_sample(BEFORE), packed = {0};
    append_own(&plain, &inner);
    append_foreign(&packed, &plain, 0, true);
    set_said_length(packed.data, ARTIFACT_GZIP_HEADER_BYTES + STORED_HEADER + BEFORE);
    append_own(&packed, &inner);
    check_as_by_zlib(&packed, true);
    bytes_free(&packed);
    bytes_free(&plain);
    bytes_free(&inner);
}

/* As another release may write them. */
static void test_members_of_larger_blocks_are_read_all_the_same(void)
{
    static const size_t sizes[] = {ARTIFACT_GZIP_BLOCK_BYTES, ARTIFACT_GZIP_BLOCK_BYTES + 1,
                                   4 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bytes plain = bytes_sample(sizes[i]), packed = {0};
        append_own(&packed, &plain);
        append_foreign(&packed, &plain, 6, true);
        memset(plain.data, 0, plain.length);
        append_foreign(&packed, &plain, 6, true);
        append_own(&packed, &plain);
        check_as_by_zlib(&packed, true);
        bytes_free(&packed);
        bytes_free(&plain);
    }
}

/* Else a payload of tiny members takes many times as long as one of others. */
static void test_a_member_is_only_given_to_a_thread_if_that_is_worth_it(void)
{
    unsigned char header[20] = "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x08\0MA\x04";
    static const size_t refused[] = {0, 28, 29, 511, 1 << 20, 0xffffffff};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        set_said_length(header, refused[i]);
        CHECK_INT(artifact_gzip_member_length(header), 0);
    }
    struct bytes plain = bytes_sample(ARTIFACT_GZIP_BLOCK_BYTES), packed = {0};
    memset(plain.data, 0, plain.length);
    append_own(&packed, &plain);
    CHECK_INT(artifact_gzip_member_length(packed.data), packed.length);
    packed.data[3] = 0;
    CHECK_INT(artifact_gzip_member_length(packed.data), 0);
    bytes_free(&packed);
    bytes_free(&plain);
}

/* ---- Bad streams ---- */

static void test_threads_and_pieces_do_not_show_in_what_is_said_of_damage(void)
{
    static const struct {
        const char *tail;
        size_t length;
    } rows[] = {{"x", 1},
                {"\x1f", 1},
                {"\x1f\0", 2},
                {"\x1f\x8b\x07", 3},
                {"\x1f\x8b\x08\xe0 and more", 13},
                {"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x08\0MA\x04\0\0\x02\0\0", 20},
                {"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x08\0MA\x04\0\0\x02\0\0\x07 and less", 30}};
    struct bytes plain = bytes_sample(1300000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes packed = {0};
        append_own(&packed, &plain);
        bytes_append(&packed, rows[i].tail, rows[i].length);
        check_as_by_zlib(&packed, false);
        bytes_free(&packed);
    }
    bytes_free(&plain);
}

static void test_all_before_a_damaged_place_comes_out(void)
{
    struct bytes plain = bytes_sample(3000000), packed = {0};
    append_own(&packed, &plain);
    size_t whole = packed.length;
    for (size_t at = 40; at < whole; at += whole / 9) {
        packed.data[at] ^= 0x10;
        check_as_by_zlib(&packed, false);
        packed.data[at] ^= 0x10;
        packed.length = at;
        check_as_by_zlib(&packed, false);
        packed.length = whole;
    }
    bytes_free(&packed);
    bytes_free(&plain);
}

static void test_a_single_byte_after_the_end_is_not_called_a_cut(void)
{
    struct bytes plain = bytes_sample(10), packed = {0}, back = {0};
    append_own(&packed, &plain);
    bytes_append(&packed, "x", 1);
    CHECK(!decode(&back, &packed, 1, 100));
    CHECK_STR(error.message, "damaged gzip stream: incorrect header check");
    bytes_free(&back);
    bytes_free(&packed);
    bytes_free(&plain);
}

static void test_all_before_the_source_fails_comes_out_and_then_its_error(void)
{
    struct bytes plain = bytes_sample(3000000), packed = {0}, back = {0}, expected = {0};
    append_own(&packed, &plain);
    packed.length -= 1000;
    CHECK(!decode_by_zlib(&expected, &packed, plain.length));
    for (unsigned threads = 1; threads < 13; threads += 3) {
        struct artifact_source source = {take_and_fail, &packed};
        struct artifact_decoder *decoder = artifact_gunzip_new(&source, threads, &error);
        packed.position = back.length = 0;
        for (int i = 0; i < 3; i++) { /* and when it is asked again, nothing but the error */
            error = (struct artifact_error){0};
            CHECK(!read_all(decoder, &back, 100000));
            CHECK_MEM(back.data, back.length, expected.data, expected.length);
            CHECK_INT(error.code, ARTIFACT_CANNOT_OPEN);
            CHECK_STR(error.member, "disk");
            CHECK_STR(error.message, "the disk is gone");
        }
        artifact_gunzip_free(decoder);
    }
    bytes_free(&expected);
    bytes_free(&back);
    bytes_free(&packed);
    bytes_free(&plain);
}

static void check_is_final(struct bytes *packed, const struct bytes *plain, bool is_good)
{
    struct bytes back = {0};
    struct artifact_source source = {take, packed};
    struct artifact_decoder *decoder = artifact_gunzip_new(&source, 3, &error);
    CHECK_INT(read_all(decoder, &back, 1 << 17), is_good);
    append_own(packed, plain); /* which it would read, were it to go on */
    for (int i = 0; i < 3; i++)
        CHECK_INT(read_all(decoder, &back, 1 << 17), is_good);
    CHECK_MEM(back.data, back.length, plain->data, plain->length);
    artifact_gunzip_free(decoder);
    bytes_free(&back);
}

static void test_an_end_or_an_error_is_final(void)
{
    struct bytes plain = bytes_sample(1300000), good = {0}, bad = {0};
    append_own(&good, &plain);
    check_is_final(&good, &plain, true);
    append_own(&bad, &plain);
    bad.data[bad.length - 1] ^= 1;
    check_is_final(&bad, &plain, false);
    CHECK_STR(error.message, "damaged gzip stream: incorrect length check");
    bytes_free(&bad);
    bytes_free(&good);
    bytes_free(&plain);
}

/* ---- Short of memory and of threads ---- */

/* How often zlib still gets memory; below zero: always. */
static atomic_int grants = -1;

static voidpf grant(voidpf user, uInt count, uInt size)
{
    (void)user;
    if (atomic_load(&grants) >= 0 && atomic_fetch_sub(&grants, 1) <= 0) {
        atomic_store(&grants, 0);
        return NULL;
    }
    return calloc(count, size);
}

static void take_back(voidpf user, voidpf memory)
{
    (void)user;
    free(memory);
}

/* Stands before zlib's own. */
int inflateInit2_(z_streamp stream, int window, const char *version, int size)
{
    int (*own)(z_streamp, int, const char *, int);
    *(void **)&own = dlsym(RTLD_NEXT, "inflateInit2_");
    stream->zalloc = grant;
    stream->zfree = take_back;
    return own(stream, window, version, size);
}

/* A thread that has none leaves its member to the caller's. */
static void test_short_memory_is_not_called_damage(void)
{
    struct bytes plain = bytes_sample(1300000), packed = {0}, back = {0};
    bool is_ok = false;
    append_own(&packed, &plain);
    append_foreign(&packed, &plain, 6, false);
    for (int count = 0; count < 20 && !is_ok; count++) {
        atomic_store(&grants, count);
        is_ok = decode(&back, &packed, 2, 1 << 17);
        CHECK(is_ok || error.code == ARTIFACT_NO_MEMORY);
        CHECK(count > 1 || !is_ok);
    }
    atomic_store(&grants, -1);
    CHECK(is_ok);
    CHECK_INT(back.length, 2 * plain.length);
    bytes_free(&back);
    bytes_free(&packed);
    bytes_free(&plain);
}

static void set_stack_size(size_t size)
{
    pthread_attr_t attributes;
    CHECK_INT(pthread_attr_init(&attributes), 0);
    CHECK_INT(pthread_attr_setstacksize(&attributes, size), 0);
    CHECK_INT(pthread_setattr_default_np(&attributes), 0);
    pthread_attr_destroy(&attributes);
}

static void test_without_a_thread_it_is_only_slower(void)
{
    struct bytes plain = bytes_sample(1300000), packed = {0};
    append_own(&packed, &plain);
    set_stack_size((size_t)1 << 48); /* no address space has room for it */
    check_as_by_zlib(&packed, true);
    set_stack_size((size_t)1 << 23);
    bytes_free(&packed);
    bytes_free(&plain);
}

UNIT_TESTS("gzip", UNIT_TEST(test_the_header_has_no_time_and_no_name),
           UNIT_TEST(test_members_of_any_kind_come_back_in_order),
           UNIT_TEST(test_a_member_that_is_not_as_long_as_it_says_is_read_all_the_same),
           UNIT_TEST(test_what_looks_like_a_member_inside_of_another_is_its_contents),
           UNIT_TEST(test_members_of_larger_blocks_are_read_all_the_same),
           UNIT_TEST(test_a_member_is_only_given_to_a_thread_if_that_is_worth_it),
           UNIT_TEST(test_threads_and_pieces_do_not_show_in_what_is_said_of_damage),
           UNIT_TEST(test_all_before_a_damaged_place_comes_out),
           UNIT_TEST(test_a_single_byte_after_the_end_is_not_called_a_cut),
           UNIT_TEST(test_all_before_the_source_fails_comes_out_and_then_its_error),
           UNIT_TEST(test_an_end_or_an_error_is_final),
           UNIT_TEST(test_short_memory_is_not_called_damage),
           UNIT_TEST(test_without_a_thread_it_is_only_slower))
