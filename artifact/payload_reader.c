// SPDX-License-Identifier: Apache-2.0
#include "contents.h"
#include "names.h"
#include "problems.h"
#include "reader.h"
#include "string_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char folder[] = "data/0000/";

/* ---- The files' places ---- */

static bool is_payload_file(const struct artifact_manifest_entry *entry)
{
    return strncmp(entry->name, folder, strlen(folder)) == 0;
}

/* As many slots as the manifest has entries: a file's slot is its entry's, in whatever order they
 * come. */
static bool make_slots(struct artifact_reader *reader, struct artifact_error *error)
{
    size_t count = reader->manifest.count;
    reader->info->files = calloc(count + 1, sizeof reader->info->files[0]);
    if (!reader->info->files)
        return artifact_fail_memory(error);
    reader->info->file_count = count;
    return true;
}

/* Takes out the slots of entries that are no payload file, or of files that did not come. */
static void close_ranks(struct artifact_info *info)
{
    size_t count = 0;
    for (size_t i = 0; i < info->file_count; i++) {
        if (info->files[i].name)
            info->files[count++] = info->files[i];
    }
    info->file_count = count;
}

static bool fill_slot(struct artifact_reader *reader, const struct artifact_manifest_entry *entry,
                      const struct artifact_member *member, struct artifact_error *error)
{
    struct artifact_payload_file *file = &reader->info->files[entry - reader->manifest.entries];
    file->name = strdup(member->name);
    if (!file->name)
        return artifact_fail_memory(error);
    memcpy(file->checksum, entry->checksum, sizeof file->checksum);
    file->size = member->size;
    file->modified = member->modified;
    file->is_augmented = entry->is_augmented;
    return true;
}

/* ---- The files ---- */

static bool check_count(struct artifact_reader *reader, struct artifact_error *error)
{
    const char *type = reader->info->payload_type;
    size_t count = 0;
    for (size_t i = 0; i < reader->manifest.count; i++)
        count += is_payload_file(&reader->manifest.entries[i]);

    if (!type && count > 0)
        artifact_fail(error, ARTIFACT_INVALID, "manifest",
                      "an empty payload has no files, and the manifest lists %zu", count);
    else if (type && strcmp(type, "rootfs-image") == 0 && count > 1)
        artifact_refuse(error, ARTIFACT_MENDER_ARTIFACT, "manifest",
                        "Rootfs: Must provide exactly one update file; the manifest lists %zu",
                        count);
    else
        return true;
    return artifact_problems_go_on(&reader->problems, error);
}

static bool note_long_name(struct artifact_reader *reader, const char *name,
                           struct artifact_error *error)
{
    const char *problem = artifact_device_file_name_problem(name);
    return !problem ||
           artifact_refuse(error, ARTIFACT_DEVICES, name, "data file %s %s", name, problem) ||
           artifact_problems_tolerate(&reader->problems, error);
}

/* Devices look at the names in the manifest, and at where a file would be unpacked to. */
static unsigned who_refuses_name(const char *name)
{
    bool is_outside = strcmp(name, "..") == 0 || strchr(name, '/') || strchr(name, ' ');
    return ARTIFACT_MENDER_ARTIFACT | (is_outside ? ARTIFACT_DEVICES : 0);
}

/* The manifest's entry for a file that may come now. */
static struct artifact_manifest_entry *find_entry(struct artifact_reader *reader,
                                                  const struct artifact_member *member,
                                                  const char *path, struct artifact_error *error)
{
    const char *name = member->name;
    struct artifact_manifest_entry *entry = artifact_manifest_find(&reader->manifest, path);
    const char *problem = artifact_file_name_problem(name);
    if (!member->is_regular_file) {
        unsigned others = entry ? 0 : ARTIFACT_DEVICES | ARTIFACT_MENDER_ARTIFACT;
        artifact_refuse(error, others, path,
                        "%.200s: not a regular file, and nothing else may be in here", name);
    } else if (problem) {
        artifact_refuse(error, who_refuses_name(name), path, "data file %.200s %s", name, problem);
    } else if (!entry) {
        artifact_fail(error, ARTIFACT_INVALID, path,
                      "can not find data file: %s: the manifest does not list it", name);
    } else {
        return entry;
    }
    if (entry)
        entry->is_seen = true;
    return NULL;
}

static bool check_file(struct artifact_manifest_entry *entry, const char *name,
                       const char checksum[ARTIFACT_HEX_SIZE], struct artifact_error *error)
{
    return artifact_manifest_confirm(entry, checksum, error) ||
           artifact_fail_prefix(error, "%.200s", name);
}

