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

#include "base/str.h"
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

/* By z's moments, from integrating by parts:
 * E z^k = (k - 1) E z^(k - 2) - 2 t^(k - 1) phi(t) / (2 Phi(t) - 1). */
static double truncated_kurtosis(const struct law *l)
{
	double t = l->a / l->b, z2;
	double c =
		2 * gsl_ran_ugaussian_pdf(t) / (2 * gsl_cdf_ugaussian_P(t) - 1);

	z2 = 1 - c * t;
	return (3 * z2 - c * t * t * t) / (z2 * z2);
}

/* From the moments about 0, E x^k = G(1 + k / shape) for a scale of 1. */
static double weibull_kurtosis(const struct law *l)
{
	double g1 = tgamma(1 + 1 / l->b), g2 = tgamma(1 + 2 / l->b);
	double g3 = tgamma(1 + 3 / l->b), g4 = tgamma(1 + 4 / l->b);
	double v = g2 - g1 * g1;

	return (g4 - 4 * g1 * g3 + 6 * g1 * g1 * g2 - 3 * g1 * g1 * g1 * g1) /
	       (v * v);
}

static double beta_kurtosis(const struct law *l)
{
	double a = l->a, b = l->b, ab = a * b, n = a + b;

	return 3 + 6 * ((a - b) * (a - b) * (n + 1) - ab * (n + 2)) /
			   (ab * (n + 2) * (n + 3));
}

