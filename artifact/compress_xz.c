// SPDX-License-Identifier: Apache-2.0
/* The .xz format over liblzma; its id is "lzma", as upstream's option says. */
#include "compress.h"

#include <lzma.h>
#include <stdlib.h>

enum {
    DEFAULT_LEVEL = 6,
    MIN_BLOCK_BYTES = 4 << 20,
    OUTPUT_BYTES = 1 << 16,
    MAX_DECODER_BYTES = 256 << 20,
    /* Each thread holds a block as it is stored and as it becomes: two with the 24 MiB of content
     * of xz's own default fit. Blocks that do not are decoded by one thread, which holds none. */
    MAX_THREADED_BYTES = 128 << 20,
};

static uint32_t processors(void)
{
    uint32_t count = lzma_cputhreads();
    return count > 0 ? count : 1;
}

struct artifact_encoder {
    struct artifact_sink sink;
    lzma_stream stream;
    unsigned char output[OUTPUT_BYTES];
};

/*
 * Level 0, the default, is level 6 with a search tree that fits into a processor's cache and is not
 * followed far: two thirds of the time or less, and files that are larger by one to ten in a
 * hundred.
 */
static bool choose_options(lzma_options_lzma *options, int level, struct artifact_error *error)
{
    bool is_known = level >= 0 && level <= 9 &&
                    !lzma_lzma_preset(options, (uint32_t)(level > 0 ? level : DEFAULT_LEVEL));
    if (!is_known)
        return artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL, "lzma has levels 1 to 9, not %d",
                             level);
    if (level > 0)
        return true;
    options->dict_size = 1 << 20;
    options->mf = LZMA_MF_BT3;
    options->depth = 12;
    return true;
}

/* Two dictionaries. liblzma's own three leave threads without work at the end of most payloads. */
static uint64_t block_size(const lzma_options_lzma *options)
{
    uint64_t size = UINT64_C(2) * options->dict_size;
    return size > MIN_BLOCK_BYTES ? size : MIN_BLOCK_BYTES;
}

/*
 * The threaded encoder, for one thread too: it cuts the input into blocks of a size that depends on
 * the level alone, so the number of threads does not show in the output.
 */
static struct artifact_encoder *encoder_new(const struct artifact_sink *sink, int level,
                                            unsigned threads, struct artifact_error *error)
{
    lzma_options_lzma lzma2;
    if (!choose_options(&lzma2, level, error))
        return NULL;
    struct artifact_encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) {
        artifact_fail_memory(error);
        return NULL;
    }
    const lzma_filter filters[] = {{.id = LZMA_FILTER_LZMA2, .options = &lzma2},
                                   {.id = LZMA_VLI_UNKNOWN}};
    lzma_mt options = {
        .threads = threads > 0 && threads < processors() ? threads : processors(),
        .block_size = block_size(&lzma2),
        .filters = filters,
        .check = LZMA_CHECK_CRC64,
    };
    encoder->stream = (lzma_stream)LZMA_STREAM_INIT;
    if (lzma_stream_encoder_mt(&encoder->stream, &options) != LZMA_OK) {
        free(encoder);
        artifact_fail_memory(error);
        return NULL;
    }
    encoder->sink = *sink;
    return encoder;
}

static bool encode_some(struct artifact_encoder *encoder, lzma_action action, bool *is_finished,
                        struct artifact_error *error)
{
    encoder->stream.next_out = encoder->output;
    encoder->stream.avail_out = sizeof encoder->output;
    lzma_ret status = lzma_code(&encoder->stream, action);
    if (status == LZMA_MEM_ERROR)
        return artifact_fail_memory(error);
    if (status != LZMA_OK && status != LZMA_STREAM_END)
        return artifact_fail(error, ARTIFACT_CANNOT_WRITE, NULL, "lzma failed (liblzma: %d)",
                             (int)status);
    *is_finished = status == LZMA_STREAM_END;
    size_t length = sizeof encoder->output - encoder->stream.avail_out;
    return length == 0 || encoder->sink.write(encoder->sink.user, encoder->output, length, error);
}

static bool encode(struct artifact_encoder *encoder, const unsigned char *bytes, size_t length,
                   struct artifact_error *error)
{
    encoder->stream.next_in = bytes;
    encoder->stream.avail_in = length;
    bool is_finished = false;
    while (encoder->stream.avail_in > 0) {
        if (!encode_some(encoder, LZMA_RUN, &is_finished, error))
            return false;
    }
    return true;
}

static bool encode_finish(struct artifact_encoder *encoder, struct artifact_error *error)
{
    bool is_finished = false;
    while (!is_finished) {
        if (!encode_some(encoder, LZMA_FINISH, &is_finished, error))
            return false;
    }
    return true;
}

static void encoder_free(struct artifact_encoder *encoder)
{
    if (!encoder)
        return;
    lzma_end(&encoder->stream);
    free(encoder);
}

