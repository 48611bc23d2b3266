/* SPDX-License-Identifier: MIT */
#include "base/stop.h"

#include <stdatomic.h>

#include "base/when.h"

static _Atomic int64_t requested_us; /* by the monotonic clock; 0: not yet */

void stop_request(void)
{
	int64_t not_yet = 0;

	atomic_compare_exchange_strong(&requested_us, &not_yet, when_mono_us());
}

bool stop_requested(void)
{
	return atomic_load_explicit(&requested_us, memory_order_relaxed) != 0;
}

int64_t stop_left_us(int64_t within_us)
{
	int64_t at = atomic_load(&requested_us), left;

	if (!at)
		return within_us;
	left = at + within_us - when_mono_us();
	return left > 0 ? left : 0;
}
