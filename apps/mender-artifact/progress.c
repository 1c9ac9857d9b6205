// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR_WIDTH = 20, REDRAW_MS = 100, DEFAULT_COLUMNS = 80, LINE_BYTES = 256 };

const struct option progress_options[] = {
    {"no-progress", 0, OPTION_FLAG, NULL, "Show no progress bar, on a terminal either", false},
    {0},
};

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

/* A line that wraps could not be drawn over. */
static int line_columns(void)
{
    struct winsize window;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
        return DEFAULT_COLUMNS - 1;
    return window.ws_col < LINE_BYTES ? window.ws_col - 1 : LINE_BYTES - 1;
}

static void draw(const struct progress_bar *bar, uint64_t done, uint64_t total, double elapsed)
{
    static const char dots[] = "....................";
    char line[LINE_BYTES], left[32] = "";
    double share = total ? (double)done / (double)total : 0;
    double rate = elapsed > 0 ? (double)done / elapsed : 0;
    int filled = share < 1 ? (int)(share * BAR_WIDTH) : BAR_WIDTH;
    if (rate > 0 && total > done)
        snprintf(left, sizeof left, ", %.0f s left", (double)(total - done) / rate);
    snprintf(line, sizeof line, "%s [%-*.*s] %3.0f %% %6.1f MB/s%s", bar->what, BAR_WIDTH, filled,
             dots, share * 100, rate / 1e6, left);
    fprintf(stderr, "\r%.*s\033[K", line_columns(), line);
    fflush(stderr);
}

/* The name comes from an artifact that may be hostile, and one byte must be one column. */
static void print_name(char *name, size_t size, const char *what)
{
    snprintf(name, size, "%s", what);
    for (; *name; name++) {
        if (*name < 0x20 || *name > 0x7e)
            *name = '?';
    }
}

static void update(void *user, const char *what, uint64_t done, uint64_t total)
{
    struct progress_bar *bar = user;
    struct timespec now;
    char name[sizeof bar->what];
    print_name(name, sizeof name, what);
    bool is_another = !bar->is_shown || strcmp(name, bar->what) != 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!is_another && done < total && seconds_between(&bar->drawn, &now) * 1000 < REDRAW_MS)
        return;
    if (is_another) {
        bar->started = now;
        memcpy(bar->what, name, sizeof name);
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
