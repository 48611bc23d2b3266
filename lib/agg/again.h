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

#endif
