/* SPDX-License-Identifier: MIT */
/*
 * ar.h - noise with a memory: AR(1), reading by reading
 *
 *     x(0) = sd z(0)
 *     x(n) = phi x(n - 1) + sd sqrt(1 - phi^2) z(n),   z standard normal
 *
 * So x is normal with mean 0 and deviation sd from its first value on, and
 * the correlation of two readings that lie k apart is phi^k (Box, Jenkins &
 * Reinsel, Time Series Analysis, 3.2.3). It is added to the sensor's value.
 *
 * Floor 2. Pure: the state and the random state are arguments.
 */
#ifndef SIM_AR_H
#define SIM_AR_H

#include <math.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/err.h"

struct ar {
	double phi; /* above -1, below 1 */
	double sd;  /* of x, not of its steps; 0 to LAW_MAX */
};

/* That it is one of those. */
int ar_check(const struct ar *a, struct err *e);

/* The next value; *x is the one before, NAN before the first. */
static inline double ar_next(const struct ar *a, double *x, const gsl_rng *rng)
{
	double z = gsl_ran_gaussian_ziggurat(rng, a->sd);

	if (isnan(*x))
		*x = z;
	else
		*x = a->phi * *x + sqrt((1 - a->phi) * (1 + a->phi)) * z;
	return *x;
}

#endif
