/* SPDX-License-Identifier: MIT */
#include "sim/range.h"

#include <math.h>

#include "base/num.h"
#include "sim/law.h"

/* From here on there is nothing between two multiples. */
#define TWO_53 0x1p53

void range_init(struct range *r)
{
	*r = (struct range){-INFINITY, INFINITY, 0, 6};
}

/* 10^decimals is exact, so this is the double nearest to "0.01". */
static double last_decimal(const struct range *r)
{
	return 1 / pow(10, r->decimals);
}

/* The distance of two values that can be said. */
static double grid(const struct range *r)
{
	return r->step > 0 ? r->step : last_decimal(r);
}

static double nearest(const struct range *r, double v)
{
	double n = r->step > 0 ? rint(v / r->step) : TWO_53;

	if (fabs(n) < TWO_53)
		v = n * r->step;
	return num_round(v, r->decimals);
}

double range_apply(const struct range *r, double v)
{
	double y;

	v = fmin(fmax(v, r->min), r->max);
	y = nearest(r, v);
	if (y > r->max)
		y = nearest(r, y - grid(r));
	else if (y < r->min)
		y = nearest(r, y + grid(r));
	return y;
}

int range_decimals(double step)
{
	for (int d = 0; d <= NUM_DECIMALS_MAX; d++)
		if (num_round(step, d) == step)
			return d;
	return -1;
}

static int check_bounds(const struct range *r, struct err *e)
{
	if (!(r->min <= LAW_MAX && (r->min >= -LAW_MAX || isinf(r->min))))
		return err_set(e, "min %.10g is out of bounds (%g to %g)",
			       r->min, -LAW_MAX, LAW_MAX);
	if (!(r->max >= -LAW_MAX && (r->max <= LAW_MAX || isinf(r->max))))
		return err_set(e, "max %.10g is out of bounds (%g to %g)",
			       r->max, -LAW_MAX, LAW_MAX);
	if (r->min > r->max)
		return err_set(e, "min %.10g is above max %.10g: exchange them",
			       r->min, r->max);
	return 0;
}

static int check_step(const struct range *r, struct err *e)
{
	double least = last_decimal(r);

	if (r->step == 0 || (r->step >= least && r->step <= LAW_MAX))
		return 0;
	return err_set(e,
		       "step %.10g is out of bounds (%g to %g with "
		       "decimals %d, or 0)",
		       r->step, least, LAW_MAX, r->decimals);
}

/* What is nearest to a bound is outside only if there is nothing inside. */
static int check_inside(const struct range *r, struct err *e)
{
	double y = range_apply(r, isinf(r->min) ? r->max : r->min);

	if (isinf(r->min) || isinf(r->max) || (y >= r->min && y <= r->max))
		return 0;
	return err_set(e,
		       "no multiple of %.10g lies within min %.10g and max "
		       "%.10g",
		       grid(r), r->min, r->max);
}

int range_check(const struct range *r, struct err *e)
{
	if (r->decimals < 0 || r->decimals > NUM_DECIMALS_MAX)
		return err_set(e, "decimals %d is out of bounds (0 to %d)",
			       r->decimals, NUM_DECIMALS_MAX);
	if (check_bounds(r, e) < 0 || check_step(r, e) < 0)
		return -1;
	return check_inside(r, e);
}
