/* SPDX-License-Identifier: MIT */
/*
 * agg_parts.h - what the files that make up agg.h share
 *
 *   agg.c        partitions, and readings into open windows
 *   agg_close.c  what may close, and its reports
 *   agg_mark.c   how far a partition is
 *   agg_forget.c what closed windows have left behind, see forget.h
 *   look.c       what it is about, see look.h
 *   again.c      for who reads a log again, see again.h
 *
 * Floor 2, for lib/agg only. Pure.
 */
#ifndef AGG_AGG_PARTS_H
#define AGG_AGG_PARTS_H

#include <assert.h>

#include "agg/agg.h"
#include "agg/share.h"

/* A reading of the future that a mark may have to name. */
struct future {
	int64_t offset, time_us;
};

struct partition {
	bool held;
	bool at_end;	       /* read to its end */
	bool any;	       /* something was read from it */
	bool replaying;	       /* records below kept.next are given again */
	bool closing;	       /* the close that goes on is about it */
	int64_t watermark_us;  /* greatest event time used from it */
	int64_t first_us;      /* event time of the first one used */
	int64_t shut_us;       /* see agg_shut */
	int64_t end_mono_us;   /* since when it is there */
	struct mark mark;      /* kept up to date but for first and future */
	struct mark kept;      /* as resumed, or when an intent was made: what
				  agg_mark says until that is done; owns its
				  future */
	uint64_t gone;	       /* see agg_take_gone */
	struct window *window; /* where its last reading went, if still open */
	size_t used; /* the most keys of a window that was closed since some
			were forgotten, or what was kept then */
	struct future *futures;
	size_t n_futures, cap_futures;
	int64_t *marked; /* scratch of agg_mark */
	size_t cap_marked;
};

/* The open windows stand in order of their start. */
struct agg {
	struct agg_conf conf;
	uint64_t reports, passed;
	struct partition *parts;
	struct keys *keys; /* of the partitions */
	size_t n_parts, cap_parts, cap_keys;
	struct window **open;
	size_t n_open, cap_open;
	struct window *total;	   /* accumulate: all closed windows */
	int64_t closed_us;	   /* end of the last closed window */
	int64_t asked_us;	   /* watermark up to which ends were asked */
	int64_t candidate_us;	   /* watermark that agg_next last saw */
	int64_t last_used_mono_us; /* when the last reading was used */
	int64_t until_us;	   /* the close that goes on ends there */
	int64_t before_us;	   /* windows that end by then are closed by
				      all that are closing */
	bool finished;
	struct report report;
	size_t cap_report_parts, cap_report_cuts;
	struct report_maker maker;
};

static inline struct partition *agg_part(struct agg *a, int partition)
{
	assert(partition >= 0 && (size_t)partition < a->n_parts);
	return &a->parts[partition];
}

/* Rule 5, at the other end. */
static inline bool agg_is_beyond(const struct agg *a, int64_t end_us)
{
	return a->conf.bounded && end_us > a->conf.to_us;
}

/* The mark is what agg_mark says until what it intends is done. Copies. */
void agg_keep_mark(struct partition *p, const struct mark *m);
/* A reading of rule 4: what agg_mark may have to name. */
void agg_note_future(struct agg *a, struct partition *p,
		     const struct agg_record *at, int64_t time_us);

/* Rule 2: an empty partition at its first end, one long silent there. */
bool agg_is_idle(const struct agg *a, const struct partition *p,
		 int64_t mono_us);
/*
 * Rules 2 and 3: the least watermark of those that vote, else the greatest
 * of all and the time since the last reading. *forced says that somebody
 * does not vote.
 */
int64_t agg_watermark(const struct agg *a, int64_t mono_us, bool *forced);
/* Once a close is done: the keys that have not been used for long. */
void agg_forget_some(struct agg *a);
bool agg_is_replaying(const struct agg *a);
/* An intent that was taken up has to be carried out first; or NULL. */
const struct mark *agg_intent(const struct agg *a);
/* Else the window that closes next, an empty one it may be. */
bool agg_next_window(const struct agg *a, int64_t *start_us);

#endif
