// SPDX-License-Identifier: Apache-2.0
#include "trace.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SHOWN_BYTES = 200, LINE_SIZE = 2048 };

/* A line at a time, so that those of several processes do not mix; a file that was rotated is made
 * anew. */
static void write_line(const char *path, const char *line, size_t length)
{
    int file =
        strcmp(path, "stderr") == 0
            ? STDERR_FILENO
            : open(path,
                   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
                   S_IRUSR | S_IWUSR);
    ssize_t written = file < 0 ? -1 : write(file, line, length);

    (void)written; /* there is nobody to tell */
    if (file >= 0 && file != STDERR_FILENO)
        close(file);
}

static void quote_body(char quoted[SHOWN_BYTES + 8], const unsigned char *bytes, size_t length)
{
    quoted[0] = '\0';
    if (length > 0)
        ss_quote(quoted, SHOWN_BYTES, (const char *)bytes, length);
}

void ss_trace(const struct ss_settings *settings, const struct ss_trace_attempt *attempt)
{
    const struct ss_http_request *request = attempt->request;
    const struct ss_http_answer *answer = attempt->answer;
    char line[LINE_SIZE], sent[SHOWN_BYTES + 8], got[SHOWN_BYTES + 8];
    struct timespec now;
    struct tm utc;
    char when[32] = "";
    int length;

    if (settings->trace == NULL)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) != NULL)
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    quote_body(sent, request->body, request->body_length);
    quote_body(got, answer->body.bytes, answer->body.length);
    length = snprintf(line, sizeof line - 1,
                      "%s %ld signserver: attempt %u, POST %.300s%.300s (%s, %zu bytes: %s): "
                      "status %ld (%s, %zu bytes: %s) after %lld ms%s%.500s",
                      when, (long)getpid(), attempt->number, attempt->base_url, request->path,
                      request->content_type, request->body_length, sent, answer->status,
                      answer->content_type, answer->body.length, got, attempt->milliseconds,
                      attempt->error->reason == SS_R_NONE ? "" : ": ", attempt->error->text);
    if (length < 0)
        return;
    if ((size_t)length > sizeof line - 2)
        length = (int)sizeof line - 2;
    line[length++] = '\n';
    write_line(settings->trace, line, (size_t)length);
}
