/* SPDX-License-Identifier: MIT */
#include "sim/law.h"

#include <math.h>

#include "base/num.h"
#include "sim/law_parts.h"

/* Of laws above 0: what is 1e-12 of it, a gamma's scale, has all digits. */
#define MEAN_MIN 1e-290

/*
 * What a law may have for a mean, and for the shape (the sigma of
 * lognormal) that its sd/mean hangs on. Beyond, theory or GSL loses its
 * digits, or nobody would see the mean come out.
 */
/* clang-format off */
static const struct {
	double min_mean, max_mean;
	double min_shape, max_shape;
} bounds[LAW_VALUE_KINDS] = {
	[LAW_CONSTANT]    = { -LAW_MAX, LAW_MAX, 0, 0 },
	[LAW_NORMAL]      = { -LAW_MAX, LAW_MAX, 0, 0 },
	[LAW_EXPONENTIAL] = { -LAW_MAX, LAW_MAX, 0, 0 },
	[LAW_UNIFORM]     = { -LAW_MAX, LAW_MAX, 0, 0 },
	[LAW_GAMMA]       = { MEAN_MIN, LAW_MAX, 1e-6, 1e12 },
	[LAW_LOGNORMAL]   = { MEAN_MIN, LAW_MAX, 1e-6, 4 },
	[LAW_WEIBULL]     = { MEAN_MIN, LAW_MAX, 0.1, 1000 },
	[LAW_BETA]        = { 1e-9, 1 - 1e-9, 1e-6, 1e5 },
	[LAW_POISSON]     = { 0, 1e9, 0, 0 },
	[LAW_BERNOULLI]   = { 0, 1, 0, 0 },
};
/* clang-format on */

static int check(const char *what, double v, double low, double high,
		 struct err *e)
{
	if (v >= low && v <= high) /* NaN is not */
		return 0;
	return err_set(e, "%s %.10g is out of bounds (%.10g to %.10g)", what, v,
		       low, high);
}

static int check_mean(enum law_kind kind, double mean, struct err *e)
{
	double low = bounds[kind].min_mean, high = bounds[kind].max_mean;

	if (mean >= low && mean <= high)
		return 0;
	return err_set(e, "mean %.10g is out of bounds (%.10g to %.10g)%s",
		       mean, low, high,
		       low == -LAW_MAX ? "" : ", or take another law");
}

static int check_shape(enum law_kind kind, double shape, struct err *e)
{
	return check(kind == LAW_LOGNORMAL ? "sigma" : "shape", shape,
		     bounds[kind].min_shape, bounds[kind].max_shape, e);
}

/* The sd/mean of gamma, lognormal and weibull. */
static double spread(enum law_kind kind, double shape)
{
	struct law l = {kind, 1, shape};

	if (kind == LAW_GAMMA)
		l = (struct law){kind, shape, 1};
	return law_sd(&l) / law_mean(&l);
}

/* The sds that the bounds of the shapes leave with a mean. */
static void sd_bounds(enum law_kind kind, double m, double *low, double *high)
{
	double min = bounds[kind].min_shape, max = bounds[kind].max_shape;

	if (kind == LAW_BETA) {
		*low = sqrt(m * (1 - m) / (1 + max / fmax(m, 1 - m)));
		*high = sqrt(m * (1 - m) / (1 + min / fmin(m, 1 - m)));
	} else {
		min = m * spread(kind, min);
		max = m * spread(kind, max);
		*low = fmin(min, max);
		*high = fmax(min, max);
	}
}

void law_set_uniform(struct law *l, double low, double high)
{
	if (low < high)
		*l = (struct law){LAW_UNIFORM, low, high};
	else
		*l = (struct law){LAW_CONSTANT, low, 0};
}

static int set_uniform_moments(struct law *l, double mean, double sd,
			       struct err *e)
{
	double low = mean - SQRT_3 * sd, high = mean + SQRT_3 * sd;

