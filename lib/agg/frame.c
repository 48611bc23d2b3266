/* SPDX-License-Identifier: MIT */
#include "agg/frame.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define DIGITS	  6  /* display.precision */
#define MIN_ROWS  10 /* display.min_rows */
#define COL_WIDTH 50 /* display.max_colwidth */

static const char header[] = "value";

/* Sign, the digits of DBL_MAX, point, decimals, NUL. */
#define CELL_SIZE (1 + 309 + 1 + DIGITS + 1)

/* The rows that are shown: the first `head` and the last `tail` of `n`. */
struct view {
	const struct report_row *rows;
	size_t n;
	size_t head, tail;
};

/* How the means of a column are written. */
struct style {
	bool scientific;
	int decimals; /* of the fixed form: 1 to DIGITS */
	size_t width; /* of the widest cell */
};

/*
 * A table of more than max_rows rows shrinks to min_rows, not to max_rows:
 * pandas thinks that who cannot see all wants to see little. An odd number
 * loses one row, for head and tail are of one size; but one row is shown.
 */
static struct view view_make(const struct report_table *t, size_t max_rows)
{
	struct view v = {t->rows, t->n, t->n, 0};

	if (max_rows == REPORT_ALL_ROWS || t->n <= max_rows)
		return v;
	v.head = v.tail = (max_rows < MIN_ROWS ? max_rows : MIN_ROWS) / 2;
	if (v.head == 0)
		v.head = 1;
	return v;
}

static size_t view_size(const struct view *v)
{
	return v->head + v->tail;
}

static bool view_is_cut(const struct view *v)
{
	return view_size(v) < v->n;
}

static const struct report_row *view_row(const struct view *v, size_t i)
{
	return &v->rows[i < v->head ? i : v->n - view_size(v) + i];
}

/*
 * The text of a mean; returns its length. A blank holds the place of the
 * sign, except before NaN, which pandas puts in afterwards. printf rounds
 * correctly, as Python does. It follows LC_NUMERIC, which the program never
 * sets, so that the point is a point.
 */
static size_t cell_put(char *out, double mean, const struct style *s)
{
	int n;

	if (isnan(mean))
		n = snprintf(out, CELL_SIZE, "NaN");
	else if (s->scientific)
		n = snprintf(out, CELL_SIZE, "% .*e", DIGITS, mean);
	else
		n = snprintf(out, CELL_SIZE, "% .*f", DIGITS, mean);
	if (isfinite(mean) && !s->scientific)
		n -= DIGITS - s->decimals;
	return (size_t)n;
}

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t cells_width(const struct view *v, const struct style *s)
{
	char cell[CELL_SIZE];
	size_t i, width = 0;

	for (i = 0; i < view_size(v); i++)
		width = max_size(width,
				 cell_put(cell, view_row(v, i)->mean, s));
	return width;
}

/* The decimals that are left when the zeros at the end are taken away. */
static int cell_decimals(double mean)
{
	static const struct style full = {.decimals = DIGITS};
	char cell[CELL_SIZE];
	size_t n = cell_put(cell, mean, &full);
	int decimals = DIGITS;

	while (decimals > 1 && cell[n - 1] == '0') {
		decimals--;
		n--;
	}
	return decimals;
}

/* All cells keep as many decimals as the one that needs most: at least 1. */
static int cells_decimals(const struct view *v)
{
	int decimals = 1;
	size_t i;

	for (i = 0; i < view_size(v) && decimals < DIGITS; i++) {
		double mean = view_row(v, i)->mean;
		int need = isfinite(mean) ? cell_decimals(mean) : 1;

		if (need > decimals)
			decimals = need;
	}
	return decimals;
}

/*
 * All cells go scientific when one mean would show as zero without being
 * zero, or when one is large and the cells got too long for it: a million
 * and a half is fine alone, but not beside a number of six decimals. An
 * infinite mean is large, though it takes no room itself.
 */
static bool cells_scientific(const struct view *v, size_t fixed_width)
{
	bool small = false, large = false;
	size_t i;

	for (i = 0; i < view_size(v); i++) {
		double size = fabs(view_row(v, i)->mean);

		small = small || (size > 0 && size < 1e-6);
		large = large || size > 1e6;
	}
	return small || (large && fixed_width > DIGITS + 6);
}

