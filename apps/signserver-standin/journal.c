// SPDX-License-Identifier: Apache-2.0
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool journal_open(struct journal *journal, const struct directory *directory,
                  struct problem *problem)
{
    char *path = directory_path(directory, "requests.jsonl");
    if (!path)
        return fail_memory(problem);
    journal->file =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = journal->file >= 0 || fail(problem, "%s: %s", path, strerror(errno));
    free(path);
    if (ok)
        pthread_mutex_init(&journal->lock, NULL);
    return ok;
}

void journal_write(struct journal *journal, const json_t *record)
{
    char *line = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    if (!line)
        return;
    size_t length = strlen(line), done = 0;
    line[length++] = '\n'; /* in the place of the terminator */
    pthread_mutex_lock(&journal->lock);
    while (done < length) {
        ssize_t count = write(journal->file, line + done, length - done);
        if (count < 0 && errno != EINTR)
            break;
        done += count > 0 ? (size_t)count : 0;
    }
    pthread_mutex_unlock(&journal->lock);
    free(line);
}

void journal_close(struct journal *journal)
{
    if (journal->file < 0)
        return;
    close(journal->file);
    pthread_mutex_destroy(&journal->lock);
    journal->file = -1;
}
