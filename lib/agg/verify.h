/* SPDX-License-Identifier: MIT */
/*
 * verify.h - reports that were printed, found again in the log
 *
 *   their rows in JSON --> verify_new
 *   each record        --> verify_shut   --> what is late by their cuts
 *   each window, before
 *   it is closed       --> verify_window --> lines, one for each difference
 *   the end of the log --> verify_finish -->
 *
 * A report agrees when its tables have the keys that the log gives and no
 * others, and all counts and means, and what else rows have, are equal, to the
 * last bit. A table that no report has was not asked for. A report of a
 * group is of its partitions only. Windows of the log that no report tells
 * of are differences too, between the first report and the last; of a group,
 * between the first and the last of each partition.
 *
 * What was deleted from the log cannot be had again: where a report is
 * another than that and readings of its window may be gone, it counts as one
 * that could not be verified.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef AGG_VERIFY_H
#define AGG_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/agg.h"
#include "base/err.h"

/* So many differences are told, the others are only counted. */
#define VERIFY_TOLD 20

struct verify;

struct verify_counts {
	uint64_t reports;     /* that were compared */
	uint64_t means;	      /* that agree */
	uint64_t differences; /* 0, and no unknown: all is as it was printed */
	uint64_t unknown;     /* reports that could not be verified */
	uint64_t torn;	      /* lines that were passed over; from the start */
};

/*
 * Reads the text of a file, `file` being its name, which is borrowed. The error
 * names the line; see agg/printed.h.
 */
struct verify *verify_new(const char *file, const char *text, size_t len,
			  struct err *e);
void verify_free(struct verify *v);

/* Rows have sd, min or max. */
bool verify_needs_spread(const struct verify *v);
int64_t verify_interval_us(const struct verify *v);
/* Where the first of the windows starts. */
int64_t verify_start_us(const struct verify *v);

/*
 * What the partition has at this offset and later for windows that end by then
 * was too late for a forced close; WHEN_NONE: for none. Its offsets rise.
 */
int64_t verify_shut(struct verify *v, int partition, int64_t offset);
/* Its records below that offset are gone. May be said again. */
void verify_gone(struct verify *v, int partition, int64_t offset);

/* Compares the earliest window that is open; there is one. */
void verify_window(struct verify *v, struct agg *a, struct str *out);
/* No more windows come; to_end: since the log was read to its end. */
void verify_finish(struct verify *v, const struct agg *a, bool to_end,
		   struct str *out);

const struct verify_counts *verify_counts(const struct verify *v);

#endif
