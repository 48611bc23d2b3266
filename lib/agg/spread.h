/* SPDX-License-Identifier: MIT */
/*
 * spread.h - how far values spread: their sd, the least and the greatest
 *
 * Kept beside a sum (agg/sum.h), which counts the values. The squares of the
 * deviations from the mean are added up as the values come (Welford, "Note on
 * a method for calculating corrected sums of squares and products",
 * Technometrics 4, 1962), and those of two parts are merged by the formula
 * of Chan, Golub and LeVeque ("Updating formulae and a pairwise algorithm for
 * computing sample variances", 1979). So nothing cancels as it does where the
 * square of the mean is taken from the mean of the squares. The relative
 * error of the sd is some rounding errors times mean / sd. What it is to the
 * last bit depends on the order of the values, and of the merges.
 *
 * Squares of values above 2^480 could overflow. The first of them scales mean
 * and squares, for good; so the sd is infinite only where it is above
 * DBL_MAX. Deviations below 1e-154 have no square: they count as none.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_SPREAD_H
#define AGG_SPREAD_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

struct spread {
	double mean;	/* all but exact; that of the sum is */
	double squares; /* sum of the squared deviations from it */
	double min, max;
};

#define SPREAD_LARGE 0x1p480
#define SPREAD_SCALE 0x1p-600

/* Mean and squares are scaled. */
static inline bool spread_is_big(const struct spread *a)
{
	return a->max > SPREAD_LARGE || a->min < -SPREAD_LARGE;
}

static inline void spread_scale(struct spread *a)
{
	a->mean *= SPREAD_SCALE;
	a->squares *= SPREAD_SCALE;
	a->squares *= SPREAD_SCALE;
}

static inline void spread_limit(struct spread *a, double min, double max)
{
	bool was_big = spread_is_big(a);

	if (min < a->min)
		a->min = min;
	if (max > a->max)
		a->max = max;
	if (spread_is_big(a) && !was_big)
		spread_scale(a);
}

/* Adds a finite value, the n-th; what a was before the first is not read. */
static inline void spread_add(struct spread *a, double x, uint64_t n)
{
	double deviation;

	if (n == 1)
		*a = (struct spread){.min = x, .max = x};
	else
		spread_limit(a, x, x);
	if (__builtin_expect(spread_is_big(a), 0))
		x *= SPREAD_SCALE;
	deviation = x - a->mean;
	a->mean += deviation / (double)n;
	a->squares += deviation * (x - a->mean);
}

/* Adds all that b has of m > 0 values to the n of a. */
static inline void spread_merge(struct spread *a, uint64_t n,
				const struct spread *b, uint64_t m)
{
	double na = (double)n, nb = (double)m, between;
	struct spread x = *b;

	if (!n) {
		*a = x;
		return;
	}
	spread_limit(a, x.min, x.max);
	if (spread_is_big(a) && !spread_is_big(&x))
		spread_scale(&x);
	between = x.mean - a->mean;
	a->mean += between * (nb / (na + nb));
	a->squares += x.squares + between * between * (na * nb / (na + nb));
}

/* Of the sample of n; NAN for less than two values. */
static inline double spread_sd(const struct spread *a, uint64_t n)
{
	double sd;

	if (n < 2)
		return NAN;
	sd = sqrt(a->squares / (double)(n - 1));
	return spread_is_big(a) ? sd / SPREAD_SCALE : sd;
}

#endif
