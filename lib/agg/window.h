/* SPDX-License-Identifier: MIT */
/*
 * window.h - where windows begin, and when they are over
 *
 * Floor 2. Pure.
 */
#ifndef AGG_WINDOW_H
#define AGG_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/when.h"

/* The start of the window that t lies in; correct before 1970 too. */
static inline int64_t window_start(int64_t t, int64_t interval_us)
{
	int64_t r = t % interval_us;

	return t - (r < 0 ? r + interval_us : r);
}

/* A watermark (or WHEN_NONE) has passed the window that ends there. */
static inline bool window_is_past(int64_t end_us, int64_t grace_us,
				  int64_t watermark_us)
{
	return watermark_us != WHEN_NONE && end_us + grace_us <= watermark_us;
}

/* A bound of a window may lie beyond the years that can be written. */
static inline int64_t window_bound(int64_t us)
{
	us = us < WHEN_MIN ? WHEN_MIN : us;
	return us > WHEN_MAX ? WHEN_MAX : us;
}

#endif
