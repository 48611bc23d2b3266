/* SPDX-License-Identifier: MIT */
/*
 * cycle.h - a day, a week, a year, or what else comes back
 *
 * A pure function of event time, added to the sensor's value: the same time
 * has the same value in every run. Periods are counted from an origin, both
 * ways. A cycle has one of two forms:
 *
 *   sine    amplitude cos(2 pi (t - peak) / period)
 *   points  values at times within the period, straight lines between, the
 *           last one going on to the first of the next period
 *
 * A day begins at 00:00 UTC, a week on Monday 00:00 UTC, a year is the mean
 * Gregorian one, counted from 1970-01-01: it stays within a day of the
 * calendar.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_CYCLE_H
#define SIM_CYCLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CYCLE_DAY_US	     INT64_C(86400000000)
#define CYCLE_WEEK_US	     (7 * CYCLE_DAY_US)
#define CYCLE_WEEK_ORIGIN_US (4 * CYCLE_DAY_US)	     /* 1970-01-05 */
#define CYCLE_YEAR_US	     INT64_C(31556952000000) /* 365.2425 days */

struct cycle_point {
	int64_t at_us; /* since the beginning of the period */
	double value;
};

/* All zero but for the period is a cycle too: 0 at all times. */
struct cycle {
	int64_t period_us;	    /* above 0 */
	int64_t origin_us;	    /* where a period begins; a time */
	double amplitude;	    /* sine: within +- LAW_MAX */
	int64_t peak_us;	    /* sine: 0 to below the period */
	struct cycle_point *points; /* owned; NULL: sine */
	size_t n_points;	    /* 2 or more, each after the one before */
};

/*
 * Control points as text, "TIME:VALUE" with blanks or commas between:
 * "0h:18 7.5h:21 22h:18.5". A time is a span since the beginning of the
 * period as num_parse_span takes it, with its unit (but for a plain 0): half
 * past seven is 7.5h, twenty past is 440m, and a week's Tuesday noon 1.5d.
 * They replace those that were there. What they must be is cycle_check's.
 */
int cycle_parse_points(struct cycle *c, const char *text, struct err *e);

/*
 * That it is one of those: the points lie within the period and in order of
 * time, and where they are there is no amplitude.
 */
int cycle_check(const struct cycle *c, struct err *e);

/* Frees the points. */
void cycle_release(struct cycle *c);

/* The value of a checked cycle at a time from WHEN_MIN to WHEN_MAX. */
double cycle_at(const struct cycle *c, int64_t time_us);

#endif
