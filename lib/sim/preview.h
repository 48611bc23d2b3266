/* SPDX-License-Identifier: MIT */
/*
 * preview.h - pictures of what a fleet will do, before it does it
 *
 * Of each group a heading, and of one of its sensors: how it is made, what
 * its readings come to beside what was promised (sample.h), histograms of
 * its values and of its delays, and a strip of its values over time.
 *
 * The text has no escape sequences. Names and words from outside are made
 * printable; in ASCII, what is not ASCII in them becomes a '?'.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_PREVIEW_H
#define SIM_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "sim/group.h"

#define PREVIEW_WIDTH_MIN 60 /* columns */

struct preview {
	uint64_t seed;
	int64_t start_us;
	int64_t span_us;   /* 0: a day, or all of a recording */
	uint64_t readings; /* of a sensor at most, 1 or more */
	bool each;	   /* all sensors of a group */
	size_t width;	   /* columns, PREVIEW_WIDTH_MIN or more */
	bool utf8;	   /* else ASCII */
};

/* How many sensors of a group are shown: one if they are all alike. */
uint64_t preview_sensors(const struct preview *p, const struct group *g);

/* Adds the heading of a complete group, and the picture of one of them. */
void preview_add_group(const struct preview *p, const struct group *g,
		       struct str *out);
void preview_add_sensor(const struct preview *p, const struct group *g,
			uint64_t index, struct str *out);

#endif
