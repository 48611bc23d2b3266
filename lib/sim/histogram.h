/* SPDX-License-Identifier: MIT */
/*
 * histogram.h - how often a number came, in bars of text
 *
 *       19.5 #### 81
 *       20.0 ################### 402
 *       20.5 ########### 233
 *     > 20.9 # 3
 *
 * Bins are 1, 2 or 5 times a power of ten wide, and a multiple of the
 * resolution where the numbers have one, so that no bin has more of its
 * steps than another. They begin half a step before the number that stands
 * beside them. A few numbers (up to 5 %) that lie further than four
 * interquartile ranges outside of the middle half would leave all others in
 * one bin: they are counted at the ends ("< 19.5", "> 20.9").
 *
 * The counting is GSL's. Floor 2. Pure.
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Numbers that stand on an axis. */
struct scale {
	double low, high; /* of what is not too far outside; low <= high */
	double step;	  /* width of a bin, above 0 */
	int decimals;	  /* that write its multiples; -1: none do */
};

struct histogram {
	struct scale scale;
	double first; /* in steps, where the first bin is */
	size_t bins;
	double *counts;	     /* of the bins; owned */
	size_t below, above; /* outside */
};

/* Of n > 0 finite numbers that are multiples of `grid` > 0. */
void histogram_init(struct histogram *h, const double *v, size_t n,
		    double grid);
void histogram_release(struct histogram *h);

/* Lines that it takes. */
size_t histogram_rows(const struct histogram *h);
/*
 * Adds one of them, of at most `width` columns and without a newline, with
 * `eighths` in blocks of an eighth of a character. Returns its columns.
 */
size_t histogram_add_row(const struct histogram *h, size_t row, size_t width,
			 bool eighths, struct str *out);

/* A number as it stands beside an axis: "19.5". */
void scale_add_number(const struct scale *s, double v, struct str *out);

#endif
