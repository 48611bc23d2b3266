/* SPDX-License-Identifier: MIT */
/*
 * problems.h - all that is wrong with a file, told at once
 *
 * Whoever mends a file wants to know of all its faults, not of the first
 * (which is what base/err.h keeps). The first PROBLEMS_KEPT are kept, each
 * one line with its place in front; the others are counted.
 *
 * Floor 0. Not shared between threads; holds nothing to release.
 */
#ifndef BASE_PROBLEMS_H
#define BASE_PROBLEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/say.h"

#define PROBLEMS_KEPT 20

struct problems {
	struct err line[PROBLEMS_KEPT]; /* worded as in base/err.h */
	uint64_t n;			/* those not kept counted too */
};

#define PROBLEMS_INIT  \
	{              \
		.n = 0 \
	}

void problems_add(struct problems *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* No more are kept: what a further one would say need not be found out. */
bool problems_full(const struct problems *p);

/* A warning each, and one for how many there are more. */
void problems_say(const struct problems *p, say_fn *fn);

#endif
