/* SPDX-License-Identifier: MIT */
#include "sim/law.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_version.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "base/str.h"

/* GSL has no errors to return here: its handler ends the program. So no law
 * is made, and no argument passed, that it would complain about. */

#define SQRT_3 1.73205080756887729353

#define DELAY_MIN 1e-6 /* seconds */
#define DELAY_MAX 1e9

/* What divides the sd into, as people type it: 0.1 is not 0.3 / 3. */
#define ROUNDING 1e-9

/* A gamma of a narrower sd/mean is a normal for all one can see (its
 * skewness is twice that), and GSL's way of drawing it loses its digits. */
#define GAMMA_NARROW 1e-6

/* From this shape on gsl_cdf_gamma_P may not converge. */
#define GAMMA_CDF_SHAPE 1e5

/* clang-format off */
static const struct {
	const char *name;
	const char *written; /* how law_parse wants it */
	int params;
	double widest;       /* sd / mean of a delay */
} kinds[] = {
	[LAW_CONSTANT]    = { "constant", "constant(value)", 1, 0 },
	[LAW_NORMAL]      = { "normal", "normal(mean,sd)", 2, 1 / 3.0 },
	[LAW_EXPONENTIAL] = { "exponential", "exponential(mean)", 1, 1 },
	[LAW_UNIFORM]     = { "uniform", "uniform(low,high)", 2, 1 / SQRT_3 },
	[LAW_GAMMA]       = { "gamma", NULL, 0, 1000 },
};
/* clang-format on */

/* The first so many of the kinds go for values, and for delays. */
#define VALUE_KINDS (LAW_UNIFORM + 1)
#define DELAY_KINDS (LAW_GAMMA + 1)

static int unknown_kind(const char *name, int n, struct err *e)
{
	const char *names[DELAY_KINDS + 1], *nearest;
	struct str all = STR_INIT;

	for (int k = 0; k < n; k++) {
		names[k] = kinds[k].name;
		str_addf(&all, "%s%s", k ? ", " : "", names[k]);
	}
	names[n] = NULL;
	nearest = opt_nearest(name, names);
	if (nearest)
		err_set(e, "unknown law '%.40s', did you mean '%s'? (%s)", name,
			nearest, all.p);
	else
		err_set(e, "unknown law '%.40s' (%s)", name, all.p);
	str_release(&all);
	return -1;
}

static int kind_find(const char *name, int n, struct err *e)
{
	for (int k = 0; k < n; k++)
		if (strcmp(name, kinds[k].name) == 0)
			return k;
	return unknown_kind(name, n, e);
}

static bool in_range(double v)
{
	return v >= -LAW_MAX && v <= LAW_MAX; /* NaN is not */
}

static int check_range(const char *what, double v, struct err *e)
{
	if (in_range(v))
		return 0;
	return err_set(e, "%s %.10g is out of bounds (-%g to %g)", what, v,
		       LAW_MAX, LAW_MAX);
}

static int check_sd(double sd, struct err *e)
{
	if (sd >= 0 && sd <= LAW_MAX)
		return 0;
	return err_set(e, "sd %.10g is out of bounds (0 to %g)", sd, LAW_MAX);
}

/* A width that is lost beside such bounds leaves a constant. */
static void set_uniform(struct law *l, double low, double high)
{
	if (low < high)
		*l = (struct law){LAW_UNIFORM, low, high};
	else
		*l = (struct law){LAW_CONSTANT, low, 0};
}

/* The law of this mean and sd > 0; both were checked. */
static int set_moments(struct law *l, enum law_kind kind, double mean,
		       double sd, struct err *e)
{
	double half = SQRT_3 * sd;

	if (kind == LAW_NORMAL) {
		*l = (struct law){kind, mean, sd};
	} else if (kind == LAW_EXPONENTIAL) {
		*l = (struct law){kind, mean - sd, sd};
	} else if (in_range(mean - half) && in_range(mean + half)) {
		set_uniform(l, mean - half, mean + half);
	} else {
		return err_set(e,
			       "sd %.10g puts the bounds %.10g and %.10g "
			       "beyond %g",
			       sd, mean - half, mean + half, LAW_MAX);
	}
	return 0;
}

