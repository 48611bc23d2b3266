/* SPDX-License-Identifier: MIT */
/*
 * walk.h - a random walk between bounds, reading by reading
 *
 * The first value is 0, each further one a normal step of mean 0 and
 * deviation sd from the one before. A step over a bound is reflected at it,
 * as often as it takes. Without bounds the n-th value after the first has
 * the variance n sd^2; between two, each value becomes as likely as any
 * other. It is added to the sensor's value.
 *
 * Floor 2. Pure: the state and the random state are arguments.
 */
#ifndef SIM_WALK_H
#define SIM_WALK_H

#include <gsl/gsl_rng.h>

#include "base/err.h"

struct walk {
	double sd;	 /* of a step; 0 to LAW_MAX */
	double min, max; /* min < max, 0 not outside; each may be infinite */
};

/* No steps, no bounds. */
void walk_init(struct walk *w);

/* That it is one of those. */
int walk_check(const struct walk *w, struct err *e);

/* The next value; *x is the one before, NAN before the first. */
double walk_next(const struct walk *w, double *x, const gsl_rng *rng);

#endif
