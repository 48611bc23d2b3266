/* SPDX-License-Identifier: MIT */
/*
 * mark.h - how far a partition is, to go on from there elsewhere
 *
 * The state of the open windows is not in it: it is made again of the records
 * from `first` on. Of those below `next` it is known already what became of
 * them; that is in the books, and they are not counted again. Which of them
 * were of the future cannot be found out again from the clock: those later
 * than the greatest accepted event time were, and those in `future`.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_MARK_H
#define AGG_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What became of the readings. `read` is the sum of the others. */
struct books {
	uint64_t read;
	uint64_t used;	 /* in closed windows */
	uint64_t open;	 /* in windows that are still open */
	uint64_t late;	 /* rule 1 */
	uint64_t future; /* rule 4 */
	uint64_t malformed;
	uint64_t skipped; /* rule 5 */
	uint64_t reports; /* windows closed and reported */
	uint64_t passed;  /* empty windows not reported, in long gaps */
};

/* Of what became of readings, to what was read. */
static inline uint64_t books_sum(const struct books *b)
{
	return b->used + b->open + b->late + b->future + b->malformed +
	       b->skipped;
}

struct mark {
	int64_t first;	     /* offset of the first reading of any open
				window; next, where none is open */
	int64_t next;	     /* offset of the first record not looked at */
	int64_t seen;	     /* a record by which the log is known again: that
				at first, else the last; -1: none */
	int64_t seen_us;     /* its timestamp, or WHEN_NONE */
	int64_t greatest_us; /* event time accepted below next; WHEN_NONE */
	int64_t closed_us;   /* windows that end by then are closed */
	int64_t cut;	     /* they took no record from there on */
	int64_t from_us;     /* see struct agg_conf */
	bool from_first;
	int64_t intent_us;     /* windows that end by then were about to close,
				  with what is below next, which all the mark
				  is of; WHEN_NONE: none */
	uint64_t intent_id;    /* the same in all partitions of one report */
	struct books books;    /* reports and passed are 0 */
	const int64_t *future; /* offsets, rising */
	size_t n_future;
};

#endif
