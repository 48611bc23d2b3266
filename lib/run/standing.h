/* SPDX-License-Identifier: MIT */
/*
 * standing.h - how a run stands, for those who watch it
 *
 * A run has a thread that owns its numbers. Now and then, and only where
 * somebody watches, and last when it is done, it puts them together here and
 * hands them over: to the status line, to a log, to a monitor.
 *
 * Floor 3.
 */
#ifndef RUN_STANDING_H
#define RUN_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/mark.h"
#include "agg/verdict.h"
#include "io/sink.h"
#include "run/delays.h"

#define STANDING_EVERY_US 250000 /* so often at the most */

#define SHARE_UNKNOWN (-1.0) /* the run has no end that is known */

struct produce_standing {
	struct sink_counts counts;
	uint64_t sensors;
	int64_t behind_us;   /* its schedule: the last message */
	double share;	     /* of the run that is done, 0 to 1; or unknown */
	const char *trouble; /* why no broker answers; NULL: all is well */
	bool done;	     /* it is told for the last time */
};

#define STANDING_VERDICTS (AGG_MALFORMED + 1)

struct standing_lag {
	int partition;
	uint64_t n; /* records that are still to be read */
};

struct consume_standing {
	struct books books;
	uint64_t read;			      /* by this run */
	uint64_t verdicts[STANDING_VERDICTS]; /* what became of these */
	uint64_t bytes;			      /* of their keys and payloads */
	uint64_t reports;		      /* by this run */
	size_t open;			      /* windows */
	struct delays delays;
	uint64_t lag;			 /* the sum of: */
	const struct standing_lag *lags; /* of held partitions whose end is */
	size_t n_lags;			 /* known; rising */
	int64_t watermark_us;		 /* or WHEN_NONE */
	int64_t present_us;		 /* the wall clock */
	double share;			 /* as above */
	const char *trouble;		 /* as above */
	bool done;			 /* as above */
};

/* Called by the run's thread; what it is given is borrowed for the call. */
typedef void produce_watch_fn(void *arg, const struct produce_standing *s,
			      int64_t mono_us);
typedef void consume_watch_fn(void *arg, const struct consume_standing *s,
			      int64_t mono_us);

/* Who watches; NULL: nobody does, and nothing is put together. */
struct produce_watch {
	produce_watch_fn *fn;
	void *arg;
};
struct consume_watch {
	consume_watch_fn *fn;
	void *arg;
};

#endif
