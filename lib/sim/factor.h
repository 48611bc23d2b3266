/* SPDX-License-Identifier: MIT */
/*
 * factor.h - what the sensors of a group have in common
 *
 * Standard normal, the same for all over a span of event time, independent
 * from span to span. It is a pure function of seed and time: the number of
 * the span counts through a SplitMix64 generator, and what stands there, as
 * a probability, is the normal's quantile. So any process has the same value
 * for the same time, in any order.
 *
 * A sensor takes it in with a coefficient c, and keeps its mean and its
 * deviation by that, whatever its law:
 *
 *     mean + sqrt(1 - c^2) (x - mean) + c sd f
 *
 * The correlation of two sensors within a span is c1 c2: the one-factor
 * model (Vasicek, The Distribution of Loan Portfolio Value, Risk 2002).
 *
 * Floor 2. Pure; a cache is for one thread.
 */
#ifndef SIM_FACTOR_H
#define SIM_FACTOR_H

#include <math.h>
#include <stdint.h>

#include "base/err.h"

struct factor {
	uint64_t seed;	  /* factor_seed */
	int64_t every_us; /* above 0: spans begin at its multiples */
};

/* The last span and its value; all zero when new. */
struct factor_cache {
	int64_t from_us, until_us;
	double f;
};

/* The seed of the factor of this name. */
uint64_t factor_seed(uint64_t fleet_seed, const char *name);

/* That the span is above 0. */
int factor_check(const struct factor *f, struct err *e);
/* That it is -1 to 1. */
int factor_check_coefficient(double c, struct err *e);

/* Fills the cache for the span of a time from WHEN_MIN to WHEN_MAX. */
void factor_look_up(const struct factor *f, int64_t time_us,
		    struct factor_cache *cache);

/* The value at that time: in order of time, one look-up a span. */
static inline double factor_at(const struct factor *f, int64_t time_us,
			       struct factor_cache *cache)
{
	if (time_us < cache->from_us || time_us >= cache->until_us)
		factor_look_up(f, time_us, cache);
	return cache->f;
}

/* A draw x of a law of this mean and sd, with the factor's value in it. */
static inline double factor_mix(double x, double mean, double sd, double c,
				double f)
{
	return mean + sqrt((1 - c) * (1 + c)) * (x - mean) + c * sd * f;
}

#endif