static int default_sd(enum law_kind kind, double mean, double *sd,
		      struct err *e)
{
	if (kind == LAW_EXPONENTIAL && mean <= 0)
		return err_set(e,
			       "mean %.10g is not above 0, so it does not give "
			       "the sd: name one",
			       mean);
	if (kind == LAW_EXPONENTIAL)
		*sd = mean;
	else
		*sd = kind == LAW_CONSTANT ? 0 : 2;
	return 0;
}

static int from_moments(struct law *l, enum law_kind kind, double mean,
			double sd, struct err *e)
{
	if (check_range("mean", mean, e) < 0)
		return LAW_BAD_MEAN;
	if (isnan(sd) && default_sd(kind, mean, &sd, e) < 0)
		return LAW_BAD_SD;
	if (check_sd(sd, e) < 0)
		return LAW_BAD_SD;
	if (sd == 0) {
		*l = (struct law){LAW_CONSTANT, mean, 0};
		return 0;
	}
	if (kind == LAW_CONSTANT) {
		err_set(e, "sd %.10g must be 0, or take another law", sd);
		return LAW_BAD_SD;
	}
	return set_moments(l, kind, mean, sd, e) < 0 ? LAW_BAD_SD : 0;
}

int law_from_moments(struct law *l, const char *name, double mean, double sd,
		     struct err *e)
{
	int kind = kind_find(name, VALUE_KINDS, e), rc;

	if (kind < 0)
		return LAW_BAD_NAME;
	rc = from_moments(l, (enum law_kind)kind, mean, sd, e);
	if (rc < 0)
		err_prefix(e, "%s", name);
	return rc;
}

/* The law of the parameters as a textbook gives them. */
static int from_params(struct law *l, enum law_kind kind, const double *p,
		       struct err *e)
{
	switch (kind) {
	case LAW_CONSTANT:
		return from_moments(l, kind, p[0], 0, e);
	case LAW_NORMAL:
		return from_moments(l, kind, p[0], p[1], e);
	case LAW_EXPONENTIAL:
		if (p[0] <= 0)
			return err_set(e,
				       "mean %.10g must be above 0 (to %g); "
				       "shift it with a mean and an sd",
				       p[0], LAW_MAX);
		return from_moments(l, kind, p[0], p[0], e);
	default:
		break;
	}
	if (check_range("bound", p[0], e) < 0 ||
	    check_range("bound", p[1], e) < 0)
		return -1;
	if (p[0] > p[1])
		return err_set(e,
			       "low bound %.10g is above high bound %.10g: "
			       "exchange them",
			       p[0], p[1]);
	set_uniform(l, p[0], p[1]);
	return 0;
}

/* A number with blanks around it; cuts the text behind it. */
static int parse_param(char *text, double *v, struct err *e)
{
	size_t len;

	text += strspn(text, " \t");
	len = strcspn(text, " \t");
	if (text[len + strspn(text + len, " \t")] == '\0')
		text[len] = '\0';
	return num_parse_double(text, v, e);
}

/* The numbers between the commas; cuts the text into pieces. */
static int parse_params(char *text, int kind, double *p, struct err *e)
{
	int n = text[strspn(text, " \t")] != '\0', want = kinds[kind].params;
	char *comma;

	for (const char *c = text; (c = strchr(c, ',')); c++)
		n++;
	if (n != want)
		return err_set(e, "%s takes %d number%s, not %d",
			       kinds[kind].written, want, want == 1 ? "" : "s",
			       n);
	for (int i = 0; i < want; i++, text = comma + 1) {
		comma = text + strcspn(text, ",");
		if (i < want - 1)
			*comma = '\0';
		if (parse_param(text, &p[i], e) < 0)
			return -1;
	}
	return 0;
}

