/* SPDX-License-Identifier: MIT */
#include "agg/again.h"

#include "agg/agg_parts.h"
#include "agg/window.h"

bool agg_is_done(const struct agg *a, int64_t mono_us)
{
	int64_t start, last_end;

	if (!a->conf.bounded || agg_next_window(a, &start))
		return false;
	last_end = window_start(a->conf.to_us, a->conf.interval_us);
	return window_is_past(last_end, a->conf.grace_us,
			      agg_watermark_us(a, mono_us));
}
