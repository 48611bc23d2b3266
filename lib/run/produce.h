/* SPDX-License-Identifier: MIT */
/*
 * produce.h - a fleet's readings, when they are due, into a sink
 *
 * Floor 3. One run at a time in a thread.
 */
#ifndef RUN_PRODUCE_H
#define RUN_PRODUCE_H

#include <stdint.h>

#include "base/err.h"
#include "base/say.h"
#include "io/sink.h"
#include "sim/fleet.h"

#define PRODUCE_DECIMALS 6

struct produce_conf {
	uint64_t count;	     /* readings of the whole fleet; 0: no end */
	int64_t duration_us; /* of the schedule; 0: no end */
	int64_t start_us;    /* event time of its beginning; WHEN_NONE: now */
	double speed;	     /* times real time; 0: as fast as possible */
	say_fn *say;
};

/*
 * Runs until an end of the conf or stop_requested(), then waits for what is
 * on its way, 10 s at most. The counts are then final, also on failure.
 */
int produce_run(const struct produce_conf *conf, struct fleet *f,
		struct sink *s, struct err *e);

#endif
