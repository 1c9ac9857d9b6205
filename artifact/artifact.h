// SPDX-License-Identifier: Apache-2.0
/*
 * libartifact: write, read, sign and validate Mender Artifacts (format version 3, and the older 2).
 *
 * artifact_key_load gives a key, artifact_write makes an artifact and artifact_sign signs one that
 * there is, artifact_read reads one and checks it. examples/release.c, in the documentation, is a
 * whole program. It builds with `pkg-config --cflags --libs artifact`.
 *
 * Functions are thread-safe as long as no object is shared between threads. Writing and reading
 * start threads of their own, which take no signals, never call back into the program, and have
 * ended when the function returns. Structures that the caller fills in may be zero-initialised:
 * zero is the default of every member.
 *
 * Releases 0.MINOR.* with the same MINOR take each other's programs. Another MINOR may have other
 * structures, functions and values, and so another SONAME (libartifact.so.0.MINOR) and version of
 * its symbols (ARTIFACT_0.MINOR): programs are compiled anew for it, and never meet a library that
 * lays out a structure otherwise than they do.
 */
#ifndef ARTIFACT_H
#define ARTIFACT_H

#include <openssl/types.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ARTIFACT_API __attribute__((visibility("default")))
#else
#define ARTIFACT_API
#endif

/* What kind of failure it was. Programs may branch on it; people read the message. */
enum artifact_code {
    ARTIFACT_OK = 0,
    ARTIFACT_BAD_ARGUMENT,    /* the caller asks for something that cannot be written or done */
    ARTIFACT_BAD_VERSION,     /* a format version that this library does not write */
    ARTIFACT_CANNOT_OPEN,     /* an input cannot be opened or read */
    ARTIFACT_CANNOT_WRITE,    /* the output cannot be made; nothing is left of it */
    ARTIFACT_INVALID,         /* the artifact breaks a rule of the format */
    ARTIFACT_BAD_SIGNATURE,   /* the signature is malformed or belongs to another key or manifest */
    ARTIFACT_BAD_KEY,         /* a key cannot be loaded, or cannot do what is asked of it */
    ARTIFACT_UNSUPPORTED_KEY, /* no device verifies what the key signs */
    ARTIFACT_NO_MEMORY,
    ARTIFACT_UNSUPPORTED, /* an artifact that others may read: it has several payloads */
};

/* Those beside this library who read artifacts; bits. */
enum artifact_reader_kind {
    ARTIFACT_DEVICES = 1,         /* the device client of today, in C++ */
    ARTIFACT_MENDER_ARTIFACT = 2, /* upstream's tool, mender-artifact 4.4 */
};

/*
 * A failure: its kind, the member or file it is about (may be empty), one sentence without a
 * newline, and, of what is wrong with an artifact, which others refuse it too. Owned by the caller,
 * no allocation inside. Functions write to it only when they fail. NULL is accepted where no one
 * wants to know.
 */
struct artifact_error {
    enum artifact_code code;
    char member[128];
    char message[1024];
    unsigned refused_by; /* enum artifact_reader_kind; 0: by none but this library */
};

/* Several of them. */
struct artifact_errors {
    struct artifact_error *items;
    size_t count;
};

/* A name and its value, as in provides and depends. Both strings are borrowed from whoever made the
 * pair. */
struct artifact_pair {
    const char *key;
    const char *value;
};

/*
 * Progress of a long operation. `update` is called with what is under way (a payload's file name),
 * the bytes of it that are done and its size, 0 when unknown; from the calling thread, at most some
 * hundred times a second.
 */
struct artifact_progress {
    void (*update)(void *user, const char *what, uint64_t done, uint64_t total);
    void *user;
};

/*
 * An output that is not complete has no name, where the file system has such files and /proc is
 * mounted; elsewhere it has one beside the target, and so has any that is about to replace a file.
 * Failures remove it; the library handles no signals, and a program that one may end can have it
 * removed: it gives the library an object that its handler knows, zero-initialised, and for one
 * call at a time, and the handler calls artifact_temporary_remove before it lets the program end.
 */
struct artifact_temporary {
    volatile sig_atomic_t is_there;
    int directory_fd;
    char name[256];
};

