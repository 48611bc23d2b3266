/* SPDX-License-Identifier: MIT */
/*
 * fleet.h - all sensors of a run, and whose turn it is
 *
 * Each sensor carries its own law of values, its own law of delays and its
 * own random state, seeded from the fleet's seed and the sensor's name, so
 * that its readings depend on nothing else. Due times are kept in
 * nanoseconds since the beginning of the schedule: the first is at a random
 * phase within one mean delay, each further one a delay after the one
 * before, so lateness never adds up. fleet_next gives the readings of all
 * sensors in order of their due times (equal ones in order of the sensors).
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

#include "base/err.h"
#include "base/opts.h"
#include "base/str.h"
#include "sim/law.h"

#define FLEET_MAX     10000000	      /* sensors */
#define FLEET_DUE_MAX (INT64_MAX / 2) /* ns: 146 years, due times end here */

/* How the options of `produce` describe a fleet. Lists: 1 value or n. */
struct fleet_conf {
	uint64_t num_sensors;	       /* 1 to FLEET_MAX */
	const char *name_prefix;       /* UTF-8; NULL: "sensor_" */
	struct opt_words distribution; /* empty: normal */
	struct opt_words mean;	       /* empty: 20 */
	struct opt_words sd;	       /* empty: the law's default */
	struct opt_words delay;	       /* seconds; empty: 1 */
	struct opt_words delay_law;    /* empty: constant */
	struct opt_words delay_sd;     /* seconds; empty: law's default */
	struct opt_words types;	       /* empty: temperature humidity
					  pressure */
	bool type_per_sensor;	       /* dealt in turn, not drawn */
	uint64_t seed;
};

struct fleet;

/*
 * Makes the fleet; the conf is not needed afterwards. NULL with the option,
 * the sensor and the bounds in the error: a list of the wrong length names
 * both numbers.
 */
struct fleet *fleet_new(const struct fleet_conf *conf, struct err *e);
void fleet_free(struct fleet *f);

size_t fleet_size(const struct fleet *f);
/* The name, and the same as a JSON string; borrowed from the fleet. */
const char *fleet_name(const struct fleet *f, size_t sensor);
const struct str *fleet_name_json(const struct fleet *f, size_t sensor);
const struct law *fleet_value_law(const struct fleet *f, size_t sensor);
const struct law *fleet_delay_law(const struct fleet *f, size_t sensor);
/* Mean readings a second of all sensors together. */
double fleet_rate(const struct fleet *f);

/* One reading: what is drawn, in the terms of the fleet. */
struct draw {
	size_t sensor;
	int64_t due_ns;		     /* since the beginning of the schedule */
	const struct str *type_json; /* borrowed from the fleet */
	double value;		     /* not yet rounded */
};

/* When the next reading is due; does not draw it. */
int64_t fleet_due_ns(const struct fleet *f);
/* Draws it, and that sensor's next due time. */
void fleet_next(struct fleet *f, struct draw *d);

#endif
