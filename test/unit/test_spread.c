/* SPDX-License-Identifier: MIT */
/*
 * agg/spread.h against GSL, which goes over the values twice and sums in
 * long doubles, and against what can be said exactly.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_statistics_double.h>

#include "agg/spread.h"
#include "rng.h"

#define MAX 1000

static void add_all(struct spread *s, const double *x, size_t n)
{
	memset(s, 0xff, sizeof(*s)); /* what was there is not read */
	for (size_t i = 0; i < n; i++)
		spread_add(s, x[i], i + 1);
}

/* In parts of that many values each, merged in order. */
static void merge_all(struct spread *s, const double *x, size_t n, size_t part)
{
	struct spread other;

	memset(s, 0xff, sizeof(*s));
	for (size_t i = 0; i < n; i += part) {
		size_t m = n - i < part ? n - i : part;

		add_all(&other, &x[i], m);
		spread_merge(s, i, &other, m);
	}
}

/*
 * Chan, Golub and LeVeque ("Algorithms for computing the sample variance",
 * 1983, table 1): the relative error of the squares is n * kappa * u at the
 * most, in the first order, where kappa^2 = 1 + mean^2 * n / squares. That of
 * the root is half of it. GSL's is far less, in long doubles or not.
 */
static double bound(const double *x, size_t n, double sd)
{
	double mean = gsl_stats_mean(x, 1, n);
	double kappa = sqrt(1 + (mean / sd) * (mean / sd) * (double)n /
					(double)(n - 1));

	return sd * (double)n * kappa * DBL_EPSILON;
}

static void assert_spread(const struct spread *s, const double *x, size_t n)
{
	double sd = spread_sd(s, n), want = gsl_stats_sd(x, 1, n);

	assert_true(s->min == gsl_stats_min(x, 1, n));
	assert_true(s->max == gsl_stats_max(x, 1, n));
	if (n < 2)
		assert_true(isnan(sd));
	else if (!want)
		assert_true(sd == 0);
	else if (!(fabs(sd - want) <= bound(x, n, want)))
		fail_msg("%zu values: %.17g, not %.17g", n, sd, want);
}

/* From -1 up to 1. */
static double uniform(void)
{
	return (double)rng(1 << 30) / (1 << 29) - 1;
}

static void random_values_are_as_gsl_has_them(void **state)
{
	static const double means[] = {0, 20, -1e3, 1e6, 1e9, -1e12};
	static const double widths[] = {0, 1e-100, 1e-3, 1, 5, 1e5, 1e100};
	double x[MAX];
	struct spread s;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = 1 + rng(round % 10 ? 30 : MAX);
		double mean = means[rng(6)], width = widths[rng(7)];

		for (size_t i = 0; i < n; i++)
			x[i] = mean + width * uniform();
		add_all(&s, x, n);
		assert_spread(&s, x, n);
		merge_all(&s, x, n, 1 + rng(n));
		assert_spread(&s, x, n);
	}
}

static void small_whole_numbers_are_exact(void **state)
{
	static const double x[] = {2, 4, 4, 4, 5, 5, 7, 9, 5};
	struct spread s;

	(void)state;
	add_all(&s, x, 9);
	assert_true(s.min == 2 && s.max == 9);
	assert_true(spread_sd(&s, 9) == 2); /* 32 / 8 */
	merge_all(&s, x, 9, 1);
	assert_true(spread_sd(&s, 9) == 2);
	merge_all(&s, x, 9, 4);
	assert_true(spread_sd(&s, 9) == 2);
}

/* Where the squares are taken from each other this is 0, or NAN. */
static void far_from_zero_nothing_cancels(void **state)
{
	static const double x[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
	struct spread s;

	(void)state;
	add_all(&s, x, 4);
	assert_true(spread_sd(&s, 4) == sqrt(30));
	merge_all(&s, x, 4, 2);
	assert_true(spread_sd(&s, 4) == sqrt(30));
}

static void one_value_has_no_sd(void **state)
{
	struct spread s;

	(void)state;
	add_all(&s, (double[]){-5}, 1);
	assert_true(isnan(spread_sd(&s, 1)));
	assert_true(s.min == -5 && s.max == -5);
	assert_true(isnan(spread_sd(&s, 0)));
}

static void equal_values_have_an_sd_of_0(void **state)
{
	static const double values[] = {0.1,	 -1e300, 1e-300, 5e-324,
					DBL_MAX, 1e154,	 0x1p480};
	double x[100];
	struct spread s;

	(void)state;
	for (int k = 0; k < 7; k++) {
		for (int i = 0; i < 100; i++)
			x[i] = values[k];
		add_all(&s, x, 100);
		assert_true(spread_sd(&s, 100) == 0);
		merge_all(&s, x, 100, 7);
		assert_true(spread_sd(&s, 100) == 0);
		assert_true(s.min == values[k] && s.max == values[k]);
	}
}

static void assert_near(double got, double want)
{
	if (!(fabs(got - want) <= 10 * DBL_EPSILON * want))
		fail_msg("%.17g, not %.17g", got, want);
}

/* As the same values times 2^-1000 have it, where nothing can overflow. */
static void large_values_do_not_overflow(void **state)
{
	double small[40], large[40];
	struct spread s, of_large;

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t n = 2 + rng(39), part = 1 + rng(n);

		for (size_t i = 0; i < n; i++) {
			small[i] = uniform() * ldexp(1, -(int)rng(400));
			large[i] = small[i] * 0x1p1000;
		}
		add_all(&s, small, n);
		add_all(&of_large, large, n);
		assert_near(spread_sd(&of_large, n),
			    spread_sd(&s, n) * 0x1p1000);
		merge_all(&s, small, n, part);
		merge_all(&of_large, large, n, part);
		assert_near(spread_sd(&of_large, n),
			    spread_sd(&s, n) * 0x1p1000);
	}
}

static void the_sd_is_infinite_where_no_double_holds_it(void **state)
{
	static const double x[] = {DBL_MAX, -DBL_MAX, DBL_MAX, -DBL_MAX};
	static const double fits[] = {DBL_MAX, 0, DBL_MAX, 0};
	struct spread s;

	(void)state;
	add_all(&s, x, 2); /* the root of 2 times DBL_MAX */
	assert_true(isinf(spread_sd(&s, 2)));
	merge_all(&s, x, 4, 1);
	assert_true(isinf(spread_sd(&s, 4)));
	add_all(&s, fits, 4);
	assert_near(spread_sd(&s, 4), DBL_MAX / sqrt(3));
	merge_all(&s, fits, 4, 3);
	assert_near(spread_sd(&s, 4), DBL_MAX / sqrt(3));
}

/* Those without a square. */
static void tiny_deviations_count_as_none(void **state)
{
	static const double x[] = {1e-200, 3e-200};
	struct spread s;

	(void)state;
	add_all(&s, x, 2);
	assert_true(spread_sd(&s, 2) == 0);
	assert_true(s.min == 1e-200 && s.max == 3e-200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_values_are_as_gsl_has_them),
		cmocka_unit_test(small_whole_numbers_are_exact),
		cmocka_unit_test(far_from_zero_nothing_cancels),
		cmocka_unit_test(one_value_has_no_sd),
		cmocka_unit_test(equal_values_have_an_sd_of_0),
		cmocka_unit_test(large_values_do_not_overflow),
		cmocka_unit_test(the_sd_is_infinite_where_no_double_holds_it),
		cmocka_unit_test(tiny_deviations_count_as_none),
	};

	rng_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
