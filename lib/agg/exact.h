/* SPDX-License-Identifier: MIT */
/*
 * exact.h - a sum of doubles without any rounding
 *
 * The sum is an expansion: doubles that do not overlap, the smallest first,
 * whose sum is exactly that of all values added (Shewchuk, "Adaptive
 * precision floating-point arithmetic and fast robust geometric
 * predicates", 1997, section 2.4: Grow-Expansion, zeros left out). It has as
 * many components as the sum needs, for readings one to three. So the order
 * of values does not matter, nor how they are split over sums that are
 * merged later.
 *
 * What would overflow a double is counted apart, in units of 2^1022, so
 * that every component stays below that. A sum takes up to 2^50 values.
 *
 * A struct exact of zeros is an empty sum. It owns memory when it has more
 * than EXACT_FEW components; copying the structure moves it.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_EXACT_H
#define AGG_EXACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define EXACT_FEW 3

struct exact {
	double few[EXACT_FEW];
	double *many; /* instead of `few`, once there are more; owned */
	uint32_t n, cap;
	int64_t units; /* of 2^1022 */
};

#define EXACT_INIT                 \
	{                          \
		{0}, NULL, 0, 0, 0 \
	}

void exact_release(struct exact *e);

/* Adds a finite value. */
void exact_add(struct exact *e, double x);
/* Adds all that `other` has. */
void exact_merge(struct exact *e, const struct exact *other);

/*
 * The sum divided by n < 2^50, correctly rounded (to nearest, ties to even;
 * infinite where that overflows, which no mean does). With n = 1 it is the
 * correctly rounded sum, as Python's math.fsum gives it. NAN for n = 0.
 */
double exact_mean(const struct exact *e, uint64_t n);

/*
 * The components as text, the largest first, each in its shortest form with
 * blanks between: "12.5 1e-17". The sum of what they read back as is the
 * sum. One beyond the range of a double is as many components as it takes.
 */
void exact_add_text(const struct exact *e, struct str *out);

/* Adds the numbers of such a text; fails on anything else. */
int exact_parse(struct exact *e, const char *text, struct err *err);

#endif
