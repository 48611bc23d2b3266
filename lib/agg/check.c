/* SPDX-License-Identifier: MIT */
#include "agg/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agg/exact.h"
#include "agg/truth.h"
#include "agg/window.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "wire/csv.h"

#define KEY_TOLD 60 /* bytes of one in a line */
enum { START, END, BY, KEY, COUNT, MEAN, SUM, LATE, MALFORMED, COLUMNS };

static const char *const columns[COLUMNS] = {
	"start", "end", "by",	"key",	     "count",
	"mean",	 "sum", "late", "malformed",
};

/* A mean of the truth: one key of one window. */
struct row {
	int64_t start_us;
	bool is_name;
	const char *key; /* key_len bytes, of the keys */
	size_t key_len;
	uint64_t count;
	struct exact sum;
};

/* A window is its rows, first to end - 1: types, then names. */
struct span {
	size_t first, names, end;
	bool reported;
};

struct tally {
	uint64_t count, late, malformed;
};

struct check {
	struct check_counts counts;
	struct intern *keys;
	struct row *rows;
	size_t n_rows, cap_rows;
	struct span *spans;
	size_t n_spans, cap_spans;
	struct tally total;
	int64_t first_us, last_us; /* the windows that were reported */
};

/* ---- reading ---- */

struct parser {
	struct csv csv;
	bool cut;     /* the last row ends without a newline */
	bool in_file; /* behind a header, before the closing row */
	int64_t interval_us;
	struct tally types, names; /* of the rows since the header */
};

static const char *field(const struct parser *in, int column)
{
	return csv_field(&in->csv, (size_t)column, NULL);
}

/* An error of this line: its place is put before it. */
static int at_line(const struct parser *in, struct err *e)
{
	return err_prefix(e, "%s:%zu", in->csv.file, in->csv.line);
}

static int wrong_column(const struct parser *in, int column, struct err *e)
{
	err_prefix(e, "column '%s'", columns[column]);
	return at_line(in, e);
}

static int get_count(const struct parser *in, int column, uint64_t *n,
		     struct err *e)
{
	if (num_parse_count(field(in, column), n, e))
		return wrong_column(in, column, e);
	return 0;
}

static int get_tally(const struct parser *in, struct tally *t, struct err *e)
{
	if (get_count(in, COUNT, &t->count, e) ||
	    get_count(in, LATE, &t->late, e) ||
	    get_count(in, MALFORMED, &t->malformed, e))
		return -1;
	return 0;
}

static void tally_add(struct tally *t, const struct tally *more)
{
	t->count += more->count;
	t->late += more->late;
	t->malformed += more->malformed;
}

static int cut_short(const struct parser *in, struct err *e)
{
	return err_set(e,
		       "%s:%zu: no closing row before this line: the file was "
		       "cut short",
		       in->csv.file, in->csv.line);
}

static bool is_header(const struct parser *in)
{
	if (in->csv.n != COLUMNS)
		return false;
	for (int i = 0; i < COLUMNS; i++)
		if (strcmp(field(in, i), columns[i]))
			return false;
	return true;
}

static int get_time(const struct parser *in, int column, int64_t *us,
		    struct err *e)
{
	size_t len;
	const char *text = csv_field(&in->csv, (size_t)column, &len);

	return when_parse(text, len, us, e) ? wrong_column(in, column, e) : 0;
}

/* The start, checked against the end: the first or last may be cut off. */
static int get_start(const struct parser *in, int64_t *start_us, struct err *e)
{
	int64_t start, end;

	if (get_time(in, START, &start, e) || get_time(in, END, &end, e))
		return -1;
	if (end - start != in->interval_us && start != WHEN_MIN &&
	    end != WHEN_MAX) {
		struct str is = STR_INIT, wanted = STR_INIT;

		num_add_span(&is, end - start);
		num_add_span(&wanted, in->interval_us);
		err_set(e, "a window of %s, but --interval is %s", is.p,
			wanted.p);
		str_release(&is);
		str_release(&wanted);
		return at_line(in, e);
	}
	*start_us = start;
	return 0;
}

/* Equal, or neighbours. */
static bool is_within_ulp(double a, double b)
{
	return a == b || nextafter(a, b) == b;
}

