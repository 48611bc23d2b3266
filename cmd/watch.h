/* SPDX-License-Identifier: MIT */
/*
 * watch.h - what is shown of a run while it goes on
 *
 * The commands that run long have its table of options. A watch gets how a
 * run stands (run/standing.h) and shows it where that is wanted: as a line
 * that is rewritten in place, as lines for a log, and to Prometheus.
 *
 * Floor 4.
 */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "args.h"
#include "base/err.h"
#include "base/opts.h"
#include "run/consume.h"
#include "run/monitor.h"
#include "run/produce.h"
#include "run/status.h"

struct watch_args {
	int progress;	     /* enum watch_progress */
	int64_t stats_us;    /* 0: none */
	const char *metrics; /* NULL: none */
};

enum watch_progress {
	PROGRESS_AUTO,
	PROGRESS_ON,
	PROGRESS_OFF,
};

extern const struct opt_table watch_table;

struct watch {
	bool progress;	     /* the status line is shown */
	const char *metrics; /* where to listen; NULL: nowhere */
	struct monitor *monitor;
	bool utf8;
	bool consumes; /* the status line is of a consumer */
	struct status status;
	_Atomic double share; /* of the producer beside it; or unknown */
	struct watch_log {
		int64_t every_us; /* 0: no lines for a log */
		bool begun;
		int64_t last_us, next_us; /* monotonic */
		uint64_t last;
	} produce_log, consume_log;
};

int watch_init(struct watch *w, const struct watch_args *a,
	       const struct talk_args *talk, struct err *e);
/* Readings go to standard output, which may be what the line is on too. */
void watch_beside_output(struct watch *w, const struct watch_args *a);

/*
 * The run of a conf, or both, are watched from now on, where anything of them
 * is to be shown. Of both, each in a thread of its own, it is the consumer's
 * that has the status line. Before anything else is begun, for what is listened
 * at may be in use; the error is one of running.
 */
int watch_start(struct watch *w, struct produce_conf *produce,
		struct consume_conf *consume, struct err *e);
void watch_stop(struct watch *w);

#endif
