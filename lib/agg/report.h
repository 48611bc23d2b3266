/* SPDX-License-Identifier: MIT */
/*
 * report.h - the two tables of one window, as numbers and as text
 *
 * Floor 2. Pure but for TZ in the table's head.
 */
#ifndef AGG_REPORT_H
#define AGG_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* A row: the mean of one type, or of one name. */
struct report_row {
	const char *key; /* key_len bytes, may hold NULs; borrowed */
	size_t key_len;
	uint64_t count;
	double mean;
};

/* Rows are sorted by code point (which is the order of UTF-8 bytes). */
struct report_table {
	struct report_row *rows;
	size_t n;
};

struct report {
	int64_t start_us, end_us; /* the window: [start, end) */
	uint64_t count;		  /* readings used */
	struct report_table by_type, by_name;
};

enum report_format {
	REPORT_TABLE, /* what pandas prints */
	REPORT_CSV,
	REPORT_JSON,
};

#define REPORT_ALL_ROWS 0

/* What stands before the first report: the header line of CSV. */
void report_add_head(struct str *out, enum report_format format);

/*
 * The report as text. max_rows is pandas' display.max_rows, for the table
 * only; REPORT_ALL_ROWS means no limit.
 */
void report_add(struct str *out, const struct report *r,
		enum report_format format, size_t max_rows);

#endif
