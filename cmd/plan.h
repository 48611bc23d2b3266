/* SPDX-License-Identifier: MIT */
/*
 * plan.h - which sensors there are, by the options that say so
 *
 * Sensors come from lists (--num-sensors and what goes with it), from
 * --sensor, from fleet files and from recordings, and all of them together
 * are one fleet. produce, preview and demo share these tables.
 *
 * Floor 4.
 */
#ifndef CMD_PLAN_H
#define CMD_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opts.h"
#include "sim/group.h"
#include "sim/lists.h"
#include "sim/series.h"

/* What each table in cmd/plan.c fills. */
struct sensors_args {
	struct sensor_lists lists; /* num_sensors 0: not given */
	struct opt_words sensors, fleets;
	const char *seed;
};

struct faults_args {
	struct opt_words faults;
	const char *late;
	int64_t jitter_us;
	bool labels;
};

struct replay_args {
	struct opt_words files;
	const char *time_column, *value_column, *name_column, *type_column;
	const char *name, *type;
};

extern const struct opt_table sensors_table, faults_table, replay_table;

/* --fleet list was given: prints the ready-made ones and returns true. */
bool plan_listed(const struct sensors_args *a);

/* The fleet of a run. */
struct plan {
	struct groups groups;
	struct recording *recording; /* which the groups borrow; or NULL */
	uint64_t seed;
	bool seed_chosen; /* not given, and something is random: to be told */
	int64_t start_us; /* of the recordings; WHEN_NONE where there are none
			   */
};

/*
 * Makes the plan; the arguments are not needed afterwards. `replay` may be
 * NULL. Several problems of a fleet file are told one by one, all but the
 * last by cmd_say.
 */
int plan_make(struct plan *p, const struct sensors_args *a,
	      const struct faults_args *faults,
	      const struct replay_args *replay, struct err *e);
void plan_release(struct plan *p);

/* A recorded sensor has several types: it is more than one sensor here. */
bool plan_shares_names(const struct plan *p);

/* Tells a seed that was chosen. */
void plan_tell_seed(const struct plan *p);

#endif