int law_is_written(const char *text)
{
	const char *p = text;

	while (isalnum((unsigned char)*p) || *p == '_' || *p == '-')
		p++;
	return p > text && *p == '(';
}

/* `text` is a copy: "name(numbers)", taken to pieces here. */
static int parse_written(struct law *l, char *text, struct err *e)
{
	char *open = strchr(text, '(');
	size_t len = strlen(text);
	double p[2] = {0, 0};
	int kind;

	if (!open || open == text || text[len - 1] != ')')
		return err_set(e, "no law: write %s, %s, %s or %s",
			       kinds[LAW_NORMAL].written,
			       kinds[LAW_EXPONENTIAL].written,
			       kinds[LAW_UNIFORM].written,
			       kinds[LAW_CONSTANT].written);
	*open = text[len - 1] = '\0';
	kind = kind_find(text, VALUE_KINDS, e);
	if (kind < 0 || parse_params(open + 1, kind, p, e) < 0)
		return -1;
	return from_params(l, (enum law_kind)kind, p, e) < 0 ? -1 : 0;
}

int law_parse(struct law *l, const char *text, struct err *e)
{
	char *copy = mem_dup(text);
	int rc = parse_written(l, copy, e);

	if (rc < 0)
		err_prefix(e, "'%.80s'", text);
	free(copy);
	return rc;
}

/*
 * The sd of a normal of mean m and deviation `sd` that is cut to [0, 2m].
 * Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions, vol. 1
 * (2nd ed., 1994), chapter 13, section 10.1, for equal cuts on both sides
 * at -+t deviations:
 *
 *     variance = sd^2 (1 - 2 t phi(t) / (2 Phi(t) - 1))
 */
static double cut_sd(double m, double sd)
{
	double t = m / sd;

	if (t > 40) /* phi is 0; and t may be infinite */
		return sd;
	return sd * sqrt(1 - 2 * t * gsl_ran_ugaussian_pdf(t) /
				     (2 * gsl_cdf_ugaussian_P(t) - 1));
}

/*
 * The deviation before the cut from the one behind it. The latter grows
 * with the former, and for sd <= m/3 they are less than 2 % apart.
 */
static double uncut_sd(double m, double sd)
{
	double low = sd, high = 1.02 * sd;

	for (int i = 0; i < 60; i++) {
		double mid = low + (high - low) / 2;

		if (cut_sd(m, mid) < sd)
			low = mid;
		else
			high = mid;
	}
	return high;
}

static int check_delay(double mean, struct err *e)
{
	if (mean >= DELAY_MIN && mean <= DELAY_MAX)
		return 0;
	if (mean == 0)
		return err_set(e,
			       "a mean delay of 0 is no schedule: use --speed "
			       "max for readings as fast as they go");
	return err_set(e, "mean delay %.10g s is out of bounds (%g to %g s)",
		       mean, DELAY_MIN, DELAY_MAX);
}

static int too_wide(enum law_kind kind, double mean, double sd, struct err *e)
{
	double widest = kinds[kind].widest * mean;

	if (kind == LAW_CONSTANT)
		return err_set(e,
			       "sd %.10g s: a constant delay has no deviation; "
			       "name a --delay-distribution",
			       sd);
	if (kind == LAW_GAMMA)
		return err_set(e,
			       "sd %.10g s is too wide for a mean delay of "
			       "%.10g s (at most %.10g s)",
			       sd, mean, widest);
	return err_set(e,
		       "sd %.10g s is too wide for a mean delay of %.10g s "
		       "(at most %.10g s, delays are never negative): use "
		       "--delay-distribution gamma",
		       sd, mean, widest);
}

/* The sd's default, its bounds, and no hair more than the law can take. */
static int fit_delay_sd(enum law_kind kind, double mean, double *sd,
			struct err *e)
{
	double widest = kinds[kind].widest * mean;

