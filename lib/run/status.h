/* SPDX-License-Identifier: MIT */
/*
 * status.h - the line of a run that is rewritten in place
 *
 *   62% [##########      ] 13s left, sent 620000, 47.7k/s, failed 0
 *
 * It is never wider than there is room; what is least important goes first.
 * Where the run's end is known it begins with a percentage and a bar.
 *
 * Floor 3. Pure: time is an argument.
 */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "run/meter.h"
#include "run/standing.h"

struct status_form {
	int columns; /* what it may take; a line of none is empty */
	bool utf8;   /* the bar is of blocks, else of ASCII */
};

/* What a line remembers of those before. All zero at first. */
struct status {
	struct meter rate, share;
};

void status_produce(struct status *s, const struct produce_standing *p,
		    int64_t mono_us, const struct status_form *form,
		    struct str *out);
void status_consume(struct status *s, const struct consume_standing *c,
		    int64_t mono_us, const struct status_form *form,
		    struct str *out);

#endif
