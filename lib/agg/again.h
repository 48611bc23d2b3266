/* SPDX-License-Identifier: MIT */
/*
 * again.h - into the aggregator, for who reads a log again
 *
 * Floor 2. Pure.
 */
#ifndef AGG_AGAIN_H
#define AGG_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/agg.h"

/*
 * Bounded, and nothing is to be had any more: agg_next has no window, and all
 * that could have come for one is late.
 */
bool agg_is_done(const struct agg *a, int64_t mono_us);

/*
 * From now on what the partition has for windows that end by then is late: it
 * was, after a close by force.
 */
void agg_shut(struct agg *a, int partition, int64_t end_us);

/* When a window is over that has a reading of this time: its end and grace. */
int64_t agg_over_us(const struct agg *a, int64_t time_us);

/* As agg_peek, of some partitions only: rising, and they need not exist. */
const struct report *agg_peek_of(struct agg *a, size_t i, const int *partitions,
				 size_t n);

#endif
