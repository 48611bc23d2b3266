/* SPDX-License-Identifier: MIT */
#include "sim/law.h"

#include <math.h>

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
