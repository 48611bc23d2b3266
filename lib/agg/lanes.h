/* SPDX-License-Identifier: MIT */
/*
 * lanes.h - what reports that were printed tell of each partition
 *
 * Where it was cut by closes by force, between which windows there are
 * reports of it, and what its log has lost since then.
 *
 * Floor 2, for verify.c only. Pure.
 */
#ifndef AGG_LANES_H
#define AGG_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/agg.h"
#include "agg/printed.h"

struct cut {
	int64_t partition, offset, end_us;
};

struct lane {
	size_t next_cut, end_cut;  /* those that come */
	int64_t shut_us;	   /* by the cuts that were passed */
	int64_t first_us, last_us; /* of its windows; WHEN_NONE */
	int64_t gone;		   /* offset; 0: nothing is */
	int64_t whole_us; /* from there on windows have all their readings */
	bool told;	  /* in the window that is looked at */
};

struct lanes {
	struct lane *v; /* by partition */
	size_t n, cap;
	struct cut *cuts; /* by partition, then by offset */
	size_t n_cuts, cap_cuts;
};

void lanes_make(struct lanes *l, const struct printed *p);
void lanes_release(struct lanes *l);

/* That of the partition, made if need be; valid until another is made. */
struct lane *lanes_at(struct lanes *l, int64_t partition);

/* As verify_shut. */
int64_t lanes_shut(struct lanes *l, int partition, int64_t offset);
/* From where on the lanes that have lost something are whole. */
void lanes_look(struct lanes *l, const struct agg *a);
/* Readings of the report may have been deleted. */
bool lanes_is_gone(const struct lanes *l, const struct printed *p,
		   const struct printed_report *r);

#endif