/* Removes the file if there is one. Async-signal-safe; changes errno. */
ARTIFACT_API void artifact_temporary_remove(const struct artifact_temporary *temporary);

/* ---- Keys ---- */

enum artifact_key_use {
    ARTIFACT_KEY_SIGN,   /* a private key */
    ARTIFACT_KEY_VERIFY, /* a public key, a certificate or a private key */
};

struct artifact_key_options {
    /*
     * Asked, once at most, when what `uri` names is encrypted: puts the passphrase, with a NUL
     * after it, into `text` of `size` bytes, and returns whether there is one. NULL: there is none.
     */
    bool (*passphrase)(void *user, const char *uri, char *text, size_t size);
    void *user;
    bool allow_unsupported; /* keys too that no device verifies with */
};

/*
 * Loads a key through OSSL_STORE (ossl_store(7)): a PEM or DER file, or any URI that a provider
 * serves. A URI whose scheme no loaded provider serves makes the library load the provider of that
 * scheme (signserver: -> signserver, pkcs11: -> pkcs11, handle: and object: -> tpm2) into the
 * default library context, beside the providers active already, for as long as the key lives; where
 * there is none for pkcs11:, libp11's engine does. An
 * existing file wins over a scheme of the same spelling, as it does in OSSL_STORE_open(3). Of
 * several keys in a file the first counts. options may be NULL.
 *
 * Returns a key that the caller frees with EVP_PKEY_free(3), or NULL with ARTIFACT_BAD_KEY or
 * ARTIFACT_UNSUPPORTED_KEY.
 */
ARTIFACT_API EVP_PKEY *artifact_key_load(const char *uri, enum artifact_key_use use,
                                         const struct artifact_key_options *options,
                                         struct artifact_error *error);

/* What is to be said of signatures with this key: that some devices do not verify them, or none.
 * NULL where all do: RSA and EC P-256. */
ARTIFACT_API const char *artifact_key_warning(const EVP_PKEY *key);

/* ---- Writing ---- */

/* A payload file. */
struct artifact_file {
    const char *path;
    const char *name;  /* what it is called in the artifact; NULL: the last component of path */
    bool refuse_empty; /* that no byte comes is a failure: of a program that writes into a pipe */
};

/*
 * What is added to a payload, in a header of its own that is not signed: an augmented artifact.
 * Devices of today refuse it. Of "rootfs-image" there is one file in all, the payload's or this.
 */
struct artifact_augment {
    const char *payload_type; /* required; as a rule that of the payload */
    const struct artifact_pair *provides;
    size_t provides_count;
    const struct artifact_pair *depends;
    size_t depends_count;
    const char *meta_data;             /* as in artifact_spec */
    const struct artifact_file *files; /* their names differ from those of the payload too */
    size_t file_count;
};

/*
 * What an artifact is to hold. Everything is borrowed for the time of the call. Lists keep their
 * order; provides and depends are written sorted by key. Names follow the reference's printable
 * rule: at most 256 bytes each.
 */
struct artifact_spec {
    const char *payload_type; /* "rootfs-image" or a module's type; NULL: an empty payload
                                 (bootstrap artifact) */
    const char *name;         /* artifact_name; required */
    const char *group;        /* artifact_group provided; NULL or "": none */

    const char *const *compatible_types; /* device types; at least one */
    size_t compatible_type_count;
    const char *const *depends_names; /* names of artifacts, one of which must be installed */
    size_t depends_name_count;
    const char *const *depends_groups;
    size_t depends_group_count;

    const struct artifact_pair *provides; /* of a repeated key the last wins */
    size_t provides_count;
    const struct artifact_pair *depends;
    size_t depends_count;
    const char *const *clears_provides;
    size_t clears_provides_count;

    /* Provides key under which the SHA-256 of the only payload file is entered, overriding
     * `provides`; NULL: none. */
    const char *checksum_key;

    const struct artifact_file *files;
    size_t file_count;
    const char *const *scripts; /* state scripts, or directories of such; stored sorted by name */
    size_t script_count;
    const char *meta_data; /* JSON object as text; NULL: none; "": a member without contents, which
                              upstream's `write rootfs-image` gives its artifacts */

