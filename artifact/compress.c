// SPDX-License-Identifier: Apache-2.0
/* The table of compressors, and "none". */
#include "compress.h"

#include <stdlib.h>
#include <string.h>

bool artifact_input_fill(struct artifact_input *input, struct artifact_error *error)
{
    if (input->position < input->length || input->is_at_end)
        return true;
    input->position = 0;
    input->length = 0;
    if (!input->source.read(input->source.user, input->bytes, sizeof input->bytes, &input->length,
                            error))
        return false;
    input->is_at_end = input->length == 0;
    return true;
}

/* ---- none: what comes in goes out ---- */

struct artifact_encoder {
    struct artifact_sink sink;
};

static struct artifact_encoder *none_encoder_new(const struct artifact_sink *sink, int level,
                                                 unsigned threads, struct artifact_error *error)
{
    (void)threads;
    if (level != 0) {
        artifact_fail(error, ARTIFACT_BAD_ARGUMENT, NULL,
                      "there are no levels of compression \"none\"; leave the level out");
        return NULL;
    }
    struct artifact_encoder *encoder = calloc(1, sizeof *encoder);
    if (encoder)
        encoder->sink = *sink;
    else
        artifact_fail_memory(error);
    return encoder;
}

static bool none_encode(struct artifact_encoder *encoder, const unsigned char *bytes, size_t length,
                        struct artifact_error *error)
{
    return encoder->sink.write(encoder->sink.user, bytes, length, error);
}

static bool none_encode_finish(struct artifact_encoder *encoder, struct artifact_error *error)
{
    (void)encoder;
    (void)error;
    return true;
}

static void none_encoder_free(struct artifact_encoder *encoder)
{
    free(encoder);
}

struct artifact_decoder {
    struct artifact_source source;
};

static struct artifact_decoder *none_decoder_new(const struct artifact_source *source,
                                                 struct artifact_error *error)
{
    struct artifact_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder)
        decoder->source = *source;
    else
        artifact_fail_memory(error);
    return decoder;
}

static bool none_decode(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                        size_t *length, struct artifact_error *error)
{
    return decoder->source.read(decoder->source.user, bytes, size, length, error);
}

static void none_decoder_free(struct artifact_decoder *decoder)
{
    free(decoder);
}

const struct artifact_compressor artifact_compressor_none = {
    .id = "none",
    .suffix = "",
    .can_write = true,
    .encoder_new = none_encoder_new,
    .encode = none_encode,
    .encode_finish = none_encode_finish,
    .encoder_free = none_encoder_free,
    .decoder_new = none_decoder_new,
    .decode = none_decode,
    .decoder_free = none_decoder_free,
};

/* ---- The table ---- */

/* Of several with one suffix the first is what an artifact of that suffix is said to be made by. */
static const struct artifact_compressor *const compressors[] = {
    &artifact_compressor_none,         &artifact_compressor_gzip,
    &artifact_compressor_xz,           &artifact_compressor_zstd_better,
    &artifact_compressor_zstd_fastest, &artifact_compressor_zstd_fast,
    &artifact_compressor_zstd_best,
};

enum { COMPRESSOR_COUNT = sizeof compressors / sizeof compressors[0] };

const struct artifact_compressor *artifact_compressor_by_id(const char *id)
{
    for (size_t i = 0; i < COMPRESSOR_COUNT; i++) {
        if (strcmp(compressors[i]->id, id) == 0)
            return compressors[i];
    }
    return NULL;
}

const struct artifact_compressor *artifact_compressor_by_suffix(const char *suffix)
{
    for (size_t i = 0; i < COMPRESSOR_COUNT; i++) {
        if (strcmp(compressors[i]->suffix, suffix) == 0)
            return compressors[i];
    }
    return NULL;
}
