// SPDX-License-Identifier: Apache-2.0
/*
 * A record of a pax header, "LENGTH KEY=VALUE\n" (pax(1), "pax Extended Header"), byte by byte.
 * What is checked is what other readers refuse: the record's form, the numbers, and names with a
 * NUL.
 */
#ifndef ARTIFACT_PAX_RECORD_H
#define ARTIFACT_PAX_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum artifact_pax_part { ARTIFACT_PAX_LENGTH, ARTIFACT_PAX_KEY, ARTIFACT_PAX_VALUE };
enum artifact_pax_kind {
    ARTIFACT_PAX_OTHER,
    ARTIFACT_PAX_NAME,
    ARTIFACT_PAX_NUMBER, /* a sign, if any, and digits */
    ARTIFACT_PAX_TIME,   /* the same, and a point and digits, if any */
    ARTIFACT_PAX_SPARSE, /* of a sparse file: none is taken, whatever the value */
};

/* Zero-initialised is the beginning of a record. */
struct artifact_pax_record {
    enum artifact_pax_part part;
    uint64_t length;                /* of it all, as far as its digits were seen */
    uint64_t seen;                  /* of it */
    char key[sizeof "GNU.sparse."]; /* the beginning of it */
    size_t key_length;              /* the size of `key`: it is longer */
    enum artifact_pax_kind kind;
    uint64_t value_length;
    uint64_t number;
    bool has_digits, has_point, is_negative;
    bool has_bad_value; /* its form is right as far as it was seen, its value is not */
};

/* The next byte; false where it can be none of a record. */
bool artifact_pax_record_take(struct artifact_pax_record *record, unsigned char byte);

bool artifact_pax_record_is_complete(const struct artifact_pax_record *record);

/* Of a complete record: whether it says how long the member is. */
bool artifact_pax_record_get_size(const struct artifact_pax_record *record, uint64_t *size);

#endif
