/* SPDX-License-Identifier: MIT */
/*
 * sum.h - a sum that keeps its rounding errors
 *
 * The sum is s + c + d. Every addition is a two-sum (Knuth, TAOCP vol. 2,
 * 4.2.2, theorem B): the rounding error of s + x is itself a double and is
 * added to c, the rounding error of that to d (Klein, "A generalized
 * Kahan-Babuska summation algorithm", 2006). The three are rounded once, at
 * the end, as Python's math.fsum does it. So the mean is that of fsum, and
 * does not depend on how large the values are, how many, or in what order
 * they came, unless they cancel to less than 1e-30 of their size.
 *
 * Values above 2^960 would overflow the sum before they overflow the mean.
 * The first of them scales the sum by 2^-60, for good.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_SUM_H
#define AGG_SUM_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

struct sum {
	double s, c, d;
	uint64_t n : 63;  /* values added; 2^60 of them do not overflow */
	uint64_t big : 1; /* s, c and d are scaled by SUM_SCALE */
};

#define SUM_LARGE 0x1p960
#define SUM_SCALE 0x1p-60

/* *s becomes the rounded sum of both; returns the error, exactly. */
static inline double sum_two(double *s, double x)
{
	double t = *s + x;
	double y = t - *s;
	double error = (*s - (t - y)) + (x - y);

	*s = t;
	return error;
}

static inline void sum_put(struct sum *a, double x)
{
	a->d += sum_two(&a->c, sum_two(&a->s, x));
}

static inline void sum_scale(struct sum *a)
{
	a->big = true;
	a->s *= SUM_SCALE;
	a->c *= SUM_SCALE;
	a->d *= SUM_SCALE;
}

/* Adds one finite value. */
static inline void sum_add(struct sum *a, double x)
{
	if (__builtin_expect(fabs(x) > SUM_LARGE, 0) && !a->big)
		sum_scale(a);
	sum_put(a, a->big ? x * SUM_SCALE : x);
	a->n++;
}

/* Adds all that b has. */
static inline void sum_merge(struct sum *a, const struct sum *b)
{
	struct sum x = *b;

	if (x.big && !a->big)
		sum_scale(a);
	if (a->big && !x.big)
		sum_scale(&x);
	sum_put(a, x.s);
	sum_put(a, x.c);
	sum_put(a, x.d);
	a->n += x.n;
}

/* s + c + d, rounded once: half an ulp is decided by what lies behind. */
static inline double sum_round(const struct sum *a)
{
	double high = a->s, mid = a->c, low, twice, up;

	low = sum_two(&mid, a->d);
	mid = sum_two(&high, mid);
	low = sum_two(&mid, low);
	mid = sum_two(&high, mid);
	twice = mid * 2;
	up = high + twice;
	if (low != 0 && (low > 0) == (mid > 0) && up - high == twice)
		high = up;
	return high;
}

/* NAN for no values. */
static inline double sum_mean(const struct sum *a)
{
	double mean = sum_round(a) / (double)a->n;

	return a->big ? mean / SUM_SCALE : mean;
}

#endif
