/* SPDX-License-Identifier: MIT */
#include "agg/chart.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agg/view.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"

#define USUAL_WIDTH  80
#define LEAST_BLOCKS 8 /* columns of them, however narrow */
#define LEAST_LABEL  8 /* of a name */
#define GAP	     2 /* columns, before the blocks and behind them */
#define TO	     " to "
#define DIGITS	     6	/* of a number, if they tell two apart */
#define DIGITS_MOST  17 /* they tell all apart */
#define NUMBER_SIZE  32
#define LEVELS	     8
#define MALLOC_COST  16 /* bytes beside those that were asked for */

/* What a row had in a window, which is known by its number since 1970. */
struct point {
	int64_t window;
	double value;
};

/* All that is remembered of a key, the oldest first. */
struct line {
	char *key; /* owned */
	size_t key_len;
	struct point *points; /* owned */
	size_t n, cap;
};

/* Sorted by their keys, as the rows of a report are. */
struct lines {
	struct line *v;
	size_t n;
	size_t bytes;
};

struct chart {
	struct chart_conf conf;
	enum statistic stat;
	size_t width;
	bool any;
	int64_t first, last; /* windows that were reported */
	int64_t span;	     /* as many, up to the last, are remembered */
	struct lines tables[2];
};

static enum statistic choose_stat(const struct stats *stats)
{
	for (size_t i = 0; i < stats->n; i++)
		if (stats->v[i] != STAT_COUNT)
			return stats->v[i];
	return STAT_COUNT;
}

struct chart *chart_new(const struct chart_conf *conf)
{
	struct chart *c = mem_zalloc(1, sizeof(*c));

	c->conf = *conf;
	c->stat = choose_stat(&conf->stats);
	c->width = USUAL_WIDTH;
	c->span = CHART_WINDOWS;
	return c;
}

static void line_release(struct line *l)
{
	free(l->key);
	free(l->points);
}

void chart_free(struct chart *c)
{
	if (!c)
		return;
	for (int t = CHART_TYPES; t <= CHART_NAMES; t++) {
		for (size_t i = 0; i < c->tables[t].n; i++)
			line_release(&c->tables[t].v[i]);
		free(c->tables[t].v);
	}
	free(c);
}

void chart_set_width(struct chart *c, size_t columns)
{
	c->width = columns;
}

/* ---- what is remembered ---- */

/* NAN where there is none. Never -0, which would be printed. */
static double value_of(const struct report_row *row, enum statistic stat)
{
	double v = stat == STAT_COUNT ? (double)row->count
				      : report_value(row, stat);

	return isinf(v) ? copysign(DBL_MAX, v) : v + 0.0;
}

static struct line line_new(const struct report_row *row)
{
	struct line l = {
		.key = mem_alloc(row->key_len + 1),
		.key_len = row->key_len,
	};

	memcpy(l.key, row->key, row->key_len);
	return l;
}

/* Nearly always it is the latest. */
static void line_put(struct line *l, int64_t window, double value)
{
	size_t i = l->n;

	if (isnan(value))
		return;
	while (i > 0 && l->points[i - 1].window > window)
		i--;
	if (i == 0 || l->points[i - 1].window < window) {
		l->points = mem_reserve(l->points, &l->cap, l->n + 1,
					sizeof(*l->points));
		memmove(l->points + i + 1, l->points + i,
			(l->n++ - i) * sizeof(*l->points));
		i++;
	}
	l->points[i - 1] = (struct point){window, value};
}

/* Forgets what came before a window; false: nothing is left. */
static bool line_trim(struct line *l, int64_t before)
{
	size_t old = 0;

	while (old < l->n && l->points[old].window < before)
		old++;
	if (old) {
		l->n -= old;
		memmove(l->points, l->points + old, l->n * sizeof(*l->points));
	}
	if (!l->n)
		line_release(l);
	return l->n;
}

static size_t line_bytes(const struct line *l)
{
	return sizeof(*l) + l->key_len + l->cap * sizeof(*l->points) +
	       2 * MALLOC_COST;
}

static int compare(const struct line *l, const struct report_row *row)
{
	return report_compare(l->key, l->key_len, row->key, row->key_len);
}

