/* SPDX-License-Identifier: MIT */
/*
 * words.h - how many, said
 *
 * What became of messages and readings, as text for people, who may be reading
 * a log, and as members of JSON for programs, with a comma before each. The
 * summaries begin with it, and the lines of statistics do.
 *
 * Floor 3. Pure.
 */
#ifndef RUN_WORDS_H
#define RUN_WORDS_H

#include "agg/mark.h"
#include "base/str.h"
#include "io/sink.h"

/* A rate in four digits: "20/s", "3.1M/s". */
void words_add_rate(struct str *out, double rate);
/* About how long, for people: "3.2s", "42s", "1m05s", "2h05m", "3d04h". */
void words_add_time(struct str *out, int64_t us);

/* "sent 3: delivered 2, failed 1" */
void words_add_counts(struct str *out, const struct sink_counts *c);
/* "read 3: used 1, open 2, ..., skipped 0; 1 report" */
void words_add_books(struct str *out, const struct books *b);

void members_add_counts(struct str *out, const struct sink_counts *c);
void members_add_books(struct str *out, const struct books *b);

#endif