/* The size that the tar gives is all that is read of a member. */
static bool check_size(struct artifact_reader *reader, uint64_t size, struct artifact_error *error)
{
    uint64_t max = reader->options->max_payload_size;
    if (max > 0 && (size > max || reader->payload_size > max - size))
        return artifact_refuse(error, 0, NULL,
                               "the payload is larger than the limit of %" PRIu64 " bytes", max);
    reader->payload_size += size;
    return true;
}

/* A file that came before: other readers take it again when it is right. */
static bool refuse_again(struct artifact_inner_tar *tar, const struct artifact_member *member,
                         struct artifact_manifest_entry *entry, struct artifact_digest *digest,
                         struct artifact_error *error)
{
    static const struct artifact_read_options unseen;
    char checksum[ARTIFACT_HEX_SIZE];
    return artifact_contents_copy(&unseen, tar, entry->name, NULL, member->size, digest, error) &&
           artifact_digest_finish(digest, checksum, error) &&
           check_file(entry, member->name, checksum, error) &&
           artifact_refuse(error, 0, entry->name, "data file %s is there twice", member->name);
}

static bool read_file(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                      const struct artifact_member *member, struct artifact_digest *digest,
                      struct artifact_error *error)
{
    char path[sizeof folder + 256];
    char checksum[ARTIFACT_HEX_SIZE];
    /* What is cut off here is longer than names may be. */
    snprintf(path, sizeof path, "%s%s", folder, member->name);
    struct artifact_manifest_entry *entry = find_entry(reader, member, path, error);
    if (!entry)
        return false;
    if (entry->is_seen)
        return refuse_again(tar, member, entry, digest, error);
    return note_long_name(reader, member->name, error) && fill_slot(reader, entry, member, error) &&
           artifact_contents_copy(reader->options, tar, path, member->name, member->size, digest,
                                  error) &&
           artifact_digest_finish(digest, checksum, error) &&
           check_file(entry, member->name, checksum, error) &&
           artifact_contents_end(reader->options, error);
}

/* To the next file, with a digest that knows nothing of this one. */
static bool goes_on(struct artifact_reader *reader, const struct artifact_inner_tar *tar,
                    struct artifact_digest *digest, const struct artifact_error *error)
{
    char unwanted[ARTIFACT_HEX_SIZE];
    return !artifact_inner_tar_is_broken(tar) &&
           artifact_problems_go_on(&reader->problems, error) &&
           artifact_digest_finish(digest, unwanted, NULL);
}

static bool read_files(struct artifact_reader *reader, struct artifact_inner_tar *tar,
                       struct artifact_digest *digest, struct artifact_error *error)
{
    bool has_member = true;
    while (has_member) {
        struct artifact_member member;
        if (!artifact_inner_tar_next(tar, &has_member, &member, error))
            return false;
        if (has_member && !check_size(reader, member.size, error))
            return false;
        if (has_member && !read_file(reader, tar, &member, digest, error) &&
            !goes_on(reader, tar, digest, error))
            return false;
    }
    reader->has_whole_payload = true;
    return artifact_inner_tar_finish(tar, error) && artifact_inner_tar_drain(tar, error);
}

/* What the whole tar may take when the files may take so much. */
static uint64_t max_tar_bytes(const struct artifact_reader *reader)
{
    const uint64_t header_bytes = 16384; /* of a file, with pax headers, and its padding */
    uint64_t max = reader->options->max_payload_size;
    uint64_t rest = ARTIFACT_TAR_MAX_PADDING + (reader->manifest.count + 1) * header_bytes;
    if (max == 0)
        return 0;
    return max < UINT64_MAX - rest ? max + rest : UINT64_MAX;
}

bool artifact_payload_read(struct artifact_reader *reader,
                           const struct artifact_compressor *compressor,
                           struct artifact_error *error)
{
    if (!check_count(reader, error) || !make_slots(reader, error))
        return false;
    struct artifact_inner_tar *tar = NULL;
    struct artifact_digest *digest = artifact_digest_new(error);
    if (digest)
        tar = artifact_inner_tar_new(reader->outer, compressor, true, max_tar_bytes(reader), NULL,
                                     error);
    bool is_read = tar && read_files(reader, tar, digest, error);
    close_ranks(reader->info);
    artifact_inner_tar_free(tar);
    artifact_digest_free(digest);
    return is_read;
}