	if (isnan(*sd)) {
		if (kind != LAW_CONSTANT && kind != LAW_EXPONENTIAL)
			return err_set(e,
				       "there is no default sd: give one "
				       "(0 to %.10g s)",
				       widest);
		*sd = widest;
	}
	if (*sd < 0)
		return err_set(e, "sd %.10g s is negative (0 to %.10g s)", *sd,
			       widest);
	if (*sd > widest * (1 + ROUNDING))
		return too_wide(kind, mean, *sd, e);
	*sd = fmin(*sd, widest);
	return 0;
}

static void set_delay(struct law *l, enum law_kind kind, double m, double s)
{
	if (kind == LAW_GAMMA && s < GAMMA_NARROW * m)
		kind = LAW_NORMAL;
	if (s == 0)
		*l = (struct law){LAW_CONSTANT, m, 0};
	else if (kind == LAW_NORMAL)
		*l = (struct law){LAW_TRUNCATED, m, uncut_sd(m, s)};
	else if (kind == LAW_EXPONENTIAL)
		*l = (struct law){kind, m - s, s};
	else if (kind == LAW_UNIFORM)
		set_uniform(l, fmax(0, m - SQRT_3 * s), m + SQRT_3 * s);
	else
		*l = (struct law){kind, (m / s) * (m / s), s * (s / m)};
}

int law_from_delay(struct law *l, const char *name, double mean, double sd,
		   struct err *e)
{
	int kind = kind_find(name, DELAY_KINDS, e);

	if (kind < 0)
		return LAW_BAD_NAME;
	if (check_delay(mean, e) < 0) {
		err_prefix(e, "%s", name);
		return LAW_BAD_MEAN;
	}
	if (fit_delay_sd((enum law_kind)kind, mean, &sd, e) < 0) {
		err_prefix(e, "%s", name);
		return LAW_BAD_SD;
	}
	set_delay(l, (enum law_kind)kind, mean, sd);
	return 0;
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

double law_draw(const struct law *l, const gsl_rng *rng)
{
	switch (l->kind) {
	case LAW_NORMAL:
		return l->a + gsl_ran_gaussian_ziggurat(rng, l->b);
	case LAW_EXPONENTIAL:
		return l->a + gsl_ran_exponential(rng, l->b);
	case LAW_UNIFORM:
		return gsl_ran_flat(rng, l->a, l->b);
	case LAW_GAMMA:
		return gsl_ran_gamma(rng, l->a, l->b);
	case LAW_TRUNCATED:
		return draw_truncated(l, rng);
	case LAW_CONSTANT:
		break;
	}
	return l->a;
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
	default:
		return l->a;
	}
}

double law_sd(const struct law *l)
{
	switch (l->kind) {
	case LAW_NORMAL:
	case LAW_EXPONENTIAL:
		return l->b;
	case LAW_UNIFORM:
		return (l->b - l->a) / (2 * SQRT_3);
	case LAW_GAMMA:
		return sqrt(l->a) * l->b;
	case LAW_TRUNCATED:
		return cut_sd(l->a, l->b);
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
static double gamma_cdf(const struct law *l, double x)
{
	double v = 1 / (9 * l->a);

	if (x <= 0)
		return 0;
	if (isinf(x / l->b)) /* for GSL that is NaN */
		return 1;
	if (l->a < GAMMA_CDF_SHAPE)
		return gsl_cdf_gamma_P(x, l->a, l->b);
	return gsl_cdf_gaussian_P(cbrt(x / l->b / l->a) - (1 - v), sqrt(v));
}

static double truncated_cdf(const struct law *l, double x)
{
	double below = gsl_cdf_gaussian_P(-l->a, l->b);

	if (x <= 0)
		return 0;
	if (x >= 2 * l->a)
		return 1;
	return (gsl_cdf_gaussian_P(x - l->a, l->b) - below) / (1 - 2 * below);
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
		return gamma_cdf(l, x);
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
