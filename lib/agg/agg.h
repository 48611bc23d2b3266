/* SPDX-License-Identifier: MIT */
/*
 * agg.h - readings in, windows out
 *
 * The rules are those of "Windows, exactly" in iotsim-consume(1):
 *
 *   readings --> agg_add --> open windows --> agg_next --> agg_close
 *                 |                            (when?)      (a report)
 *                 +-> late, future, skipped
 *
 * A window's sums are kept per partition (a "share") and are merged in the
 * order of the partitions when the window closes. So its report is a
 * function of what each partition's log holds, to the last bit, whatever
 * the order in which the partitions were read. The exception are forced
 * closes, by which a partition that fell silent is not waited for.
 *
 * There is no clock here: `mono_us` is a clock that never jumps, given by
 * the caller, and never goes back from call to call.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef AGG_AGG_H
#define AGG_AGG_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/report.h"
#include "wire/reading.h"

#define AGG_OFF (-1) /* for idle_us and max_ahead_us */

/* Of a gap longer than this, --empty leaves out the windows. */
#define AGG_EMPTY_MAX 10000

struct agg_conf {
	int64_t interval_us;
	int64_t grace_us;
	int64_t idle_us;      /* silence that ends a partition's vote */
	int64_t max_ahead_us; /* further ahead of the present is future */
	int64_t from_us;      /* windows that start earlier are skipped;
				 WHEN_NONE: none are */
	bool from_first;      /* from_us becomes, when the first window is
				 to close, the greatest of the partitions'
				 first event times */
	bool accumulate;      /* reports are of all closed windows so far */
	bool empty;	      /* windows without readings are closed too */
};

/* What became of the readings. `read` is the sum of the others. */
struct books {
	uint64_t read;
	uint64_t used;	 /* in closed windows */
	uint64_t open;	 /* in windows that are still open */
	uint64_t late;	 /* rule 1 */
	uint64_t future; /* rule 4 */
	uint64_t malformed;
	uint64_t skipped; /* rule 5 */
	uint64_t reports; /* windows closed and reported */
	uint64_t passed;  /* empty windows not reported, in long gaps */
};

struct agg;

struct agg *agg_new(const struct agg_conf *conf);
void agg_free(struct agg *a);

/* The partition is read from now on; until it has been, it votes. */
void agg_hold(struct agg *a, int partition);

/*
 * Takes a reading of a held partition. `present_us` is what rule 4 compares
 * with: the wall clock, or the record's own append time.
 */
void agg_add(struct agg *a, int partition, const struct reading *r,
	     int64_t present_us, int64_t mono_us);

/* A record that was no reading. */
void agg_add_malformed(struct agg *a, int partition);

/*
 * All that the partition's log holds has been given to agg_add: from now on
 * it is silent. Until the next record, saying it again changes nothing.
 */
void agg_at_end(struct agg *a, int partition, int64_t mono_us);
/* There is, or may be, more in it after all. */
void agg_behind(struct agg *a, int partition);

/* No more readings will come: every open window may close. */
void agg_finish(struct agg *a);

enum agg_action {
	AGG_WAIT,  /* nothing to close yet */
	AGG_ASK,   /* a close would be forced: find out afresh which of the
		      partitions have more (agg_behind), then agg_asked */
	AGG_CLOSE, /* call agg_close */
};

/* What to do next. */
enum agg_action agg_next(struct agg *a, int64_t mono_us);

/* The ends were asked: what agg_next found closable may close. */
void agg_asked(struct agg *a);

/*
 * Closes the earliest window. The report is borrowed until the next call.
 * Only after agg_next said AGG_CLOSE.
 */
const struct report *agg_close(struct agg *a);

/* The time that all voting partitions have reached, or WHEN_NONE. */
int64_t agg_watermark_us(const struct agg *a, int64_t mono_us);
const struct books *agg_books(const struct agg *a);

#endif
