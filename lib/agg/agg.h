/* SPDX-License-Identifier: MIT */
/*
 * agg.h - readings in, windows out
 *
 * The rules are those of "Windows, exactly" in iotsim-consume(1):
 *
 *   readings --> agg_add --> open windows --> agg_next --> agg_close
 *                 +-> left out                 (when?)      (reports)
 *
 * A window's sums are kept per partition (a share) and merged in their order
 * when it closes. So its report is a function of what each partition's log
 * holds, to the last bit, in whatever order they were read. A forced close,
 * which does not wait for a silent one, says how far that was read (cuts).
 *
 * A partition can be gone on with elsewhere: agg_mark says how far it is,
 * agg_resume takes that up, its records are given again from mark.first on.
 *
 * Floor 2. Pure; `mono_us` never jumps. Not shared between threads.
 */
#ifndef AGG_AGG_H
#define AGG_AGG_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/mark.h"
#include "agg/report.h"
#include "agg/verdict.h"
#include "wire/reading.h"

#define AGG_OFF	      (-1)  /* for idle_us and max_ahead_us */
#define AGG_EMPTY_MAX 10000 /* of longer gaps, --empty leaves out windows */

struct agg_conf {
	int64_t interval_us, grace_us;
	int64_t idle_us, max_ahead_us; /* rules 2 and 4 */
	int64_t from_us; /* windows that start earlier are skipped */
	bool from_first; /* from_us becomes, at the first close, the greatest of
			    the first event times */
	bool bounded;
	int64_t to_us;	 /* if bounded, windows that end later are skipped */
	bool accumulate; /* reports are of all closed windows so far */
	bool empty;	 /* windows without readings are closed too */
	bool marked;	 /* agg_mark will be asked */
	bool spread;	 /* reports have sd, min and max */
	bool no_types, no_names; /* they lack that table; not both */
};

struct agg;
struct agg *agg_new(const struct agg_conf *conf);
void agg_free(struct agg *a);

/* The partition is read from now on; until it has been, it votes. */
void agg_hold(struct agg *a, int partition);
void agg_resume(struct agg *a, int partition, const struct mark *m);
/* Readings that a mark counted as open and that did not come again; once. */
uint64_t agg_take_gone(struct agg *a, int partition);
/* All partitions are given up, with what is open. */
void agg_release(struct agg *a);

/* A record of a held partition. */
struct agg_record {
	int partition;
	int64_t offset, timestamp_us; /* the latter is for the mark only */
};

/* `present_us`, for rule 4: the wall clock, or the record's append time. */
enum agg_verdict agg_add(struct agg *a, const struct agg_record *at,
			 const struct reading *r, int64_t present_us,
			 int64_t mono_us);
enum agg_verdict agg_add_malformed(struct agg *a, const struct agg_record *at);

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
	AGG_CLOSE, /* call agg_close until it gives no more */
	AGG_AGAIN, /* the same, for what an intent in a mark has said */
};

/* What to do next; AGG_CLOSE is about `most` windows at the most. */
enum agg_action agg_next(struct agg *a, uint64_t most, int64_t mono_us);
/* The ends were asked: what agg_next found closable may close. */
void agg_asked(struct agg *a);

/*
 * Before agg_close: the marks of the partitions that it is about name the
 * windows, as an intent of this id. agg_is_closing tells which they are.
 */
void agg_intend(struct agg *a, uint64_t id);
bool agg_is_closing(const struct agg *a, int partition);

/* The earliest window's report, borrowed until the next call, or NULL. */
const struct report *agg_close(struct agg *a);

/* How far it is, or was when its intent was made; borrowed until agg_add. */
void agg_mark(struct agg *a, int partition, struct mark *m);

/* How many windows are open, and a report of what is in one of them. */
size_t agg_open(const struct agg *a);
const struct report *agg_peek(struct agg *a, size_t i);

/* How far a partition is; *behind: more is to come from its log. */
int64_t agg_rank(const struct agg *a, int partition, bool *behind);
/* The time that all voting partitions have reached, or WHEN_NONE. */
int64_t agg_watermark_us(const struct agg *a, int64_t mono_us);
struct books agg_books(const struct agg *a);

#endif