/* E(x - m)^4 / sd^4. */
static double kurtosis(const struct law *l)
{
	double w;

	switch (l->kind) {
	case LAW_NORMAL:
		return 3;
	case LAW_EXPONENTIAL:
		return 9;
	case LAW_UNIFORM:
		return 1.8;
	case LAW_GAMMA:
		return 3 + 6 / l->a;
	case LAW_LOGNORMAL:
		w = exp(l->b * l->b);
		return w * w * w * w + 2 * w * w * w + 3 * w * w - 3;
	case LAW_WEIBULL:
		return weibull_kurtosis(l);
	case LAW_BETA:
		return beta_kurtosis(l);
	case LAW_POISSON:
		return 3 + 1 / l->a;
	case LAW_BERNOULLI:
		return 1 / (l->a * (1 - l->a)) - 3;
	case LAW_TRUNCATED:
		return truncated_kurtosis(l);
	default:
		return 1;
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Kolmogorov's distance of the draws, sorted here, from the law's cdf: at
 * each point that was drawn, and right before it, where a law may have
 * jumped. One that came once counts its jump as distance.
 */
static double distance(const struct law *l, double *x, size_t n)
{
	double d = 0;

	qsort(x, n, sizeof(*x), compare);
	for (size_t i = 0, next; i < n; i = next) {
		double p = law_cdf(l, x[i]), before = p;

		for (next = i + 1; next < n && x[next] == x[i];)
			next++;
		if (next > i + 1)
			before = law_cdf(l, nextafter(x[i], -INFINITY));
		d = fmax(d, fabs((double)next / (double)n - p));
		d = fmax(d, fabs((double)i / (double)n - before));
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
	/* 2 exp(-2 n d^2) = 1e-6: Kolmogorov's law, its leading term, which
	 * Massart (1990) proved a bound for every law, those with jumps too */
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

/* It has these moments. */
static struct law law_asked(const struct asked *a)
{
	struct err e = ERR_INIT;
	struct law l;

	assert_int_equal(law_from_moments(&l, a->name, a->mean, a->sd, &e), 0);
	assert_int_equal(l.kind, a->kind);
	assert_true(fabs(law_mean(&l) - a->mean) <=
		    1e-12 * (fabs(a->mean) + a->sd));
	assert_true(fabs(law_sd(&l) / a->sd - 1) <= 1e-9);
	return l;
}

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
		{"gamma", 20, 2, LAW_GAMMA},
		{"gamma", 1, 3, LAW_GAMMA},
		{"gamma", 1e-290, 1e-296, LAW_GAMMA},
		{"lognormal", 20, 2, LAW_LOGNORMAL},
		{"lognormal", 1e-3, 1e-3, LAW_LOGNORMAL},
		{"lognormal", 1e6, 2, LAW_LOGNORMAL},
		{"weibull", 20, 2, LAW_WEIBULL},
		{"weibull", 10, 10, LAW_WEIBULL},
		{"weibull", 1, 3, LAW_WEIBULL},
		{"weibull", 1e100, 2e97, LAW_WEIBULL},
		{"beta", 0.5, 0.1, LAW_BETA},
		{"beta", 0.5, 0.28867513459481287, LAW_BETA},
		{"beta", 0.1, 0.2, LAW_BETA},
		{"beta", 0.01, 0.005, LAW_BETA},
		{"beta", 0.5, 0.002, LAW_BETA},
		{"poisson", 0.1, 0.31622776601683794, LAW_POISSON},
		{"poisson", 3, 1.7320508075688772, LAW_POISSON},
		{"poisson", 12.5, 3.5355339059327378, LAW_POISSON},
		{"poisson", 1000, 31.622776601683793, LAW_POISSON},
		{"poisson", 1e5, 316.22776601683796, LAW_POISSON},
		{"poisson", 1e9, 31622.776601683792, LAW_POISSON},
		{"bernoulli", 0.5, 0.5, LAW_BERNOULLI},
		{"bernoulli", 0.001, 0.031606961258558218, LAW_BERNOULLI},
		{"bernoulli", 0.9, 0.3, LAW_BERNOULLI},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		struct law l = law_asked(&asked[i]);

		check_draws(&l);
	}
}

/* By hand or by the tables of any textbook. */
static void parameters_are_the_textbooks(void **state)
{
	static const struct {
		const char *text;
		double mean, sd;
	} written[] = {
		{"gamma(2,0.5)", 1, 0.70710678118654752},
		{"gamma(0.1,10)", 1, 3.1622776601683793},
		{"lognormal(0,1)", 1.6487212707001282, 2.1611974158950877},
		{"lognormal(-3,0.25)", 0.051367479567250733,
		 0.013045161456785083},
		{"weibull(3,1)", 3, 3},
		{"weibull(1,2)", 0.88622692545275801, 0.46325137517610424},
		{"weibull(2,0.5)", 4, 8.9442719099991588},
		{"beta(1,1)", 0.5, 0.28867513459481288},
		{"beta(2,5)", 0.2857142857142857, 0.15971914124998499},
		{"beta(0.5,0.5)", 0.5, 0.35355339059327376},
		{"beta(1e5,1e5)", 0.5, 0.0011180311936754045},
		{"poisson(4)", 4, 2},
		{"bernoulli(0.3)", 0.3, 0.45825756949558400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++) {
		struct err e = ERR_INIT;
		struct law l;

		assert_int_equal(law_parse(&l, written[i].text, &e), 0);
		near(law_mean(&l), written[i].mean);
		near(law_sd(&l), written[i].sd);
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
	assert_int_equal(law_from_moments(&l, "gamma", 20, NAN, &e), 0);
	near(law_sd(&l), 2);
	assert_int_equal(law_from_moments(&l, "lognormal", 20, NAN, &e), 0);
	near(law_sd(&l), 2);
	assert_int_equal(law_from_moments(&l, "weibull", 20, NAN, &e), 0);
	assert_true(fabs(law_sd(&l) / 2 - 1) <= 1e-9);
	assert_int_equal(law_from_moments(&l, "poisson", 9, NAN, &e), 0);
	near(law_sd(&l), 3);
	assert_int_equal(law_from_moments(&l, "bernoulli", 0.2, NAN, &e), 0);
	near(law_sd(&l), 0.4);
	assert_int_equal(law_from_moments(&l, "constant", 7, NAN, &e), 0);
	check_constant(&l, 7);
	assert_int_equal(law_from_moments(&l, "poisson", 0, NAN, &e), 0);
	check_constant(&l, 0);
	assert_int_equal(law_from_moments(&l, "bernoulli", 1, NAN, &e), 0);
	check_constant(&l, 1);
	assert_int_equal(law_from_moments(&l, "beta", 20, 0, &e), 0);
	check_constant(&l, 20);
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
	says_law("gamma(2,0.5)", LAW_GAMMA, 2, 0.5);
	says_law("lognormal(3,0.25)", LAW_LOGNORMAL, 3, 0.25);
	says_law("weibull(8,1.5)", LAW_WEIBULL, 8, 1.5);
	says_law("beta(2,5)", LAW_BETA, 2, 5);
	says_law("poisson(1M)", LAW_POISSON, 1e6, 0);
	says_law("poisson(0)", LAW_CONSTANT, 0, 0);
	says_law("bernoulli(0.3)", LAW_BERNOULLI, 0.3, 0);
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

#define DELAYS "constant, normal, exponential, uniform, gamma"
#define LAWS   DELAYS ", lognormal, weibull, beta, poisson, bernoulli"
#define NO_LAW                                               \
	"no law: write constant(value), normal(mean,sd), "   \
	"exponential(mean), uniform(low,high), "             \
	"gamma(shape,scale), lognormal(mu,sigma), "          \
	"weibull(scale,shape), beta(a,b), poisson(mean) or " \
	"bernoulli(p)"

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
			       "mean 'normal'?");
	bad_text("zipf(1)", "'zipf(1)': unknown law 'zipf' (" LAWS ")");
	bad_text("gamma(0,2)", "'gamma(0,2)': shape 0 is out of bounds (1e-06 "
			       "to 1e+12)");
	bad_text("gamma(1,-2)", "'gamma(1,-2)': scale -2 must be above 0");
	bad_text("weibull(0,1)", "'weibull(0,1)': scale 0 must be above 0");
	bad_text("lognormal(0,5)",
		 "'lognormal(0,5)': sigma 5 is out of bounds (1e-06 to 4)");
	bad_text("lognormal(1e9,1)",
		 "'lognormal(1e9,1)': mean inf is out of bounds (1e-290 to "
		 "1e+300), or take another law");
	bad_text("lognormal(689,4)",
		 "'lognormal(689,4)': mean 5.049564065e+302 is out of bounds "
		 "(1e-290 to 1e+300), or take another law");
	bad_text("gamma(1e-6,1e304)",
		 "'gamma(1e-6,1e304)': sd 1e+301 is out of bounds (0 to "
		 "1e+300)");
	bad_text("weibull(1,1001)",
		 "'weibull(1,1001)': shape 1001 is out of bounds (0.1 to "
		 "1000)");
	bad_text("beta(2,1e6)",
		 "'beta(2,1e6)': shape 1000000 is out of bounds (1e-06 to "
		 "100000)");
	bad_text("beta(-1,2)", "'beta(-1,2)': shape -1 is out of bounds (1e-06 "
			       "to 100000)");
	bad_text("poisson(2G)",
		 "'poisson(2G)': mean 2000000000 is out of bounds (0 to "
		 "1000000000), or take another law");
	bad_text("bernoulli(1.5)", "'bernoulli(1.5)': mean 1.5 is out of "
				   "bounds (0 to 1), or take another law");
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
	    "unknown law 'uniformly', did you mean 'uniform'?");
	bad(f, "zipf", 1, 1, LAW_BAD_NAME, "unknown law 'zipf' (" LAWS ")");
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

/* What the shapes of the laws do not reach; the bounds told are taken. */
static void moments_out_of_reach_are_told(void **state)
{
	from_fn *f = law_from_moments;

	(void)state;
#define POSITIVE                                         \
	" is out of bounds (1e-290 to 1e+300), or take " \
	"another law"
	bad(f, "gamma", -5, 1, LAW_BAD_MEAN, "gamma: mean -5" POSITIVE);
	bad(f, "lognormal", 0, NAN, LAW_BAD_MEAN, "lognormal: mean 0" POSITIVE);
	bad(f, "weibull", -5, 1, LAW_BAD_MEAN, "weibull: mean -5" POSITIVE);
	bad(f, "beta", 20, NAN, LAW_BAD_MEAN,
	    "beta: mean 20 is out of bounds (1e-09 to 0.999999999), or take "
	    "another law");
	bad(f, "beta", 0.5, NAN, LAW_BAD_SD,
	    "beta: there is no default sd: give one (0.001118031194 to "
	    "0.4999995)");
	bad(f, "beta", 0.5, 0.5, LAW_BAD_SD,
	    "beta: sd 0.5 is out of bounds for a mean of 0.5 (0.001118031194 "
	    "to 0.4999995), or take another law");
	bad(f, "gamma", 0.001, NAN, LAW_BAD_SD,
	    "gamma: sd 2 is out of bounds for a mean of 0.001 (1e-09 to 1), "
	    "or take another law");
	bad(f, "lognormal", 20, 1e-6, LAW_BAD_SD,
	    "lognormal: sd 1e-06 is out of bounds for a mean of 20 (2e-05 to "
	    "59619.15639), or take another law");
	bad(f, "weibull", 20, 0.02, LAW_BAD_SD,
	    "weibull: sd 0.02 is out of bounds for a mean of 20 "
	    "(0.02563228498 to 8596.627246), or take another law");
	bad(f, "poisson", -1, NAN, LAW_BAD_MEAN,
	    "poisson: mean -1 is out of bounds (0 to 1000000000), or take "
	    "another law");
	bad(f, "poisson", 2, 1.41, LAW_BAD_SD,
	    "poisson: sd 1.41 does not go with a mean of 2 (1.414213562 "
	    "does): leave it out");
	bad(f, "poisson", 0, 1, LAW_BAD_SD,
	    "poisson: sd 1 does not go with a mean of 0 (0 does): leave it "
	    "out");
	bad(f, "bernoulli", 0.5, 0.4, LAW_BAD_SD,
	    "bernoulli: sd 0.4 does not go with a mean of 0.5 (0.5 does): "
	    "leave it out");
	bad(f, "bernoulli", 1.5, NAN, LAW_BAD_MEAN,
	    "bernoulli: mean 1.5 is out of bounds (0 to 1), or take another "
	    "law");
}

static void told_bounds_are_taken(void **state)
{
	static const struct asked asked[] = {
		{"gamma", 20, 2e-5, LAW_GAMMA},
		{"gamma", 20, 20000, LAW_GAMMA},
		{"lognormal", 20, 2e-5, LAW_LOGNORMAL},
		{"lognormal", 20, 59619.15639, LAW_LOGNORMAL},
		{"weibull", 20, 0.02563228498, LAW_WEIBULL},
		{"weibull", 20, 8596.627246, LAW_WEIBULL},
		{"beta", 0.5, 0.001118031194, LAW_BETA},
		{"beta", 0.5, 0.4999995, LAW_BETA},
		{"poisson", 2, 1.414213562, LAW_POISSON},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		law_asked(&asked[i]);
}

static void wrong_delays_are_told(void **state)
{
	from_fn *f = law_from_delay;

	(void)state;
	bad(f, "poisson", 1, 1, LAW_BAD_NAME,
	    "unknown law 'poisson' (" DELAYS ")");
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

typedef int parse_fn(struct law *l, const char *text, struct err *e);

static void reads(parse_fn *parse, const char *text, enum law_kind kind,
		  double a, double b)
{
	struct err e = ERR_INIT;
	struct law l;

	if (parse(&l, text, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(l.kind, kind);
	near(l.a, a);
	near(l.b, b);
}

static void written_delays_are_read(void **state)
{
	parse_fn *f = law_parse_delay;
	struct err e = ERR_INIT;
	struct law l;

	(void)state;
	reads(f, "0.5", LAW_CONSTANT, 0.5, 0);
	reads(f, "100ms", LAW_CONSTANT, 0.1, 0);
	reads(f, "2h", LAW_CONSTANT, 7200, 0);
	reads(f, "1.5e-6", LAW_CONSTANT, 1.5e-6, 0);
	reads(f, "constant(1)", LAW_CONSTANT, 1, 0);
	reads(f, "constant(5m)", LAW_CONSTANT, 300, 0);
	reads(f, "exponential(0.5)", LAW_EXPONENTIAL, 0, 0.5);
	reads(f, "uniform(0.1,2)", LAW_UNIFORM, 0.1, 2);
	reads(f, "uniform( 100ms , 2s )", LAW_UNIFORM, 0.1, 2);
	reads(f, "uniform(2,2s)", LAW_CONSTANT, 2, 0);
	reads(f, "gamma(2,500ms)", LAW_GAMMA, 2, 0.5);
	reads(f, "normal(3,0)", LAW_CONSTANT, 3, 0);
	assert_int_equal(f(&l, "normal(1,250ms)", &e), 0);
	assert_int_equal(l.kind, LAW_TRUNCATED);
	near(law_mean(&l), 1);
	assert_true(fabs(law_sd(&l) / 0.25 - 1) <= 1e-12);
	check_draws(&l);
	assert_int_equal(f(&l, "gamma(1e14,1e-14)", &e), 0);
	assert_int_equal(l.kind, LAW_TRUNCATED);
	assert_true(fabs(law_sd(&l) / 1e-7 - 1) <= 1e-12);
}

static void written_lengths_are_read(void **state)
{
	parse_fn *f = law_parse_length;

	(void)state;
	reads(f, "0", LAW_CONSTANT, 0, 0);
	reads(f, "2s", LAW_CONSTANT, 2, 0);
	reads(f, "1e-9", LAW_CONSTANT, 1e-9, 0);
	reads(f, "exponential(60)", LAW_EXPONENTIAL, 0, 60);
	reads(f, "exponential(0)", LAW_CONSTANT, 0, 0);
	reads(f, "uniform(0,0)", LAW_CONSTANT, 0, 0);
	reads(f, "uniform(0,1m)", LAW_UNIFORM, 0, 60);
	reads(f, "normal(0,0)", LAW_CONSTANT, 0, 0);
	reads(f, "gamma(2,0)", LAW_CONSTANT, 0, 0);
	reads(f, "gamma(0.5,1d)", LAW_GAMMA, 0.5, 86400);
}

static void bad_written(parse_fn *parse, const char *text, const char *message)
{
	struct err e = ERR_INIT;
	struct law l = {LAW_BETA, 1, 2};

	assert_int_equal(parse(&l, text, &e), -1);
	assert_string_equal(e.msg, message);
	assert_int_equal(l.kind, LAW_BETA); /* untouched */
}

#define NO_TIME(text)                                             \
	"'" text "': '" text "' is not a span of time (like 20, " \
	"500ms, 20s, 5m, 24h)"
#define NO_DELAY                                           \
	"no law: write constant(value), normal(mean,sd), " \
	"exponential(mean), uniform(low,high) or gamma(shape,scale)"
#define NO_SCHEDULE                                              \
	"a mean delay of 0 is no schedule: use --speed max for " \
	"readings as fast as they go"

static void wrong_written_delays_are_told(void **state)
{
	parse_fn *f = law_parse_delay;

	(void)state;
	bad_written(f, "0", "'0': " NO_SCHEDULE);
	bad_written(f, "exponential(0)", "'exponential(0)': " NO_SCHEDULE);
	bad_written(f, "uniform(0,0)", "'uniform(0,0)': " NO_SCHEDULE);
	bad_written(f, "", NO_TIME(""));
	bad_written(f, "5 s", NO_TIME("5 s"));
	bad_written(f, "constant(1x)",
		    "'constant(1x)': '1x' is not a span of time (like 20, "
		    "500ms, 20s, 5m, 24h)");
	bad_written(f, "exponential", "'exponential': " NO_DELAY);
	bad_written(f, "normal(1,2", "'normal(1,2': " NO_DELAY);
	bad_written(f, "weibull(1,2)",
		    "'weibull(1,2)': unknown law 'weibull' (" DELAYS ")");
	bad_written(f, "uniform(1)",
		    "'uniform(1)': uniform(low,high) takes 2 numbers, not 1");
	bad_written(f, "-1s",
		    "'-1s': mean delay -1 s is out of bounds (1e-06 "
		    "to 1e+09 s)");
	bad_written(f, "constant(2G)",
		    "'constant(2G)': mean delay 2000000000 s is out of bounds "
		    "(1e-06 to 1e+09 s)");
	bad_written(f, "uniform(-1,5)",
		    "'uniform(-1,5)': low bound -1 s: a delay is never "
		    "negative");
	bad_written(f, "uniform(5,1)",
		    "'uniform(5,1)': low bound 5 s is above high bound 1 s: "
		    "exchange them");
	bad_written(f, "normal(1,500ms)",
		    "'normal(1,500ms)': sd 0.5 s is too wide for a mean delay "
		    "of 1 s (at most 0.3333333333 s, delays are never "
		    "negative): use gamma(shape,scale)");
	bad_written(f, "normal(1,-1)",
		    "'normal(1,-1)': sd -1 s is negative (0 to 0.3333333333 "
		    "s)");
	bad_written(f, "gamma(0,1)", "'gamma(0,1)': shape 0 must be above 0");
	bad_written(f, "gamma(1s,1)", "'gamma(1s,1)': '1s' is not a number");
	bad_written(f, "gamma(1e-8,1e8)",
		    "'gamma(1e-8,1e8)': sd 10000 s is too wide for a mean "
		    "delay of 1 s (at most 1000 s)");
	bad_written(f, "gamma(1,-2)",
		    "'gamma(1,-2)': mean delay -2 s is out of bounds (1e-06 "
		    "to 1e+09 s)");
}

static void wrong_lengths_are_told(void **state)
{
	parse_fn *f = law_parse_length;

	(void)state;
	bad_written(f, "-2s",
		    "'-2s': mean length -2 s is out of bounds (0 to "
		    "1e+09 s)");
	bad_written(f, "normal(0,1)",
		    "'normal(0,1)': sd 1 s is too wide for a mean length of 0 "
		    "s (at most 0 s, lengths are never negative): use "
		    "gamma(shape,scale)");
	bad_written(f, "uniform(-1,5)",
		    "'uniform(-1,5)': low bound -1 s: a length is never "
		    "negative");
	bad_written(f, "late", "'late': " NO_DELAY);
}

static void described(const struct law *l, const char *text)
{
	struct str s = STR_INIT;

	law_describe(l, &s);
	assert_string_equal(s.p, text);
	str_release(&s);
}

static void laws_describe_themselves(void **state)
{
	static const char *const texts[] = {
		"constant(5)",	      "normal(60,2)",	   "uniform(0,10)",
		"exponential(3)",     "gamma(2,0.5)",	   "beta(2,5)",
		"lognormal(-3,0.25)", "weibull(8,1.5)",	   "poisson(1000)",
		"bernoulli(0.001)",   "normal(-1e+300,1)",
	};
	struct err e = ERR_INIT;
	struct law l;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(law_parse(&l, texts[i], &e), 0);
		described(&l, texts[i]);
	}
	assert_int_equal(law_from_moments(&l, "exponential", 10, 3, &e), 0);
	described(&l, "7 + exponential(3)");
	assert_int_equal(law_from_moments(&l, "exponential", -5, 30, &e), 0);
	described(&l, "-35 + exponential(30)");
	assert_int_equal(law_from_moments(&l, "uniform", 20, 2, &e), 0);
	described(&l, "uniform(16.53589838,23.46410162)");
	assert_int_equal(law_from_delay(&l, "normal", 60, 15, &e), 0);
	described(&l, "normal(60,15)");
}

/* From far below to far above, with no hole: GSL ends the program where one
 * of its functions does not converge. */
static void check_cdf(const struct law *l)
{
	double m = law_mean(l), sd = law_sd(l), last = 0;

	for (int i = -500; i <= 500; i++) {
		double p = law_cdf(l, m + sd * i / 10);

		assert_true(p >= last - 1e-12 && p <= 1);
		last = p;
	}
	assert_true(law_cdf(l, -INFINITY) == 0);
	assert_true(law_cdf(l, -DBL_MAX) == 0);
	assert_true(law_cdf(l, 5e-324) <= 1);
	assert_true(law_cdf(l, DBL_MAX) == 1);
	assert_true(law_cdf(l, INFINITY) == 1);
}

/* All the way between the bounds of sd/mean: steps of 30 %. */
static void cdfs_hold_everywhere(void **state)
{
	static const struct {
		const char *name;
		double least, most;
	} laws[] = {
		{"gamma", 1.1e-6, 999},	  {"lognormal", 1.1e-6, 2980},
		{"weibull", 1.3e-3, 429}, {"normal", 1e-6, 1000},
		{"uniform", 1e-6, 1000},  {"exponential", 1e-6, 1000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(laws) / sizeof(*laws); i++) {
		for (double s = laws[i].most; s >= laws[i].least; s *= 0.7) {
			struct err e = ERR_INIT;
			struct law l;

			assert_int_equal(
				law_from_moments(&l, laws[i].name, 1, s, &e),
				0);
			check_cdf(&l);
		}
	}
}

/* Where a normal is cut, rounding may not take it beyond 1. */
static void cdfs_of_delays_hold(void **state)
{
	(void)state;
	for (double s = 1e-6; s <= 1 / 3.0; s *= 1.01) {
		struct err e = ERR_INIT;
		struct law l;

		assert_int_equal(
			law_from_delay(&l, "normal", 2.22, 2.22 * s, &e), 0);
		check_cdf(&l);
		assert_true(law_cdf(&l, nextafter(2 * 2.22, 0)) <= 1);
		assert_true(law_cdf(&l, nextafter(0, 1)) >= 0);
	}
}

static void cdfs_hold_for_all_shapes(void **state)
{
	(void)state;
	for (double a = 1e-6; a <= 1e5; a *= 3)
		for (double b = 1e-6; b <= 1e5; b *= 3)
			check_cdf(&(struct law){LAW_BETA, a, b});
	for (double mean = 1e-9; mean <= 1e9; mean *= 3)
		check_cdf(&(struct law){LAW_POISSON, mean, 0});
	for (double p = 1; p >= 1e-9; p /= 3)
		check_cdf(&(struct law){LAW_BERNOULLI, p, 0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_follow_theory),
		cmocka_unit_test(parameters_are_the_textbooks),
		cmocka_unit_test(delays_follow_theory),
		cmocka_unit_test(deviations_have_defaults),
		cmocka_unit_test(written_laws_are_read),
		cmocka_unit_test(wrong_texts_are_told),
		cmocka_unit_test(wrong_numbers_are_told),
		cmocka_unit_test(wrong_moments_are_told),
		cmocka_unit_test(moments_out_of_reach_are_told),
		cmocka_unit_test(told_bounds_are_taken),
		cmocka_unit_test(wrong_delays_are_told),
		cmocka_unit_test(written_delays_are_read),
		cmocka_unit_test(written_lengths_are_read),
		cmocka_unit_test(wrong_written_delays_are_told),
		cmocka_unit_test(wrong_lengths_are_told),
		cmocka_unit_test(laws_describe_themselves),
		cmocka_unit_test(cdfs_hold_everywhere),
		cmocka_unit_test(cdfs_of_delays_hold),
		cmocka_unit_test(cdfs_hold_for_all_shapes),
	};

	return cmocka_run_group_tests(tests, print_seed, NULL);
}
