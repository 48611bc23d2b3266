/* SPDX-License-Identifier: MIT */
/*
 * trend.h - a straight line up or down, from the start of the schedule
 *
 * It is added to the sensor's value. num_parse_per_time reads it.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_TREND_H
#define SIM_TREND_H

#include <stdint.h>

#include "base/err.h"

/* A second: so that it stays finite for as long as a schedule can last. */
#define TREND_MAX 1e290

struct trend {
	double per_second; /* within +- TREND_MAX */
};

/* That it is one of those. */
static inline int trend_check(const struct trend *t, struct err *e)
{
	if (t->per_second >= -TREND_MAX && t->per_second <= TREND_MAX)
		return 0;
	return err_set(e, "trend %.10g/s is out of bounds (-%g/s to %g/s)",
		       t->per_second, TREND_MAX, TREND_MAX);
}

static inline double trend_at(const struct trend *t, int64_t since_start_ns)
{
	return t->per_second * ((double)since_start_ns / 1e9);
}

#endif
