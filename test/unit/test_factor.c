/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/when.h"
#include "sim/factor.h"
#include "sim/law.h"
#include "sim/mix.h"

#define N 400000

static struct factor group(const char *name)
{
	return (struct factor){factor_seed(THEORY_SEED, name), 60 * US_PER_S};
}

/* By spans, from 1969 on into 1970. */
static double *factor_series(const struct factor *f, size_t n)
{
	double *x = theory_numbers(n);
	struct factor_cache cache = {0, 0, 0};

	for (size_t i = 0; i < n; i++)
		x[i] = factor_at(f, ((int64_t)i - 1000) * f->every_us, &cache);
	return x;
}

static void it_is_standard_normal_and_independent(void **state)
{
	static const size_t lags[] = {1, 2, 3, 60, 1440};
	struct factor f = group("hall");
	double *x = factor_series(&f, N);

	(void)state;
	theory_moments(x, N, 0, 1, 3);
	for (size_t i = 0; i < sizeof(lags) / sizeof(*lags); i++)
		theory_within(theory_product(x, x + lags[i], N - lags[i], 0), 0,
			      1 / sqrt((double)(N - lags[i])));
	theory_law(x, N, gsl_cdf_ugaussian_P);
	free(x);
}

static void names_and_seeds_make_it_another(void **state)
{
	struct factor f[] = {
		group("hall"),
		group("hall2"),
		{factor_seed(THEORY_SEED + 1, "hall"), 60 * US_PER_S},
	};

	(void)state;
	assert_true(group("hall").seed == f[0].seed);
	for (size_t i = 0; i < 3; i++) {
		double *x = factor_series(&f[i], N);
		double *y = factor_series(&f[(i + 1) % 3], N);

		theory_within(theory_product(x, y, N, 0), 0, 1 / sqrt(N));
		free(y);
		free(x);
	}
}

static bool same_bits(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* Times anyhow, one cache that is always wrong, and one for each time. */
static void order_does_not_matter(void **state)
{
	struct factor f = group("hall");
	struct factor_cache one = {0, 0, 0};
	gsl_rng *rng = theory_rng();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct factor_cache fresh = {0, 0, 0};
		int64_t t = (int64_t)((gsl_rng_uniform(rng) - 0.5) * 1e17);
		int64_t from = t - ((t % f.every_us) + f.every_us) % f.every_us;
		double x = factor_at(&f, t, &fresh);

		assert_true(same_bits(factor_at(&f, t, &one), x));
		assert_true(same_bits(factor_at(&f, from, &one), x));
		assert_true(same_bits(
			factor_at(&f, from + f.every_us - 1, &one), x));
		assert_false(same_bits(factor_at(&f, from - 1, &one), x));
		assert_false(
			same_bits(factor_at(&f, from + f.every_us, &one), x));
	}
	gsl_rng_free(rng);
}

static void times_and_spans_have_no_edge(void **state)
{
	static const int64_t times[] = {WHEN_MIN, -1, 0, 1, WHEN_MAX};
	static const int64_t spans[] = {1, 7, US_PER_S, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 4; k++) {
			struct factor f = {1, spans[k]};
			struct factor_cache c = {0, 0, 0};

			assert_true(isfinite(factor_at(&f, times[i], &c)));
			assert_true(c.from_us <= times[i] &&
				    times[i] < c.until_us);
		}
}

/* Seeds whose generator, run backwards, begins with all bits 0, and all 1. */
static void the_farthest_draws_are_finite(void **state)
{
	struct factor least = {-MIX_STEP, 1};
	struct factor last = {UINT64_C(0x31628af67b2131ab), 1};
	struct factor_cache a = {0, 0, 0}, b = {0, 0, 0};
	double f = factor_at(&last, 0, &b);

	(void)state;
	assert_true(f > 8 && f < 8.5);
	theory_within(factor_at(&least, 0, &a), -f, 1e-12);
}

struct member {
	const char *law;
	double mean, sd, kurtosis, c;
};

static double *member_series(const struct member *m, const double *f,
			     const gsl_rng *rng)
{
	double *x = theory_numbers(N);
	struct err e = ERR_INIT;
	struct law l;

	assert_int_equal(law_from_moments(&l, m->law, m->mean, m->sd, &e), 0);
	for (size_t i = 0; i < N; i++)
		x[i] = factor_mix(law_draw(&l, rng), m->mean, m->sd, m->c,
				  f[i]);
	return x;
}

/*
 * With s^2 + c^2 = 1 and x, f of deviation 1, s x + c f has the fourth
 * moment s^4 E x^4 + 6 s^2 c^2 + 3 c^4; and the product of two that share f
 * has the variance 1 + r^2 around r = c1 c2, whatever the laws.
 */
static void check_pair(const struct member *m, const double *f)
{
	gsl_rng *rng = theory_rng();
	double *x[2], r = m[0].c * m[1].c;

	for (int i = 0; i < 2; i++) {
		double c2 = m[i].c * m[i].c, s2 = 1 - c2;

		x[i] = member_series(&m[i], f, rng);
		theory_moments(x[i], N, m[i].mean, m[i].sd,
			       s2 * s2 * m[i].kurtosis + 6 * s2 * c2 +
				       3 * c2 * c2);
		for (size_t k = 0; k < N; k++)
			x[i][k] = (x[i][k] - m[i].mean) / m[i].sd;
	}
	theory_within(theory_product(x[0], x[1], N, 0), r,
		      sqrt((1 + r * r) / N));
	for (int i = 0; i < 2; i++)
		free(x[i]);
	gsl_rng_free(rng);
}

static void mixed_sensors_correlate_and_keep_their_moments(void **state)
{
	static const struct member pairs[][2] = {
		{{"normal", 20, 2, 3, 0.8}, {"normal", -5, 10, 3, 0.6}},
		{{"exponential", 3, 3, 9, 0.7}, {"uniform", 0, 1, 1.8, -0.9}},
		{{"normal", 1e6, 1, 3, 1}, {"exponential", 10, 3, 9, -1}},
		{{"uniform", 5, 1, 1.8, 0}, {"normal", 0, 1, 3, 0.5}},
	};
	struct factor g = group("hall");
	double *f = factor_series(&g, N);

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_pair(pairs[i], f);
	free(f);
}

static void bounds_are_told(void **state)
{
	struct err e = ERR_INIT, c = ERR_INIT;

	(void)state;
	assert_int_equal(factor_check(&(struct factor){0, 1}, &e), 0);
	assert_int_equal(factor_check_coefficient(-1, &e), 0);
	assert_int_equal(factor_check_coefficient(1, &e), 0);
	assert_int_equal(factor_check(&(struct factor){0, 0}, &e), -1);
	assert_string_equal(e.msg, "a span of 0 us must be above 0");
	assert_int_equal(factor_check_coefficient(1.1, &c), -1);
	assert_string_equal(c.msg,
			    "coefficient 1.1 is out of bounds (-1 to 1)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_standard_normal_and_independent),
		cmocka_unit_test(names_and_seeds_make_it_another),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(times_and_spans_have_no_edge),
		cmocka_unit_test(the_farthest_draws_are_finite),
		cmocka_unit_test(
			mixed_sensors_correlate_and_keep_their_moments),
		cmocka_unit_test(bounds_are_told),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
