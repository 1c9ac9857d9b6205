// SPDX-License-Identifier: Apache-2.0
/*
 * Tars and artifacts put together by hand, so that a test can break just the one rule it is about.
 * Helpers abort when memory runs out: no test is about that.
 */
#ifndef TESTS_CRAFT_H
#define TESTS_CRAFT_H

#include <stdbool.h>
#include <stddef.h>

struct craft {
    unsigned char *bytes;
    size_t length;
};

void craft_free(struct craft *craft);
void craft_append(struct craft *craft, const void *bytes, size_t length);

/* A ustar header; `link` may be NULL. The size is what the header says, whatever follows. */
void craft_header(struct craft *craft, const char *name, char type, unsigned long long size,
                  const char *link);

/* Puts the bytes where the field `at` of the header at offset `header` is, and its sum right. */
void craft_set_field(struct craft *craft, size_t header, size_t at, const void *bytes,
                     size_t length);

/* A regular file, padded to a whole block. */
void craft_file(struct craft *craft, const char *name, const void *bytes, size_t length);
void craft_text(struct craft *craft, const char *name, const char *text);

/* A pax header ('x') with one record, for the member that follows. */
void craft_pax(struct craft *craft, const char *key, const char *value);

/* A member as old GNU tar writes it: with the type 'L' its contents, with a NUL at the end, are the
 * name of the one that follows. */
void craft_gnu(struct craft *craft, const char *name, char type, const char *text, size_t length);

/* The bytes, up to 64 KiB, as gzip that is not compressed. */
void craft_gzip(struct craft *craft, const unsigned char *bytes, size_t length);

/* The two zero blocks. */
void craft_end(struct craft *craft);

void craft_sha256(char hex[65], const void *bytes, size_t length);

/* One payload file. */
struct craft_payload {
    const char *name, *text;
};

/*
 * An artifact without compression. What is NULL or empty is as it should be: a module image of type
 * "mod" without files, for the device type "dev". A text of "" leaves the member out.
 */
struct crafted {
    const char *version;
    const char *manifest;
    const char *signature; /* none by default */
    const char *header_name, *data_name;
    const char *header_info;
    const char *scripts; /* the name of one script, if any */
    const char *type_info;
    const char *meta_data; /* none by default */
    struct craft header;   /* the whole inner tar, instead of these */
    struct craft payload;  /* the whole inner tar, instead of `files` */
    struct craft_payload files[4];
    const char *more_manifest;                     /* lines put after the right ones */
    void (*edit_manifest)(struct craft *manifest); /* what is done to it in the end, if anything */
};

#define CRAFT_VERSION "{\"format\":\"mender\",\"version\":3}"
#define CRAFT_HEADER_INFO                                                                          \
    "{\"payloads\":[{\"type\":\"mod\"}],\"artifact_provides\":{\"artifact_name\":\"name\"},"       \
    "\"artifact_depends\":{\"device_type\":[\"dev\"]}}"
#define CRAFT_TYPE_INFO "{\"type\":\"mod\"}"

/* The artifact's bytes; frees what crafted->header and ->payload hold. */
struct craft craft_artifact(struct crafted *crafted);

/* A file (in memory) or the reading end of a pipe with these bytes; the path to open it by goes to
 * `path`. The descriptor is for close(2). A pipe takes up to 64 KiB. */
int craft_open(const struct craft *craft, bool is_pipe, char path[64]);

#endif
