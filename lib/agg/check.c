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
#include "base/mem.h"
#include "base/num.h"

enum { START, END, BY, KEY, COUNT, MEAN, SUM, LATE, MALFORMED, COLUMNS };

static const char *const columns[COLUMNS] = {
	"start", "end", "by",	"key",	     "count",
	"mean",	 "sum", "late", "malformed",
};

/* A mean of the truth: one key of one window. */
struct row {
	int64_t start_us;
	bool is_name;
	const char *key; /* key_len bytes of the text */
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
	char *text; /* keys point into it */
	struct row *rows;
	size_t n_rows, cap_rows;
	struct span *spans;
	size_t n_spans, cap_spans;
	struct tally total;
	int64_t first_us, last_us; /* the windows that were reported */
};

/* ---- reading ---- */

struct field {
	char *p; /* ends with a NUL; may hold others */
	size_t len;
};

struct parser {
	char *p, *end;
	long line;    /* of the row at hand */
	long lines;   /* newlines passed so far */
	bool cut;     /* the row ended without a newline */
	bool in_file; /* behind a header, before the closing row */
	int64_t interval_us;
	struct tally types, names; /* of the rows since the header */
	struct field f[COLUMNS + 1];
	size_t n;
};

/* Takes the quotes off a field, in place. */
static void quoted_field(struct parser *in, struct field *f)
{
	char *to = f->p, *p = in->p + 1;

	for (; p < in->end; p++) {
		if (*p == '"' && *++p != '"')
			break;
		in->lines += *p == '\n';
		*to++ = *p;
	}
	f->len = (size_t)(to - f->p);
	in->p = p < in->end ? p : in->end;
}

static void plain_field(struct parser *in, struct field *f)
{
	while (in->p < in->end && *in->p != ',' && *in->p != '\r' &&
	       *in->p != '\n')
		in->p++;
	f->len = (size_t)(in->p - f->p);
}

/* The next row; columns beyond those that may be are counted only. */
static void next_row(struct parser *in)
{
	char delimiter = ',';

	in->line = in->lines + 1;
	for (in->n = 0; delimiter == ','; in->n++) {
		struct field *f = &in->f[in->n < COLUMNS ? in->n : COLUMNS];

		f->p = in->p;
		if (*in->p == '"')
			quoted_field(in, f);
		else
			plain_field(in, f);
		if (in->p[0] == '\r' && in->p[1] == '\n')
			in->p++;
		delimiter = in->p < in->end ? *in->p++ : '\0';
		f->p[f->len] = '\0';
	}
	in->cut = delimiter == '\0';
	in->lines += delimiter == '\n';
}

static int wrong_column(const struct parser *in, int column, struct err *e)
{
	return err_prefix(e, "line %ld: column '%s'", in->line,
			  columns[column]);
}

static int get_count(const struct parser *in, int column, uint64_t *n,
		     struct err *e)
{
	if (num_parse_count(in->f[column].p, n, e))
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
	return err_set(e, "line %ld: no closing row: the file was cut short",
		       in->line);
}

static bool is_header(const struct parser *in)
{
	if (in->n != COLUMNS)
		return false;
	for (int i = 0; i < COLUMNS; i++)
		if (strcmp(in->f[i].p, columns[i]))
			return false;
	return true;
}

