/* SPDX-License-Identifier: MIT */
/*
 * consume_parts.h - what the files that make up consume.h share
 *
 *   consume.c        the run: opens, polls, ends
 *   consume_read.c   records in: what a source tells
 *   consume_close.c  windows out: closes them, prints, commits
 *
 * Floor 3, for these only.
 */
#ifndef RUN_CONSUME_PARTS_H
#define RUN_CONSUME_PARTS_H

#include "agg/latency.h"
#include "run/consume.h"
#include "run/look.h"
#include "run/member.h"

struct consumer {
	const struct consume_conf *conf;
	struct source *source;
	struct agg *agg;
	struct member_conf member_conf;
	struct member *member; /* NULL: a private view */
	struct decoder *decoder;
	struct err why; /* a record is malformed; "" else */
	struct sequence *sequence;
	struct latency latency;
	struct output *output;
	struct late *late;	  /* or NULL */
	struct str out;		  /* lines to be told */
	int64_t wall_us, mono_us; /* when the records at hand were here */
	int64_t start_us;	  /* monotonic */
	int64_t close_us;	  /* of the last close, monotonic */
	uint64_t verdicts[STANDING_VERDICTS]; /* of the records read */
	uint64_t bytes;
	uint64_t reports;
	uint64_t unprinted; /* reports that no output would take */
	struct delays delays;
	struct standing_lag *lags; /* room for those of all partitions */
	size_t cap_lags;
	int64_t stood_us; /* when its standing was told last, monotonic */
	struct look look;
	bool behind_told;
};

/* The source of the records, whose events go to the consumer. */
struct source *consume_open(struct consumer *c, struct err *e);

/* Records that this run has read. */
uint64_t consume_records(const struct consumer *c);
/* All that the run was asked for has been printed. */
bool consume_is_enough(const struct consumer *c);
/* Says the lines of `out`, and empties it. */
void consume_tell_lines(struct consumer *c);
/*
 * Closes and prints what may close now. *go_on: the partitions are still
 * ours; else what was not closed is, when they are again.
 */
int consume_close(struct consumer *c, bool ended, bool *go_on, struct err *e);
/* Commits what a group is to know: when it is due, or now. */
int consume_keep(struct consumer *c, bool now, struct err *e);

#endif
