/* SPDX-License-Identifier: MIT */
/*
 * meter.h - how fast something grows, smoothly
 *
 * What was seen counts the less the longer ago it was: after METER_MEMORY_US
 * 1/e of it. The growth and the time in which it came are weighed alike, so
 * the rate is right from the first look on, and a steady one does not move
 * however unevenly it is looked at.
 *
 * Floor 3. Pure: time is an argument.
 */
#ifndef RUN_METER_H
#define RUN_METER_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define METER_MEMORY_US 4e6

/* All zero at first. */
struct meter {
	bool begun;
	int64_t last_us; /* monotonic */
	double last;
	double grown, us; /* weighed */
};

/* It is `n` now. False while there is no rate yet; else *rate is a second. */
static inline bool meter_look(struct meter *m, int64_t now_us, double n,
			      double *rate)
{
	double us = (double)(now_us - m->last_us), weight;

	if (m->begun && us > 0) {
		weight = exp(-us / METER_MEMORY_US);
		m->grown = m->grown * weight + (n - m->last);
		m->us = m->us * weight + us;
	}
	m->begun = true;
	m->last_us = now_us;
	m->last = n;
	if (m->us <= 0)
		return false;
	*rate = m->grown * 1e6 / m->us;
	return true;
}

#endif
