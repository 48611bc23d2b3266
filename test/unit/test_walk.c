/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/walk.h"

/* The value after so many steps of each of n walks. */
static double *walk_ensemble(const struct walk *w, size_t n, int steps)
{
	double *x = theory_numbers(n);
	gsl_rng *rng = theory_rng();

	for (size_t i = 0; i < n; i++) {
		double last = NAN;

		assert_true(walk_next(w, &last, rng) == 0);
		for (int k = 0; k < steps; k++) {
			x[i] = walk_next(w, &last, rng);
			assert_true(x[i] >= w->min && x[i] <= w->max);
		}
	}
	gsl_rng_free(rng);
	return x;
}

static void unbounded_variance_grows_with_the_steps(void **state)
{
	static const int steps[] = {1, 2, 10, 100};
	struct walk w;

	(void)state;
	walk_init(&w);
	w.sd = 0.3;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		double *x = walk_ensemble(&w, 20000, steps[i]);

		theory_moments(x, 20000, 0, w.sd * sqrt(steps[i]), 3);
		free(x);
	}
}

/* One step at a time, and at one bound after the other. */
static void a_step_is_reflected_as_often_as_it_takes(void **state)
{
	static const struct walk w = {10, -1, 2};
	gsl_rng *rng = theory_rng(), *same = theory_rng();
	double last = 0, want;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		want = last + gsl_ran_gaussian_ziggurat(same, w.sd);
		while (want < w.min || want > w.max)
			want = 2 * (want < w.min ? w.min : w.max) - want;
		theory_within(walk_next(&w, &last, rng), want, 1e-13);
	}
	gsl_rng_free(same);
	gsl_rng_free(rng);
}

static double cdf_0_1(double x)
{
	return x;
}

/*
 * Unfolded, a walk between bounds goes round a circle of twice their width
 * L, where the slowest wave of its distribution fades by exp(-pi^2 sd^2 /
 * 2 L^2) a step: far below what n draws can show after so many steps.
 */
static void check_uniform(const struct walk *w, size_t n, int steps)
{
	double *x = walk_ensemble(w, n, steps);

	for (size_t i = 0; i < n; i++)
		x[i] = (x[i] - w->min) / (w->max - w->min);
	theory_moments(x, n, 0.5, sqrt(1 / 12.0), 1.8);
	theory_law(x, n, cdf_0_1);
	free(x);
}

static void between_bounds_it_becomes_uniform(void **state)
{
	(void)state;
	check_uniform(&(struct walk){2, -5, 5}, 20000, 200);
	check_uniform(&(struct walk){1, 0, 1}, 100000, 10);
	check_uniform(&(struct walk){1, -0.75, 0}, 100000, 10);
	check_uniform(&(struct walk){1e3, -0.1, 0.2}, 100000, 3);
	check_uniform(&(struct walk){1e300, -1, 1e-3}, 100000, 3);
}

static double cdf_folded(double x)
{
	return 2 * gsl_cdf_ugaussian_P(x) - 1;
}

/* At one bound where it starts, it is the absolute value of a free one. */
static void check_folded(const struct walk *w)
{
	double *x = walk_ensemble(w, 20000, 16);

	for (size_t i = 0; i < 20000; i++)
		x[i] = fabs(x[i]) / (4 * w->sd);
	theory_law(x, 20000, cdf_folded);
	free(x);
}

static void one_bound_folds_the_normal(void **state)
{
	(void)state;
	check_folded(&(struct walk){3, 0, INFINITY});
	check_folded(&(struct walk){3, -INFINITY, 0});
}

static void bad(double sd, double min, double max, const char *message)
{
	struct err e = ERR_INIT;

	assert_int_equal(walk_check(&(struct walk){sd, min, max}, &e), -1);
	assert_string_equal(e.msg, message);
}

static void bounds_are_told(void **state)
{
	struct err e = ERR_INIT;
	struct walk w;

	(void)state;
	walk_init(&w);
	assert_int_equal(walk_check(&w, &e), 0);
	assert_int_equal(walk_check(&(struct walk){1e300, -1e300, 0}, &e), 0);
	bad(-1, -1, 1, "sd -1 is out of bounds (0 to 1e+300)");
	bad(1, 2, 5,
	    "min 2 is out of bounds (-1e+300 to 0, where the walk starts)");
	bad(1, NAN, 5,
	    "min nan is out of bounds (-1e+300 to 0, where the walk starts)");
	bad(1, -5, -2,
	    "max -2 is out of bounds (0, where the walk starts, to 1e+300)");
	bad(1, -1, 1e301,
	    "max 1e+301 is out of bounds (0, where the walk starts, to "
	    "1e+300)");
	bad(1, 0, 0, "min and max are both 0: leave the walk out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unbounded_variance_grows_with_the_steps),
		cmocka_unit_test(a_step_is_reflected_as_often_as_it_takes),
		cmocka_unit_test(between_bounds_it_becomes_uniform),
		cmocka_unit_test(one_bound_folds_the_normal),
		cmocka_unit_test(bounds_are_told),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
