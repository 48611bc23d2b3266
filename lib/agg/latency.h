/* SPDX-License-Identifier: MIT */
/*
 * latency.h - how long messages were on their way
 *
 * A histogram whose bins grow with the time: 32 to a doubling, so that a
 * quantile is at most 1/32 too high; below 32 us every microsecond has its
 * own.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef AGG_LATENCY_H
#define AGG_LATENCY_H

#include <stdint.h>

#define LATENCY_STEPS 32 /* bins to a doubling */
#define LATENCY_BINS  (LATENCY_STEPS * 60)

/* One of zeros is empty. */
struct latency {
	uint64_t bins[LATENCY_BINS];
	uint64_t n;
	uint64_t negative; /* came before they were sent: clocks differ */
	int64_t max_us;
};

/* A negative time counts as 0. */
void latency_add(struct latency *l, int64_t us);

/*
 * A time that at least the share q (0 to 1) of all did not exceed: the
 * smallest, up to the width of a bin. 0 when there is none.
 */
int64_t latency_quantile_us(const struct latency *l, double q);

#endif
