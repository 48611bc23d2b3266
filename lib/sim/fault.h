/* SPDX-License-Identifier: MIT */
/*
 * fault.h - what goes wrong with a sensor, on purpose
 *
 * A fault is written RATE[:LENGTH[:SIZE]], as far as its kind has the parts:
 *
 *   kind          what happens                              LENGTH    SIZE
 *   stuck         the value stays what it is then           how long
 *   spike         the value is off by SIZE, up or down      how long  10 sd
 *   drift         the value runs off, by SIZE at the end    how long  10 sd
 *   bias          the value is off by SIZE                  how long  5 sd
 *   noise         normal noise of sd SIZE is added          how long  5 sd
 *   dropout       silence                                   how long
 *   skew          the time that is said is off by SIZE      how long  1m
 *   late          sent LENGTH after it was due              how late
 *   out-of-order  sent right after the next one is due
 *   duplicate     sent twice
 *   malformed     sent as something that is no reading
 *
 * RATE is how often a fault begins: a share of the readings ("3%", "0.03") or
 * a number in a time ("2/h"), which is turned into a share by the sensor's
 * mean delay. LENGTH is a law of time: "2s", "exponential(60)". The faults
 * from "stuck" to "skew" last: each begins at a reading that it does not
 * have yet, and takes that one and those that are due before its length is
 * over. The sd of SIZE is the value's; 1 where it has none. Of two readings
 * in a row only one is out of order, so half is the most.
 *
 * Faults have random state of their own, so that the readings of a sensor
 * are the same with them and without, but for what the faults do.
 *
 * Floor 2. Pure: time and random state are arguments.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "base/err.h"
#include "base/str.h"
#include "sim/law.h"

enum fault_kind {
	FAULT_STUCK,
	FAULT_SPIKE,
	FAULT_DRIFT,
	FAULT_BIAS,
	FAULT_NOISE,
	FAULT_DROPOUT,
	FAULT_SKEW, /* those up to here last */
	FAULT_LATE,
	FAULT_OUT_OF_ORDER,
	FAULT_DUPLICATE,
	FAULT_MALFORMED,
	FAULT_KINDS
};

#define FAULT_LASTING	(FAULT_SKEW + 1)
#define FAULT_BIT(kind) (1u << (kind))

const char *fault_name(enum fault_kind kind); /* "out-of-order" */

struct fault {
	double share; /* of the readings; < 0: per_second counts */
	double per_second;
	struct law length; /* seconds */
	double size;	   /* NAN: the default; skew: seconds */
};

struct faults {
	uint32_t kinds; /* FAULT_BITs of those that are set */
	struct fault v[FAULT_KINDS];
	int64_t jitter_ns; /* each reading is sent up to so much later */
};

/* The kind of that name, or -1 with the nearest name in the error. */
int fault_find(const char *name, struct err *e);
/* Sets one from its text. */
int faults_set(struct faults *f, enum fault_kind kind, const char *text,
	       struct err *e);
/* "50ms": each reading is sent up to so much later, drawn evenly. */
int faults_set_jitter(struct faults *f, const char *text, struct err *e);
/* "late:3%:2s": kind and text in one. */
int faults_parse(struct faults *f, const char *text, struct err *e);

/* What a sensor remembers of its faults. Its random state is the caller's. */
struct fault_state {
	int64_t until_ns[FAULT_LASTING]; /* 0: none yet */
	int64_t drift_ns;		 /* when it began */
	double kept;			 /* what a stuck one shows */
	bool is_up;			 /* a spike */
	bool is_swapped;		 /* the last was out of order */
};

struct fault_view {
	double mean_delay; /* the sensor's, in seconds */
	double sd;	   /* of its values */
};

/* Some default size or rate in time is measured by it. */
bool faults_ask_view(const struct faults *f);
/* What comes of a reading. */
struct fault_effect {
	uint32_t kinds;	  /* FAULT_BITs */
	int64_t skew_us;  /* on the time that is said */
	int64_t hold_ns;  /* sent so much later than due */
	uint32_t variant; /* of a malformed one: any number */
};

/* The value of a reading as shown. Silence and swapping are the caller's. */
double faults_apply(const struct faults *f, struct fault_state *s,
		    const struct fault_view *view, int64_t due_ns, double value,
		    const gsl_rng *rng, struct fault_effect *out);

/* "stuck,late" */
void fault_add_label(struct str *out, uint32_t kinds);

#endif
