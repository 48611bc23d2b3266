/* SPDX-License-Identifier: MIT */
/*
 * report.h - the two tables of one window, as numbers and as text
 *
 * Floor 2. Pure but for TZ in the table's head.
 */
#ifndef AGG_REPORT_H
#define AGG_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/stats.h"
#include "base/str.h"

/* A row: of one type, or of one name. */
struct report_row {
	const char *key; /* key_len bytes, may hold NULs; borrowed */
	size_t key_len;
	uint64_t count;
	double mean;
	double sd, min, max; /* only where spreads are kept */
};

/* Rows are sorted by their keys, see report_compare. */
struct report_table {
	struct report_row *rows;
	size_t n;
};

/* A partition that it is of, and what it gave. */
struct report_part {
	int partition;
	uint64_t count;
};

/*
 * One of them that a forced close did not wait for: its records from that
 * offset on were left out, which its log alone does not tell.
 */
struct report_cut {
	int partition;
	int64_t offset;
};

struct report {
	int64_t start_us, end_us; /* the window: [start, end) */
	uint64_t count;		  /* readings used */
	struct report_table by_type, by_name;
	struct report_part *parts; /* rising */
	size_t n_parts;
	struct report_cut
		*cuts; /* rising; none: what the logs hold tells all */
	size_t n_cuts;
	const char *group; /* of a consumer group's member; NULL: a private
			      view; borrowed */
	int total;	   /* partitions of the topic; 0: not known */
};

enum report_format {
	REPORT_TABLE, /* what pandas prints */
	REPORT_CSV,
	REPORT_JSON,
};

#define REPORT_ALL_ROWS 0

struct chart;

/* How it is printed. */
struct report_form {
	enum report_format format;
	struct stats stats; /* the columns; CSV and JSON have count besides */
	size_t max_rows;    /* of a table: pandas' display.max_rows, or
			       REPORT_ALL_ROWS */
	bool no_types, no_names;   /* that table is left out; not both */
	const struct chart *chart; /* drawn under tables, or NULL; borrowed.
				      It has taken the report. */
};

/* Of any but STAT_COUNT, which is no double. */
double report_value(const struct report_row *row, enum statistic s);

/* The order of keys: by code point, which is that of UTF-8 bytes. */
int report_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/*
 * The name of a group's report, the same whenever and by whichever member it
 * is made: GROUP_START_PARTS, with the partitions as "0-3+5".
 */
void report_add_id(struct str *out, const struct report *r);

/* What its rows have in common in a topic: the id; without one, the start. */
void report_add_key(struct str *out, const struct report *r);

/*
 * What stands before the first report: the header line of CSV. `ids`: the
 * reports are a group's.
 */
void report_add_head(struct str *out, const struct report_form *form, bool ids);

/*
 * The report as text. A group's has its id in each row of CSV and JSON, and
 * says in the table of which partitions it is, where that is not all of them.
 * The cuts are in each row of JSON, where there are any.
 */
void report_add(struct str *out, const struct report *r,
		const struct report_form *form);

/* As RFC 4180 has it: quoted only where it must be, a quote is doubled. */
void report_add_csv_field(struct str *out, const char *bytes, size_t len);

/* The first four columns of a CSV row, a comma behind each. */
void report_add_csv_key(struct str *out, int64_t start_us, int64_t end_us,
			const char *by, const char *key, size_t key_len);

#endif
