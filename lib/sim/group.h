/* SPDX-License-Identifier: MIT */
/*
 * group.h - sensors that are alike: what a fleet is made of
 *
 * A group says how many sensors it has, what they are called, and what each
 * of them draws: a law or a recording, with the layers over it, its delays,
 * and what goes wrong. It is filled by lists.h (the options of the command
 * line), spec.h (--sensor and fleet files) or recordings, and then only
 * read. A fleet borrows it.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_GROUP_H
#define SIM_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sim/fault.h"
#include "sim/law.h"
#include "sim/series.h"
#include "sim/signal.h"

#define FLEET_MAX     10000000	      /* sensors */
#define FLEET_DUE_MAX (INT64_MAX / 2) /* ns: 146 years, due times end here */

/* One law for all sensors of the group, or one each. */
struct laws {
	struct law *v;
	size_t n; /* 1 or the count */
};

/* What a type is called, and the same as a JSON string. */
struct type_name {
	char *text;
	size_t len;
	struct str json;
};

struct group {
	char *place; /* where it was said: "f.json:3:5: groups[0]" */
	char *title; /* what it is, in words; or NULL */
	char *unit;  /* of the values, for people; or NULL */
	uint64_t count;

	/* A sensor's name: before, its number from 0 with zeros in front up to
	 * that width, after. No after: no number. */
	char *before, *after;
	int width;

	struct laws value, delay;    /* delays in seconds */
	const struct series *series; /* replaces both; or NULL. Borrowed. */
	int64_t series_start_us;     /* where the recordings begin */
	struct layers layers;
	struct faults faults;

	struct type_name *types;
	size_t num_types;
	bool type_per_sensor; /* dealt in turn, not drawn */
};

/* Nothing said yet: one sensor, no name, no laws, no types. */
void group_init(struct group *g);
void group_release(struct group *g);

/* Copies. Not valid UTF-8, empty, or there already: an error. */
int group_add_type(struct group *g, const char *type, struct err *e);
/* "line-{}": {} is the number, {:03} the number with zeros in front. */
int group_set_name(struct group *g, const char *name, struct err *e);
void group_name_parts(struct group *g, const char *before, const char *after,
		      int width);
/* One law for all. */
void group_set_law(struct laws *laws, const struct law *l);

static inline const struct law *laws_of(const struct laws *laws, size_t index)
{
	return &laws->v[laws->n == 1 ? 0 : index];
}

/* That count, name and recording go together; the layers apart. */
int group_check(const struct group *g, struct err *e);
/*
 * Checks the whole, and puts in what was not said: normal(20,2), a delay of
 * 1 s, the usual three types, the name "sensor_{}".
 */
int group_complete(struct group *g, struct err *e);

/* The name of the sensor of that number, added to `out`. */
void group_add_name(const struct group *g, uint64_t index, struct str *out);

/* Mean seconds between two readings of a sensor. */
double group_mean_delay(const struct group *g, size_t index);
/* Mean and sd of its values without layers: the law's, or the recording's. */
void group_moments(const struct group *g, size_t index, double *mean,
		   double *sd);

/* All groups of a run. */
struct groups {
	struct group *v;
	size_t n, cap;
};

/* A further one, after group_init. */
struct group *groups_add(struct groups *all);
void groups_release(struct groups *all);
/* Not too many sensors, no two of one name (the error tells both places). */
int groups_check(const struct groups *all, struct err *e);
/* Sensors of all together, and their mean readings a second. */
uint64_t groups_size(const struct groups *all);
double groups_rate(const struct groups *all);

#endif
