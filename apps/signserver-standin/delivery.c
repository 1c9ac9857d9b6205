// SPDX-License-Identifier: Apache-2.0
#include "delivery.h"

#include "connection.h"

#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ENDLESS = 256 * 1024 * 1024 }; /* enough for a client that wants to be fooled */

/* Waits, unless the server ends before that. */
static void wait_ms(int stop, unsigned milliseconds)
{
    struct pollfd end = {.fd = stop, .events = POLLIN};
    if (milliseconds > 0)
        poll(&end, 1, (int)milliseconds);
}

static bool is_stopping(int stop)
{
    struct pollfd end = {.fd = stop, .events = POLLIN};
    return poll(&end, 1, 0) > 0;
}

struct delivery_state {
    struct answer answer;
    int stop;
};

static void free_delivery(void *context)
{
    struct delivery_state *state = context;
    answer_clear(&state->answer);
    free(state);
}

static ssize_t copy(char *out, size_t size, const char *text, size_t length)
{
    size_t count = length < size ? length : size;
    memcpy(out, text, count);
    return (ssize_t)count;
}

static ssize_t deliver_cut(void *context, uint64_t position, char *out, size_t size)
{
    const struct delivery_state *state = context;
    const struct answer *answer = &state->answer;
    if (position >= answer->text_length / 2)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    return copy(out, size, answer->text + position, answer->text_length / 2 - (size_t)position);
}

static ssize_t deliver_endless(void *context, uint64_t position, char *out, size_t size)
{
    const struct delivery_state *state = context;
    const struct answer *answer = &state->answer;
    if (position >= MAX_ENDLESS || answer->text_length == 0 || is_stopping(state->stop))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t at = (size_t)(position % answer->text_length);
    return copy(out, size, answer->text + at, answer->text_length - at);
}

static ssize_t deliver_slowly(void *context, uint64_t position, char *out, size_t size)
{
    const struct delivery_state *state = context;
    wait_ms(state->stop, state->answer.delay_ms);
    if (is_stopping(state->stop) || size == 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    *out = state->answer.text[position];
    return 1;
}

static struct MHD_Response *make_response(struct answer *answer, int stop)
{
    static const MHD_ContentReaderCallback readers[] = {[DELIVERY_CUT] = deliver_cut,
                                                        [DELIVERY_ENDLESS] = deliver_endless,
                                                        [DELIVERY_SLOW] = deliver_slowly};
    if (answer->delivery == DELIVERY_WHOLE)
        return MHD_create_response_from_buffer(answer->text_length, answer->text,
                                               MHD_RESPMEM_MUST_COPY);
    struct delivery_state *state = malloc(sizeof *state);
    if (!state)
        return NULL;
    *state = (struct delivery_state){*answer, stop};
    answer->text = NULL; /* moved into the state */
    bool is_endless = answer->delivery == DELIVERY_ENDLESS;
    struct MHD_Response *response =
        MHD_create_response_from_callback(is_endless ? MHD_SIZE_UNKNOWN : answer->text_length, 4096,
                                          readers[answer->delivery], state, free_delivery);
    if (!response)
        free_delivery(state);
    return response;
}

bool deliver(struct MHD_Connection *http, struct answer *answer, int stop)
{
    answer_render(answer);
    if (answer->delivery != DELIVERY_SLOW)
        wait_ms(stop, answer->delay_ms);
    if (answer->delivery == DELIVERY_RESET) {
        connection_reset(http);
        return false;
    }
    struct MHD_Response *response = make_response(answer, stop);
    if (!response)
        return false;
    if (answer->content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    if (answer->location)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, answer->location);
    if (answer->reason)
        MHD_add_response_header(response, "X-SIGNSERVER-ERROR-MESSAGE", answer->reason);
    bool ok = MHD_queue_response(http, answer->status, response) == MHD_YES;
    MHD_destroy_response(response);
    return ok;
}
