/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include <gsl/gsl_cdf.h>

#include "sim/ar.h"

#define N 400000

static void check_series(const struct ar *a)
{
	static const size_t lags[] = {1, 2, 3, 5, 10, 30};
	double *x = theory_numbers(N), last = NAN, sum = 0, var;
	double phi = a->phi, sd = a->sd, phi2 = phi * phi;
	gsl_rng *rng = theory_rng();

	for (size_t i = 0; i < N; i++) {
		x[i] = ar_next(a, &last, rng);
		sum += x[i];
	}
	/* The variance of a mean is that of independent values times the
	 * sum of the correlations of all lags; that of a variance, times the
	 * sum of their squares. */
	theory_within(sum / N, 0, sd * sqrt((1 + phi) / (1 - phi) / N));
	var = theory_product(x, x, N, 0);
	theory_within(var, sd * sd,
		      sd * sd * sqrt(2 * (1 + phi2) / (1 - phi2) / N));
	/* Bartlett's formula: Box, Jenkins & Reinsel, 2.1.6 */
	for (size_t i = 0; i < sizeof(lags) / sizeof(*lags); i++) {
		double k = (double)lags[i], phi2k = pow(phi2, k);
		double r = theory_product(x, x + lags[i], N - lags[i], 0) / var;
		double v =
			(1 + phi2) * (1 - phi2k) / (1 - phi2) - 2 * k * phi2k;

		theory_within(r, pow(phi, k), sqrt(v / N));
	}
	gsl_rng_free(rng);
	free(x);
}

static void series_follow_theory(void **state)
{
	(void)state;
	check_series(&(struct ar){0.5, 2});
	check_series(&(struct ar){0.95, 0.1});
	check_series(&(struct ar){-0.7, 1e6});
	check_series(&(struct ar){0, 1});
}

/* The first, the second and the twentieth value of many series. */
static void it_is_stationary_from_the_first_value(void **state)
{
	static const struct ar a = {0.9, 3};
	double *x = theory_numbers(N), *last = theory_numbers(N);
	gsl_rng *rng = theory_rng();

	(void)state;
	for (size_t i = 0; i < N; i++)
		last[i] = NAN;
	for (int step = 1; step <= 20; step++) {
		for (size_t i = 0; i < N; i++)
			x[i] = ar_next(&a, &last[i], rng) / a.sd;
		if (step > 2 && step < 20)
			continue;
		theory_moments(x, N, 0, 1, 3);
		theory_law(x, N, gsl_cdf_ugaussian_P);
	}
	gsl_rng_free(rng);
	free(last);
	free(x);
}

static void without_deviation_it_is_zero(void **state)
{
	gsl_rng *rng = theory_rng();
	double x = NAN;

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(ar_next(&(struct ar){0.5, 0}, &x, rng) == 0);
	gsl_rng_free(rng);
}

static void bad(double phi, double sd, const char *message)
{
	struct err e = ERR_INIT;

	assert_int_equal(ar_check(&(struct ar){phi, sd}, &e), -1);
	assert_string_equal(e.msg, message);
}

static void bounds_are_told(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(ar_check(&(struct ar){-0.999, 0}, &e), 0);
	assert_int_equal(ar_check(&(struct ar){0.999, 1e300}, &e), 0);
	bad(1, 1,
	    "phi 1 is out of bounds (above -1, below 1; for 1, take a "
	    "random walk)");
	bad(-1.5, 1,
	    "phi -1.5 is out of bounds (above -1, below 1; for 1, "
	    "take a random walk)");
	bad(NAN, 1,
	    "phi nan is out of bounds (above -1, below 1; for 1, take "
	    "a random walk)");
	bad(0, -1, "sd -1 is out of bounds (0 to 1e+300)");
	bad(0, NAN, "sd nan is out of bounds (0 to 1e+300)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(series_follow_theory),
		cmocka_unit_test(it_is_stationary_from_the_first_value),
		cmocka_unit_test(without_deviation_it_is_zero),
		cmocka_unit_test(bounds_are_told),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
