// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <stdlib.h>
#include <string.h>

static void drop_body(struct answer *answer)
{
    json_decref(answer->body);
    free(answer->text);
    free(answer->reason);
    answer->reason = NULL;
    answer->body = NULL;
    answer->text = NULL;
    answer->text_length = 0;
}

void answer_set_error(struct answer *answer, unsigned status, const char *text)
{
    drop_body(answer);
    answer->status = status;
    answer->content_type = "application/json";
    answer->body = json_object();
    if (text)
        json_object_set_new(answer->body, "error", json_string(text));
}

void answer_set_bytes(struct answer *answer, unsigned status, const char *content_type,
                      const unsigned char *bytes, size_t length)
{
    drop_body(answer);
    answer->status = status;
    answer->content_type = content_type;
    answer->text = calloc(length + 1, 1);
    answer->text_length = answer->text ? length : 0;
    if (answer->text && length > 0)
        memcpy(answer->text, bytes, length);
}

void answer_set_text(struct answer *answer, unsigned status, const char *content_type,
                     const char *text)
{
    answer_set_bytes(answer, status, content_type, (const unsigned char *)text, strlen(text));
}

void answer_render(struct answer *answer)
{
    if (!answer->body)
        return;
    char *text = json_dumps(answer->body, JSON_COMPACT | JSON_SORT_KEYS);
    drop_body(answer);
    answer->text = text;
    answer->text_length = text ? strlen(text) : 0;
}

void answer_clear(struct answer *answer)
{
    drop_body(answer);
    *answer = (struct answer){0};
}
