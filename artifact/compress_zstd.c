// SPDX-License-Identifier: Apache-2.0
/* Zstandard (RFC 8878) over libzstd: one decoder, an encoder per level that upstream has a name
 * for. */
#include "compress.h"
#include "parallel.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    /* What is written at a time: page caches take large writes with less ado. */
    OUTPUT_BYTES = 1 << 20,
    MAX_WINDOW_LOG = 27,   /* 128 MiB */
    MAX_HEADER_BYTES = 18, /* of a frame, its magic included */
    /* What is kept until it is known that there is more: an input of no more than that says in its
     * header how long it is, and so its reader needs no window. */
    FIRST_BYTES = 1 << 18,
};

/*
 * How to compress. A worker compresses job_bytes at a time, and knows of what is before them a
 * window divided by 2 to the power of 9 - overlap_log, or nothing with 1. A parameter that is 0 is
 * that of the level. There are no checksums of frames, which take a twentieth of the time of the
 * fast levels: the manifest has stronger ones of all that is in them.
 */
struct tuning {
    int level;
    unsigned workers;     /* when the caller does not say; 0: one for each processor */
    unsigned max_workers; /* which bounds the memory */
    int job_bytes, overlap_log;
    int window_log, hash_log, chain_log, search_log, min_match;
    int finds_long_distances;
};

/*
 * The names are those of another library's levels, whose files these are not to exceed, nor its
 * windows: 8 MiB is what every reader of the format is asked to have (RFC 8878, 3.1.1.1.2). In a
 * window that is larger than that of libzstd's own level, a table of positions that is larger too
 * finds more than a higher level would, in less time. Three workers of the fast levels are as much
 * as one thread can read and hash for, and as many as keep two processors busy while it does.
 */
static const struct tuning fastest = {.level = 2,
                                      .workers = 3,
                                      .max_workers = 3,
                                      .job_bytes = 4 << 20,
                                      .overlap_log = 1,
                                      .window_log = 22,
                                      .hash_log = 16};
static const struct tuning fast = {.level = 2,
                                   .workers = 3,
                                   .max_workers = 3,
                                   .job_bytes = 4 << 20,
                                   .overlap_log = 8,
                                   .window_log = 22,
                                   .hash_log = 17,
                                   .min_match = 5};
static const struct tuning better = {.level = 3,
                                     .max_workers = 4,
                                     .job_bytes = 8 << 20,
                                     .overlap_log = 9,
                                     .window_log = 23,
                                     .hash_log = 19,
                                     .chain_log = 19};
static const struct tuning best = {.level = 8,
                                   .max_workers = 4,
                                   .job_bytes = 16 << 20,
                                   .overlap_log = 9,
                                   .window_log = 23,
                                   .hash_log = 21,
                                   .chain_log = 20,
                                   .search_log = 4,
                                   .min_match = 4,
                                   .finds_long_distances = 1};

enum { HIGH_LEVEL = 9 }; /* the first whose window is 4 MiB, and not 2 */

/* Of a level that the caller asks for. High ones are for small files. */
static struct tuning tuning_of_level(int level)
{
    bool is_high = level >= HIGH_LEVEL;
    return (struct tuning){.level = level,
                           .max_workers = 4,
                           .job_bytes = is_high ? 8 << 20 : 4 << 20,
                           .overlap_log = is_high ? 8 : 6};
}

struct artifact_encoder {
    struct artifact_sink sink;
    ZSTD_CCtx *context;
    bool has_begun; /* to compress: nothing is kept any more */
    size_t first_length;
    unsigned char first[FIRST_BYTES];
    size_t output_length;
    unsigned char output[OUTPUT_BYTES];
};

static bool fail_encode(size_t status, struct artifact_error *error)
{
    if (ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation)
        return artifact_fail_memory(error);
    return artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "zstd failed: %s",
                         ZSTD_getErrorName(status));
}

static bool configure(ZSTD_CCtx *context, const struct tuning *tuning, unsigned threads,
                      struct artifact_error *error)
{
    const struct {
        ZSTD_cParameter parameter;
        int value;
    } settings[] = {
        {ZSTD_c_compressionLevel, tuning->level},
        {ZSTD_c_windowLog, tuning->window_log},
        {ZSTD_c_hashLog, tuning->hash_log},
        {ZSTD_c_chainLog, tuning->chain_log},
        {ZSTD_c_searchLog, tuning->search_log},
        {ZSTD_c_minMatch, tuning->min_match},
        {ZSTD_c_enableLongDistanceMatching, tuning->finds_long_distances},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        size_t status = ZSTD_CCtx_setParameter(context, settings[i].parameter, settings[i].value);
        if (ZSTD_isError(status))
            return fail_encode(status, error);
    }
    unsigned workers = threads > 0 ? threads : tuning->workers;
    /*
     * Never zero workers, which would cut the input in another way than one or more do. A libzstd
     * that was built without threads refuses the parameters and does the work all the same.
     */
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers,
                                 (int)artifact_parallel_threads(workers, tuning->max_workers));
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_jobSize, tuning->job_bytes);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_overlapLog, tuning->overlap_log);
    return true;
}