/* Both are sorted: they are gone through side by side. */
static void lines_take(struct lines *l, const struct report_table *t,
		       enum statistic stat, int64_t window, int64_t before)
{
	struct lines all = {mem_zalloc(l->n + t->n + 1, sizeof(*l->v)), 0, 0};
	size_t i = 0, k = 0;

	while (i < l->n || k < t->n) {
		int d = i == l->n   ? 1
			: k == t->n ? -1
				    : compare(&l->v[i], &t->rows[k]);
		struct line *to = &all.v[all.n];

		*to = d <= 0 ? l->v[i++] : line_new(&t->rows[k]);
		if (d >= 0)
			line_put(to, window, value_of(&t->rows[k++], stat));
		if (line_trim(to, before)) {
			all.bytes += line_bytes(to);
			all.n++;
		}
	}
	free(l->v);
	*l = all;
}

static void take(struct chart *c, const struct report_table *types,
		 const struct report_table *names, int64_t window)
{
	int64_t before = c->last - c->span + 1;

	lines_take(&c->tables[CHART_TYPES], types, c->stat, window, before);
	lines_take(&c->tables[CHART_NAMES], names, c->stat, window, before);
}

size_t chart_bytes(const struct chart *c)
{
	return c->tables[CHART_TYPES].bytes + c->tables[CHART_NAMES].bytes;
}

void chart_take(struct chart *c, const struct report *r)
{
	static const struct report_table none = {NULL, 0};
	int64_t window = r->end_us / c->conf.interval_us;

	if (!c->any || window > c->last)
		c->last = window;
	if (!c->any || window < c->first)
		c->first = window;
	c->any = true;
	if (c->span < CHART_WINDOWS)
		c->span++;
	take(c, &r->by_type, &r->by_name, window);
	while (chart_bytes(c) > c->conf.most_bytes && c->span > 1) {
		c->span /= 2;
		take(c, &none, &none, window);
	}
}

/* ---- the picture ---- */

/* The columns of a picture, which depend on each other. */
struct picture {
	const struct chart *c;
	const struct lines *lines;
	struct view view;
	size_t label, blocks, low, high;
};

/* What a row shows of its values. */
struct range {
	double low, high;
	char low_text[NUMBER_SIZE], high_text[NUMBER_SIZE];
};

static const struct line *find(const struct lines *l,
			       const struct report_row *row)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = compare(&l->v[mid], row);

		if (d == 0)
			return &l->v[mid];
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* The first window that is in the picture. */
static int64_t first_shown(const struct picture *p)
{
	return p->c->last - (int64_t)p->blocks + 1;
}

/* The first point that is in the picture. */
static size_t skip_older(const struct line *l, int64_t from)
{
	size_t i = 0;

	while (i < l->n && l->points[i].window < from)
		i++;
	return i;
}

/*
 * As short as it can be where the two are not the same. It follows LC_NUMERIC,
 * which the program never sets, so that the point is a point.
 */
static void put_numbers(struct range *r)
{
	int digits = DIGITS;

	do {
		snprintf(r->low_text, NUMBER_SIZE, "%.*g", digits, r->low);
		snprintf(r->high_text, NUMBER_SIZE, "%.*g", digits, r->high);
	} while (r->low < r->high && !strcmp(r->low_text, r->high_text) &&
		 ++digits <= DIGITS_MOST);
}

/* False: there is nothing to be shown. */
static bool get_range(const struct picture *p, const struct line *l,
		      struct range *r)
{
	size_t i = l ? skip_older(l, first_shown(p)) : 0;

	if (!l || i == l->n)
		return false;
	r->low = r->high = l->points[i].value;
	for (; i < l->n; i++) {
		r->low = fmin(r->low, l->points[i].value);
		r->high = fmax(r->high, l->points[i].value);
	}
	put_numbers(r);
	return true;
}

/* The widths of the numbers, with so many blocks as there are now. */
static void measure_numbers(struct picture *p)
{
	struct range r;

	p->low = p->high = 0;
	for (size_t i = 0; i < view_size(&p->view); i++) {
		const struct report_row *row = view_row(&p->view, i);

		if (!get_range(p, find(p->lines, row), &r))
			continue;
		if (strlen(r.low_text) > p->low)
			p->low = strlen(r.low_text);
		if (r.low < r.high && strlen(r.high_text) > p->high)
			p->high = strlen(r.high_text);
	}
}

static size_t columns(const struct picture *p)
{
	size_t numbers = p->low + (p->high ? strlen(TO) + p->high : 0);

	return p->label + GAP + p->blocks + GAP + numbers;
}

