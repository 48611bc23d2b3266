/* SPDX-License-Identifier: MIT */
/*
 * watch.h - what is shown of a run while it goes on
 *
 * The commands that run long have its table of options. A watch gets how a
 * run stands (run/standing.h) and shows it where that is wanted: as a line
 * that is rewritten in place.
 *
 * Floor 4. Of one run.
 */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "args.h"
#include "base/err.h"
#include "base/opts.h"
#include "run/consume.h"
#include "run/produce.h"
#include "run/status.h"

struct watch_args {
	int progress; /* enum watch_progress */
};

enum watch_progress {
	PROGRESS_AUTO,
	PROGRESS_ON,
	PROGRESS_OFF,
};

extern const struct opt_table watch_table;

struct watch {
	bool progress; /* the status line is shown */
	bool utf8;
	struct status status;
	_Atomic double share; /* of the producer beside it; or unknown */
};

int watch_init(struct watch *w, const struct watch_args *a,
	       const struct talk_args *talk, struct err *e);
/* Readings go to standard output, which may be what the line is on too. */
void watch_beside_output(struct watch *w, const struct watch_args *a);

/* The conf's run is watched, where anything of it is to be shown. */
void watch_produce(struct watch *w, struct produce_conf *conf);
void watch_consume(struct watch *w, struct consume_conf *conf);
/* Both, in threads of their own: one line, of the consumer. */
void watch_both(struct watch *w, struct produce_conf *produce,
		struct consume_conf *consume);

#endif
