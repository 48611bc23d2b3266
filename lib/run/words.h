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
#include "run/standing.h"

/* A rate in four digits: "20/s", "3.1M/s". */
void words_add_rate(struct str *out, double rate);
/* About how long, for people: "3.2s", "42s", "1m05s", "2h05m", "3d04h". */
void words_add_time(struct str *out, int64_t us);

/* "sent 3: delivered 2, failed 1" */
void words_add_counts(struct str *out, const struct sink_counts *c);
/* "read 3: used 1, open 2, ..., skipped 0; 1 report" */
void words_add_books(struct str *out, const struct books *b);

/*
 * The same of a run that goes on, at a rate a second: "...; 19.9/s, behind by
 * 0.012s", and what is on its way or still to be read.
 */
void words_add_produce(struct str *out, const struct produce_standing *s,
		       double rate);
void words_add_consume(struct str *out, const struct consume_standing *s,
		       double rate);

void members_add_counts(struct str *out, const struct sink_counts *c);
void members_add_books(struct str *out, const struct books *b);
void members_add_produce(struct str *out, const struct produce_standing *s,
			 double rate);
void members_add_consume(struct str *out, const struct consume_standing *s,
			 double rate);

#endif
