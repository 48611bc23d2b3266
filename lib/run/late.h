/* SPDX-License-Identifier: MIT */
/*
 * late.h - where the records go that are left out
 *
 * Those that are late, of the future or malformed: as lines of JSON, which
 * are appended to a file, with what is known of why; or as they were into a
 * topic, to be read again. At least once: what was added is there when
 * late_flush returns, and so is to be before an offset behind it is
 * committed.
 *
 * Floor 3. Not shared between threads.
 */
#ifndef RUN_LATE_H
#define RUN_LATE_H

#include <stdint.h>

#include "agg/verdict.h"
#include "base/err.h"
#include "base/say.h"
#include "base/str.h"
#include "io/source.h"

/* What is known of a record that is left out. */
struct left_out {
	enum agg_verdict verdict;
	const char *why; /* it is malformed; NULL: it is not, and has a */
	int64_t time_us; /* event time */
	/* Of a late one: the watermark of its partition, and until when
	 * windows are closed there; or WHEN_NONE. */
	int64_t watermark_us, closed_us;
	int64_t present_us; /* of one of the future */
};

struct late_conf {
	const char *path;		/* or NULL; "-": standard output */
	const struct kafka_conf *topic; /* else; borrowed for life */
	const char *from; /* the topic of the records; NULL: they are lines */
	say_fn *say;	  /* NULL: no status line is where standard output is */
};

struct late;

/* Opens the file, or makes the topic if it is missing. */
struct late *late_new(const struct late_conf *conf, struct err *e);
/* Without late_flush before it the run has failed; takes NULL. */
void late_free(struct late *l);

/* Takes it; what goes wrong is told by the next of the others. */
void late_add(struct late *l, const struct record *rec,
	      const struct left_out *o);
/* Now and then: lets go of it, and does not wait. */
int late_serve(struct late *l, struct err *e);
/* All is in the file and on its disk, or delivered: see sending_flush. */
int late_flush(struct late *l, struct err *e);

/* The line of a record, with its end. */
void late_add_line(struct str *out, const char *from, const struct record *rec,
		   const struct left_out *o);

#endif