	if (low < -LAW_MAX || high > LAW_MAX)
		return err_set(e,
			       "sd %.10g puts the bounds %.10g and %.10g "
			       "beyond %g",
			       sd, low, high, LAW_MAX);
	law_set_uniform(l, low, high);
	return 0;
}

/* sd/mean falls as the shape grows; see weibull_sd in law_kinds.c. */
static double weibull_shape(double ratio)
{
	double low = bounds[LAW_WEIBULL].min_shape;
	double high = bounds[LAW_WEIBULL].max_shape;

	for (int i = 0; i < 60; i++) {
		double mid = sqrt(low * high);

		if (spread(LAW_WEIBULL, mid) > ratio)
			low = mid;
		else
			high = mid;
	}
	return high;
}

static void set_weibull(struct law *l, double m, double s)
{
	struct law unit = {LAW_WEIBULL, 1, weibull_shape(s / m)};

	*l = (struct law){LAW_WEIBULL, m / law_mean(&unit), unit.b};
}

static int set_shaped(struct law *l, enum law_kind kind, double m, double s,
		      struct err *e)
{
	double low, high, v;

	sd_bounds(kind, m, &low, &high);
	if (s < low * (1 - ROUNDING) || s > high * (1 + ROUNDING))
		return err_set(e,
			       "sd %.10g is out of bounds for a mean of %.10g "
			       "(%.10g to %.10g), or take another law",
			       s, m, low, high);
	if (kind == LAW_GAMMA) {
		*l = (struct law){kind, (m / s) * (m / s), s * (s / m)};
	} else if (kind == LAW_LOGNORMAL) {
		v = log1p((s / m) * (s / m));
		*l = (struct law){kind, log(m) - v / 2, sqrt(v)};
	} else if (kind == LAW_WEIBULL) {
		set_weibull(l, m, s);
	} else {
		v = m * (1 - m) / s / s - 1;
		*l = (struct law){kind, m * v, (1 - m) * v};
	}
	return 0;
}

/* Where the mean says what the sd is. */
static int set_implied(struct law *l, enum law_kind kind, double mean,
		       double sd, struct err *e)
{
	struct law made = {kind, mean, 0};
	double implied = law_sd(&made);

	if (!(fabs(sd - implied) <= ROUNDING * implied))
		return err_set(e,
			       "sd %.10g does not go with a mean of %.10g "
			       "(%.10g does): leave it out",
			       sd, mean, implied);
	*l = made;
	return 0;
}

/* The law of this mean and sd > 0; both were checked. */
static int set_moments(struct law *l, enum law_kind kind, double mean,
		       double sd, struct err *e)
{
	switch (kind) {
	case LAW_NORMAL:
		*l = (struct law){kind, mean, sd};
		return 0;
	case LAW_EXPONENTIAL:
		*l = (struct law){kind, mean - sd, sd};
		return 0;
	case LAW_UNIFORM:
		return set_uniform_moments(l, mean, sd, e);
	case LAW_POISSON:
	case LAW_BERNOULLI:
		return set_implied(l, kind, mean, sd, e);
	case LAW_CONSTANT:
		return err_set(e, "sd %.10g must be 0, or take another law",
			       sd);
	default:
		return set_shaped(l, kind, mean, sd, e);
	}
}

static int default_sd(enum law_kind kind, double mean, double *sd,
		      struct err *e)
{
	double low, high;

	switch (kind) {
	case LAW_CONSTANT:
		*sd = 0;
		return 0;
	case LAW_EXPONENTIAL:
		if (mean <= 0)
			return err_set(e,
				       "mean %.10g is not above 0, so it does "
				       "not give the sd: name one",
				       mean);
		*sd = mean;
		return 0;
	case LAW_POISSON:
	case LAW_BERNOULLI:
		*sd = law_sd(&(struct law){kind, mean, 0});
		return 0;
	case LAW_BETA:
		sd_bounds(kind, mean, &low, &high);
		return err_set(e,
			       "there is no default sd: give one (%.10g to "
			       "%.10g)",
			       low, high);
	default:
		*sd = 2;
		return 0;
	}
}

