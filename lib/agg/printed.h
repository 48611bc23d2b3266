/* SPDX-License-Identifier: MIT */
/*
 * printed.h - reports that were printed, read back from their rows in JSON
 *
 *   a file of rows --> printed_read --> reports, in the order of their windows
 *
 * A report is a window and, of a group, the partitions that it is of. Its rows
 * may stand anywhere, and be there again: each is kept once, and what is there
 * again but not the same is a conflict, as is what rows of one report say of
 * it differently. Ids may be missing, but not be wrong.
 *
 * Lists of partitions are kept once and numbered; 0 is the empty one.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_PRINTED_H
#define AGG_PRINTED_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/stats.h"
#include "base/err.h"
#include "base/intern.h"

#define PRINTED_PARTITION_MAX 999999

struct printed_row {
	int64_t start_us;
	uint32_t set;	/* list of partitions (with 0), of a group; else 0 */
	uint32_t parts; /* list of their counts */
	uint32_t cuts;	/* list of offsets */
	bool is_name;
	const char *key; /* key_len bytes, of the keys */
	size_t key_len;
	uint64_t count;
	double v[STATS]; /* by statistic, but count; NAN for null */
	size_t line;
};

/* A report is its rows, first to end - 1: types, then names. */
struct printed_report {
	int64_t start_us;
	uint32_t parts;
	size_t first, names, end;
};

/* A partition and its count, or its cut; lists are rising. */
struct printed_pair {
	int64_t partition, value;
};

struct printed_list {
	struct printed_pair *v;
	size_t n;
};

struct printed {
	bool grouped;		 /* reports are a group's, all of them */
	char *group;		 /* of which, where ids tell; else NULL */
	struct stats stats;	 /* what rows have, beside the count */
	bool no_types, no_names; /* no row is of that table */
	int64_t interval_us;
	struct printed_row *rows;
	size_t n_rows, cap_rows;
	struct printed_report *reports; /* by window, then by parts */
	size_t n_reports, cap_reports;
	struct printed_list *lists;
	size_t n_lists, cap_lists;
	uint64_t torn; /* lines that a killed run has left */
	uint64_t n_conflicts;
	struct printed_row conflict; /* the first of them, */
	size_t conflict_line;	     /* and what it is to be the same as */
	struct intern *keys, *list_keys;
};

/*
 * Reads the text; nothing of it is borrowed. The error names the line: what is
 * no row, a member that rows do not have, or not all of them, windows of
 * several intervals, an id that is not the report's, rows of a group among
 * others, or of another one. To be released then,
 * whatever came out.
 */
int printed_read(struct printed *p, const char *file, const char *text,
		 size_t len, struct err *e);
void printed_release(struct printed *p);

/* To the last bit. What is not finite is null in JSON, whatever it was. */
static inline bool printed_is_same(double a, double b)
{
	if (!isfinite(a) || !isfinite(b))
		return !isfinite(a) && !isfinite(b);
	return a == b && signbit(a) == signbit(b);
}

/* The first of the reports whose window starts there or later. */
size_t printed_find(const struct printed *p, int64_t start_us);

#endif
