/* SPDX-License-Identifier: MIT */
/*
 * sample.h - what one sensor does over a span, beside what was promised
 *
 * The readings are those of a run with the same seed and start: of a sensor
 * they depend on nothing else. Values are those that are sent, with what
 * faults did to them; those of silent and of malformed readings are left
 * out. Delays are those of the schedule, between all readings.
 *
 * What is promised of the values is, for the times at which they are: the
 * mean of the law plus the mean of cycles and trend at these times; the
 * variances of the law, of the AR(1) and of cycles and trend added up. What
 * is not in that is told: a walk, faults in values, the cutting to min and
 * max, and a step that is wider than the deviation. Bounds are those of the
 * law, shifted by the least and the greatest of cycles and trend, within
 * those of the sensor; what has a normal part has none of its own.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_SAMPLE_H
#define SIM_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fault.h"
#include "sim/group.h"

struct sample_conf {
	const struct group *group; /* complete; borrowed */
	uint64_t index;		   /* of the sensor in it */
	uint64_t seed;
	int64_t start_us;
	int64_t span_us;   /* 0: a day, or all of a recording */
	uint64_t readings; /* at most, 1 or more */
};

/* NAN where there is no such number: nothing promised, too few readings. */
struct moments {
	double mean, sd, min, max;
};

/* What may make the values others than those that were promised. */
enum {
	OPEN_WALK = 1,
	OPEN_FAULTS = 2,
	OPEN_CUT = 4,
	OPEN_STEP = 8,
};

struct column {
	double *v; /* owned */
	size_t n, cap;
};

struct sample {
	struct column values, at; /* of the same readings; s since the start */
	struct column delays;	  /* s */
	uint64_t drawn;		  /* readings, silent ones too */
	uint64_t faults[FAULT_KINDS]; /* readings that had it */
	int64_t span_us;	      /* that the readings are spread over */
	bool cut;		      /* there were more than `readings` */
	struct moments value, promised_value, delay, promised_delay;
	unsigned open;	       /* OPEN_ bits of the promised value */
	size_t at_min, at_max; /* values that are at a bound */
};

/* Draws it. */
void sample_init(struct sample *s, const struct sample_conf *conf);
void sample_release(struct sample *s);

#endif
