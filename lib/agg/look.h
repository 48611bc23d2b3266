/* SPDX-License-Identifier: MIT */
/*
 * look.h - into the aggregator: where the partitions are, what closes next
 *
 * What agg_next decides by, for those who want to know why a window does not
 * come; explain.h says it in words. Looking changes nothing, and may be done
 * at any time.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_LOOK_H
#define AGG_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/agg.h"

struct agg_look {
	bool held;	      /* else nothing below is said */
	bool at_end;	      /* it was read to its end */
	bool any;	      /* a record was read from it */
	bool replaying;	      /* what is below `next` is given again */
	bool idle;	      /* rule 2; all others vote */
	int64_t watermark_us; /* greatest event time used, or WHEN_NONE */
	int64_t first_us;     /* event time of the first one, or WHEN_NONE */
	int64_t closed_us;    /* windows that end by then are closed */
	int64_t next;	      /* offset of the first record not looked at */
	int64_t silent_us;    /* how long it has been at its end; else 0 */
	struct books books;   /* reports and passed are 0 */
};

/* Partitions are numbered below that; not all of them need be held. */
int agg_partitions(const struct agg *a);
void agg_look(const struct agg *a, int partition, int64_t mono_us,
	      struct agg_look *l);

/* What agg_next would find now. */
enum agg_prospect {
	AGG_NO_WINDOW,
	AGG_REPLAYS,  /* nothing closes until what was open is there again */
	AGG_INTENDED, /* AGG_AGAIN; of the window only the end is said */
	AGG_TOO_EARLY,
	AGG_UNASKED, /* AGG_ASK */
	AGG_READY,   /* AGG_CLOSE */
};

struct agg_due {
	enum agg_prospect prospect;
	int64_t start_us, end_us; /* the next window to close, if any */
	int64_t due_us;		  /* its end and the grace */
	int64_t watermark_us;	  /* as of agg_watermark_us */
	bool forced;		  /* somebody does not vote, */
	bool silent;		  /* or nobody does: the clock goes on */
	bool skipped;		  /* its close will leave it out: rule 5 */
};

void agg_look_due(const struct agg *a, int64_t mono_us, struct agg_due *d);

#endif
