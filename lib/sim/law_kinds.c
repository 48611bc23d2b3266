/* SPDX-License-Identifier: MIT */
#include "sim/law.h"

#include <math.h>

#include <gsl/gsl_version.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

#include "sim/law_parts.h"

/* GSL has no errors to return here: its handler ends the program. So no law
 * is made, and no argument passed, that it would complain about. */

/* From this shape on gsl_cdf_gamma_P may not converge. */
#define GAMMA_CDF_SHAPE 1e5

static double draw_constant(const struct law *l, const gsl_rng *rng)
{
	(void)rng;
	return l->a;
}

static double draw_normal(const struct law *l, const gsl_rng *rng)
{
	return l->a + gsl_ran_gaussian_ziggurat(rng, l->b);
}

static double draw_exponential(const struct law *l, const gsl_rng *rng)
{
	return l->a + gsl_ran_exponential(rng, l->b);
}

static double draw_uniform(const struct law *l, const gsl_rng *rng)
{
	return gsl_ran_flat(rng, l->a, l->b);
}

static double draw_gamma(const struct law *l, const gsl_rng *rng)
{
	return gsl_ran_gamma(rng, l->a, l->b);
}

static double draw_lognormal(const struct law *l, const gsl_rng *rng)
{
	return exp(l->a + gsl_ran_gaussian_ziggurat(rng, l->b));
}

static double draw_weibull(const struct law *l, const gsl_rng *rng)
{
	return gsl_ran_weibull(rng, l->a, l->b);
}

static double draw_beta(const struct law *l, const gsl_rng *rng)
{
	return gsl_ran_beta(rng, l->a, l->b);
}

static double draw_poisson(const struct law *l, const gsl_rng *rng)
{
	return gsl_ran_poisson(rng, l->a);
}

static double draw_bernoulli(const struct law *l, const gsl_rng *rng)
{
	return gsl_ran_bernoulli(rng, l->a);
}

/* As far from the mean on both sides: so the mean stays what it was. */
static double draw_truncated(const struct law *l, const gsl_rng *rng)
{
	double z;

	do {
		z = gsl_ran_gaussian_ziggurat(rng, l->b);
	} while (fabs(z) > l->a);
	return l->a + z;
}

/* In the hot path: each function keeps no more than it needs. */
static double (*const draws[])(const struct law *, const gsl_rng *) = {
	[LAW_CONSTANT] = draw_constant,
	[LAW_NORMAL] = draw_normal,
	[LAW_EXPONENTIAL] = draw_exponential,
	[LAW_UNIFORM] = draw_uniform,
	[LAW_GAMMA] = draw_gamma,
	[LAW_LOGNORMAL] = draw_lognormal,
	[LAW_WEIBULL] = draw_weibull,
	[LAW_BETA] = draw_beta,
	[LAW_POISSON] = draw_poisson,
	[LAW_BERNOULLI] = draw_bernoulli,
	[LAW_TRUNCATED] = draw_truncated,
};

double law_draw(const struct law *l, const gsl_rng *rng)
{
	return draws[l->kind](l, rng);
}

double law_mean(const struct law *l)
{
	switch (l->kind) {
	case LAW_EXPONENTIAL:
		return l->a + l->b;
	case LAW_UNIFORM:
		return l->a / 2 + l->b / 2;
	case LAW_GAMMA:
		return l->a * l->b;
	case LAW_LOGNORMAL:
		return exp(l->a + l->b * l->b / 2);
	case LAW_WEIBULL:
		return l->a * gsl_sf_gamma(1 + 1 / l->b);
	case LAW_BETA:
		return l->a / (l->a + l->b);
	default:
		return l->a;
	}
}

/*
 * With G for the gamma function, c for the shape and mean a G(1 + 1/c),
 *
 *     (sd / mean)^2 = G(1 + 2/c) / G(1 + 1/c)^2 - 1
 *
 * Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions, vol. 1
 * (2nd ed., 1994), chapter 21, section 3. By logarithms, for the quotient
 * nears 1 as the shape grows.
 */
static double weibull_sd(const struct law *l)
{
	double x = 1 / l->b;

	return law_mean(l) * sqrt(expm1(gsl_sf_lngamma(1 + 2 * x) -
					2 * gsl_sf_lngamma(1 + x)));
}