    const char *compression; /* "none", "gzip" (also NULL), ... */
    int compression_level; /* of that compressor (gzip 1-12, lzma 1-9, zstd 1-22); 0: its default */
    unsigned threads;      /* for compressing; 0: the default. The bytes do not depend on it */
    uint64_t max_size; /* bytes; a larger artifact is refused, unless it goes to a pipe; 0: any */
    unsigned format_version; /* 3, also when 0; or 2, of rootfs-image only, which devices of today
                                refuse, and which leaves out group, provides, depends and clears */
    uint64_t *size; /* receives the artifact's size when the output is a file, even where max_size
                       refuses it; may be NULL */
    const struct artifact_augment *augment; /* NULL: none */
    struct artifact_temporary *temporary;   /* for handlers of signals; NULL: nobody asks */
    bool allow_unsupported; /* sign with a key that no device verifies with as well */
};

/*
 * Writes the artifact to `output`, a path, or "-" for standard output. `key` signs the manifest
 * when it is not NULL. A path is replaced atomically: until the new file is complete and synced the
 * old one stays, and on any failure nothing is left behind; a file that was not there before is not
 * synced. The output must not be one of the inputs. The same spec gives the same bytes: times are
 * SOURCE_DATE_EPOCH or 0, owners are 0.
 *
 * Memory does not depend on the payload's size: none and gzip take 32 MiB in all at most (above
 * gzip's level 9 some 8 MiB more for each thread). At level 0 zstd_fastest and zstd_fast take 64
 * MiB, zstd_better 90 MiB with two threads and 130 MiB with four, zstd_best 160 and 260 MiB, lzma
 * some 24 MiB for each thread. Payload files are read once, and uncompressed ones copied beside
 * that; compressing uses up to 12 threads (gzip), 4 (zstd; 3 for its two fast names at level 0), as
 * many as processors (lzma).
 *
 * RSA keys sign with PKCS#1 v1.5 and SHA-256, EC keys with SHA-256; of a P-256 key the signature is
 * stored as r || s, of others as DER. What other keys sign with, where they are allowed, is their
 * default in OpenSSL, with SHA-256 where they take a digest.
 */
ARTIFACT_API bool artifact_write(const struct artifact_spec *spec, const char *output,
                                 EVP_PKEY *key, const struct artifact_progress *progress,
                                 struct artifact_error *error);

/* ---- Signing what exists ---- */

struct artifact_sign_options {
    bool force;             /* replace an existing signature instead of refusing */
    bool no_check;          /* do not read and check the whole artifact before it is signed */
    bool allow_unsupported; /* sign with a key that no device verifies with as well */
    struct artifact_temporary *temporary; /* for handlers of signals; NULL: nobody asks */

    /*
     * Called for each warning of artifact_info that the check has, before the signature is made.
     * What refused_by says of devices comes true there, signed or not. NULL: no one wants to know.
     */
    void (*warn)(void *user, const struct artifact_error *warning);
    void *warn_user;
};

/*
 * Signs `input` with `key` and writes it to `output` (may be the same file), atomically. Every byte
 * but those of the member manifest.sig is copied as it is; mode and, where permitted, owner are
 * those of the input. options may be NULL.
 */
ARTIFACT_API bool artifact_sign(const char *input, const char *output, EVP_PKEY *key,
                                const struct artifact_sign_options *options,
                                const struct artifact_progress *progress,
                                struct artifact_error *error);

/* ---- Reading ---- */

enum artifact_signature {
    ARTIFACT_SIGNATURE_NONE,      /* unsigned */
    ARTIFACT_SIGNATURE_UNCHECKED, /* signed, and no key was given */
    ARTIFACT_SIGNATURE_VERIFIED,  /* by one of the keys */
    ARTIFACT_SIGNATURE_FAILED,    /* by none of them; signature_error says why */
    ARTIFACT_SIGNATURE_UNREAD,    /* a reading that reports ended before it was known */
};

struct artifact_strings {
    char **items;
    size_t count;
};

/* A payload file as the artifact has it. */
struct artifact_payload_file {
    char *name;
    char checksum[65]; /* SHA-256, lower-case hex */
    uint64_t size;
    time_t modified;
    bool is_augmented; /* added to the artifact, and not covered by its signature */
};

