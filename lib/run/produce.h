/* SPDX-License-Identifier: MIT */
/*
 * produce.h - a fleet's readings, when they are due, into a sink
 *
 *   feed --> (wait until it is time: pace) --> sink
 *
 * Floor 3. One run at a time in a thread.
 */
#ifndef RUN_PRODUCE_H
#define RUN_PRODUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/truth.h"
#include "base/err.h"
#include "base/say.h"
#include "io/sink.h"
#include "run/pace.h"
#include "run/standing.h"
#include "sim/group.h"

struct produce_conf {
	const struct groups *groups; /* checked; borrowed */
	uint64_t seed;
	uint32_t slice, slices; /* 0 of 1 is all */
	unsigned threads;	/* 1 or more */
	uint64_t count;		/* messages of the whole fleet; 0: no end */
	int64_t duration_us;	/* of the schedule; 0: no end */
	int64_t start_us; /* event time of its beginning; WHEN_NONE: now */
	struct pace pace; /* start_us and wall_us are put in here */
	bool labels;	  /* faults are told in the JSON */
	const char *truth_path; /* or NULL */
	struct truth_conf truth;
	struct produce_watch watch;
	say_fn *say;
};

/* How the run went, for its summary. */
struct produce_result {
	uint64_t n;	   /* messages put into the sink */
	int64_t span_us;   /* from the run's beginning to the last of them */
	uint64_t timed;	   /* those that had a time to wait for: */
	int64_t asked_us;  /* from the time of the first to that of the last */
	int64_t took_us;   /* and to when the last really went */
	int64_t behind_us; /* how late one went at worst */
};

/*
 * Runs until an end of the conf or stop_requested(), then waits for what is
 * on its way, 10 s at most. The sink's counts and the result are then final,
 * also on failure.
 */
int produce_run(const struct produce_conf *conf, struct sink *s,
		struct produce_result *result, struct err *e);

#endif
