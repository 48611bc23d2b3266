/* SPDX-License-Identifier: MIT */
/*
 * range.h - what a sensor can say at all: saturation and resolution
 *
 * The last layer. A value is cut to [min, max], then rounded to the nearest
 * multiple of step and to the decimals that are written. The result is the
 * double nearest to that decimal; it is inside [min, max], for the nearest
 * multiple inside is taken; and it stays what it is when that is done again.
 * From 2^50 (1e15) of the last decimal on, doubles are too far apart for
 * that, and only the bounds hold.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_RANGE_H
#define SIM_RANGE_H

#include "base/err.h"

struct range {
	double min, max; /* within +- LAW_MAX, or infinite */
	double step;	 /* 0: none; else at least the last decimal */
	int decimals;	 /* 0 to 9 */
};

/* No bounds, no step, 6 decimals. */
void range_init(struct range *r);

/* That it is one of those, and that some multiple of the step lies inside. */
int range_check(const struct range *r, struct err *e);

/*
 * The fewest decimals, 0 to 9, that write every multiple of step > 0
 * exactly: 5 has 0, 0.25 has 2. -1 if 9 are not enough.
 */
int range_decimals(double step);

/* The value that a sensor of a checked range gives for a finite v. */
double range_apply(const struct range *r, double v);

#endif
