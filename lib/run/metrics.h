/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - how runs stand, as a page for Prometheus
 *
 * In the text format, version 0.0.4, by the conventions for names: base units,
 * counters end in _total, each metric has its HELP and TYPE. What is on the
 * page is described in iotsim(1).
 *
 * Floor 3. Pure.
 */
#ifndef RUN_METRICS_H
#define RUN_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "run/standing.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metrics_process {
	double cpu_s;
	double start_s;		 /* since 1970; when the run was begun */
	uint64_t resident_bytes; /* 0: not known */
};

struct metrics {
	const char *version, *librdkafka;
	const char *topic;	 /* of the consumer; NULL: it reads no topic */
	bool produces, consumes; /* what runs there are */
	const struct produce_standing *produce; /* NULL: there is none, */
	const struct consume_standing *consume; /* or it has not begun */
	struct metrics_process process;
};

void metrics_add(struct str *out, const struct metrics *m);

#endif
