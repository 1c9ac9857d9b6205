// SPDX-License-Identifier: Apache-2.0
/*
 * A tar inside the artifact's tar: the current outer member, hashed as it is stored where wanted,
 * decompressed, and read member by member. Errors name the inner member at most, as in
 * "header-info: larger than 10 bytes"; which tar it was in is for the caller to add.
 */
#ifndef ARTIFACT_INNER_TAR_H
#define ARTIFACT_INNER_TAR_H

#include "digest.h"
#include "tar_reader.h"

/* tar fills its last record up with zero bytes: 10 KiB as a rule, and 1 MiB at a blocking factor of
 * 2048, which is the largest in use. */
enum { ARTIFACT_TAR_MAX_PADDING = 1 << 20 };

struct artifact_inner_tar;

/*
 * For the current member of `outer`, whose decompressor is `compressor`. The stored bytes go to
 * `digest` too unless it is NULL. More than max_bytes after decompression are refused; 0 is no
 * limit. Everything is borrowed. What may be large is read, and decompressed, ahead on threads of
 * their own, which have `outer` to themselves until artifact_inner_tar_finish was successful or all
 * is freed.
 */
struct artifact_inner_tar *artifact_inner_tar_new(struct artifact_tar_reader *outer,
                                                  const struct artifact_compressor *compressor,
                                                  bool is_large, uint64_t max_bytes,
                                                  struct artifact_digest *digest,
                                                  struct artifact_error *error);
void artifact_inner_tar_free(struct artifact_inner_tar *tar);

/* As artifact_tar_reader_next. */
bool artifact_inner_tar_next(struct artifact_inner_tar *tar, bool *has_member,
                             struct artifact_member *member, struct artifact_error *error);

/* After a failure: whether nothing more can be read. */
bool artifact_inner_tar_is_broken(const struct artifact_inner_tar *tar);

/* As artifact_tar_reader_borrow and _slurp. */
bool artifact_inner_tar_borrow(struct artifact_inner_tar *tar, const unsigned char **bytes,
                               size_t *length, struct artifact_error *error);
char *artifact_inner_tar_slurp(struct artifact_inner_tar *tar, size_t max_bytes, size_t *length,
                               struct artifact_error *error);

/* After the last member: refuses anything but zero bytes behind it, up to the end of what is
 * decompressed, and more of these than a tar is padded with. */
bool artifact_inner_tar_finish(struct artifact_inner_tar *tar, struct artifact_error *error);

/* Reads what is left of the outer member, so that the digest has seen all of it. Nothing else may
 * be read afterwards. */
bool artifact_inner_tar_drain(struct artifact_inner_tar *tar, struct artifact_error *error);

#endif
