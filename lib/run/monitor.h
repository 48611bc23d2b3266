/* SPDX-License-Identifier: MIT */
/*
 * monitor.h - runs seen from outside, by HTTP
 *
 *   /metrics   how they stand, for Prometheus (metrics.h)
 *   /healthz   200 "ok", or 503 and why not
 *
 * The thread of a run hands over how it stands, which is copied; the server's
 * thread makes what it shows of a copy of that. So neither waits for the other
 * longer than a copy takes.
 *
 * Floor 3. monitor_produce and monitor_consume may be called by a thread each;
 * the rest by the one that makes it, when these are not about.
 */
#ifndef RUN_MONITOR_H
#define RUN_MONITOR_H

#include <stdint.h>

#include "base/err.h"
#include "run/standing.h"

/* Who has not told how it stands for so long does not move. */
#define MONITOR_STILL_US 30000000

struct monitor_conf {
	const char *where;   /* see http_new */
	const char *version; /* borrowed for life */
	const char *topic;   /* of the consumer; NULL: none. Copied */
	bool produces, consumes;
};

struct monitor;
struct monitor *monitor_new(const struct monitor_conf *conf, struct err *e);
void monitor_free(struct monitor *m); /* takes NULL */
const char *monitor_address(const struct monitor *m);

void monitor_produce(struct monitor *m, const struct produce_standing *s,
		     int64_t mono_us);
void monitor_consume(struct monitor *m, const struct consume_standing *s,
		     int64_t mono_us);

#endif
