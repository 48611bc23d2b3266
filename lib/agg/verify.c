/* SPDX-License-Identifier: MIT */
#include "agg/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agg/again.h"
#include "agg/lanes.h"
#include "agg/printed.h"
#include "agg/window.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"

#define TEXT_MAX 200 /* bytes of a difference */
#define KEY_TOLD 60  /* and of a key in it */

struct verify {
	const char *file;
	struct printed printed;
	struct verify_counts counts;
	struct lanes lanes;
	bool *seen;	   /* by report */
	int64_t passed_us; /* start of the last window that was compared */
	bool muted;	   /* what differs is only counted, here: */
	uint64_t muffled;
	int *scratch;
	size_t cap_scratch;
};

/* ---- making ---- */

struct verify *verify_new(const char *file, const char *text, size_t len,
			  struct err *e)
{
	struct verify *v = mem_zalloc(1, sizeof(*v));

	v->file = file;
	v->passed_us = WHEN_NONE;
	if (printed_read(&v->printed, file, text, len, e)) {
		verify_free(v);
		return NULL;
	}
	v->counts.torn = v->printed.torn;
	v->seen = mem_zalloc(v->printed.n_reports, sizeof(*v->seen));
	lanes_make(&v->lanes, &v->printed);
	return v;
}

void verify_free(struct verify *v)
{
	if (!v)
		return;
	printed_release(&v->printed);
	lanes_release(&v->lanes);
	free(v->seen);
	free(v->scratch);
	free(v);
}

bool verify_needs_spread(const struct verify *v)
{
	return stats_need_spread(&v->printed.stats);
}

int64_t verify_interval_us(const struct verify *v)
{
	return v->printed.interval_us;
}

int64_t verify_start_us(const struct verify *v)
{
	return v->printed.reports[0].start_us;
}

const struct verify_counts *verify_counts(const struct verify *v)
{
	return &v->counts;
}

/* ---- telling ---- */

/* Where a difference is. */
struct place {
	int64_t start_us;
	const char *by; /* NULL: the window as a whole, */
	const char *key;
	size_t key_len;
	int64_t partition; /* or this one of it, if not -1 */
};

static void add_place(struct str *out, const struct verify *v,
		      const struct place *at)
{
	str_adds(out, "window ");
	when_add_rfc3339(out, window_bound(at->start_us));
	str_adds(out, "..");
	when_add_rfc3339(out,
			 window_bound(at->start_us + v->printed.interval_us));
	if (at->by) {
		str_addf(out, ", by %s, key ", at->by);
		utf8_add_start(out, at->key, at->key_len, KEY_TOLD);
	} else if (at->partition >= 0) {
		str_addf(out, ", partition %" PRId64, at->partition);
	}
}

/* One line; what a key holds must not become another. */
__attribute__((format(printf, 4, 5))) static void
differs(struct verify *v, struct str *out, const struct place *at,
	const char *fmt, ...)
{
	struct str where = STR_INIT;
	struct err line = ERR_INIT;
	char what[TEXT_MAX];
	va_list ap;

	if (v->muted) {
		v->muffled++;
		return;
	}
	if (v->counts.differences++ >= VERIFY_TOLD)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	add_place(&where, v, at);
	err_set(&line, "%s: %s", where.p, what);
	str_addf(out, "%s\n", line.msg);
	if (v->counts.differences == VERIFY_TOLD)
		str_adds(out, "further differences are counted only\n");
	str_release(&where);
}

/* "mean 1.5 (count 3)", or "count 3", in a text of its own. */
struct numbers {
	char text[2 * NUM_MAX + 32];
};

static const char *say_numbers(struct numbers *n, enum statistic stat, double v,
			       uint64_t count)
{
	char digits[NUM_MAX];

	if (stat == STAT_COUNT)
		snprintf(n->text, sizeof(n->text), "count %" PRIu64, count);
	else
		snprintf(n->text, sizeof(n->text),
			 "%s %.*s (count %" PRIu64 ")", stat_name(stat),
			 (int)num_put_shortest(digits, v), digits, count);
	return n->text;
}

static const char *say_row(struct numbers *n, enum statistic stat,
			   const struct printed_row *row)
{
	return say_numbers(n, stat, stat == STAT_COUNT ? 0 : row->v[stat],
			   row->count);
}

static const char *say_log(struct numbers *n, enum statistic stat,
			   const struct report_row *log)
{
	return say_numbers(n, stat,
			   stat == STAT_COUNT ? 0 : report_value(log, stat),
			   log->count);
}

/* FILE:LINE, cut where it is long, for what differs stands behind it. */
struct origin {
	char text[80];
};

static const char *say_line(struct origin *o, const struct verify *v,
			    size_t line)
{
	size_t len = strlen(v->file);

	snprintf(o->text, sizeof(o->text), "%s%s:%zu", len > 50 ? "..." : "",
		 len > 50 ? v->file + len - 50 : v->file, line);
	return o->text;
}

