/* SPDX-License-Identifier: MIT */
/*
 * law_parts.h - what the files that make up law.h share
 *
 * Values and delays each know some of the kinds: always the first n of
 * them. Floor 2. Pure.
 */
#ifndef SIM_LAW_PARTS_H
#define SIM_LAW_PARTS_H

#include "base/err.h"
#include "sim/law.h"

#define SQRT_3 1.73205080756887729353

/* What people type of a number that was worked out: 0.1 is not 0.3 / 3. */
#define ROUNDING 1e-9

#define LAW_VALUE_KINDS (LAW_BERNOULLI + 1)
#define LAW_DELAY_KINDS (LAW_GAMMA + 1)

/* The most numbers that any of them takes. */
#define LAW_PARAMS 2

/* The kind of this name, or -1. */
int law_find(const char *name, int n, struct err *e);

/* Reads number i, from 0, of a law as it is written. */
typedef int law_number_fn(enum law_kind kind, int i, const char *text,
			  double *v, struct err *e);

/*
 * Takes "name(numbers)" apart: returns the kind, or -1. The numbers go to
 * p[LAW_PARAMS], 0 for those that it does not take.
 */
int law_read(const char *text, int n, law_number_fn *number, double *p,
	     struct err *e);

/* From low <= high; a width that is lost beside them leaves a constant. */
void law_set_uniform(struct law *l, double low, double high);

#endif
