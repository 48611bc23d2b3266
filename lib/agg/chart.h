/* SPDX-License-Identifier: MIT */
/*
 * chart.h - how the rows of a table went over the last windows, in blocks
 *
 *     Chart of the mean, last 9 windows of 20s:
 *     humidity     ▁▃▄▂▆█▇▅▃     5.51 to 5.93
 *     pressure     ▄▄▄▄▄▄▄▄▄     1013
 *     temperature  █▆▅  ▃▃▂▁  18.2512 to 21.5
 *
 * A column is a window, the last one stands to the right, and windows that
 * had no report take their columns too: time runs evenly. A row has a scale
 * of its own, from its least to its greatest value in the picture, which
 * stand behind it; what is always the same is half high. A blank is a window
 * that had nothing of this row.
 *
 * What is charted is the first of the report's statistics that is not the
 * count, or the count where there is no other. Values that are none (NAN)
 * are left out, infinite ones are taken for the greatest that there is.
 *
 * Memory is bounded: CHART_WINDOWS windows are remembered, and fewer for a
 * while where they take too many bytes. Keys that had nothing in them are
 * forgotten.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef AGG_CHART_H
#define AGG_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/report.h"

#define CHART_WINDOWS 300
#define CHART_BYTES   ((size_t)256 << 20) /* that will do */

struct chart_conf {
	int64_t interval_us; /* from the end of a window to the next one's */
	struct stats stats;
	size_t max_rows;   /* as in struct report_form */
	bool utf8;	   /* else ASCII, and '?' for what is not */
	size_t most_bytes; /* but for those of the last window's keys */
};

enum chart_table {
	CHART_TYPES,
	CHART_NAMES,
};

struct chart;

struct chart *chart_new(const struct chart_conf *conf);
void chart_free(struct chart *c);

/* From now on lines have so many columns at most; 80 before that. */
void chart_set_width(struct chart *c, size_t columns);

/*
 * Takes the values of all rows. A report of a window that had one is of other
 * partitions: its rows replace those that were there.
 */
void chart_take(struct chart *c, const struct report *r);

/* What it remembers takes so much, about. */
size_t chart_bytes(const struct chart *c);

/*
 * Adds an empty line, a heading, and a line for each row of the table that is
 * shown in it, named as there; nothing for an empty table. Names are cut where
 * columns are few, but no line is made of less than the name's first letters
 * and a few blocks.
 */
void chart_add(struct str *out, const struct chart *c, enum chart_table which,
	       const struct report_table *t);

#endif
