/* SPDX-License-Identifier: MIT */
/*
 * stats.h - what reports say of the values of a key, by name
 *
 * To add one: a constant, its name in stats.c, a field of struct report_row
 * and its case in report_value (report.h), its word in the --stats row of
 * cmd/args.c (in the order of the constants).
 *
 * Floor 2. Pure.
 */
#ifndef AGG_STATS_H
#define AGG_STATS_H

#include <stdbool.h>
#include <stddef.h>

enum statistic {
	STAT_COUNT,
	STAT_MEAN,
	STAT_SD, /* of the sample: by n - 1; NAN for one value */
	STAT_MIN,
	STAT_MAX,
	STATS,
};

/* Some of them, in the order of their columns; each once. */
struct stats {
	enum statistic v[STATS];
	size_t n;
};

#define STATS_MEAN_ONLY        \
	{                      \
		{STAT_MEAN}, 1 \
	}

/* As it heads a column of CSV. */
const char *stat_name(enum statistic s);

/* The mean alone, which a table calls "value". */
bool stats_are_mean_only(const struct stats *s);
/* They take more than a sum: agg/spread.h. */
bool stats_need_spread(const struct stats *s);

#endif