static int get_sum(const struct parser *in, struct row *row, struct err *e)
{
	double mean;

	if (exact_parse(&row->sum, field(in, SUM), e))
		return wrong_column(in, SUM, e);
	if (!row->count)
		return 0;
	if (num_parse_double(field(in, MEAN), &mean, e))
		return wrong_column(in, MEAN, e);
	if (is_within_ulp(mean, exact_mean(&row->sum, row->count)))
		return 0;
	err_set(e, "'%.80s' is not the sum divided by the count",
		field(in, MEAN));
	return wrong_column(in, MEAN, e);
}

/* Row and tallies of a line; the row's sum is the caller's to release. */
static int get_row(struct parser *in, struct row *row, struct err *e)
{
	const char *by = field(in, BY);
	struct tally t;

	if (get_start(in, &row->start_us, e) || get_tally(in, &t, e))
		return -1;
	row->is_name = !strcmp(by, "name");
	if (!row->is_name && strcmp(by, "type")) {
		err_set(e, "'%.80s' is not type, name or end", by);
		return wrong_column(in, BY, e);
	}
	row->count = t.count;
	tally_add(row->is_name ? &in->names : &in->types, &t);
	return get_sum(in, row, e);
}

/* Keys are kept once. */
static void set_key(struct check *c, const struct parser *in, struct row *row)
{
	size_t len;
	const char *key = csv_field(&in->csv, KEY, &len);

	row->key = intern_name(c->keys, intern_id(c->keys, key, len),
			       &row->key_len);
}

static int add_row(struct check *c, struct parser *in, struct err *e)
{
	struct row row = {.sum = EXACT_INIT};
	int rc = get_row(in, &row, e);

	/* Of a count of 0 a report would show nothing. */
	if (rc || !row.count) {
		exact_release(&row.sum);
		return rc;
	}
	set_key(c, in, &row);
	c->rows = mem_reserve(c->rows, &c->cap_rows, c->n_rows + 1,
			      sizeof(*c->rows));
	c->rows[c->n_rows++] = row;
	return 0;
}

static int compare_totals(const struct parser *in, const struct tally *total,
			  const struct tally *rows, const char *by,
			  struct err *e)
{
	if (!memcmp(total, rows, sizeof(*total)))
		return 0;
	err_set(e,
		"the closing row counts %" PRIu64 " used, %" PRIu64
		" late, %" PRIu64 " malformed, the rows by %s %" PRIu64
		", %" PRIu64 ", %" PRIu64 ": rows are missing or changed",
		total->count, total->late, total->malformed, by, rows->count,
		rows->late, rows->malformed);
	return at_line(in, e);
}

static int close_file(struct check *c, struct parser *in, struct err *e)
{
	const char *state = field(in, KEY);
	struct tally total;

	if (strcmp(field(in, BY), "end")) {
		err_set(e, "it is empty");
		return wrong_column(in, START, e);
	}
	if (!strncmp(state, "invalid", 7)) {
		err_set(e, "the truth is %s", state);
		return at_line(in, e);
	}
	if (strcmp(state, "complete")) {
		err_set(e, "'%.80s' is not complete or invalid", state);
		return wrong_column(in, KEY, e);
	}
	if (get_tally(in, &total, e) ||
	    compare_totals(in, &total, &in->types, "type", e) ||
	    compare_totals(in, &total, &in->names, "name", e))
		return -1;
	tally_add(&c->total, &total);
	in->in_file = false;
	return 0;
}

static int read_row(struct check *c, struct parser *in, struct err *e)
{
	bool header = is_header(in);

	if (!in->in_file && !header) {
		err_set(e, "not the header '" TRUTH_HEADER "'");
		return at_line(in, e);
	}
	if (header) {
		if (in->in_file)
			return cut_short(in, e);
		in->in_file = true;
		in->types = in->names = (struct tally){0, 0, 0};
		return 0;
	}
	if (in->csv.n == COLUMNS && !*field(in, START))
		return close_file(c, in, e);
	if (in->cut && in->csv.p == in->csv.end)
		return cut_short(in, e);
	if (in->csv.n != COLUMNS) {
		err_set(e, "%zu columns instead of %d", in->csv.n, COLUMNS);
		return at_line(in, e);
	}
	return add_row(c, in, e);
}

