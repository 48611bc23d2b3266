/* SPDX-License-Identifier: MIT */
#include "sim/law.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "sim/law_parts.h"

/* A gamma of a narrower sd/mean is a normal for all one can see (its
 * skewness is twice that), and GSL's way of drawing it loses its digits. */
#define GAMMA_NARROW 1e-6

/* The most that sd/mean can be. */
static const double widest[LAW_DELAY_KINDS] = {
	[LAW_CONSTANT] = 0,    [LAW_NORMAL] = 1 / 3.0,
	[LAW_EXPONENTIAL] = 1, [LAW_UNIFORM] = 1 / SQRT_3,
	[LAW_GAMMA] = 1000,
};

#define MEAN_MAX 1e9 /* seconds */

/* What a law of times is for, and how its errors call what helps. */
struct use {
	const char *what;
	double min_mean;
	const char *gamma;
};

static const struct use named_delay = {
	"delay",
	1e-6,
	"--delay-distribution gamma",
};
static const struct use delay = {"delay", 1e-6, "gamma(shape,scale)"};
static const struct use length = {"length", 0, "gamma(shape,scale)"};

/*
 * The deviation before the cut from the one behind it. The latter grows
 * with the former, and for sd <= m/3 they are less than 2 % apart.
 */
static double uncut_sd(double m, double sd)
{
	double low = sd, high = 1.02 * sd;

	for (int i = 0; i < 60; i++) {
		double mid = low + (high - low) / 2;

		if (law_sd(&(struct law){LAW_TRUNCATED, m, mid}) < sd)
			low = mid;
		else
			high = mid;
	}
	return high;
}

static int check_mean(const struct use *use, double mean, struct err *e)
{
	if (mean >= use->min_mean && mean <= MEAN_MAX)
		return 0;
	if (mean == 0)
		return err_set(e,
			       "a mean delay of 0 is no schedule: use --speed "
			       "max for readings as fast as they go");
	return err_set(e, "mean %s %.10g s is out of bounds (%g to %g s)",
		       use->what, mean, use->min_mean, MEAN_MAX);
}

static int too_wide(const struct use *use, enum law_kind kind, double mean,
		    double sd, struct err *e)
{
	double most = widest[kind] * mean;

	if (kind == LAW_CONSTANT)
		return err_set(e,
			       "sd %.10g s: a constant delay has no deviation; "
			       "name a --delay-distribution",
			       sd);
	if (kind == LAW_GAMMA)
		return err_set(e,
			       "sd %.10g s is too wide for a mean %s of "
			       "%.10g s (at most %.10g s)",
			       sd, use->what, mean, most);
	return err_set(e,
		       "sd %.10g s is too wide for a mean %s of %.10g s (at "
		       "most %.10g s, %ss are never negative): use %s",
		       sd, use->what, mean, most, use->what, use->gamma);
}

/* The sd's default, its bounds, and no hair more than the law can take. */
static int fit_sd(const struct use *use, enum law_kind kind, double mean,
		  double *sd, struct err *e)
{
	double most = widest[kind] * mean;

	if (isnan(*sd)) {
		if (kind != LAW_CONSTANT && kind != LAW_EXPONENTIAL)
			return err_set(e,
				       "there is no default sd: give one "
				       "(0 to %.10g s)",
				       most);
		*sd = most;
	}
	if (*sd < 0)
		return err_set(e, "sd %.10g s is negative (0 to %.10g s)", *sd,
			       most);
	if (*sd > most * (1 + ROUNDING))
		return too_wide(use, kind, mean, *sd, e);
	*sd = fmin(*sd, most);
	return 0;
}

static void set_moments(struct law *l, enum law_kind kind, double m, double s)
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
		law_set_uniform(l, fmax(0, m - SQRT_3 * s), m + SQRT_3 * s);
	else
		*l = (struct law){kind, (m / s) * (m / s), s * (s / m)};
}

int law_from_delay(struct law *l, const char *name, double mean, double sd,
		   struct err *e)
{
	int found = law_find(name, LAW_DELAY_KINDS, e);
	enum law_kind kind = (enum law_kind)found;

	if (found < 0)
		return LAW_BAD_NAME;
	if (check_mean(&named_delay, mean, e) < 0) {
		err_prefix(e, "%s", name);
		return LAW_BAD_MEAN;
	}
	if (fit_sd(&named_delay, kind, mean, &sd, e) < 0) {
		err_prefix(e, "%s", name);
		return LAW_BAD_SD;
	}
	set_moments(l, kind, mean, sd);
	return 0;
}

/* What a mean and an sd would not tell. */
static int check_params(const struct use *use, const struct law *made,
			struct err *e)
{
	double a = made->a, b = made->b;

	if (made->kind == LAW_GAMMA && a <= 0)
		return err_set(e, "shape %.10g must be above 0", a);
	if (made->kind != LAW_UNIFORM)
		return 0;
	if (a < 0)
		return err_set(e, "low bound %.10g s: a %s is never negative",
			       a, use->what);
	if (a > b)
		return err_set(e,
			       "low bound %.10g s is above high bound %.10g "
			       "s: exchange them",
			       a, b);
	return 0;
}

/* The bounds are those of a mean and an sd, the parameters stay as written. */
static int from_params(struct law *l, const struct use *use,
		       const struct law *made, struct err *e)
{
	double mean = law_mean(made), sd = law_sd(made);

	if (check_params(use, made, e) < 0 || check_mean(use, mean, e) < 0 ||
	    fit_sd(use, made->kind, mean, &sd, e) < 0)
		return -1;
	set_moments(l, made->kind, mean, sd);
	if (l->kind == made->kind)
		*l = *made;
	return 0;
}

static int read_number(enum law_kind kind, int i, const char *text, double *v,
		       struct err *e)
{
	if (kind == LAW_GAMMA && i == 0)
		return num_parse_double(text, v, e);
	return num_parse_seconds(text, v, e);
}

/* The law as it is written, unchecked. */
static int read_made(struct law *made, const char *text, struct err *e)
{
	double p[LAW_PARAMS] = {0, 0};
	int kind = LAW_CONSTANT;

	if (isalpha((unsigned char)*text) || strchr(text, '('))
		kind = law_read(text, LAW_DELAY_KINDS, read_number, p, e);
	else if (num_parse_seconds(text, &p[0], e) < 0)
		return -1;
	if (kind < 0)
		return -1;
	*made = (struct law){(enum law_kind)kind, p[0], p[1]};
	if (kind == LAW_EXPONENTIAL)
		*made = (struct law){LAW_EXPONENTIAL, 0, p[0]};
	return 0;
}

static int parse(struct law *l, const struct use *use, const char *text,
		 struct err *e)
{
	struct law made;

	if (read_made(&made, text, e) < 0 || from_params(l, use, &made, e) < 0)
		return err_prefix(e, "'%.80s'", text);
	return 0;
}

int law_parse_delay(struct law *l, const char *text, struct err *e)
{
	return parse(l, &delay, text, e);
}

int law_parse_length(struct law *l, const char *text, struct err *e)
{
	return parse(l, &length, text, e);
}
