/* SPDX-License-Identifier: MIT */
#include "agg/frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "agg/view.h"

#define DIGITS 6 /* display.precision */

/* Sign, the digits of DBL_MAX, point, decimals, NUL. */
#define CELL_SIZE (1 + 309 + 1 + DIGITS + 1)

/* A column, and how its numbers are written. */
struct column {
	enum statistic stat;
	const char *header;
	bool scientific;
	int decimals; /* of the fixed form: 1 to DIGITS */
	size_t width; /* of the widest cell */
};

struct columns {
	struct column v[STATS];
	size_t n;
};

/*
 * The text of a number; returns its length. A blank holds the place of the
 * sign, except before NaN, which pandas puts in afterwards. printf rounds
 * correctly, as Python does. It follows LC_NUMERIC, which the program never
 * sets, so that the point is a point.
 */
static size_t float_put(char *out, double x, const struct column *c)
{
	int n;

	if (isnan(x))
		n = snprintf(out, CELL_SIZE, "NaN");
	else if (c->scientific)
		n = snprintf(out, CELL_SIZE, "% .*e", DIGITS, x);
	else
		n = snprintf(out, CELL_SIZE, "% .*f", DIGITS, x);
	if (isfinite(x) && !c->scientific)
		n -= DIGITS - c->decimals;
	return (size_t)n;
}

static size_t cell_put(char *out, const struct report_row *row,
		       const struct column *c)
{
	if (c->stat != STAT_COUNT)
		return float_put(out, report_value(row, c->stat), c);
	return (size_t)snprintf(out, CELL_SIZE, " %" PRIu64, row->count);
}

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t cells_width(const struct view *v, const struct column *c)
{
	char cell[CELL_SIZE];
	size_t i, width = 0;

	for (i = 0; i < view_size(v); i++)
		width = max_size(width, cell_put(cell, view_row(v, i), c));
	return width;
}

/* The decimals that are left when the zeros at the end are taken away. */
static int float_decimals(double x)
{
	static const struct column full = {.decimals = DIGITS};
	char cell[CELL_SIZE];
	size_t n = float_put(cell, x, &full);
	int decimals = DIGITS;

	while (decimals > 1 && cell[n - 1] == '0') {
		decimals--;
		n--;
	}
	return decimals;
}

/* All cells keep as many decimals as the one that needs most: at least 1. */
static int column_decimals(const struct view *v, enum statistic stat)
{
	int decimals = 1;
	size_t i;

	for (i = 0; i < view_size(v) && decimals < DIGITS; i++) {
		double x = report_value(view_row(v, i), stat);
		int need = isfinite(x) ? float_decimals(x) : 1;

		if (need > decimals)
			decimals = need;
	}
	return decimals;
}

/*
 * All cells go scientific when one number would show as zero without being
 * zero, or when one is large and the cells got too long for it: a million
 * and a half is fine alone, but not beside a number of six decimals. An
 * infinite one is large, though it takes no room itself.
 */
static bool column_is_scientific(const struct view *v,
				 const struct column *fixed)
{
	bool small = false, large = false;
	size_t i;

	for (i = 0; i < view_size(v); i++) {
		double size = fabs(report_value(view_row(v, i), fixed->stat));

		small = small || (size > 0 && size < 1e-6);
		large = large || size > 1e6;
	}
	return small || (large && fixed->width > DIGITS + 6);
}

/* From the rows that are shown only: pandas cuts the table first. */
static struct column column_make(const struct view *v, enum statistic stat,
				 const char *header)
{
	struct column c = {.stat = stat, .header = header};

	if (stat != STAT_COUNT)
		c.decimals = column_decimals(v, stat);
	c.width = cells_width(v, &c);
	if (stat != STAT_COUNT && column_is_scientific(v, &c)) {
		c.scientific = true;
		c.width = cells_width(v, &c);
	}
	/* The header is a label with the blank of a sign before it. */
	c.width = max_size(c.width, 1 + strlen(header));
	return c;
}

static const char *header(const struct stats *stats, size_t i)
{
	return stats_are_mean_only(stats) ? "value" : stat_name(stats->v[i]);
}

static struct columns columns_make(const struct view *v,
				   const struct stats *stats)
{
	struct columns c = {.n = stats->n};

	for (size_t i = 0; i < c.n; i++)
		c.v[i] = column_make(v, stats->v[i], header(stats, i));
	return c;
}

/* The cell of one column goes to its right. */
static void add_value_cell(struct str *out, const char *cell, size_t len,
			   size_t width)
{
	str_pad(out, ' ', (long)(1 + width - len));
	str_add(out, cell, len);
}

/* The header, and the line of the index's own name: full of blanks. */
static void add_header(struct str *out, const char *index, size_t width,
		       const struct columns *c)
{
	size_t i;

	str_pad(out, ' ', (long)width);
	for (i = 0; i < c->n; i++)
		add_value_cell(out, c->v[i].header, strlen(c->v[i].header),
			       c->v[i].width);
	str_addc(out, '\n');
	str_adds(out, index);
	str_pad(out, ' ', (long)(width - strlen(index)));
	for (i = 0; i < c->n; i++)
		add_value_cell(out, "", 0, c->v[i].width);
	str_addc(out, '\n');
}

/* Two dots where no more than three letters are wide: in "sd" of NaNs. */
static void add_dots(struct str *out, size_t width, const struct columns *c)
{
	str_adds(out, "...");
	str_pad(out, ' ', (long)(width - 3));
	for (size_t i = 0; i < c->n; i++)
		add_value_cell(out, "...", c->v[i].width > 3 ? 3 : 2,
			       c->v[i].width);
	str_addc(out, '\n');
}

static void add_row(struct str *out, const struct report_row *row, size_t width,
		    const struct columns *c)
{
	char cell[CELL_SIZE];

	view_add_label(out, row, width);
	for (size_t i = 0; i < c->n; i++)
		add_value_cell(out, cell, cell_put(cell, row, &c->v[i]),
			       c->v[i].width);
	str_addc(out, '\n');
}

static void add_rows(struct str *out, const struct view *v, size_t width,
		     const struct columns *c)
{
	for (size_t i = 0; i < view_size(v); i++) {
		add_row(out, view_row(v, i), width, c);
		if (view_is_cut_after(v, i))
			add_dots(out, width, c);
	}
}

static void add_empty(struct str *out, const struct stats *stats)
{
	str_adds(out, "Empty DataFrame\nColumns: [");
	for (size_t i = 0; i < stats->n; i++)
		str_addf(out, "%s%s", i ? ", " : "", header(stats, i));
	str_adds(out, "]\nIndex: []\n");
}

void frame_add(struct str *out, const char *index, const struct report_table *t,
	       const struct report_form *form)
{
	struct view v = view_make(t, form->max_rows);
	struct columns c;
	size_t width;

	if (t->n == 0) {
		add_empty(out, &form->stats);
		return;
	}
	c = columns_make(&v, &form->stats);
	width = view_label_width(&v, index);
	add_header(out, index, width, &c);
	add_rows(out, &v, width, &c);
	if (view_is_cut(&v))
		str_addf(out, "\n[%zu rows x %zu columns]\n", t->n, c.n);
}
