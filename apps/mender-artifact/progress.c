// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, REDRAW_MS = 100 };

const struct option progress_options[] = {
    {"no-progress", 0, OPTION_FLAG, NULL, "Show no progress bar, on a terminal either", false},
    {0},
};

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

static void draw(const struct progress_bar *bar, uint64_t done, uint64_t total, double elapsed)
{
    char dots[BAR_WIDTH + 1];
    double share = total ? (double)done / (double)total : 0;
    size_t filled = share < 1 ? (size_t)(share * BAR_WIDTH) : BAR_WIDTH;
    memset(dots, ' ', BAR_WIDTH);
    memset(dots, '.', filled);
    dots[BAR_WIDTH] = '\0';
    double rate = elapsed > 0 ? (double)done / elapsed : 0;
    fprintf(stderr, "\r%.40s [%s] %3.0f %% %6.1f MB/s", bar->what, dots, share * 100, rate / 1e6);
    if (rate > 0 && total > done)
        fprintf(stderr, " %4.0f s left", (double)(total - done) / rate);
    fputs("\033[K", stderr);
    fflush(stderr);
}

static void update(void *user, const char *what, uint64_t done, uint64_t total)
{
    struct progress_bar *bar = user;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    bool is_same = bar->is_shown && strncmp(bar->what, what, sizeof bar->what - 1) == 0;
    if (is_same && done < total && seconds_between(&bar->drawn, &now) * 1000 < REDRAW_MS)
        return;
    if (!is_same) {
        bar->started = now;
        snprintf(bar->what, sizeof bar->what, "%s", what);
    }
    bar->drawn = now;
    bar->is_shown = true;
    draw(bar, done, total, seconds_between(&bar->started, &now));
}

void progress_init(struct progress_bar *bar, const struct arguments *arguments)
{
    *bar = (struct progress_bar){0};
    if (isatty(STDERR_FILENO) && !arguments_has_flag(arguments, "no-progress"))
        bar->progress = (struct artifact_progress){update, bar};
}

const struct artifact_progress *progress_get(const struct progress_bar *bar)
{
    return bar->progress.update ? &bar->progress : NULL;
}

void progress_clear(struct progress_bar *bar)
{
    if (bar->is_shown)
        fputs("\r\033[K", stderr);
    *bar = (struct progress_bar){0};
}
