/* SPDX-License-Identifier: MIT */
/*
 * check.h - windows compared with the truth
 *
 *   a file of iotsim-truth(5) --> check_new
 *   each closed window        --> check_report   --> lines, one for each
 *   the end of the run        --> check_finish   --> difference
 *
 * A window agrees when both tables have the keys of the truth and no others,
 * the counts are equal, and the means are within one ulp of the correctly
 * rounded ones. Rows of the truth for the same window, table and key add up.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef AGG_CHECK_H
#define AGG_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/report.h"
#include "base/err.h"

/* So many differences are told, the others are only counted. */
#define CHECK_TOLD 20

struct check;

struct check_counts {
	uint64_t windows;     /* compared, that hold readings */
	uint64_t means;	      /* that agree */
	uint64_t differences; /* 0: all is as the truth says */
};

/* What was seen of the topic. */
struct check_view {
	bool from_start; /* from its first reading on */
	bool to_end;	 /* to its last: no window is open */
	uint64_t late, malformed;
};

/*
 * Reads the text of one or several files, one behind the other; `file` is its
 * name. The error names the line: a header that is another, a row that cannot
 * be, of windows of another interval, a file that is cut short or says it is
 * invalid.
 */
struct check *check_new(const char *file, const char *text, size_t len,
			int64_t interval_us, struct err *e);
void check_free(struct check *c);

/* Compares a window that was closed; the earlier before the later. */
void check_report(struct check *c, const struct report *r, struct str *out);

/*
 * What was never reported though the view went over it. Of a whole view the
 * late and malformed readings are compared too.
 */
void check_finish(struct check *c, const struct check_view *view,
		  struct str *out);

const struct check_counts *check_counts(const struct check *c);

#endif
