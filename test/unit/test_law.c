/* SPDX-License-Identifier: MIT */
/*
 * Every law against what theory promises of it. The bounds are five standard
 * errors, and for Kolmogorov's distance a significance of 1e-6; with the
 * seed fixed, a test that passed passes.
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

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/law.h"

#define SEED  20261124
#define DRAWS 400000

static gsl_rng *new_rng(void)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	gsl_rng_set(rng, SEED);
	return rng;
}

static int print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", SEED);
	return 0;
}

/*
 * E(x - m)^4 / sd^4. For the cut normal by z's moments, from integrating by
 * parts: E z^k = (k - 1) E z^(k - 2) - 2 t^(k - 1) phi(t) / (2 Phi(t) - 1).
 */
static double kurtosis(const struct law *l)
{
	double t, c, z2;

	switch (l->kind) {
	case LAW_NORMAL:
		return 3;
	case LAW_EXPONENTIAL:
		return 9;
	case LAW_UNIFORM:
		return 1.8;
	case LAW_GAMMA:
		return 3 + 6 / l->a;
	case LAW_TRUNCATED:
		t = l->a / l->b;
		c = 2 * gsl_ran_ugaussian_pdf(t) /
		    (2 * gsl_cdf_ugaussian_P(t) - 1);
		z2 = 1 - c * t;
		return (3 * z2 - c * t * t * t) / (z2 * z2);
	default:
		return 1;
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Kolmogorov's distance of the draws, sorted here, from the law's cdf. */
static double distance(const struct law *l, double *x, size_t n)
{
	double d = 0;

	qsort(x, n, sizeof(*x), compare);
	for (size_t i = 0; i < n; i++) {
		double p = law_cdf(l, x[i]);

		d = fmax(d, (double)(i + 1) / (double)n - p);
		d = fmax(d, p - (double)i / (double)n);
	}
	return d;
}

static void check_moments(const struct law *l, const double *x, size_t n)
{
	double m = law_mean(l), sd = law_sd(l), sum = 0, sum2 = 0, var;

	for (size_t i = 0; i < n; i++) {
		assert_true(isfinite(x[i]));
		sum += x[i] - m;
		sum2 += (x[i] - m) * (x[i] - m);
	}
	sum /= (double)n;
	var = sum2 / (double)n;
	assert_true(fabs(sum) <= 5 * sd / sqrt((double)n));
	assert_true(fabs(var - sd * sd) <=
		    5 * sd * sd * sqrt((kurtosis(l) - 1) / (double)n));
}

/* The draws of a law that has a deviation. */
static void check_draws(const struct law *l)
{
	double *x = malloc(DRAWS * sizeof(*x));
	gsl_rng *rng = new_rng();

	assert_non_null(x);
	for (size_t i = 0; i < DRAWS; i++)
		x[i] = law_draw(l, rng);
	check_moments(l, x, DRAWS);
	/* 2 exp(-2 n d^2) = 1e-6: Kolmogorov's law, its leading term */
	assert_true(distance(l, x, DRAWS) <= sqrt(log(2e6) / 2 / DRAWS));
	gsl_rng_free(rng);
	free(x);
}

static void near(double got, double want)
{
	assert_true(fabs(got - want) <= 1e-12 * fabs(want) + DBL_MIN);
}

static void check_constant(const struct law *l, double value)
{
	gsl_rng *rng = new_rng();

	assert_int_equal(l->kind, LAW_CONSTANT);
	for (int i = 0; i < 100; i++)
		assert_true(law_draw(l, rng) == value);
	assert_true(law_mean(l) == value);
	assert_true(law_sd(l) == 0);
	assert_true(law_cdf(l, value) == 1);
	assert_true(law_cdf(l, nextafter(value, -INFINITY)) == 0);
	gsl_rng_free(rng);
}

struct asked {
	const char *name;
	double mean, sd;
	enum law_kind kind;
};

static void values_follow_theory(void **state)
{
	static const struct asked asked[] = {
		{"normal", 20, 2, LAW_NORMAL},
		{"normal", -3, 1e6, LAW_NORMAL},
		{"exponential", 10, 10, LAW_EXPONENTIAL},
		{"exponential", 10, 3, LAW_EXPONENTIAL},
		{"exponential", -5, 30, LAW_EXPONENTIAL},
		{"uniform", 20, 2, LAW_UNIFORM},
		{"uniform", 0, 1e-3, LAW_UNIFORM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		const struct asked *a = &asked[i];
		struct err e = ERR_INIT;
		struct law l;

		assert_int_equal(
			law_from_moments(&l, a->name, a->mean, a->sd, &e), 0);
		assert_int_equal(l.kind, a->kind);
		assert_true(fabs(law_mean(&l) - a->mean) <= 1e-12 * a->sd);
		near(law_sd(&l), a->sd);
		check_draws(&l);
	}
}

static void delays_follow_theory(void **state)
{
	static const struct asked asked[] = {
		{"exponential", 0.1, 0.1, LAW_EXPONENTIAL},
		{"exponential", 0.1, 0.04, LAW_EXPONENTIAL},
		{"uniform", 2, 1, LAW_UNIFORM},
		{"uniform", 1e-6, 5.77350269e-7, LAW_UNIFORM},
		{"normal", 0.3, 0.1, LAW_TRUNCATED},
		{"normal", 60, 15, LAW_TRUNCATED},
		{"normal", 1e9, 1, LAW_TRUNCATED},
		{"gamma", 1, 0.001, LAW_GAMMA},
		{"gamma", 1, 0.5, LAW_GAMMA},
		{"gamma", 1, 1, LAW_GAMMA},
		{"gamma", 0.1, 0.3, LAW_GAMMA},
		{"gamma", 1e9, 2e9, LAW_GAMMA},
		{"gamma", 1, 1e-5, LAW_GAMMA},
		{"gamma", 1, 1e-7, LAW_TRUNCATED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		const struct asked *a = &asked[i];
		struct err e = ERR_INIT;
		struct law l;

		assert_int_equal(
			law_from_delay(&l, a->name, a->mean, a->sd, &e), 0);
		assert_int_equal(l.kind, a->kind);
		near(law_mean(&l), a->mean);
		assert_true(fabs(law_sd(&l) / a->sd - 1) <= 1e-8);
		assert_true(law_cdf(&l, nextafter(0, -1)) == 0);
		check_draws(&l);
	}
}

/* No sd stands for the default, and none at all is a constant. */
static void deviations_have_defaults(void **state)
{
	struct err e = ERR_INIT;
	struct law l;

	(void)state;
	assert_int_equal(law_from_moments(&l, "normal", 20, NAN, &e), 0);
	near(law_sd(&l), 2);
	assert_int_equal(law_from_moments(&l, "uniform", -1, NAN, &e), 0);
	near(law_sd(&l), 2);
	assert_int_equal(law_from_moments(&l, "exponential", 7, NAN, &e), 0);
	near(law_sd(&l), 7);
	assert_true(l.a == 0);
	assert_int_equal(law_from_moments(&l, "constant", 7, NAN, &e), 0);
	check_constant(&l, 7);
	assert_int_equal(law_from_moments(&l, "normal", 5, 0, &e), 0);
	check_constant(&l, 5);
	assert_int_equal(law_from_moments(&l, "exponential", -5, 0, &e), 0);
	check_constant(&l, -5);
	assert_int_equal(law_from_moments(&l, "uniform", 1e300, 0, &e), 0);
	check_constant(&l, 1e300);
	assert_int_equal(law_from_moments(&l, "uniform", 1e10, 1e-10, &e), 0);
	check_constant(&l, 1e10);
	assert_int_equal(law_from_delay(&l, "constant", 0.1, NAN, &e), 0);
	check_constant(&l, 0.1);
	assert_int_equal(law_from_delay(&l, "exponential", 3, NAN, &e), 0);
	near(law_sd(&l), 3);
	for (const char **name =
		     (const char *[]){"constant", "exponential", "uniform",
				      "normal", "gamma", NULL};
	     *name; name++) {
		assert_int_equal(law_from_delay(&l, *name, 1e9, 0, &e), 0);
		check_constant(&l, 1e9);
	}
	assert_string_equal(e.msg, "");
}

static void says_law(const char *text, enum law_kind kind, double a, double b)
{
	struct err e = ERR_INIT;
	struct law l;

	assert_true(law_is_written(text));
	if (law_parse(&l, text, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(l.kind, kind);
	assert_true(l.a == a);
	assert_true(l.b == b);
}

static void written_laws_are_read(void **state)
{
	(void)state;
	says_law("normal(20,0.5)", LAW_NORMAL, 20, 0.5);
	says_law("normal( -2 ,\t1k )", LAW_NORMAL, -2, 1000);
	says_law("normal(5,0)", LAW_CONSTANT, 5, 0);
	says_law("exponential(3)", LAW_EXPONENTIAL, 0, 3);
	says_law("uniform(0,10)", LAW_UNIFORM, 0, 10);
	says_law("uniform(-1e300,1e300)", LAW_UNIFORM, -1e300, 1e300);
	says_law("uniform(4,4)", LAW_CONSTANT, 4, 0);
	says_law("constant(5)", LAW_CONSTANT, 5, 0);
	assert_true(law_is_written("any-thing(") != 0);
	assert_false(law_is_written("normal"));
	assert_false(law_is_written("(1)"));
	assert_false(law_is_written(""));
}

static void bad_text(const char *text, const char *message)
{
	struct err e = ERR_INIT;
	struct law l = {LAW_GAMMA, 1, 2};

	assert_int_equal(law_parse(&l, text, &e), -1);
	assert_string_equal(e.msg, message);
	assert_int_equal(l.kind, LAW_GAMMA); /* untouched */
}

#define LAWS "constant, normal, exponential, uniform"
#define NO_LAW                                               \
	"no law: write normal(mean,sd), exponential(mean), " \
	"uniform(low,high) or constant(value)"

static void wrong_texts_are_told(void **state)
{
	(void)state;
	bad_text("uniform(5,1)", "'uniform(5,1)': low bound 5 is above high "
				 "bound 1: exchange them");
	bad_text("uniform(0,1e301)",
		 "'uniform(0,1e301)': bound 1e+301 is out of bounds (-1e+300 "
		 "to 1e+300)");
	bad_text("normal(20,-1)",
		 "'normal(20,-1)': sd -1 is out of bounds (0 to 1e+300)");
	bad_text("normal(-1e301,1)",
		 "'normal(-1e301,1)': mean -1e+301 is out of bounds (-1e+300 "
		 "to 1e+300)");
	bad_text("exponential(0)", "'exponential(0)': mean 0 must be above 0 "
				   "(to 1e+300); shift it with a mean and an "
				   "sd");
	bad_text("exponential(1e301)",
		 "'exponential(1e301)': mean 1e+301 is out of bounds (-1e+300 "
		 "to 1e+300)");
	bad_text("normal(1)",
		 "'normal(1)': normal(mean,sd) takes 2 numbers, not 1");
	bad_text("normal( )",
		 "'normal( )': normal(mean,sd) takes 2 numbers, not 0");
	bad_text("constant(1,2,3)",
		 "'constant(1,2,3)': constant(value) takes 1 number, not 3");
	bad_text("norml(1,2)", "'norml(1,2)': unknown law 'norml', did you "
			       "mean 'normal'? (" LAWS ")");
	bad_text("zipf(1)", "'zipf(1)': unknown law 'zipf' (" LAWS ")");
	bad_text("gamma(1,2)", "'gamma(1,2)': unknown law 'gamma' (" LAWS ")");
	bad_text("normal(1,2", "'normal(1,2': " NO_LAW);
	bad_text("normal", "'normal': " NO_LAW);
	bad_text("", "'': " NO_LAW);
	bad_text("(1)", "'(1)': " NO_LAW);
}

/* The message for these is the number parser's own, behind the text. */
static void wrong_numbers_are_told(void **state)
{
	static const char *const texts[] = {
		"normal(a,2)",	   "normal(1,2 3)",    "normal(1,)",
		"normal(nan,1)",   "normal(0,inf)",    "uniform(-inf,1)",
		"constant((1))",   "constant(1))",     "uniform(0x1,2)",
		"constant(1e999)", "exponential(1 s)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct err e = ERR_INIT;
		struct law l;

		assert_int_equal(law_parse(&l, texts[i], &e), -1);
		assert_non_null(strstr(e.msg, texts[i]));
	}
}

typedef int from_fn(struct law *l, const char *name, double mean, double sd,
		    struct err *e);

static void bad(from_fn *from, const char *name, double mean, double sd,
		int part, const char *message)
{
	struct err e = ERR_INIT;
	struct law l = {LAW_GAMMA, 1, 2};

	assert_int_equal(from(&l, name, mean, sd, &e), part);
	assert_string_equal(e.msg, message);
	assert_int_equal(l.kind, LAW_GAMMA); /* untouched */
}

static void wrong_moments_are_told(void **state)
{
	from_fn *f = law_from_moments;

	(void)state;
	bad(f, "uniformly", 1, 1, LAW_BAD_NAME,
	    "unknown law 'uniformly', did you mean 'uniform'? (" LAWS ")");
	bad(f, "gamma", 1, 1, LAW_BAD_NAME, "unknown law 'gamma' (" LAWS ")");
	bad(f, "normal", NAN, 1, LAW_BAD_MEAN,
	    "normal: mean nan is out of bounds (-1e+300 to 1e+300)");
	bad(f, "uniform", INFINITY, 1, LAW_BAD_MEAN,
	    "uniform: mean inf is out of bounds (-1e+300 to 1e+300)");
	bad(f, "normal", 1, -0.5, LAW_BAD_SD,
	    "normal: sd -0.5 is out of bounds (0 to 1e+300)");
	bad(f, "exponential", 1, INFINITY, LAW_BAD_SD,
	    "exponential: sd inf is out of bounds (0 to 1e+300)");
	bad(f, "exponential", -1, NAN, LAW_BAD_SD,
	    "exponential: mean -1 is not above 0, so it does not give the "
	    "sd: name one");
	bad(f, "constant", 1, 2, LAW_BAD_SD,
	    "constant: sd 2 must be 0, or take another law");
	bad(f, "uniform", 1e300, 1e299, LAW_BAD_SD,
	    "uniform: sd 1e+299 puts the bounds 8.267949192e+299 and "
	    "1.173205081e+300 beyond 1e+300");
}

static void wrong_delays_are_told(void **state)
{
	from_fn *f = law_from_delay;

	(void)state;
	bad(f, "poisson", 1, 1, LAW_BAD_NAME,
	    "unknown law 'poisson' (" LAWS ", gamma)");
	bad(f, "constant", 0, NAN, LAW_BAD_MEAN,
	    "constant: a mean delay of 0 is no schedule: use --speed max for "
	    "readings as fast as they go");
	bad(f, "normal", -1, 0.1, LAW_BAD_MEAN,
	    "normal: mean delay -1 s is out of bounds (1e-06 to 1e+09 s)");
	bad(f, "gamma", 9e-7, 1, LAW_BAD_MEAN,
	    "gamma: mean delay 9e-07 s is out of bounds (1e-06 to 1e+09 s)");
	bad(f, "gamma", 1.1e9, 1, LAW_BAD_MEAN,
	    "gamma: mean delay 1100000000 s is out of bounds (1e-06 to 1e+09 "
	    "s)");
	bad(f, "gamma", NAN, 1, LAW_BAD_MEAN,
	    "gamma: mean delay nan s is out of bounds (1e-06 to 1e+09 s)");
	bad(f, "constant", 1, 0.5, LAW_BAD_SD,
	    "constant: sd 0.5 s: a constant delay has no deviation; name a "
	    "--delay-distribution");
	bad(f, "uniform", 1, NAN, LAW_BAD_SD,
	    "uniform: there is no default sd: give one (0 to 0.5773502692 s)");
	bad(f, "normal", 1, -1, LAW_BAD_SD,
	    "normal: sd -1 s is negative (0 to 0.3333333333 s)");
	bad(f, "gamma", 1, 1001, LAW_BAD_SD,
	    "gamma: sd 1001 s is too wide for a mean delay of 1 s (at most "
	    "1000 s)");
#define TOO_WIDE(sd, most)                                               \
	"sd " sd " s is too wide for a mean delay of 1 s (at most " most \
	" s, delays are never negative): use --delay-distribution gamma"
	bad(f, "exponential", 1, 1.1, LAW_BAD_SD,
	    "exponential: " TOO_WIDE("1.1", "1"));
	bad(f, "uniform", 1, 0.578, LAW_BAD_SD,
	    "uniform: " TOO_WIDE("0.578", "0.5773502692"));
	bad(f, "normal", 1, 0.34, LAW_BAD_SD,
	    "normal: " TOO_WIDE("0.34", "0.3333333333"));
	bad(f, "normal", 1, INFINITY, LAW_BAD_SD,
	    "normal: " TOO_WIDE("inf", "0.3333333333"));
}

/* GSL ends the program where one of its functions does not converge. */
static void gamma_cdf_holds_everywhere(void **state)
{
	(void)state;
	for (double sd = 1000; sd >= 1e-6; sd *= 0.7) {
		struct err e = ERR_INIT;
		struct law l;
		double last = 0;

		assert_int_equal(law_from_delay(&l, "gamma", 1, sd, &e), 0);
		for (int i = -500; i <= 500; i++) {
			double p = law_cdf(&l, 1 + sd * i / 10);

			assert_true(p >= last - 1e-12 && p <= 1);
			last = p;
		}
		assert_true(law_cdf(&l, 5e-324) <= 1);
		assert_true(law_cdf(&l, 1e300) == 1);
		assert_true(law_cdf(&l, INFINITY) == 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_follow_theory),
		cmocka_unit_test(delays_follow_theory),
		cmocka_unit_test(deviations_have_defaults),
		cmocka_unit_test(written_laws_are_read),
		cmocka_unit_test(wrong_texts_are_told),
		cmocka_unit_test(wrong_numbers_are_told),
		cmocka_unit_test(wrong_moments_are_told),
		cmocka_unit_test(wrong_delays_are_told),
		cmocka_unit_test(gamma_cdf_holds_everywhere),
	};

	return cmocka_run_group_tests(tests, print_seed, NULL);
}
