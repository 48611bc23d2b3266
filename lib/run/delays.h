/* SPDX-License-Identifier: MIT */
/*
 * delays.h - how late windows were closed
 *
 * From the moment at which a window could be closed at the earliest, its end
 * and the grace by the wall clock, until its report was printed. In bins, as a
 * histogram of Prometheus has them.
 *
 * Floor 3. Pure. Not shared between threads.
 */
#ifndef RUN_DELAYS_H
#define RUN_DELAYS_H

#include <stddef.h>
#include <stdint.h>

/* The greatest of each bin, in seconds; one more is for what is greater. */
#define DELAY_BOUNDS                                                    \
	{                                                               \
		0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, \
	}
#define DELAY_BINS 13

/* One of zeros is empty. */
struct delays {
	uint64_t bins[DELAY_BINS];
	double sum_s;
};

/* Event times that lie ahead of the clock are no delay. */
static inline void delays_add(struct delays *d, int64_t us)
{
	static const double bounds[] = DELAY_BOUNDS;
	double s = us > 0 ? (double)us / 1e6 : 0;
	size_t i = 0;

	while (i < DELAY_BINS - 1 && s > bounds[i])
		i++;
	d->bins[i]++;
	d->sum_s += s;
}

#endif
