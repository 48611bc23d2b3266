/* SPDX-License-Identifier: MIT */
/*
 * explain.h - why the next window is not there yet, in words
 *
 * A table of the partitions, a line each, and a sentence:
 *
 *   partition  position  end  lag  last event time       state
 *           0       120  120    0  2026-11-24T21:04:31Z  votes
 *           2        40   40    0  2026-11-24T21:04:12Z  silent for 2s, ...
 *   window 2026-11-24T21:04:00Z to 21:04:20Z waits for partition 2: its ...
 *
 * What it is made of comes from look.h, and from where the records come.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_EXPLAIN_H
#define AGG_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "agg/look.h"
#include "base/str.h"

struct explain_part {
	int partition;
	struct agg_look look; /* it is held */
	int64_t position;     /* the record that comes next */
	int64_t end;	      /* of the log; -1: not known */
};

struct explain {
	const struct agg_conf *conf;
	const struct explain_part *parts; /* rising; all that are held */
	size_t n_parts;
	struct agg_due due;
	size_t open; /* windows */
};

/* Adds it all, a newline behind each line. */
void explain_add(struct str *out, const struct explain *x);

#endif
