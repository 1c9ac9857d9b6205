// SPDX-License-Identifier: Apache-2.0
/* requests.jsonl: one JSON line for each request to a worker, so that tests can count. */
#ifndef STANDIN_JOURNAL_H
#define STANDIN_JOURNAL_H

#include "directory.h"

#include <jansson.h>
#include <pthread.h>

struct journal {
    int file;
    pthread_mutex_t lock;
};

/* Starts an empty requests.jsonl in the directory. */
bool journal_open(struct journal *journal, const struct directory *directory,
                  struct problem *problem);

/* May be called by several threads; a line that cannot be written is lost without a word. */
void journal_write(struct journal *journal, const json_t *record);

void journal_close(struct journal *journal);

#endif
