/* SPDX-License-Identifier: MIT */
/*
 * lists.h - sensors as the lists of the command line describe them
 *
 *     --num-sensors 2 --sensors-values-mean 2 10 --delays 0.1
 *
 * A list has one value, which goes for all, or as many as there are sensors.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_LISTS_H
#define SIM_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opts.h"
#include "sim/group.h"

struct sensor_lists {
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
};

/*
 * Fills an initialized group; the lists are not needed afterwards. The error
 * names the option, the sensor and the bounds: a list of the wrong length
 * names both numbers.
 */
int lists_group(const struct sensor_lists *lists, struct group *g,
		struct err *e);

#endif