/* A depends entry; one of the values must match. The format writes a single string, and older
 * readers took lists. */
struct artifact_alternatives {
    char *key;
    struct artifact_strings values;
    bool is_list;
};

/* What an artifact says of itself. Made by artifact_read, never changed afterwards, owned by the
 * caller. */
struct artifact_info {
    char *format;      /* "mender" */
    unsigned version;  /* 3; or 2, which has no group, provides, depends and clears */
    char *compression; /* id of the header's compressor */

    char *name;
    char *group; /* "" when there is none */
    struct artifact_strings compatible_types;
    struct artifact_strings depends_names;
    struct artifact_strings depends_groups;
    bool has_depends; /* artifact_depends was there */
    struct artifact_strings scripts;

    char *payload_type; /* NULL: empty payload (bootstrap artifact); "": not known, after a reading
                           that reported */
    struct artifact_pair *provides; /* sorted by key */
    size_t provides_count;
    struct artifact_alternatives *depends; /* sorted by key */
    size_t depends_count;
    struct artifact_strings clears_provides;
    bool has_clears_provides;
    char *meta_data; /* the object's JSON text, minified, keys sorted; NULL when absent or empty */
    struct artifact_payload_file *files; /* in the manifest's order */
    size_t file_count;

    enum artifact_signature signature;
    char signature_error[256];
    /* What is legal to read, yet will hurt somewhere. The code is ARTIFACT_INVALID where a strict
     * reading refuses it, else ARTIFACT_OK. */
    struct artifact_errors warnings;
    bool is_augmented; /* what was added, which is not signed, is merged into all of the above */
    struct artifact_info *augment; /* or, with augment_apart, this is what header-augment.tar says
                                      of payload type, provides, depends, clears and meta-data */
};

/* Where contents go while they are read; each may be NULL. Returning false stops the reading. */
struct artifact_contents {
    bool (*begin)(void *user, const char *member, uint64_t size,
                  struct artifact_error *error); /* "scripts/NAME", "data/0000/NAME" */
    bool (*data)(void *user, const unsigned char *bytes, size_t length,
                 struct artifact_error *error);
    bool (*end)(
        void *user,
        struct artifact_error *error); /* the member's checksum was right, where it has one */
    void *user;
};

struct artifact_read_options {
    EVP_PKEY *const *keys; /* any of them may have signed */
    size_t key_count;
    bool strict; /* what would only be a warning when reading (the rules of names, a value that
                    devices refuse, ...) is an error */
    const struct artifact_contents *contents;
    const struct artifact_progress *progress;

    /*
     * Where all that is wrong is to be known, and not just the first of it: called at the end, in
     * order, for each thing that is ARTIFACT_INVALID in a strict reading. The reading then goes on
     * as far as the structure permits, has no such error, and the artifact is only good if nothing
     * was reported: what could not be read of it is NULL, zero or empty. 1000 are enough to end it.
     */
    void (*report)(void *user, const struct artifact_error *problem);
    void *report_user;

    uint64_t max_payload_size; /* bytes of all payload files, decompressed; a larger payload is
                                  refused before it is read; 0: any */
    bool augment_apart;        /* what augments an artifact is told by itself, and not merged */
};

/*
 * Reads and checks a whole artifact from a file, a pipe or a device, in constant memory: 32 MiB and
 * what the decompressor's window takes. For lzma that is up to 128 MiB where its blocks can be
 * decompressed by several threads, and 256 MiB in any case. The payload is read and decompressed on
 * one thread (xz, and gzip that was written here, with the help of others), and hashed and given to
 * `contents` on the caller's. After a failure a read from a pipe that is under way is waited for. A
 * wrong or missing signature is no failure of reading: it is told in `signature`. options may be
 * NULL.
 *
 * Returns what the artifact says of itself, for artifact_info_free, or NULL with
 * ARTIFACT_CANNOT_OPEN, ARTIFACT_INVALID or ARTIFACT_UNSUPPORTED.
 */
ARTIFACT_API struct artifact_info *artifact_read(const char *path,
                                                 const struct artifact_read_options *options,
                                                 struct artifact_error *error);

ARTIFACT_API void artifact_info_free(struct artifact_info *info);

#ifdef __cplusplus
}
#endif

#endif