/*
 * The sd of a normal of mean a and deviation b that is cut to [0, 2a]: the
 * same book, chapter 13, section 10.1, for equal cuts on both sides at -+t
 * deviations:
 *
 *     variance = b^2 (1 - 2 t phi(t) / (2 Phi(t) - 1))
 */
static double truncated_sd(const struct law *l)
{
	double t = l->a / l->b;

	if (t > 40) /* phi is 0; and t may be infinite */
		return l->b;
	return l->b * sqrt(1 - 2 * t * gsl_ran_ugaussian_pdf(t) /
				       (2 * gsl_cdf_ugaussian_P(t) - 1));
}

double law_sd(const struct law *l)
{
	double a = l->a, b = l->b;

	switch (l->kind) {
	case LAW_NORMAL:
	case LAW_EXPONENTIAL:
		return b;
	case LAW_UNIFORM:
		return (b - a) / (2 * SQRT_3);
	case LAW_GAMMA:
		return sqrt(a) * b;
	case LAW_LOGNORMAL:
		return law_mean(l) * sqrt(expm1(b * b));
	case LAW_WEIBULL:
		return weibull_sd(l);
	case LAW_BETA:
		return sqrt(a * b / (a + b + 1)) / (a + b);
	case LAW_POISSON:
		return sqrt(a);
	case LAW_BERNOULLI:
		return sqrt(a * (1 - a));
	case LAW_TRUNCATED:
		return truncated_sd(l);
	case LAW_CONSTANT:
		break;
	}
	return 0;
}

/*
 * For large shapes by the cube root, which is normal but for a term of the
 * order 1/shape: Wilson & Hilferty, The Distribution of Chi-Square, PNAS 17
 * (1931) 684.
 */
static double gamma_cdf(double x, double shape, double scale)
{
	double v = 1 / (9 * shape);

	if (x <= 0)
		return 0;
	if (isinf(x / scale)) /* for GSL that is NaN */
		return 1;
	if (shape < GAMMA_CDF_SHAPE)
		return gsl_cdf_gamma_P(x, shape, scale);
	return gsl_cdf_gaussian_P(cbrt(x / scale / shape) - (1 - v), sqrt(v));
}

/*
 * At most k events by then is the event after k later than then: so does
 * gsl_cdf_poisson_P, which would not converge for large means.
 */
static double poisson_cdf(double x, double mean)
{
	return x < 0 ? 0 : 1 - gamma_cdf(mean, floor(x) + 1, 1);
}

static double bernoulli_cdf(double x, double p)
{
	if (x < 0)
		return 0;
	return x < 1 ? 1 - p : 1;
}

static double truncated_cdf(const struct law *l, double x)
{
	double below = gsl_cdf_gaussian_P(-l->a, l->b);
	double p = gsl_cdf_gaussian_P(x - l->a, l->b) - below;

	if (x <= 0)
		return 0;
	if (x >= 2 * l->a)
		return 1;
	return fmin(p / (1 - 2 * below), 1);
}

double law_cdf(const struct law *l, double x)
{
	switch (l->kind) {
	case LAW_NORMAL:
		return gsl_cdf_gaussian_P(x - l->a, l->b);
	case LAW_EXPONENTIAL:
		return gsl_cdf_exponential_P(x - l->a, l->b);
	case LAW_UNIFORM:
		return gsl_cdf_flat_P(x, l->a, l->b);
	case LAW_GAMMA:
		return gamma_cdf(x, l->a, l->b);
	case LAW_LOGNORMAL:
		return x > 0 ? gsl_cdf_lognormal_P(x, l->a, l->b) : 0;
	case LAW_WEIBULL:
		return x > 0 ? gsl_cdf_weibull_P(x, l->a, l->b) : 0;
	case LAW_BETA:
		return gsl_cdf_beta_P(x, l->a, l->b);
	case LAW_POISSON:
		return poisson_cdf(x, l->a);
	case LAW_BERNOULLI:
		return bernoulli_cdf(x, l->a);
	case LAW_TRUNCATED:
		return truncated_cdf(l, x);
	case LAW_CONSTANT:
		break;
	}
	return x >= l->a ? 1 : 0;
}

const char *law_library_version(void)
{
	return gsl_version;
}