/* ---- comparing ---- */

/* The one that stands for a row: the mean, if it is there. */
static enum statistic main_stat(const struct verify *v)
{
	return v->printed.stats.n ? v->printed.stats.v[0] : STAT_COUNT;
}

/* False, and *stat is one that differs. */
static bool is_same(const struct verify *v, const struct printed_row *row,
		    const struct report_row *log, enum statistic *stat)
{
	const struct stats *s = &v->printed.stats;

	for (size_t i = 0; i < s->n; i++) {
		*stat = s->v[i];
		if (!printed_is_same(row->v[*stat], report_value(log, *stat)))
			return false;
	}
	*stat = main_stat(v);
	return row->count == log->count;
}

static void compare_row(struct verify *v, struct str *out,
			const struct place *at, const struct printed_row *row,
			const struct report_row *log)
{
	struct numbers printed, found;
	enum statistic stat;
	struct origin line;

	if (is_same(v, row, log, &stat)) {
		v->counts.means++;
		return;
	}
	differs(v, out, at, "%s says %s, the log gives %s",
		say_line(&line, v, row->line), say_row(&printed, stat, row),
		say_log(&found, stat, log));
}

static void tell_missing(struct verify *v, struct str *out,
			 const struct place *at, const struct printed_row *row,
			 const struct report_row *log)
{
	struct numbers n;
	struct origin line;

	if (row)
		differs(v, out, at, "%s says %s, the log has none",
			say_line(&line, v, row->line),
			say_row(&n, main_stat(v), row));
	else
		differs(v, out, at, "not in the file, the log gives %s",
			say_log(&n, main_stat(v), log));
}

/* What stands first of those left: a row, one of the log, or both (0). */
static int which(const struct printed_row *row, size_t rows,
		 const struct report_row *log, size_t logs)
{
	if (!rows || !logs)
		return rows ? -1 : 1;
	return report_compare(row->key, row->key_len, log->key, log->key_len);
}

/* Both are sorted: they are walked through side by side. */
static void compare_table(struct verify *v, struct str *out, const char *by,
			  const struct printed_row *row, size_t rows,
			  const struct report *r, const struct report_table *t)
{
	const struct report_row *log = t->rows;
	size_t logs = t->n;

	while (rows || logs) {
		int order = which(row, rows, log, logs);
		struct place at = {r->start_us, by, NULL, 0, -1};

		at.key = order <= 0 ? row->key : log->key;
		at.key_len = order <= 0 ? row->key_len : log->key_len;
		if (order)
			tell_missing(v, out, &at, order < 0 ? row : NULL, log);
		else
			compare_row(v, out, &at, row, log);
		if (order <= 0)
			row++, rows--;
		if (order >= 0)
			log++, logs--;
	}
}

/* What each partition gave. Their order is that of the list. */
static void compare_parts(struct verify *v, struct str *out,
			  const struct printed_report *p,
			  const struct report *r)
{
	const struct printed_list *l = &v->printed.lists[p->parts];
	struct origin line;

	for (size_t i = 0; i < l->n; i++) {
		struct place at = {.start_us = r->start_us,
				   .partition = l->v[i].partition};

		if ((uint64_t)l->v[i].value == r->parts[i].count)
			continue;
		differs(v, out, &at,
			"%s says %" PRId64 " readings, the log gives %" PRIu64,
			say_line(&line, v, v->printed.rows[p->first].line),
			l->v[i].value, r->parts[i].count);
	}
}

/* Its partitions, in the scratch. */
static const struct report *report_of(struct verify *v, struct agg *a,
				      const struct printed_report *p)
{
	const struct printed_list *l = &v->printed.lists[p->parts];

	if (!v->printed.grouped)
		return agg_peek(a, 0);
	v->scratch = mem_reserve(v->scratch, &v->cap_scratch, l->n,
				 sizeof(*v->scratch));
	for (size_t i = 0; i < l->n; i++) {
		v->scratch[i] = (int)l->v[i].partition;
		v->lanes.v[l->v[i].partition].told = true;
	}
	return agg_peek_of(a, 0, v->scratch, l->n);
}

static void compare_report(struct verify *v, struct agg *a, size_t i,
			   struct str *out)
{
	const struct printed_report *p = &v->printed.reports[i];
	const struct printed_row *rows = v->printed.rows;
	const struct report *r = report_of(v, a, p);

	v->seen[i] = true;
	v->muted = lanes_is_gone(&v->lanes, &v->printed, p);
	v->muffled = 0;
	if (!v->printed.no_types)
		compare_table(v, out, "type", &rows[p->first],
			      p->names - p->first, r, &r->by_type);
	if (!v->printed.no_names)
		compare_table(v, out, "name", &rows[p->names],
			      p->end - p->names, r, &r->by_name);
	compare_parts(v, out, p, r);
	v->muted = false;
	if (v->muffled)
		v->counts.unknown++;
	else
		v->counts.reports++;
}