/*
 * Fewer blocks leave other numbers, which may be longer: so it goes on until
 * all fits. What is too long even then is the name.
 */
static void fit(struct picture *p)
{
	size_t width = p->c->width;

	for (;;) {
		size_t over;

		measure_numbers(p);
		over = columns(p) > width ? columns(p) - width : 0;
		if (!over || p->blocks <= LEAST_BLOCKS)
			break;
		p->blocks = p->blocks > LEAST_BLOCKS + over ? p->blocks - over
							    : LEAST_BLOCKS;
	}
	if (columns(p) > width && p->label > LEAST_LABEL) {
		size_t over = columns(p) - width;

		p->label = p->label > LEAST_LABEL + over ? p->label - over
							 : LEAST_LABEL;
	}
}

static struct picture picture_make(const struct chart *c,
				   enum chart_table which,
				   const struct report_table *t,
				   const char *index)
{
	struct picture p = {
		.c = c,
		.lines = &c->tables[which],
		.view = view_make(t, c->conf.max_rows),
	};
	int64_t reported = c->last - c->first + 1;

	p.label = view_label_width(&p.view, index);
	p.blocks = (size_t)(reported < c->span ? reported : c->span);
	fit(&p);
	return p;
}

/* What is always the same is half high. */
static int level_of(double v, const struct range *r)
{
	double size = r->high - r->low, share = (v - r->low) / size;

	if (size == 0)
		return LEVELS / 2 - 1;
	if (size > DBL_MAX) /* as large ones are halved without an error */
		share = (v / 2 - r->low / 2) / (r->high / 2 - r->low / 2);
	return share < 1 ? (int)(share * LEVELS) : LEVELS - 1;
}

static void add_block(struct str *out, int level, bool utf8)
{
	if (utf8) /* U+2581 and on */
		str_addf(out, "\xe2\x96%c", (char)(0x81 + level));
	else
		str_addc(out, ".:-=+*#@"[level]);
}

static void add_blocks(struct str *out, const struct picture *p,
		       const struct line *l, const struct range *r)
{
	int64_t window = first_shown(p);
	size_t i = skip_older(l, window);

	for (; window <= p->c->last; window++) {
		if (i == l->n || l->points[i].window > window)
			str_addc(out, ' ');
		else
			add_block(out, level_of(l->points[i++].value, r),
				  p->c->conf.utf8);
	}
}

static void trim_blanks(struct str *out)
{
	size_t len = out->len;

	while (len > 0 && out->p[len - 1] == ' ')
		len--;
	str_cut(out, len);
}

static void add_row(struct str *out, const struct picture *p,
		    const struct report_row *row)
{
	const struct line *l = find(p->lines, row);
	size_t from = out->len;
	struct range r;

	view_add_label(out, row, p->label);
	if (!p->c->conf.utf8)
		utf8_to_ascii(out, from);
	if (get_range(p, l, &r)) {
		str_pad(out, ' ', GAP);
		add_blocks(out, p, l, &r);
		str_pad(out, ' ', (long)(GAP + p->low - strlen(r.low_text)));
		str_adds(out, r.low_text);
		if (r.low < r.high)
			str_addf(out, TO "%s", r.high_text);
	}
	trim_blanks(out);
	str_addc(out, '\n');
}

static void add_heading(struct str *out, const struct picture *p)
{
	str_addf(out, "\nChart of the %s, last ", stat_name(p->c->stat));
	if (p->blocks == 1)
		str_adds(out, "window of ");
	else
		str_addf(out, "%zu windows of ", p->blocks);
	num_add_span(out, p->c->conf.interval_us);
	str_adds(out, ":\n");
}

void chart_add(struct str *out, const struct chart *c, enum chart_table which,
	       const struct report_table *t)
{
	static const char *const indices[] = {
		[CHART_TYPES] = "type",
		[CHART_NAMES] = "name",
	};
	struct picture p;

	if (!t->n || !c->any)
		return;
	p = picture_make(c, which, t, indices[which]);
	add_heading(out, &p);
	for (size_t i = 0; i < view_size(&p.view); i++) {
		add_row(out, &p, view_row(&p.view, i));
		if (view_is_cut_after(&p.view, i))
			str_adds(out, "...\n");
	}
}
