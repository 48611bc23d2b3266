/* SPDX-License-Identifier: MIT */
#include "agg/exact.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agg/sum.h"
#include "base/mem.h"
#include "base/num.h"

#define UNIT  0x1p1022
#define LARGE 0x1p1000 /* up to here a sum is divided as it is */
#define SCALE 0x1p-64  /* brings the others below it */

void exact_release(struct exact *e)
{
	free(e->many);
	*e = (struct exact)EXACT_INIT;
}

static const double *parts(const struct exact *e)
{
	return e->many ? e->many : e->few;
}

static void push(struct exact *e, double x)
{
	if (!e->many && e->n == EXACT_FEW) {
		e->cap = 2 * EXACT_FEW;
		e->many = mem_alloc(e->cap * sizeof(double));
		memcpy(e->many, e->few, sizeof(e->few));
	} else if (e->many && e->n == e->cap) {
		e->cap *= 2;
		e->many = mem_grow(e->many, e->cap, sizeof(double));
	}
	(e->many ? e->many : e->few)[e->n++] = x;
}

/*
 * Moves units out of x, so that half of one is left at the most: then units
 * and components cannot cancel each other. Four of them are more than a
 * double holds, so half is taken, twice; both times exactly.
 */
static void take_units(struct exact *e, double *x)
{
	double k, half;

	if (fabs(*x) <= UNIT / 2)
		return;
	k = rint(*x / UNIT);
	half = k / 2 * UNIT;
	e->units += (int64_t)k;
	*x = *x - half - half;
}

void exact_add(struct exact *e, double x)
{
	double *v = e->many ? e->many : e->few;
	uint32_t n = 0;

	take_units(e, &x);
	for (uint32_t i = 0; i < e->n; i++) {
		double low = sum_two(&x, v[i]);

		if (low != 0)
			v[n++] = low;
	}
	e->n = n;
	take_units(e, &x);
	if (x != 0)
		push(e, x);
}

void exact_merge(struct exact *e, const struct exact *other)
{
	const double *v = parts(other);

	e->units += other->units;
	for (uint32_t i = 0; i < other->n; i++)
		exact_add(e, v[i]);
}

/* The greatest component, or 0: its sign is that of all of them. */
static double top(const struct exact *e)
{
	return e->n ? parts(e)[e->n - 1] : 0;
}

/*
 * The components rounded to a double, within 2 ulps: sums from the top are
 * exact until one is not, and what follows is below its last bit.
 */
static double nearly(const struct exact *e)
{
	double x = 0;

	for (uint32_t i = e->n; i > 0; i--)
		x += parts(e)[i - 1];
	return x;
}

/*
 * The sign of the sum, k times, less n times the k numbers q. The rounding
 * error of a product is exact (fma); nothing here is as large as a unit.
 */
static int compare(const struct exact *e, double n, const double *q, int k)
{
	struct exact r = EXACT_INIT;
	double x;

	for (int i = 0; i < k; i++) {
		double product = q[i] * n;

		exact_merge(&r, e);
		exact_add(&r, -product);
		exact_add(&r, -fma(q[i], n, -product));
	}
	x = top(&r);
	exact_release(&r);
	return (x > 0) - (x < 0);
}

static bool is_even(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return !(bits & 1);
}

/*
 * From a quotient that is nearly right to the one that is: while the exact
 * quotient is nearer to the next double than to q, that one is tried. A sum
 * that is compared twice is compared with the middle of both.
 */
static double divide(const struct exact *e, double n)
{
	double q[2] = {nearly(e) / n, 0};

	for (;;) {
		int side = compare(e, n, q, 1), middle;

		if (!side)
			return q[0];
		q[1] = nextafter(q[0], side > 0 ? INFINITY : -INFINITY);
		middle = compare(e, n, q, 2);
		if (middle == -side || (!middle && is_even(q[0])))
			return q[0];
		q[0] = q[1];
		if (!middle)
			return q[0];
	}
}

/*
 * A large sum times SCALE. What gets too small for a double is not nothing:
 * its sign still decides a tie.
 */
static double divide_scaled(const struct exact *e, double n)
{
	struct exact small = EXACT_INIT;
	const double *v = parts(e);
	double q;

	for (uint32_t i = 0; i < e->n; i++) {
		double x = v[i] * SCALE;

		exact_add(&small, x != 0 ? x : copysign(DBL_TRUE_MIN, v[i]));
	}
	exact_add(&small, (double)e->units * (UNIT * SCALE));
	q = divide(&small, n);
	exact_release(&small);
	return q / SCALE;
}

double exact_mean(const struct exact *e, uint64_t n)
{
	if (!n)
		return NAN;
	if (e->units || fabs(top(e)) > LARGE)
		return divide_scaled(e, (double)n);
	return divide(e, (double)n);
}

static void add_number(struct str *out, double v)
{
	str_took(out, num_put_shortest(str_reserve(out, NUM_MAX), v));
}

void exact_add_text(const struct exact *e, struct str *out)
{
	const double *v = parts(e);
	double x = top(e), low;
	int64_t units = e->units;

	while (!isfinite(x + (double)units * UNIT)) {
		int64_t two = units > 0 ? 2 : -2;

		add_number(out, (double)two * UNIT);
		str_addc(out, ' ');
		units -= two;
	}
	low = sum_two(&x, (double)units * UNIT);
	add_number(out, x);
	if (low != 0) {
		str_addc(out, ' ');
		add_number(out, low);
	}
	for (uint32_t i = e->n; i-- > 1;) {
		str_addc(out, ' ');
		add_number(out, v[i - 1]);
	}
}

int exact_parse(struct exact *e, const char *text, struct err *err)
{
	char number[NUM_MAX + 1];
	double x;

	do {
		size_t len = strcspn(text, " ");

		if (len > NUM_MAX)
			return err_set(err, "'%.80s' is not a number", text);
		memcpy(number, text, len);
		number[len] = '\0';
		if (num_parse_double(number, &x, err))
			return -1;
		exact_add(e, x);
		text += len;
	} while (*text++ == ' ');
	return 0;
}
