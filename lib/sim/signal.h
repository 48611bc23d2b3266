/* SPDX-License-Identifier: MIT */
/*
 * signal.h - a sensor's true value: a law and what is laid over it
 *
 *     value = base + walk + AR(1) + cycles + trend        (then range)
 *
 * The base is a draw of the law, or what was recorded. With a factor it is
 * correlated with the other sensors of that factor; its mean and deviation
 * stay those of the law. What a fault does comes after that, and the range
 * (saturation and resolution) last: see fleet.c.
 *
 * Floor 2. Pure: time and random state are arguments.
 */
#ifndef SIM_SIGNAL_H
#define SIM_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "base/err.h"
#include "sim/ar.h"
#include "sim/cycle.h"
#include "sim/factor.h"
#include "sim/law.h"
#include "sim/range.h"
#include "sim/trend.h"
#include "sim/walk.h"

/* What may go round; each may be there once. */
enum { CYCLE_DAY, CYCLE_WEEK, CYCLE_YEAR, CYCLE_ANY, CYCLES };

struct layers {
	struct walk walk;
	struct ar ar;
	struct cycle cycles[CYCLES]; /* period_us 0: not there */
	struct trend trend;
	char *factor_name;  /* shared by groups that name the same */
	double coefficient; /* 0: no factor */
	int64_t factor_every_us;
	struct range range;
	bool plain; /* by layers_complete: only decimals are left to see to */
};

/* Each of them is checked by itself, so that all mistakes can be told. */
enum layer {
	LAYER_DAY, /* as CYCLE_DAY */
	LAYER_WEEK,
	LAYER_YEAR,
	LAYER_CYCLE,
	LAYER_WALK,
	LAYER_AR,
	LAYER_FACTOR,
	LAYER_TREND,
	LAYER_RANGE,
	LAYERS
};

void layers_init(struct layers *l);
void layers_release(struct layers *l);
/* That it is good, or not there. The error names it. */
int layers_check(const struct layers *l, enum layer which, struct err *e);
/* Checks all of them. */
int layers_complete(struct layers *l, struct err *e);

/* What a sensor remembers. */
struct signal_state {
	double walk, ar;
};

void signal_start(struct signal_state *s);

/* Where in time a reading is. */
struct signal_at {
	int64_t time_us;  /* event time */
	int64_t since_ns; /* the schedule's beginning */
	double factor;	  /* of its group at that time */
};

/*
 * The value over a base that has this mean and sd. Draws from rng for the
 * walk and the AR(1), in this order, where they are there.
 */
double signal_value(const struct layers *l, struct signal_state *s,
		    const struct signal_at *at, double base, double mean,
		    double sd, const gsl_rng *rng);

/*
 * From the mean and sd of the base to those that theory promises of the
 * value: over whole cycles, as if these were independent of each other,
 * without trend, walk and range.
 */
void signal_moments(const struct layers *l, double *mean, double *sd);

#endif
