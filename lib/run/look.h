/* SPDX-License-Identifier: MIT */
/*
 * look.h - a run says where it stands
 *
 * Which partition holds the next window back (agg/explain.h), every few
 * seconds where that is asked for; and for each wish (base/wish.h), then with
 * what is in the open windows. A line at a time, by way of say.
 *
 * Floor 3. As the aggregator and the source that it looks at: not shared.
 */
#ifndef RUN_LOOK_H
#define RUN_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/agg.h"
#include "base/say.h"
#include "io/source.h"

#define LOOK_EVERY_US 5000000

struct look {
	say_fn *say;
	const struct agg_conf *conf;	/* of the aggregator; borrowed */
	const struct report_form *form; /* of tables; borrowed */
	bool often;			/* not only for a wish */
	int64_t said_us;		/* when, monotonic; or the start */
};

/* For the loop of a run: says what it is time to say. */
void look_around(struct look *l, struct agg *a, const struct source *s,
		 int64_t mono_us);
/* At its end: says it once more, where it is said often. */
void look_back(struct look *l, struct agg *a, const struct source *s,
	       int64_t mono_us);

#endif