/* From the rows that are shown only: pandas cuts the table first. */
static struct style style_make(const struct view *v)
{
	struct style s = {.scientific = false};

	s.decimals = cells_decimals(v);
	s.width = cells_width(v, &s);
	if (cells_scientific(v, s.width)) {
		s.scientific = true;
		s.width = cells_width(v, &s);
	}
	/* The header is a label with the blank of a sign before it. */
	s.width = max_size(s.width, 1 + strlen(header));
	return s;
}

/* The key as it is shown, but not yet cut. */
static void add_label(struct str *out, const struct report_row *row)
{
	utf8_add_printable(out, row->key, row->key_len);
}

/* The bytes of the first `max` code points (or of all) and their number. */
static size_t label_prefix(const struct str *label, size_t max, size_t *points)
{
	size_t i;

	*points = 0;
	for (i = 0; i < label->len; i++) {
		if ((label->p[i] & 0xc0) == 0x80)
			continue;
		if (*points == max)
			break;
		++*points;
	}
	return i;
}

/* Of the index column: its widest label, up to where pandas cuts. */
static size_t index_width(const struct view *v, const char *index)
{
	struct str label = STR_INIT;
	size_t i, points, width = strlen(index);

	for (i = 0; i < view_size(v); i++) {
		const struct report_row *row = view_row(v, i);

		str_clear(&label);
		add_label(&label, row);
		label_prefix(&label, COL_WIDTH, &points);
		width = max_size(width, points);
	}
	str_release(&label);
	return width;
}

/*
 * A label that is too long ends in dots, within the width. Escapes are
 * text by then: one may be cut through, in pandas too.
 */
static void add_index_cell(struct str *out, const struct str *label,
			   size_t width)
{
	size_t points, bytes = label_prefix(label, width, &points);

	if (bytes == label->len) {
		str_add(out, label->p, bytes);
		str_pad(out, ' ', (long)(width - points));
		return;
	}
	bytes = label_prefix(label, width - 3, &points);
	str_add(out, label->p, bytes);
	str_adds(out, "...");
}

/* A line: the index cell is there, the other goes to the right. */
static void add_value_cell(struct str *out, const char *cell, size_t len,
			   size_t width)
{
	str_pad(out, ' ', (long)(1 + width - len));
	str_add(out, cell, len);
	str_addc(out, '\n');
}

/* The header, and the line of the index's own name: full of blanks. */
static void add_header(struct str *out, const char *index, size_t width,
		       const struct style *s)
{
	str_pad(out, ' ', (long)width);
	add_value_cell(out, header, strlen(header), s->width);
	str_adds(out, index);
	str_pad(out, ' ', (long)(width - strlen(index)));
	add_value_cell(out, "", 0, s->width);
}

static void add_dots(struct str *out, size_t width, const struct style *s)
{
	str_adds(out, "...");
	str_pad(out, ' ', (long)(width - 3));
	add_value_cell(out, "...", 3, s->width);
}

static void add_rows(struct str *out, const struct view *v, size_t width,
		     const struct style *s)
{
	struct str label = STR_INIT;
	char cell[CELL_SIZE];
	size_t i;

	for (i = 0; i < view_size(v); i++) {
		const struct report_row *row = view_row(v, i);
		size_t len = cell_put(cell, row->mean, s);

		str_clear(&label);
		add_label(&label, row);
		add_index_cell(out, &label, width);
		add_value_cell(out, cell, len, s->width);
		if (view_is_cut(v) && i + 1 == v->head)
			add_dots(out, width, s);
	}
	str_release(&label);
}

void frame_add(struct str *out, const char *index, const struct report_table *t,
	       size_t max_rows)
{
	struct view v = view_make(t, max_rows);
	struct style s;
	size_t width;

	if (t->n == 0) {
		str_addf(out, "Empty DataFrame\nColumns: [%s]\nIndex: []\n",
			 header);
		return;
	}
	s = style_make(&v);
	width = index_width(&v, index);
	add_header(out, index, width, &s);
	add_rows(out, &v, width, &s);
	if (view_is_cut(&v))
		str_addf(out, "\n[%zu rows x 1 columns]\n", t->n);
}
