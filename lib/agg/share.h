/* SPDX-License-Identifier: MIT */
/*
 * share.h - what partitions give to windows: sums by type and by name
 *
 * A window has a share of each partition; a report is made of shares, merged
 * in the order of the partitions. Keys are numbered by partition, so that a
 * share is an array. What is not asked for is not kept.
 *
 * Floor 2, for lib/agg only. Pure.
 */
#ifndef AGG_SHARE_H
#define AGG_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/order.h"
#include "agg/report.h"
#include "agg/spread.h"
#include "agg/sum.h"
#include "base/intern.h"
#include "wire/reading.h"

/* The sums of one table, by a partition's own numbers of the keys. */
struct sums {
	struct sum *v;		/* n == 0: the key has no reading here */
	struct spread *spreads; /* beside them, or NULL */
	size_t n, cap;
};

struct share {
	uint64_t count;
	int64_t first;	  /* offset of its first reading */
	int64_t first_us; /* and the timestamp of that record */
	struct sums types, names;
};

struct window {
	int64_t start_us;
	struct share *shares; /* by partition; n_shares of them */
	size_t n_shares;
};

/* The keys of a partition, and what is kept of each. */
struct keys {
	struct intern *types, *names;	       /* NULL: of them nothing is */
	struct order types_order, names_order; /* as of the last report */
	struct queue *queue;		       /* see keys_settle; or NULL */
	bool spread;			       /* not the sum alone */
};

/* Empties it. */
void keys_release(struct keys *keys);
/*
 * What window_add put off is done: before sums by name are looked at, windows
 * that have some are freed, and keys change their numbers.
 */
void keys_settle(struct keys *keys);

struct window *window_new(int64_t start_us);
void window_free(struct window *w); /* takes NULL */

/* The share of a partition, made if need be; valid until the next one is. */
struct share *window_share(struct window *w, size_t partition);
/*
 * To the share of a partition, whose keys those are: returns it, as above.
 * Where there are many names the sums by name get it a little later, see
 * keys_settle.
 */
struct share *window_add(struct window *w, size_t partition, struct keys *keys,
			 const struct reading *r);
/* How many readings it has. */
uint64_t window_count(const struct window *w);
/* Adds all that w has. */
void window_merge(struct window *into, const struct window *w);

/* How many keys have readings in it. */
size_t share_keys(const struct share *s);
/* Its keys get the numbers that `to` has for them, or gives them. */
void share_renumber(struct share *s, const struct keys *from,
		    const struct keys *to);
/* Empties it. */
void share_release(struct share *s);

/* Scratch of report_make. */
struct report_maker {
	struct run *runs;
	size_t *losers;
	size_t n, cap_runs, cap_losers;
};

void report_maker_release(struct report_maker *m);
/*
 * Makes the two tables, of the partitions that r->parts lists; keys is by
 * partition, and their orders are brought up to date.
 */
void report_make(struct report_maker *m, struct report *r,
		 const struct window *w, struct keys *keys);

#endif