static int from_moments(struct law *l, enum law_kind kind, double mean,
			double sd, struct err *e)
{
	if (sd == 0)
		kind = LAW_CONSTANT;
	if (check_mean(kind, mean, e) < 0)
		return LAW_BAD_MEAN;
	if (isnan(sd) && default_sd(kind, mean, &sd, e) < 0)
		return LAW_BAD_SD;
	if (check("sd", sd, 0, LAW_MAX, e) < 0)
		return LAW_BAD_SD;
	if (sd == 0) {
		*l = (struct law){LAW_CONSTANT, mean, 0};
		return 0;
	}
	return set_moments(l, kind, mean, sd, e) < 0 ? LAW_BAD_SD : 0;
}

int law_from_moments(struct law *l, const char *name, double mean, double sd,
		     struct err *e)
{
	int kind = law_find(name, LAW_VALUE_KINDS, e), rc;

	if (kind < 0)
		return LAW_BAD_NAME;
	rc = from_moments(l, (enum law_kind)kind, mean, sd, e);
	if (rc < 0)
		err_prefix(e, "%s", name);
	return rc;
}

static int exponential_params(struct law *l, double mean, struct err *e)
{
	if (mean <= 0)
		return err_set(e,
			       "mean %.10g must be above 0 (to %g); shift it "
			       "with a mean and an sd",
			       mean, LAW_MAX);
	return from_moments(l, LAW_EXPONENTIAL, mean, mean, e);
}

static int uniform_params(struct law *l, double low, double high, struct err *e)
{
	if (check("bound", low, -LAW_MAX, LAW_MAX, e) < 0 ||
	    check("bound", high, -LAW_MAX, LAW_MAX, e) < 0)
		return -1;
	if (low > high)
		return err_set(e,
			       "low bound %.10g is above high bound %.10g: "
			       "exchange them",
			       low, high);
	law_set_uniform(l, low, high);
	return 0;
}

static int shaped_params(struct law *l, enum law_kind kind, const double *p,
			 struct err *e)
{
	struct law made = {kind, p[0], p[1]};
	double scale = kind == LAW_GAMMA ? p[1] : p[0];

	if ((kind == LAW_GAMMA || kind == LAW_WEIBULL) && scale <= 0)
		return err_set(e, "scale %.10g must be above 0", scale);
	if ((kind == LAW_GAMMA || kind == LAW_BETA) &&
	    check_shape(kind, p[0], e) < 0)
		return -1;
	if (kind != LAW_GAMMA && check_shape(kind, p[1], e) < 0)
		return -1;
	if (check_mean(kind, law_mean(&made), e) < 0 ||
	    check("sd", law_sd(&made), 0, LAW_MAX, e) < 0)
		return -1;
	*l = made;
	return 0;
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
		return exponential_params(l, p[0], e);
	case LAW_UNIFORM:
		return uniform_params(l, p[0], p[1], e);
	case LAW_POISSON:
	case LAW_BERNOULLI:
		return from_moments(l, kind, p[0], NAN, e);
	default:
		return shaped_params(l, kind, p, e);
	}
}

static int read_number(enum law_kind kind, int i, const char *text, double *v,
		       struct err *e)
{
	(void)kind;
	(void)i;
	return num_parse_double(text, v, e);
}

int law_parse(struct law *l, const char *text, struct err *e)
{
	double p[LAW_PARAMS];
	int kind = law_read(text, LAW_VALUE_KINDS, read_number, p, e);

	if (kind < 0 || from_params(l, (enum law_kind)kind, p, e) < 0)
		return err_prefix(e, "'%.80s'", text);
	return 0;
}
