/* SPDX-License-Identifier: MIT */
/*
 * meter.h - when a status line is due, and the rate since the last one
 *
 * Floor 3. Pure: time is an argument.
 */
#ifndef RUN_METER_H
#define RUN_METER_H

#include <stdbool.h>
#include <stdint.h>

#define METER_EVERY_US 250000

struct meter {
	int64_t last_us; /* monotonic: when it was last due, or the start */
	uint64_t last_n;
};

/*
 * True when a line is due: then *rate is how much `n` grew a second since
 * the last one.
 */
static inline bool meter_is_due(struct meter *m, int64_t now_us, uint64_t n,
				double *rate)
{
	int64_t us = now_us - m->last_us;

	if (us < METER_EVERY_US)
		return false;
	*rate = (double)(n - m->last_n) * 1e6 / (double)us;
	*m = (struct meter){now_us, n};
	return true;
}

#endif
