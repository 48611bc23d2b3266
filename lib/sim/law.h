/* SPDX-License-Identifier: MIT */
/*
 * law.h - a random distribution with its parameters
 *
 * A law is made from text ("uniform(0,10)") or from the mean and standard
 * deviation that are asked of it, and then drawn from. Mean and standard
 * deviation mean what they say for every law. A law that was made is valid:
 * its draws are finite.
 *
 *   kind         a, b                      from mean m and sd s
 *   constant     value                     s = 0 of any of them
 *   normal       mean, sd                  m, s
 *   exponential  shift, scale              m - s + Exp(s)
 *   uniform      low, high                 m -+ sqrt(3) s
 *   gamma        shape, scale              (m/s)^2, s^2/m
 *   lognormal    mu, sigma: of the log     sigma^2 = log(1 + (s/m)^2),
 *                                          mu = log(m) - sigma^2 / 2
 *   weibull      scale, shape              the shape solved for s/m
 *   beta         two shapes                m v and (1 - m) v, with
 *                                          v = m (1 - m) / s^2 - 1
 *   poisson      mean                      m, and s = sqrt(m)
 *   bernoulli    P(1), else 0              m, and s = sqrt(m (1 - m))
 *   truncated    mean, sd of the normal    normal cut to [0, 2m], its sd
 *                that is cut               chosen so that s comes out
 *
 * The last is for delays only. Draws are GSL's, ziggurat for normals.
 *
 * In law.c, values; law_delay.c, delays; law_words.c, how both are written;
 * law_kinds.c, draws and theory. Floor 2. Pure: random state is an argument.
 */
#ifndef SIM_LAW_H
#define SIM_LAW_H

#include <gsl/gsl_rng.h>

#include "base/err.h"
#include "base/str.h"

/* Values have all but the last, delays the first five and the last. */
enum law_kind {
	LAW_CONSTANT,
	LAW_NORMAL,
	LAW_EXPONENTIAL,
	LAW_UNIFORM,
	LAW_GAMMA,
	LAW_LOGNORMAL,
	LAW_WEIBULL,
	LAW_BETA,
	LAW_POISSON,
	LAW_BERNOULLI,
	LAW_TRUNCATED, /* its name is normal too */
};

struct law {
	enum law_kind kind;
	double a, b;
};

/* Means, deviations and bounds must lie within +- this. */
#define LAW_MAX 1e300

/* Which argument was wrong: what law_from_* returns instead of 0. */
#define LAW_BAD_NAME (-1)
#define LAW_BAD_MEAN (-2)
#define LAW_BAD_SD   (-3)

/*
 * The value law of kind `name` with this mean and sd >= 0. An sd of NAN is
 * the default: the mean for exponential (then > 0), 0 for constant, the one
 * there is for poisson and bernoulli, none for beta, 2 for the others. For
 * an sd above 0, means are 1e-290 to 1e300 for gamma, lognormal and weibull,
 * 1e-9 to 1 - 1e-9 for beta, 0 to 1e9 for poisson, 0 to 1 for bernoulli; and
 * the sd is one whose shape law_parse takes. Returns 0 or a LAW_BAD_*.
 */
int law_from_moments(struct law *l, const char *name, double mean, double sd,
		     struct err *e);

/*
 * The law as written: constant(value), normal(mean,sd), exponential(mean),
 * uniform(low,high), poisson(mean), bernoulli(p); gamma(shape,scale), shape
 * 1e-6 to 1e12; lognormal(mu,sigma), sigma 1e-6 to 4; weibull(scale,shape),
 * shape 0.1 to 1000; beta(a,b), 1e-6 to 1e5. Blanks around numbers pass.
 */
int law_parse(struct law *l, const char *text, struct err *e);

/* True if the text has the form of a written law: a word and a "(". */
int law_is_written(const char *text);

/*
 * The delay law of kind `name` with this mean and sd, in seconds. Delays are
 * never negative and their mean is the one asked, so a mean must be 1 us to
 * 1e9 s (0: the error names --speed max) and an sd too wide for the law is
 * an error that names gamma. An sd of NAN stands for the default: 0 for
 * constant, the mean for exponential; others need one. 0 or a LAW_BAD_*.
 */
int law_from_delay(struct law *l, const char *name, double mean, double sd,
		   struct err *e);

/*
 * The delay law as written, under the same bounds: a time ("0.5", "100ms"),
 * which is constant, or a law of times ("normal(1,200ms)", "gamma(2,0.5)").
 */
int law_parse_delay(struct law *l, const char *text, struct err *e);
/* The same for a length of time, whose mean may be 0 to 1e9 s. */
int law_parse_length(struct law *l, const char *text, struct err *e);

/* As it could be written, to 10 digits; a shift as "7 + exponential(3)". */
void law_describe(const struct law *l, struct str *out);

double law_draw(const struct law *l, const gsl_rng *rng);

/* What theory promises. */
double law_mean(const struct law *l);
double law_sd(const struct law *l);
/* P(X <= x), from GSL's own distribution functions. */
double law_cdf(const struct law *l, double x);

const char *law_library_version(void); /* "2.7.1" */

#endif
