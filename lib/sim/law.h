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
 *   normal       mean, sd                  m, s
 *   exponential  shift, scale              m - s + Exp(s)
 *   uniform      low, high                 m -+ sqrt(3) s
 *   constant     value                     s = 0 of any of them
 *   gamma        shape, scale              (m/s)^2, s^2/m
 *   truncated    mean, sd of the normal    normal cut to [0, 2m], its sd
 *                that is cut               chosen so that s comes out
 *
 * The last two are for delays only. Draws are GSL's, ziggurat for normals.
 *
 * Floor 2. Pure: random state is an argument.
 */
#ifndef SIM_LAW_H
#define SIM_LAW_H

#include <gsl/gsl_rng.h>

#include "base/err.h"

enum law_kind {
	LAW_CONSTANT,
	LAW_NORMAL,
	LAW_EXPONENTIAL,
	LAW_UNIFORM,
	LAW_GAMMA,
	LAW_TRUNCATED,
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
 * The value law of kind `name` ("normal", "exponential", "uniform",
 * "constant") with this mean and sd >= 0. An sd of NAN stands for the
 * default: 2 for normal and uniform, the mean for exponential (which must
 * then be > 0), 0 for constant. Returns 0 or a LAW_BAD_*.
 */
int law_from_moments(struct law *l, const char *name, double mean, double sd,
		     struct err *e);

/*
 * The law as written: normal(mean,sd), exponential(mean), uniform(low,high),
 * constant(value). Blanks are allowed around the numbers.
 */
int law_parse(struct law *l, const char *text, struct err *e);

/* True if the text has the form of a written law: a word and a "(". */
int law_is_written(const char *text);

/*
 * The delay law of kind `name` ("constant", "exponential", "uniform",
 * "normal", "gamma") with this mean and sd, in seconds. Delays are never
 * negative and their mean is the one asked, so a mean must be 1 us to 1e9 s
 * (0: the error names --speed max) and an sd too wide for the law is an
 * error that names gamma. An sd of NAN stands for the default: 0 for
 * constant, the mean for exponential; the others need one. Returns 0 or a
 * LAW_BAD_*.
 */
int law_from_delay(struct law *l, const char *name, double mean, double sd,
		   struct err *e);

/* One draw. */
double law_draw(const struct law *l, const gsl_rng *rng);

/* What theory promises. */
double law_mean(const struct law *l);
double law_sd(const struct law *l);
/* P(X <= x), from GSL's own distribution functions. */
double law_cdf(const struct law *l, double x);

/* "2.7.1" */
const char *law_library_version(void);

#endif
