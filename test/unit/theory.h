/* SPDX-License-Identifier: MIT */
/*
 * theory.h - drawn numbers against what theory promises of them
 *
 * The bounds are five standard errors, and for Kolmogorov's distance a
 * significance of 1e-6; with the seed fixed, a test that passed passes.
 */
#ifndef TEST_UNIT_THEORY_H
#define TEST_UNIT_THEORY_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <gsl/gsl_rng.h>

#define THEORY_SEED 20261124

static inline gsl_rng *theory_rng(void)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	gsl_rng_set(rng, THEORY_SEED);
	return rng;
}

/* For cmocka_run_group_tests. */
static inline int theory_print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", THEORY_SEED);
	return 0;
}

static inline double *theory_numbers(size_t n)
{
	double *x = calloc(n, sizeof(*x));

	assert_non_null(x);
	return x;
}

/* Five standard errors. */
#define theory_within(got, want, standard_error)                          \
	theory_is_within((got), (want), (standard_error), #got, __FILE__, \
			 __LINE__)

static inline void theory_is_within(double got, double want,
				    double standard_error, const char *what,
				    const char *file, int line)
{
	if (fabs(got - want) <= 5 * standard_error)
		return;
	print_error("%s is %.9g, not %.9g within 5 times %.3g\n", what, got,
		    want, standard_error);
	_fail(file, line);
}

/* The mean of (x - mean)(y - mean): variance, or covariance. */
static inline double theory_product(const double *x, const double *y, size_t n,
				    double mean)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (y[i] - mean);
	return sum / (double)n;
}

/* Independent draws: mean, and sd by a law's kurtosis E(x - m)^4 / sd^4. */
static inline void theory_moments(const double *x, size_t n, double mean,
				  double sd, double kurtosis)
{
	double sum = 0, var = theory_product(x, x, n, mean);

	for (size_t i = 0; i < n; i++)
		sum += x[i] - mean;
	theory_within(sum / (double)n, 0, sd / sqrt((double)n));
	theory_within(var, sd * sd, sd * sd * sqrt((kurtosis - 1) / (double)n));
}

static inline int theory_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Kolmogorov's distance of the independent draws, which it sorts. */
static inline void theory_law(double *x, size_t n, double (*cdf)(double))
{
	double d = 0;

	qsort(x, n, sizeof(*x), theory_compare);
	for (size_t i = 0; i < n; i++) {
		double p = cdf(x[i]);

		d = fmax(d, (double)(i + 1) / (double)n - p);
		d = fmax(d, p - (double)i / (double)n);
	}
	/* 2 exp(-2 n d^2) = 1e-6: Kolmogorov's law, its leading term */
	assert_true(d <= sqrt(log(2e6) / 2 / (double)n));
}

#endif