static int by_window_and_key(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;

	if (a->start_us != b->start_us)
		return a->start_us < b->start_us ? -1 : 1;
	if (a->is_name != b->is_name)
		return a->is_name ? 1 : -1;
	return report_compare(a->key, a->key_len, b->key, b->key_len);
}

/* Sorts the rows; those of the same window and key become one. */
static void merge_rows(struct check *c)
{
	size_t n = 0;

	if (c->n_rows)
		qsort(c->rows, c->n_rows, sizeof(*c->rows), by_window_and_key);
	for (size_t i = 0; i < c->n_rows; i++) {
		struct row *row = &c->rows[i], *last = &c->rows[n];

		if (!n || by_window_and_key(last - 1, row)) {
			*last = *row;
			n++;
			continue;
		}
		last[-1].count += row->count;
		exact_merge(&last[-1].sum, &row->sum);
		exact_release(&row->sum);
	}
	c->n_rows = n;
}

static void make_spans(struct check *c)
{
	struct span *s = NULL;

	for (size_t i = 0; i < c->n_rows; i++) {
		if (!s || c->rows[i].start_us != c->rows[s->first].start_us) {
			c->spans =
				mem_reserve(c->spans, &c->cap_spans,
					    c->n_spans + 1, sizeof(*c->spans));
			s = &c->spans[c->n_spans++];
			*s = (struct span){i, i, i, false};
		}
		s->names += !c->rows[i].is_name;
		s->end++;
	}
}

static int read_rows(struct check *c, struct parser *in, struct err *e)
{
	int rc;

	while ((rc = csv_next(&in->csv, e)) > 0)
		if (read_row(c, in, e))
			return -1;
	return rc == 0 && in->in_file ? cut_short(in, e) : rc;
}

struct check *check_new(const char *file, const char *text, size_t len,
			int64_t interval_us, struct err *e)
{
	struct check *c = mem_zalloc(1, sizeof(*c));
	struct parser in = {
		.cut = len && text[len - 1] != '\n',
		.interval_us = interval_us,
	};
	int rc;

	c->first_us = c->last_us = WHEN_NONE;
	c->keys = intern_new();
	csv_init(&in.csv, file, text, len);
	rc = len ? read_rows(c, &in, e)
		 : err_set(e, "%s: it is empty: cut short", file);
	csv_release(&in.csv);
	if (rc) {
		check_free(c);
		return NULL;
	}
	merge_rows(c);
	make_spans(c);
	return c;
}

void check_free(struct check *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_rows; i++)
		exact_release(&c->rows[i].sum);
	free(c->rows);
	free(c->spans);
	intern_free(c->keys);
	free(c);
}

/* ---- comparing ---- */

/* Where a difference is. */
struct place {
	int64_t start_us;
	const char *by; /* NULL: the window as a whole */
	const char *key;
	size_t key_len;
};

/* One line; what a key holds must not become another. Totals are always told.
 */
__attribute__((format(printf, 4, 5))) static void
differs(struct check *c, struct str *out, const struct place *at,
	const char *fmt, ...)
{
	struct str where = STR_INIT;
	struct err line = ERR_INIT;
	char what[160];
	va_list ap;

	if (c->counts.differences++ >= CHECK_TOLD && at)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (at) {
		str_adds(&where, "window ");
		when_add_rfc3339(&where, window_bound(at->start_us));
		if (at->by) {
			str_addf(&where, " %s ", at->by);
			utf8_add_start(&where, at->key, at->key_len, KEY_TOLD);
		}
		str_adds(&where, ": ");
	}
	err_set(&line, "%s%s", where.p, what);
	str_addf(out, "%s\n", line.msg);
	if (c->counts.differences == CHECK_TOLD)
		str_adds(out, "further differences are counted only\n");
	str_release(&where);
}

static void compare_mean(struct check *c, struct str *out,
			 const struct place *at, double mean, double truth)
{
	char a[NUM_MAX], b[NUM_MAX];
	size_t na = num_put_shortest(a, mean), nb = num_put_shortest(b, truth);

	if (is_within_ulp(mean, truth))
		c->counts.means++;
	else
		differs(c, out, at, "mean %.*s, truth %.*s", (int)na, a,
			(int)nb, b);
}