/* ---- windows that no report tells of ---- */

static void not_printed(struct verify *v, struct str *out, int64_t start_us,
			int64_t partition, uint64_t count)
{
	struct place at = {.start_us = start_us, .partition = partition};

	differs(v, out, &at,
		"not in the file, the log gives %" PRIu64 " reading%s", count,
		count == 1 ? "" : "s");
}

/* Partitions that are told of before and after, and not here. */
static void look_for_parts(struct verify *v, struct agg *a, struct str *out)
{
	const struct report *r = agg_peek(a, 0);

	for (size_t i = 0; i < r->n_parts; i++) {
		size_t p = (size_t)r->parts[i].partition;
		struct lane *lane = p < v->lanes.n ? &v->lanes.v[p] : NULL;

		if (!lane)
			continue;
		if (!lane->told && r->parts[i].count &&
		    lane->first_us != WHEN_NONE &&
		    r->start_us > lane->first_us && r->start_us < lane->last_us)
			not_printed(v, out, r->start_us, (int64_t)p,
				    r->parts[i].count);
		lane->told = false;
	}
}

static void look_for_window(struct verify *v, struct agg *a, struct str *out)
{
	const struct printed *p = &v->printed;
	const struct report *r = agg_peek(a, 0);

	if (r->start_us > p->reports[0].start_us &&
	    r->start_us < p->reports[p->n_reports - 1].start_us)
		not_printed(v, out, r->start_us, -1, r->count);
}

/* ---- the log ---- */

int64_t verify_shut(struct verify *v, int partition, int64_t offset)
{
	return lanes_shut(&v->lanes, partition, offset);
}

void verify_gone(struct verify *v, int partition, int64_t offset)
{
	lanes_at(&v->lanes, partition)->gone = offset;
}

void verify_window(struct verify *v, struct agg *a, struct str *out)
{
	const struct printed *p = &v->printed;
	int64_t start = window_bound(agg_peek(a, 0)->start_us);
	size_t i = printed_find(p, start);
	bool any = i < p->n_reports && p->reports[i].start_us == start;

	lanes_look(&v->lanes, a);
	v->passed_us = start;
	for (; i < p->n_reports && p->reports[i].start_us == start; i++)
		compare_report(v, a, i, out);
	if (p->grouped)
		look_for_parts(v, a, out);
	else if (!any)
		look_for_window(v, a, out);
}

/* ---- the end ---- */

static uint64_t count_rows(const struct verify *v, size_t first, size_t end)
{
	uint64_t n = 0;

	for (size_t i = first; i < end; i++)
		n += v->printed.rows[i].count;
	return n;
}

static void finish_report(struct verify *v, const struct printed_report *p,
			  bool to_end, struct str *out)
{
	struct place at = {.start_us = p->start_us, .partition = -1};
	struct origin line;
	uint64_t count;

	if (lanes_is_gone(&v->lanes, &v->printed, p) ||
	    (!to_end && p->start_us > v->passed_us)) {
		v->counts.unknown++;
		return;
	}
	count = count_rows(v, p->first, p->names);
	if (!count)
		count = count_rows(v, p->names, p->end);
	v->counts.reports++;
	differs(v, out, &at, "%s says %" PRIu64 " reading%s, the log has none",
		say_line(&line, v, v->printed.rows[p->first].line), count,
		count == 1 ? "" : "s");
}

/* That is a difference whatever the log says. */
static void tell_conflicts(struct verify *v, struct str *out)
{
	const struct printed_row *row = &v->printed.conflict;
	const struct place at = {row->start_us, row->is_name ? "name" : "type",
				 row->key, row->key_len, -1};
	struct origin line, before;

	if (!v->printed.n_conflicts)
		return;
	differs(v, out, &at, "%s is not the same as %s",
		say_line(&line, v, row->line),
		say_line(&before, v, v->printed.conflict_line));
	v->counts.differences += v->printed.n_conflicts - 1;
}

static void tell_gone(const struct verify *v, struct str *out)
{
	for (size_t p = 0; p < v->lanes.n; p++) {
		const struct lane *lane = &v->lanes.v[p];

		if (!lane->gone)
			continue;
		str_addf(out,
			 "partition %zu: the log begins at offset %" PRId64
			 ", what was before it is gone",
			 p, lane->gone);
		if (lane->whole_us != INT64_MAX) {
			str_adds(out, "; it is whole from ");
			when_add_rfc3339(out, window_bound(lane->whole_us));
			str_adds(out, " on");
		}
		str_addc(out, '\n');
	}
}

void verify_finish(struct verify *v, const struct agg *a, bool to_end,
		   struct str *out)
{
	lanes_look(&v->lanes, a);
	for (size_t i = 0; i < v->printed.n_reports; i++) {
		if (!v->seen[i])
			finish_report(v, &v->printed.reports[i], to_end, out);
	}
	tell_conflicts(v, out);
	if (v->counts.unknown)
		tell_gone(v, out);
}
