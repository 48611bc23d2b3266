/* SPDX-License-Identifier: MIT */
#include "base/wish.h"

#include <stdatomic.h>

static atomic_bool made;

void wish_make(void)
{
	atomic_store(&made, true);
}

/* A run asks often: what it only reads costs other threads nothing. */
bool wish_take(void)
{
	return atomic_load_explicit(&made, memory_order_relaxed) &&
	       atomic_exchange(&made, false);
}
