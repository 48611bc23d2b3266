/* SPDX-License-Identifier: MIT */
#include "agg/latency.h"

#include <math.h>
#include <stddef.h>

#define BITS 5 /* 2^5 = LATENCY_STEPS */

/* From 2^k on, k >= 5, a bin is 2^(k - 5) us wide. */
static size_t bin_of(uint64_t us)
{
	int shift;

	if (us < LATENCY_STEPS)
		return us;
	shift = 63 - __builtin_clzll(us) - BITS;
	return (size_t)(shift + 1) * LATENCY_STEPS +
	       ((us >> shift) - LATENCY_STEPS);
}

/* The greatest time in the bin. */
static uint64_t bin_top(size_t bin)
{
	size_t shift = bin / LATENCY_STEPS, step = bin % LATENCY_STEPS;

	if (shift == 0)
		return bin;
	return ((LATENCY_STEPS + step + 1) << (shift - 1)) - 1;
}

void latency_add(struct latency *l, int64_t us)
{
	if (us < 0) {
		l->negative++;
		us = 0;
	}
	l->n++;
	l->bins[bin_of((uint64_t)us)]++;
	if (us > l->max_us)
		l->max_us = us;
}

int64_t latency_quantile_us(const struct latency *l, double q)
{
	double wanted = ceil(q * (double)l->n);
	uint64_t n = 0;
	size_t bin = 0;

	while (bin < LATENCY_BINS && (double)(n += l->bins[bin]) < wanted)
		bin++;
	if (bin == LATENCY_BINS || bin_top(bin) > (uint64_t)l->max_us)
		return l->max_us;
	return (int64_t)bin_top(bin);
}