/* The start, checked against the end: the first or last may be cut off. */
static int get_start(const struct parser *in, int64_t *start_us, struct err *e)
{
	const struct field *f = in->f;
	int64_t start, end;

	if (when_parse(f[START].p, f[START].len, &start, e))
		return wrong_column(in, START, e);
	if (when_parse(f[END].p, f[END].len, &end, e))
		return wrong_column(in, END, e);
	if (end - start != in->interval_us && start != WHEN_MIN &&
	    end != WHEN_MAX) {
		struct str is = STR_INIT, wanted = STR_INIT;

		num_add_span(&is, end - start);
		num_add_span(&wanted, in->interval_us);
		err_set(e, "line %ld: a window of %s, but --interval is %s",
			in->line, is.p, wanted.p);
		str_release(&is);
		str_release(&wanted);
		return -1;
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

	if (exact_parse(&row->sum, in->f[SUM].p, e))
		return wrong_column(in, SUM, e);
	if (!row->count)
		return 0;
	if (num_parse_double(in->f[MEAN].p, &mean, e))
		return wrong_column(in, MEAN, e);
	if (!is_within_ulp(mean, exact_mean(&row->sum, row->count)))
		return err_set(e,
			       "line %ld: column 'mean': '%.80s' is not the "
			       "sum divided by the count",
			       in->line, in->f[MEAN].p);
	return 0;
}

/* Row and tallies of a line; the row's sum is the caller's to release. */
static int get_row(struct parser *in, struct row *row, struct err *e)
{
	const struct field *by = &in->f[BY];
	struct tally t;

	if (get_start(in, &row->start_us, e) || get_tally(in, &t, e))
		return -1;
	row->is_name = !strcmp(by->p, "name");
	if (!row->is_name && strcmp(by->p, "type"))
		return err_set(e,
			       "line %ld: column 'by': '%.80s' is not type, "
			       "name or end",
			       in->line, by->p);
	row->key = in->f[KEY].p;
	row->key_len = in->f[KEY].len;
	row->count = t.count;
	tally_add(row->is_name ? &in->names : &in->types, &t);
	return get_sum(in, row, e);
}

static int add_row(struct check *c, struct parser *in, struct err *e)
{
	struct row row = {.sum = EXACT_INIT};

	if (get_row(in, &row, e)) {
		exact_release(&row.sum);
		return -1;
	}
	if (!row.count) /* nothing that a report would show */
		return 0;
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
	return err_set(e,
		       "line %ld: the closing row counts %" PRIu64
		       " used, %" PRIu64 " late, %" PRIu64
		       " malformed, the rows by %s %" PRIu64 ", %" PRIu64
		       ", %" PRIu64 ": rows are missing or changed",
		       in->line, total->count, total->late, total->malformed,
		       by, rows->count, rows->late, rows->malformed);
}

static int close_file(struct check *c, struct parser *in, struct err *e)
{
	const char *state = in->f[KEY].p;
	struct tally total;

	if (strcmp(in->f[BY].p, "end"))
		return err_set(e, "line %ld: column 'start' is empty",
			       in->line);
	if (!strncmp(state, "invalid", 7))
		return err_set(e, "line %ld: the truth is %s", in->line, state);
	if (strcmp(state, "complete"))
		return err_set(e,
			       "line %ld: column 'key': '%.80s' is not "
			       "complete or invalid",
			       in->line, state);
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

	if (!in->in_file && !header)
		return err_set(e, "line %ld: not the header '" TRUTH_HEADER "'",
			       in->line);
	if (header) {
		if (in->in_file)
			return cut_short(in, e);
		in->in_file = true;
		in->types = in->names = (struct tally){0, 0, 0};
		return 0;
	}
	if (in->n == COLUMNS && !in->f[START].len)
		return close_file(c, in, e);
	if (in->cut)
		return cut_short(in, e);
	if (in->n != COLUMNS)
		return err_set(e, "line %ld: %zu columns instead of %d",
			       in->line, in->n, COLUMNS);
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

static int read_all(struct check *c, size_t len, int64_t interval_us,
		    struct err *e)
{
	struct parser in = {
		.p = c->text,
		.end = c->text + len,
		.interval_us = interval_us,
	};

	if (!len)
		return err_set(e, "it is empty: cut short");
	while (in.p < in.end) {
		next_row(&in);
		if (read_row(c, &in, e))
			return -1;
	}
	if (in.in_file)
		return cut_short(&in, e);
	merge_rows(c);
	make_spans(c);
	return 0;
}

struct check *check_new(const char *bytes, size_t len, int64_t interval_us,
			struct err *e)
{
	struct check *c = mem_zalloc(1, sizeof(*c));

	c->first_us = c->last_us = WHEN_NONE;
	c->text = mem_alloc(len + 1);
	memcpy(c->text, bytes, len);
	c->text[len] = '\0';
	if (read_all(c, len, interval_us, e)) {
		check_free(c);
		return NULL;
	}
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
	free(c->text);
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

/* One line; what a key holds must not become another. */
__attribute__((format(printf, 4, 5))) static void
differs(struct check *c, struct str *out, const struct place *at,
	const char *fmt, ...)
{
	struct str where = STR_INIT;
	struct err line = ERR_INIT;
	char what[160];
	va_list ap;

	if (c->counts.differences++ >= CHECK_TOLD)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (at) {
		str_adds(&where, "window ");
		when_add_rfc3339(&where, window_bound(at->start_us));
		if (at->by)
			str_addf(&where, " %s %.*s", at->by,
				 (int)(at->key_len < 200 ? at->key_len : 200),
				 at->key);
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