static void compare_row(struct check *c, struct str *out,
			const struct place *at, const struct report_row *row,
			const struct row *truth)
{
	if (row->count != truth->count)
		differs(c, out, at, "count %" PRIu64 ", truth %" PRIu64,
			row->count, truth->count);
	else
		compare_mean(c, out, at, row->mean,
			     exact_mean(&truth->sum, truth->count));
}

/* What stands first of those left: a row, one of the truth, or both (0). */
static int which(const struct report_row *row, size_t rows,
		 const struct row *truth, size_t truths)
{
	if (!rows || !truths)
		return rows ? -1 : 1;
	return report_compare(row->key, row->key_len, truth->key,
			      truth->key_len);
}

/* Both are sorted: they are walked through side by side. */
static void compare_table(struct check *c, struct str *out, int64_t start_us,
			  const char *by, const struct report_table *t,
			  const struct row *truth, size_t truths)
{
	const struct report_row *row = t->rows;
	size_t rows = t->n;

	while (rows || truths) {
		int order = which(row, rows, truth, truths);
		struct place at = {start_us, by, NULL, 0};

		at.key = order <= 0 ? row->key : truth->key;
		at.key_len = order <= 0 ? row->key_len : truth->key_len;
		if (order < 0)
			differs(c, out, &at,
				"count %" PRIu64 ", not in the truth",
				row->count);
		else if (order > 0)
			differs(c, out, &at, "missing, truth count %" PRIu64,
				truth->count);
		else
			compare_row(c, out, &at, row, truth);
		if (order <= 0)
			row++, rows--;
		if (order >= 0)
			truth++, truths--;
	}
}

static struct span *find_span(const struct check *c, int64_t start_us)
{
	size_t i = 0, end = c->n_spans;

	while (i < end) {
		size_t mid = i + (end - i) / 2;

		if (c->rows[c->spans[mid].first].start_us < start_us)
			i = mid + 1;
		else
			end = mid;
	}
	if (i < c->n_spans && c->rows[c->spans[i].first].start_us == start_us)
		return &c->spans[i];
	return NULL;
}

void check_report(struct check *c, const struct report *r, struct str *out)
{
	struct place at = {.start_us = window_bound(r->start_us)};
	struct span *s = find_span(c, at.start_us);

	if (c->first_us == WHEN_NONE)
		c->first_us = at.start_us;
	c->last_us = at.start_us;
	c->counts.windows += s || r->count;
	if (!s) {
		if (r->count)
			differs(c, out, &at,
				"count %" PRIu64 ", not in the truth",
				r->count);
		return;
	}
	s->reported = true;
	compare_table(c, out, at.start_us, "type", &r->by_type,
		      &c->rows[s->first], s->names - s->first);
	compare_table(c, out, at.start_us, "name", &r->by_name,
		      &c->rows[s->names], s->end - s->names);
}

/* The view went over the window that starts there. */
static bool is_in_view(const struct check *c, const struct check_view *view,
		       int64_t start_us)
{
	return (view->from_start ||
		(c->first_us != WHEN_NONE && start_us >= c->first_us)) &&
	       (view->to_end || start_us <= c->last_us);
}

void check_finish(struct check *c, const struct check_view *view,
		  struct str *out)
{
	for (size_t i = 0; i < c->n_spans; i++) {
		const struct span *s = &c->spans[i];
		struct place at = {.start_us = c->rows[s->first].start_us};
		uint64_t count = 0;

		if (s->reported || !is_in_view(c, view, at.start_us))
			continue;
		for (size_t j = s->first; j < s->names; j++)
			count += c->rows[j].count;
		differs(c, out, &at, "not reported, truth count %" PRIu64,
			count);
	}
	if (!view->from_start || !view->to_end)
		return;
	if (view->late != c->total.late)
		differs(c, out, NULL,
			"late %" PRIu64 ", truth %" PRIu64
			"; is --grace what --truth-grace was?",
			view->late, c->total.late);
	if (view->malformed != c->total.malformed)
		differs(c, out, NULL, "malformed %" PRIu64 ", truth %" PRIu64,
			view->malformed, c->total.malformed);
}

const struct check_counts *check_counts(const struct check *c)
{
	return &c->counts;
}
