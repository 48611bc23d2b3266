/* SPDX-License-Identifier: MIT */
/*
 * consume.h - records in, reports out
 *
 *   source --> decoder --> agg --> report --> output
 *      |                    |        |
 *      |                    |        +--> check, or only verify
 *      +--> sequence,       +--> late
 *           latency
 *
 * Floor 3. One run at a time in a thread.
 */
#ifndef RUN_CONSUME_H
#define RUN_CONSUME_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/agg.h"
#include "agg/check.h"
#include "agg/sequence.h"
#include "agg/verify.h"
#include "base/err.h"
#include "base/say.h"
#include "io/source.h"
#include "run/late.h"
#include "run/output.h"
#include "run/standing.h"
#include "wire/reading.h"

/* Which clock makes the windows. */
enum consume_clock {
	CLOCK_EVENT,   /* the reading's own time */
	CLOCK_KAFKA,   /* the record's timestamp */
	CLOCK_ARRIVAL, /* the wall clock when it comes here */
};

struct consume_conf {
	const struct kafka_conf *kafka; /* NULL: lines of in_fd */
	struct source_conf source;	/* of a Kafka source */
	int in_fd;
	struct output_conf output;
	struct late_conf late; /* nowhere, where it names nothing */
	struct agg_conf agg;
	struct reading_fields fields;
	enum consume_clock clock;
	uint64_t max_reports; /* 0: no end */
	size_t max_open;      /* windows; more are an error */
	size_t max_names;     /* and types, of open windows; more are too */
	bool explain;	      /* say often what holds windows back */
	/* A producer in this process. 0: it goes on; else it has ended, and
	 * gave one less: the run ends when these are read and no window is
	 * open. */
	const _Atomic uint64_t *ended; /* or NULL */
	struct check
		*check; /* closed windows are compared, or NULL; borrowed */
	/* Or closed windows are compared with what was printed, and not
	 * printed; borrowed. Not for a group. */
	struct verify *verify;
	struct consume_watch watch;
	say_fn *say;
};

/* What was read, and what its headers tell where it had any. */
struct consumed {
	struct books books;
	struct sequence_counts sequence;
	struct {
		uint64_t n; /* messages that said when they were sent */
		uint64_t negative;
		int64_t p50_us, p99_us, max_us;
	} latency;
	int held, partitions; /* of a group: ours, and all of the topic */
};

/*
 * Runs until the source ends, max_reports were printed, or
 * stop_requested(). What it found is final then, also on failure. Open
 * windows are closed and printed only at the source's end, and never by a
 * member of a group (kafka->group): it hands over. Its books are those of
 * its partitions since the group began. Differences from the truth are told
 * as they are found.
 */
int consume_run(const struct consume_conf *conf, struct consumed *found,
		struct err *e);

#endif
