/* SPDX-License-Identifier: MIT */
#include "sim/walk.h"

#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/law.h"

void walk_init(struct walk *w)
{
	*w = (struct walk){0, -INFINITY, INFINITY};
}

int walk_check(const struct walk *w, struct err *e)
{
	if (!(w->sd >= 0 && w->sd <= LAW_MAX))
		return err_set(e, "sd %.10g is out of bounds (0 to %g)", w->sd,
			       LAW_MAX);
	if (!(w->min <= 0 && (w->min >= -LAW_MAX || isinf(w->min))))
		return err_set(e,
			       "min %.10g is out of bounds (%g to 0, where "
			       "the walk starts)",
			       w->min, -LAW_MAX);
	if (!(w->max >= 0 && (w->max <= LAW_MAX || isinf(w->max))))
		return err_set(e,
			       "max %.10g is out of bounds (0, where the walk "
			       "starts, to %g)",
			       w->max, LAW_MAX);
	if (w->min == w->max)
		return err_set(e, "min and max are both 0: leave the walk out");
	return 0;
}

/* Into both bounds: there and back again is a circle of twice the width. */
static double fold(const struct walk *w, double x)
{
	double width = w->max - w->min, along = fmod(x - w->min, 2 * width);

	if (along < 0)
		along += 2 * width;
	if (along > width)
		along = 2 * width - along;
	return fmin(w->min + along, w->max); /* which rounding may pass */
}

static double reflect(const struct walk *w, double x)
{
	if (x >= w->min && x <= w->max)
		return x;
	if (isinf(w->max))
		return 2 * w->min - x;
	if (isinf(w->min))
		return 2 * w->max - x;
	return fold(w, x);
}

double walk_next(const struct walk *w, double *x, const gsl_rng *rng)
{
	if (isnan(*x))
		*x = 0;
	else
		*x = reflect(w, *x + gsl_ran_gaussian_ziggurat(rng, w->sd));
	return *x;
}