/* A level that the caller asks for goes before that of the name. */
static struct artifact_encoder *encoder_new(const struct artifact_sink *sink,
                                            const struct tuning *named, int level, unsigned threads,
                                            struct artifact_error *error)
{
    if (level < 0 || level > ZSTD_maxCLevel()) {
        artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL, "zstd has levels 1 to %d, not %d",
                      ZSTD_maxCLevel(), level);
        return NULL;
    }
    struct artifact_encoder *encoder = calloc(1, sizeof *encoder);
    if (encoder)
        encoder->context = ZSTD_createCCtx();
    if (!encoder || !encoder->context) {
        free(encoder);
        artifact_fail_memory(error);
        return NULL;
    }
    const struct tuning asked_for = tuning_of_level(level);
    encoder->sink = *sink;
    if (!configure(encoder->context, level > 0 ? &asked_for : named, threads, error)) {
        ZSTD_freeCCtx(encoder->context);
        free(encoder);
        return NULL;
    }
    return encoder;
}

static bool write_output(struct artifact_encoder *encoder, struct artifact_error *error)
{
    size_t length = encoder->output_length;
    encoder->output_length = 0;
    return length == 0 || encoder->sink.write(encoder->sink.user, encoder->output, length, error);
}

/* One call of the compressor, and what it gave into the sink once it is enough. */
static bool encode_some(struct artifact_encoder *encoder, ZSTD_inBuffer *input,
                        ZSTD_EndDirective directive, size_t *remaining,
                        struct artifact_error *error)
{
    ZSTD_outBuffer output = {
        .dst = encoder->output, .size = sizeof encoder->output, .pos = encoder->output_length};
    *remaining = ZSTD_compressStream2(encoder->context, &output, input, directive);
    if (ZSTD_isError(*remaining))
        return fail_encode(*remaining, error);
    encoder->output_length = output.pos;
    return output.pos < output.size || write_output(encoder, error);
}

static bool encode_all(struct artifact_encoder *encoder, const unsigned char *bytes, size_t length,
                       struct artifact_error *error)
{
    ZSTD_inBuffer input = {.src = bytes, .size = length};
    size_t remaining = 0;
    while (input.pos < input.size) {
        if (!encode_some(encoder, &input, ZSTD_e_continue, &remaining, error))
            return false;
    }
    return true;
}

static bool encode(struct artifact_encoder *encoder, const unsigned char *bytes, size_t length,
                   struct artifact_error *error)
{
    if (!encoder->has_begun && length <= FIRST_BYTES - encoder->first_length) {
        memcpy(encoder->first + encoder->first_length, bytes, length);
        encoder->first_length += length;
        return true;
    }
    if (!encoder->has_begun && !encode_all(encoder, encoder->first, encoder->first_length, error))
        return false;
    encoder->has_begun = true;
    return encode_all(encoder, bytes, length, error);
}

static bool encode_finish(struct artifact_encoder *encoder, struct artifact_error *error)
{
    size_t kept = encoder->has_begun ? 0 : encoder->first_length;
    ZSTD_inBuffer input = {.src = encoder->first, .size = kept};
    size_t remaining = 1;
    while (remaining > 0) {
        if (!encode_some(encoder, &input, ZSTD_e_end, &remaining, error))
            return false;
    }
    return write_output(encoder, error);
}

static void encoder_free(struct artifact_encoder *encoder)
{
    if (!encoder)
        return;
    ZSTD_freeCCtx(encoder->context);
    free(encoder);
}

struct artifact_decoder {
    ZSTD_DCtx *context;
    bool is_between; /* at the end of a frame, where the next one or the end may come */
    unsigned char header[MAX_HEADER_BYTES]; /* what the current frame begins with */
    size_t header_length;
    uint64_t frame_length; /* what the current frame has given so far */
    struct artifact_input input;
};

static struct artifact_decoder *decoder_new(const struct artifact_source *source,
                                            struct artifact_error *error)
{
    struct artifact_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder)
        decoder->context = ZSTD_createDCtx();
    if (!decoder || !decoder->context ||
        ZSTD_isError(
            ZSTD_DCtx_setParameter(decoder->context, ZSTD_d_windowLogMax, MAX_WINDOW_LOG))) {
        if (decoder)
            ZSTD_freeDCtx(decoder->context);
        free(decoder);
        artifact_fail_memory(error);
        return NULL;
    }
    decoder->input.source = *source;
    return decoder;
}

static void keep_header(struct artifact_decoder *decoder, const unsigned char *bytes, size_t length)
{
    size_t room = sizeof decoder->header - decoder->header_length;
    size_t part = length < room ? length : room;
    memcpy(decoder->header + decoder->header_length, bytes, part);
    decoder->header_length += part;
}

