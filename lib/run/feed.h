/* SPDX-License-Identifier: MIT */
/*
 * feed.h - the messages of a run, made, in the order of their sending
 *
 *   fleet --> flow --> messages, by each of the threads --> merged
 *
 * What comes out does not depend on the number of threads: each has a slice
 * of the sensors, and the order of two messages is settled by the time of
 * sending and the number of the sensor. Messages are made ahead, by the
 * thousand, for no clock is looked at.
 *
 * Floor 3. Its threads are its own; it is used by one.
 */
#ifndef RUN_FEED_H
#define RUN_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "io/sink.h"
#include "sim/group.h"
#include "wire/reading.h"

#define FEED_THREADS_MAX 64

struct feed_conf {
	const struct groups *groups; /* checked; borrowed for life */
	uint64_t seed;
	int64_t start_us;	 /* event time of the schedule's beginning */
	int64_t end_ns;		 /* no reading that is due there or later */
	uint32_t slice, slices;	 /* 0 of 1 is all */
	unsigned threads;	 /* 1: none but the caller's */
	bool labels;		 /* faults are told in the JSON */
	const struct sink *sink; /* for the partitions; borrowed for new */
};

/* A message, and what is in it. */
struct parcel {
	int64_t send_ns;	/* on the schedule's clock */
	uint64_t number;	/* of its sensor among all */
	struct message message; /* its key is the sensor's name, and its time_us
				   the true event time */
	int64_t said_us;	/* what the message says of it */
	const struct type_name *type;
	double value; /* not yet rounded to its decimals */
	int decimals;
	bool malformed;
};

/* The reading as a reader finds it, were it not malformed. Borrowed. */
struct reading parcel_reading(const struct parcel *p);

struct feed;

/* Fails only where threads cannot be had. */
struct feed *feed_new(const struct feed_conf *conf, struct err *e);
void feed_free(struct feed *f);

/* The next one, until feed_pop; NULL when there is none. Borrowed. */
const struct parcel *feed_peek(struct feed *f);
void feed_pop(struct feed *f);

#endif
