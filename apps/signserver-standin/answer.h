// SPDX-License-Identifier: Apache-2.0
/* What goes back to the client, before HTTP: http.c delivers it, faults.c spoils it. */
#ifndef STANDIN_ANSWER_H
#define STANDIN_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum delivery {
    DELIVERY_WHOLE,
    DELIVERY_CUT,     /* Content-Length says more than what comes */
    DELIVERY_ENDLESS, /* the text again and again, until the client has had enough */
    DELIVERY_SLOW,    /* byte by byte */
    DELIVERY_RESET,   /* no answer; the connection is reset */
};

struct answer {
    unsigned status;
    json_t *body; /* printed when it is delivered, with its members sorted; NULL: `text` */
    char *text;   /* for free(); NULL: no body */
    size_t text_length;
    const char *content_type; /* with static storage; NULL: none */
    const char *location;     /* the same */
    char *reason; /* for free(): the header of the HTTP interface with its words; NULL: none */
    enum delivery delivery;
    unsigned delay_ms; /* before the answer; for DELIVERY_SLOW before each byte */
};

/* {"error": TEXT}; without a text {}. What the answer held is freed. */
void answer_set_error(struct answer *answer, unsigned status, const char *text);

/* The text is copied. What the answer held is freed. */
void answer_set_text(struct answer *answer, unsigned status, const char *content_type,
                     const char *text);

/* The same of bytes that need be no text. */
void answer_set_bytes(struct answer *answer, unsigned status, const char *content_type,
                      const unsigned char *bytes, size_t length);

/* Turns the body into text; an answer without one stays as it is. */
void answer_render(struct answer *answer);

void answer_clear(struct answer *answer);

#endif