/* The xz format, 2.1.1 and 3.1: behind the stream's header and the size of the first block's header
 * a byte whose lowest bits are the number of filters, less one. */
enum { FILTERS_OFFSET = 12 + 1, FILTERS_MASK = 3 };

struct artifact_decoder {
    lzma_stream stream;
    uint64_t taken; /* of the input */
    bool is_finished;
    struct artifact_input input;
};

static struct artifact_decoder *decoder_new(const struct artifact_source *source,
                                            struct artifact_error *error)
{
    struct artifact_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) {
        artifact_fail_memory(error);
        return NULL;
    }
    const lzma_mt options = {
        .flags = LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK | LZMA_TELL_NO_CHECK,
        .threads = processors(),
        .memlimit_threading = MAX_THREADED_BYTES,
        .memlimit_stop = MAX_DECODER_BYTES,
    };
    decoder->stream = (lzma_stream)LZMA_STREAM_INIT;
    if (lzma_stream_decoder_mt(&decoder->stream, &options) != LZMA_OK) {
        free(decoder);
        artifact_fail_memory(error);
        return NULL;
    }
    decoder->input.source = *source;
    return decoder;
}

static bool fail_decode(lzma_ret status, struct artifact_error *error)
{
    static const struct {
        lzma_ret status;
        const char *problem;
        unsigned refused_by;
    } problems[] = {
        /* Devices go by the content, whatever the suffix says. */
        {LZMA_FORMAT_ERROR, "damaged xz stream: it does not begin as one",
         ARTIFACT_MENDER_ARTIFACT},
        {LZMA_OPTIONS_ERROR, "xz stream with unsupported options",
         ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT},
        {LZMA_NO_CHECK, "xz stream without an integrity check", ARTIFACT_MENDER_ARTIFACT},
        {LZMA_UNSUPPORTED_CHECK, "xz stream with an unsupported integrity check", 0},
        {LZMA_MEMLIMIT_ERROR, "xz stream that needs more than 256 MiB of memory", 0},
    };
    if (status == LZMA_MEM_ERROR)
        return artifact_fail_memory(error);
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        if (problems[i].status == status)
            return artifact_refuse(error, problems[i].refused_by, NULL, "%s", problems[i].problem);
    }
    return artifact_fail(error, ARTIFACT_INVALID, NULL, "%s",
                         status == LZMA_BUF_ERROR ? "truncated xz stream" : "damaged xz stream");
}

/* By the first block, when its header was taken: whoever packs gives them all the same filters.
 * Only LZMA2 is what upstream's tool has a decoder for. */
static bool check_filters(const struct artifact_decoder *decoder, const unsigned char *bytes,
                          size_t length, struct artifact_error *error)
{
    if (decoder->taken > FILTERS_OFFSET || FILTERS_OFFSET - decoder->taken >= length)
        return true;
    return !(bytes[FILTERS_OFFSET - decoder->taken] & FILTERS_MASK) ||
           artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, NULL,
                           "xz stream with filters beside LZMA2");
}

static bool decode_some(struct artifact_decoder *decoder, struct artifact_error *error)
{
    struct artifact_input *input = &decoder->input;
    const unsigned char *bytes = input->bytes + input->position;
    decoder->stream.next_in = bytes;
    decoder->stream.avail_in = input->length - input->position;
    lzma_ret status = lzma_code(&decoder->stream, input->is_at_end ? LZMA_FINISH : LZMA_RUN);
    size_t length = (size_t)(decoder->stream.next_in - bytes);
    decoder->is_finished = status == LZMA_STREAM_END;
    /* Without progress liblzma warns once before it is final: only at the end that means cut. */
    bool is_waiting = status == LZMA_BUF_ERROR && !input->is_at_end;
    bool is_ok =
        status == LZMA_OK || decoder->is_finished || is_waiting || fail_decode(status, error);
    is_ok = is_ok && check_filters(decoder, bytes, length, error);
    input->position += length;
    decoder->taken += length;
    return is_ok;
}

static bool decode(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                   size_t *length, struct artifact_error *error)
{
    decoder->stream.next_out = bytes;
    decoder->stream.avail_out = size;
    while (decoder->stream.avail_out == size && !decoder->is_finished) {
        if (!artifact_input_fill(&decoder->input, error) || !decode_some(decoder, error))
            return false;
    }
    *length = size - decoder->stream.avail_out;
    return true;
}

static void decoder_free(struct artifact_decoder *decoder)
{
    if (!decoder)
        return;
    lzma_end(&decoder->stream);
    free(decoder);
}

const struct artifact_compressor artifact_compressor_xz = {
    .id = "lzma",
    .suffix = ".xz",
    .can_write = true,
    .encoder_new = encoder_new,
    .encode = encode,
    .encode_finish = encode_finish,
    .encoder_free = encoder_free,
    .decoder_new = decoder_new,
    .decode = decode,
    .decoder_free = decoder_free,
};
