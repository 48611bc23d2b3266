/* SPDX-License-Identifier: MIT */
/*
 * fleet.h - all sensors of a run, and whose turn it is
 *
 * Each sensor has random state of its own, seeded from the fleet's seed and
 * the sensor's name, so that its readings depend on nothing else. Due times
 * are kept in nanoseconds since the beginning of the schedule: the first is
 * at a random phase within one mean delay, each further one a delay after
 * the one before, so lateness never adds up. fleet_next gives the readings
 * of all sensors in order of their due times (equal ones in order of the
 * sensors).
 *
 * A fleet may hold a slice of the sensors: those whose number leaves `slice`
 * when divided by `slices`. What the slices give is, together, exactly what
 * the whole gives.
 *
 * A day of simulation takes as long as drawing it: there is no clock here.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef SIM_FLEET_H
#define SIM_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/group.h"

struct fleet_conf {
	const struct groups *groups; /* checked; borrowed for life */
	uint64_t seed;
	int64_t start_us;	/* event time of the schedule's beginning */
	uint32_t slice, slices; /* 0 of 1 is all */
};

struct fleet;

struct fleet *fleet_new(const struct fleet_conf *conf);
void fleet_free(struct fleet *f);

/* Sensors in it. They are numbered from 0, here and in what follows. */
size_t fleet_size(const struct fleet *f);
/* The number among those of all slices. */
uint64_t fleet_number(const struct fleet *f, size_t sensor);

/* The name, and the same as a JSON string; borrowed from the fleet. */
struct fleet_name {
	const char *name, *json; /* NUL behind each */
	uint32_t len, json_len;
};
void fleet_name(const struct fleet *f, size_t sensor, struct fleet_name *name);

/* One reading: what is drawn, in the terms of the fleet. */
struct draw {
	size_t sensor;
	const struct group *group;
	int64_t due_ns; /* since the beginning of the schedule */
	uint64_t seq;	/* among the sensor's, silent ones apart */
	const struct type_name *type; /* borrowed from the group */
	double value;		      /* not yet rounded to its decimals */
	struct fault_effect effect;
};

/*
 * When the next reading is due, and whose it is; does not draw it.
 * FLEET_DUE_MAX: never, all has been drawn.
 */
int64_t fleet_due_ns(const struct fleet *f, size_t *sensor);
/* Draws it, and that sensor's next due time. */
void fleet_next(struct fleet *f, struct draw *d);

#endif