/*
 * A header may say how long the content is. libzstd itself lets a frame that ends in an empty block
 * be shorter.
 */
static bool end_frame(struct artifact_decoder *decoder, struct artifact_error *error)
{
    unsigned long long length = ZSTD_getFrameContentSize(decoder->header, decoder->header_length);
    bool is_right = length == ZSTD_CONTENTSIZE_UNKNOWN || length == decoder->frame_length;
    decoder->header_length = 0;
    decoder->frame_length = 0;
    return is_right ||
           artifact_fail(error, ARTIFACT_INVALID, NULL,
                         "damaged zstd stream: its content is not as long as its header says");
}

/*
 * How much of the input libzstd is given: of a frame that begins, one byte. A frame that it has as
 * a whole goes to another decoder of libzstd's, which is stricter about empty blocks; what is
 * accepted must not depend on how the input was cut.
 */
static size_t input_end(const struct artifact_decoder *decoder)
{
    const struct artifact_input *input = &decoder->input;
    bool begins = decoder->header_length == 0 && input->position < input->length;
    return begins ? input->position + 1 : input->length;
}

/* Devices go by the content, whatever the suffix says. */
static bool fail_decode(size_t status, struct artifact_error *error)
{
    bool is_other = ZSTD_getErrorCode(status) == ZSTD_error_prefix_unknown;
    return artifact_refuse(
        error, is_other ? ARTIFACT_MENDER_ARTIFACT : ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT,
        NULL, "damaged zstd stream: %s", ZSTD_getErrorName(status));
}

static bool decode_some(struct artifact_decoder *decoder, ZSTD_outBuffer *output,
                        struct artifact_error *error)
{
    struct artifact_input *input = &decoder->input;
    ZSTD_inBuffer buffer = {
        .src = input->bytes, .size = input_end(decoder), .pos = input->position};
    size_t before = output->pos;
    size_t status = ZSTD_decompressStream(decoder->context, output, &buffer);
    if (ZSTD_isError(status))
        return fail_decode(status, error);
    keep_header(decoder, input->bytes + input->position, buffer.pos - input->position);
    input->position = buffer.pos;
    decoder->frame_length += output->pos - before;
    decoder->is_between = status == 0;
    return !decoder->is_between || end_frame(decoder, error);
}

static bool decode(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                   size_t *length, struct artifact_error *error)
{
    struct artifact_input *input = &decoder->input;
    ZSTD_outBuffer output = {.dst = bytes, .size = size};
    while (output.pos == 0) {
        if (!artifact_input_fill(input, error))
            return false;
        if (input->is_at_end && decoder->is_between)
            break;
        if (!decode_some(decoder, &output, error))
            return false;
        if (input->is_at_end && !decoder->is_between && output.pos == 0)
            return artifact_fail(error, ARTIFACT_INVALID, NULL, "truncated zstd stream");
    }
    *length = output.pos;
    return true;
}

static void decoder_free(struct artifact_decoder *decoder)
{
    if (!decoder)
        return;
    ZSTD_freeDCtx(decoder->context);
    free(decoder);
}

static struct artifact_encoder *fastest_new(const struct artifact_sink *sink, int level,
                                            unsigned threads, struct artifact_error *error)
{
    return encoder_new(sink, &fastest, level, threads, error);
}

static struct artifact_encoder *fast_new(const struct artifact_sink *sink, int level,
                                         unsigned threads, struct artifact_error *error)
{
    return encoder_new(sink, &fast, level, threads, error);
}

static struct artifact_encoder *better_new(const struct artifact_sink *sink, int level,
                                           unsigned threads, struct artifact_error *error)
{
    return encoder_new(sink, &better, level, threads, error);
}

static struct artifact_encoder *best_new(const struct artifact_sink *sink, int level,
                                         unsigned threads, struct artifact_error *error)
{
    return encoder_new(sink, &best, level, threads, error);
}

#define ZSTD_COMPRESSOR(name, make)                                                                \
    {                                                                                              \
        .id = (name), .suffix = ".zst", .can_write = true, .encoder_new = (make),                  \
        .encode = encode, .encode_finish = encode_finish, .encoder_free = encoder_free,            \
        .decoder_new = decoder_new, .decode = decode, .decoder_free = decoder_free,                \
    }

const struct artifact_compressor artifact_compressor_zstd_fastest =
    ZSTD_COMPRESSOR("zstd_fastest", fastest_new);
const struct artifact_compressor artifact_compressor_zstd_fast =
    ZSTD_COMPRESSOR("zstd_fast", fast_new);
const struct artifact_compressor artifact_compressor_zstd_better =
    ZSTD_COMPRESSOR("zstd_better", better_new);
const struct artifact_compressor artifact_compressor_zstd_best =
    ZSTD_COMPRESSOR("zstd_best", best_new);
