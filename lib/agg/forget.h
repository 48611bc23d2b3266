/* SPDX-License-Identifier: MIT */
/*
 * forget.h - types and names of an aggregator that no window has any more
 *
 * Their numbers stay when a window closes, for most come again in the next.
 * Those that do not are forgotten at a close, when of what is kept more than
 * half has not come since the last time; a hundred thousand are always kept,
 * some 10 MB, for sensors that are in some windows only. So memory is bounded
 * by what open windows hold, for a topic whose sensors come and go too.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_FORGET_H
#define AGG_FORGET_H

#include <stddef.h>

#include "agg/agg.h"

#define AGG_KEY_BYTES 256

/*
 * How many types are kept, or names, whichever are more; one in two partitions
 * counts twice. Where they have more than AGG_KEY_BYTES on the average, as
 * many of these as they take.
 */
size_t agg_keys(const struct agg *a);

/*
 * Keeps only those of open windows. Not with `accumulate`, which needs all.
 * What agg_close gave out last is gone.
 */
void agg_forget(struct agg *a);

#endif
