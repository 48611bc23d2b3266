/* SPDX-License-Identifier: MIT */
/*
 * verify.h - a run that finds reports again, instead of printing them
 *
 * The windows of an aggregator are compared (agg/verify.h) as they close, and
 * what the source knows of records that are gone is brought in. Differences
 * are told, a line at a time.
 *
 * Floor 3. As the aggregator and the source: not shared.
 */
#ifndef RUN_VERIFY_H
#define RUN_VERIFY_H

#include <stdbool.h>

#include "agg/agg.h"
#include "agg/verify.h"
#include "base/say.h"
#include "io/source.h"

/* For AGG_CLOSE: compares the window, and closes it. */
void verify_close(struct verify *v, struct agg *a, const struct source *s,
		  say_fn *tell);
/* At the end of the run; to_end: all that was there has been read. */
void verify_end(struct verify *v, struct agg *a, const struct source *s,
		bool to_end, say_fn *tell);

#endif
