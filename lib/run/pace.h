/* SPDX-License-Identifier: MIT */
/*
 * pace.h - when a message of the schedule is to be sent
 *
 * The schedule is played from a moment on, at a speed, and it can be made to
 * go on with the wall clock once it has caught up with it. A rate, or stages of
 * them, hold it up: no message goes sooner behind the one before than the rate
 * allows, and what a quiet schedule leaves unused is not saved up. The pace is
 * open: it does not wait for a broker that is slow, and so how late a message
 * goes out says how slow it is.
 *
 * Floor 3. Pure: times are on a clock whose zero is the run's beginning.
 */
#ifndef RUN_PACE_H
#define RUN_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PACE_END   INT64_MAX	   /* behind the last stage: no more is sent */
#define PACE_NEVER (INT64_MAX - 1) /* too far off for any clock */

/* A time with so many messages a second. */
struct stage {
	int64_t us;
	double rate;
};

struct pace {
	double speed;	      /* times real time; 0: as fast as possible */
	bool then_live;	      /* not before the wall clock is there */
	int64_t start_us;     /* event time of the schedule's beginning, and */
	int64_t wall_us;      /* what the wall clock said then: for then_live */
	double rate;	      /* messages a second at most; 0: any */
	struct stage *stages; /* or these, one after the other; owned */
	size_t n_stages;

	/* The pace's own; all zero at the beginning. */
	double next_us;	 /* no message sooner than this */
	size_t stage;	 /* the one that it is in */
	double begun_us; /* when that stage begins */
};

/* "10s:100,60s:5k,10s:100"; where it fails the pace has no stages. */
int pace_parse_stages(struct pace *p, const char *text, struct err *e);
void pace_release(struct pace *p);

/* When the stages end, since the run's beginning; 0 where there are none. */
int64_t pace_stages_us(const struct pace *p);

/* False where every message may go at once. */
bool pace_is_paced(const struct pace *p);

/*
 * When the next message, sent at send_ns of the schedule, is to go:
 * microseconds since the run's beginning (0 and less: there is nothing to
 * wait for), or PACE_END. Once for each message, in their order.
 */
int64_t pace_next_us(struct pace *p, int64_t send_ns);

#endif
