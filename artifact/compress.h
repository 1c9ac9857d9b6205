// SPDX-License-Identifier: Apache-2.0
/*
 * What a compressor is. Each format is one constant struct of functions in its own file
 * (compress_gzip.c, ...); nothing outside that file knows its library.
 */
#ifndef ARTIFACT_COMPRESS_H
#define ARTIFACT_COMPRESS_H

#include "error.h"

/* Where bytes go. Returning false fails the writer, with the error already filled. */
struct artifact_sink {
    bool (*write)(void *user, const unsigned char *bytes, size_t length,
                  struct artifact_error *error);
    void *user;
};

/* Where bytes come from: up to `size` of them; *length 0 means the end. */
struct artifact_source {
    bool (*read)(void *user, unsigned char *bytes, size_t size, size_t *length,
                 struct artifact_error *error);
    void *user;
};

/* Bytes read ahead from a source, for the decoders. Made by setting the source, zero otherwise. */
struct artifact_input {
    struct artifact_source source;
    bool is_at_end;
    size_t position; /* of the next byte that is not used yet */
    size_t length;
    unsigned char bytes[1 << 16];
};

/* Reads more when nothing is left, until the end of the source. */
bool artifact_input_fill(struct artifact_input *input, struct artifact_error *error);

struct artifact_encoder;
struct artifact_decoder;

struct artifact_compressor {
    const char *id;     /* what --compression takes: "gzip" */
    const char *suffix; /* of a member's name: ".gz"; "" for none */
    bool can_write;

    /*
     * level 0 is the compressor's default, threads 0 one for each processor (three for zstd_fastest
     * and zstd_fast at level 0); gzip uses 12 at most and zstd 3 or 4. The same input and level
     * give the same bytes, whatever the number of threads. The sink is copied, and is called on the
     * thread of the caller only.
     */
    struct artifact_encoder *(*encoder_new)(const struct artifact_sink *sink, int level,
                                            unsigned threads, struct artifact_error *error);
    bool (*encode)(struct artifact_encoder *encoder, const unsigned char *bytes, size_t length,
                   struct artifact_error *error);
    bool (*encode_finish)(struct artifact_encoder *encoder, struct artifact_error *error);
    void (*encoder_free)(struct artifact_encoder *encoder);

    /*
     * Decoders are strict: the stream begins with the format's magic, its checksums are verified,
     * several members (gzip), streams (xz) or frames (zstd) in a row are one, and anything else
     * after them is an error. The source is copied, and is read to its end. Memory is bounded: xz
     * by 256 MiB (128 MiB where several threads decode, one for each processor), zstd by a window
     * of 128 MiB, some four times what any preset asks for.
     */
    struct artifact_decoder *(*decoder_new)(const struct artifact_source *source,
                                            struct artifact_error *error);
    bool (*decode)(struct artifact_decoder *decoder, unsigned char *bytes, size_t size,
                   size_t *length, struct artifact_error *error);
    void (*decoder_free)(struct artifact_decoder *decoder);
};

extern const struct artifact_compressor artifact_compressor_none;
extern const struct artifact_compressor artifact_compressor_gzip;
extern const struct artifact_compressor artifact_compressor_xz; /* the id is "lzma" */
/* One decoder, four levels; ids "zstd_fastest" and so on. */
extern const struct artifact_compressor artifact_compressor_zstd_fastest;
extern const struct artifact_compressor artifact_compressor_zstd_fast;
extern const struct artifact_compressor artifact_compressor_zstd_better;
extern const struct artifact_compressor artifact_compressor_zstd_best;

/* By id ("gzip"), or NULL. */
const struct artifact_compressor *artifact_compressor_by_id(const char *id);

/* By the suffix of a member's name after ".tar" ("", ".gz", ".xz", ".zst"), or NULL. */
const struct artifact_compressor *artifact_compressor_by_suffix(const char *suffix);

#endif
