/* SPDX-License-Identifier: MIT */
/*
 * series.h - recordings to replay, from CSV
 *
 * A recording is made of files, each a header and rows (wire/csv.h); of
 * each row there is one point, in the series of its name and type. Between
 * calls the points of a series stand in order of time, those of equal times
 * in order of the files and rows.
 *
 * Times are RFC 3339, Python's isoformat() or a date (UTC where there is no
 * zone), or epoch seconds, ms, us or ns, told apart by size (base/when.h),
 * with a fraction too; what is finer than a microsecond is cut, or rounded
 * behind a decimal point. Values are numbers as base/num.h takes them.
 * Blanks around a cell are passed over.
 *
 * Floor 2. Pure. Not shared between threads while files are added.
 */
#ifndef SIM_SERIES_H
#define SIM_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/intern.h"
#include "base/str.h"

struct series_point {
	int64_t time_us;
	double value; /* finite */
};

struct series {
	const char *name, *type; /* UTF-8, not empty; the recording's */
	struct series_point *points;
	size_t n; /* at least 1 */

	/* The recording's own. */
	size_t cap;
	int64_t latest_us; /* the greatest time */
	bool sorted;
};

struct recording {
	struct series *series; /* in order of their first rows */
	size_t n;
	uint64_t points;    /* of all series */
	uint64_t empty;	    /* rows passed over: they have no value */
	uint64_t unordered; /* rows put back in order: their time is before
			       that of an earlier row of their series */

	/* The recording's own. */
	size_t cap;
	struct intern *keys; /* "name\0type\0", numbered like series */
	struct str key;
};

/* Where things stand in a file; NULL where the default will do. */
struct series_columns {
	const char *time;	 /* column; default the first there of time,
				    timestamp, ts, datetime, date */
	const char *value;	 /* column; default value */
	const char *name_column; /* else all rows have the name `name` */
	const char *name;	 /* default the file's, without directory
				    and .csv */
	const char *type_column; /* else all rows have the type `type` */
	const char *type;	 /* default replay */
};

void recording_init(struct recording *rec);
void recording_release(struct recording *rec);

/*
 * Adds a file, `file` its path. Nothing is borrowed. Fails, with file and
 * line, on a missing column (the error lists those there are), a cell that
 * is none of the above, an empty time, name or type, a row that is longer
 * than the header or lacks what is needed, and a file in which no row has a
 * value; then the recording is good for recording_release only.
 */
int recording_add(struct recording *rec, const char *file, const char *text,
		  size_t len, const struct series_columns *cols, struct err *e);

#endif
