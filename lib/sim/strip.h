/* SPDX-License-Identifier: MIT */
/*
 * strip.h - values over time, as dots in lines of text
 *
 *      24 |                    .::::.
 *         |                 .''      '.
 *      18 |..            .:'           '.
 *         |  ''':::......                 ''
 *         +---------+----------+----------+---
 *                 06:00      12:00      18:00
 *
 * Every reading is a dot, two beside each other and four above each other in
 * a character. What is too far outside of the scale is a '^' or a 'v' at the
 * edge. Times are UTC.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_STRIP_H
#define SIM_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "sim/histogram.h"

struct strip {
	const double *at, *values; /* s since the start; borrowed */
	size_t n;
	const struct scale *scale; /* of the values; borrowed */
	int64_t start_us, span_us; /* span above 0 */
	size_t indent, width;	   /* columns; the indent is in the width */
	bool braille;		   /* else ASCII, where dots are coarser */
};

/* Adds the lines. */
void strip_add(const struct strip *s, struct str *out);

#endif
