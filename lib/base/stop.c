/* SPDX-License-Identifier: MIT */
#include "base/stop.h"

#include <stdatomic.h>

static atomic_bool requested;

void stop_request(void)
{
	atomic_store(&requested, true);
}

bool stop_requested(void)
{
	return atomic_load_explicit(&requested, memory_order_relaxed);
}
