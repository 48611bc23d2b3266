/* SPDX-License-Identifier: MIT */
#include "sim/strip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/when.h"
#include "sim/cycle.h"

#define ROWS  9 /* odd: one is in the middle */
#define TALL  4 /* dots in a character */
#define WIDE  2
#define LEAST 10 /* columns, however narrow */

#define HOUR_S 3600.0
#define DAY_S  86400.0

/* Bits of a character: those of Unicode's braille patterns, and two more. */
#define ABOVE 0x100
#define BELOW 0x200

/* clang-format off */
static const unsigned dots[WIDE][TALL] = {
	{0x01, 0x02, 0x04, 0x40},
	{0x08, 0x10, 0x20, 0x80},
};
/* clang-format on */

#define UPPER_HALF (0x01 | 0x02 | 0x08 | 0x10)
#define LOWER_HALF (0x04 | 0x40 | 0x20 | 0x80)

struct canvas {
	const struct strip *s;
	double low, high; /* of the axis */
	bool middle;	  /* a number stands there too */
	size_t label;	  /* columns of the numbers beside it */
	size_t cols;
	unsigned *cells; /* ROWS lines of them */
};

/* ---- dots ---- */

static void add_dot(struct canvas *c, double at, double v)
{
	const struct strip *s = c->s;
	double x = at * 1e6 / (double)s->span_us * (double)(c->cols * WIDE);
	double y = (c->high - v) / (c->high - c->low);
	size_t col = (size_t)fmax(x, 0), row;

	if (col >= c->cols * WIDE)
		col = c->cols * WIDE - 1;
	if (v < s->scale->low)
		c->cells[(ROWS - 1) * c->cols + col / WIDE] |= BELOW;
	else if (v > s->scale->high)
		c->cells[col / WIDE] |= ABOVE;
	else {
		row = (size_t)rint(y * (ROWS * TALL - 1));
		c->cells[row / TALL * c->cols + col / WIDE] |=
			dots[col % WIDE][row % TALL];
	}
}

static void add_cell(struct str *out, unsigned cell, bool braille)
{
	if (cell & ABOVE)
		str_addc(out, '^');
	else if (cell & BELOW)
		str_addc(out, 'v');
	else if (!cell)
		str_addc(out, ' ');
	else if (braille) /* U+2800 and the bits */
		str_addf(out, "\xe2%c%c", (char)(0xa0 | cell >> 6),
			 (char)(0x80 | (cell & 0x3f)));
	else
		str_addc(out, !(cell & LOWER_HALF)   ? '\''
			      : !(cell & UPPER_HALF) ? '.'
						     : ':');
}

/* ---- the axes ---- */

static void add_number(const struct canvas *c, int row, struct str *out)
{
	if (row == 0)
		scale_add_number(c->s->scale, c->high, out);
	else if (row == ROWS / 2 && c->middle)
		scale_add_number(c->s->scale, c->low / 2 + c->high / 2, out);
	else if (row == ROWS - 1)
		scale_add_number(c->s->scale, c->low, out);
}

/*
 * From a multiple of the step to another; of more than two steps an even
 * number, so that what is in the middle is a multiple too.
 */
static void set_axis(struct canvas *c)
{
	const struct scale *s = c->s->scale;
	double low = floor(s->low / s->step + 1e-6);
	double high = ceil(s->high / s->step - 1e-6);

	if (high - low > 2)
		high += fmod(high - low, 2);
	c->middle = fmod(high - low, 2) == 0;
	c->low = low * s->step;
	c->high = high * s->step;
	if (s->low == s->high) {
		c->middle = true;
		c->low = s->low - s->step;
		c->high = s->high + s->step;
	}
}

static void set_columns(struct canvas *c)
{
	struct str number = STR_INIT;
	size_t taken;

	for (int row = 0; row < ROWS; row++) {
		str_clear(&number);
		add_number(c, row, &number);
		if (number.len > c->label)
			c->label = number.len;
	}
	str_release(&number);
	taken = c->s->indent + c->label + 2;
	c->cols = c->s->width > taken + LEAST ? c->s->width - taken : LEAST;
}

/* clang-format off */
/* How far apart times may stand, and their part of an RFC 3339 time. */
static const struct tick {
	double step_s;
	int from, len;
	int months; /* where it is so many, at their beginnings */
} ticks[] = {
	{ 1e-6, 17, 9, 0 }, { 2e-6, 17, 9, 0 }, { 5e-6, 17, 9, 0 },
	{ 1e-5, 17, 8, 0 }, { 2e-5, 17, 8, 0 }, { 5e-5, 17, 8, 0 },
	{ 1e-4, 17, 7, 0 }, { 2e-4, 17, 7, 0 }, { 5e-4, 17, 7, 0 },
	{ 1e-3, 17, 6, 0 }, { 2e-3, 17, 6, 0 }, { 5e-3, 17, 6, 0 },
	{ 0.01, 17, 5, 0 }, { 0.02, 17, 5, 0 }, { 0.05, 17, 5, 0 },
	{ 0.1, 17, 4, 0 }, { 0.2, 17, 4, 0 }, { 0.5, 17, 4, 0 },
	{ 1, 11, 8, 0 }, { 2, 11, 8, 0 }, { 5, 11, 8, 0 },
	{ 10, 11, 8, 0 }, { 30, 11, 8, 0 },
	{ 60, 11, 5, 0 }, { 120, 11, 5, 0 }, { 300, 11, 5, 0 },
	{ 600, 11, 5, 0 }, { 1800, 11, 5, 0 },
	{ HOUR_S, 11, 5, 0 }, { 2 * HOUR_S, 11, 5, 0 },
	{ 3 * HOUR_S, 11, 5, 0 }, { 6 * HOUR_S, 11, 5, 0 },
	{ 12 * HOUR_S, 11, 5, 0 }, { DAY_S, 5, 5, 0 }, { 2 * DAY_S, 5, 5, 0 },
	{ 7 * DAY_S, 5, 5, 0 }, { 14 * DAY_S, 5, 5, 0 }, { 28 * DAY_S, 0, 7, 1 },
	{ 90 * DAY_S, 0, 7, 3 }, { 365 * DAY_S, 0, 4, 12 },
	{ 3652 * DAY_S, 0, 4, 120 },
};
/* clang-format on */

#define TICKS (sizeof(ticks) / sizeof(ticks[0]))

/* The closest that leave room between their texts. */
static const struct tick *choose_ticks(const struct canvas *c)
{
	double per_s = (double)c->cols * 1e6 / (double)c->s->span_us;

	for (size_t i = 0; i < TICKS; i++)
		if (ticks[i].step_s * per_s >= ticks[i].len + 3)
			return &ticks[i];
	return &ticks[TICKS - 1];
}

/* A month that is a multiple of so many begins there. */
static bool is_beginning(const char *time, int months)
{
	int year = 0;

	for (int i = 0; i < 4; i++)
		year = year * 10 + (time[i] - '0');
	return time[8] == '0' && time[9] == '1' &&
	       (year * 12 + (time[5] - '0') * 10 + time[6] - '0' - 1) %
			       months ==
		       0;
}

/* Marks a time on the axis, and writes it where there is room. */
static void put_time(const struct canvas *c, const struct tick *t, int64_t us,
		     char *axis, char *times)
{
	size_t col =
		(size_t)((double)us / (double)c->s->span_us * (double)c->cols);
	char time[WHEN_RFC3339_LEN];

	when_put_rfc3339(time, c->s->start_us + us);
	if (t->months && !is_beginning(time, t->months))
		return;
	axis[col] = '+';
	if (col + (size_t)t->len <= c->cols)
		memcpy(times + col, time + t->from, (size_t)t->len);
}

/* Days are counted from a Monday, so that weeks begin there. */
static void put_times(const struct canvas *c, char *axis, char *times)
{
	const struct tick *t = choose_ticks(c);
	double step_s = t->months ? DAY_S : t->step_s;
	int64_t step = (int64_t)rint(step_s * 1e6);
	int64_t over = (c->s->start_us - CYCLE_WEEK_ORIGIN_US) % step;
	int64_t us = over <= 0 ? -over : step - over;

	for (; us < c->s->span_us; us += step)
		put_time(c, t, us, axis, times);
}

/* The line below the dots, and the times below it. */
static void add_times(const struct canvas *c, struct str *out)
{
	const struct strip *s = c->s;
	char *axis = mem_zalloc(2, c->cols + 1), *times = axis + c->cols + 1;

	memset(axis, '-', c->cols);
	memset(times, ' ', c->cols);
	put_times(c, axis, times);
	str_pad(out, ' ', (long)(s->indent + c->label + 1));
	str_adds(out, s->braille ? "\xe2\x94\x94" : "+"); /* U+2514 */
	for (const char *p = axis; *p; p++)
		str_adds(out, !s->braille ? (char[]){*p, '\0'}
			      : *p == '+' ? "\xe2\x94\xac"   /* U+252C */
					  : "\xe2\x94\x80"); /* U+2500 */
	str_addc(out, '\n');
	for (size_t n = c->cols; n > 0 && times[n - 1] == ' ';)
		times[--n] = '\0';
	str_pad(out, ' ', (long)(s->indent + c->label + 2));
	str_addf(out, "%s\n", times);
	free(axis);
}

static void add_line(const struct canvas *c, int row, struct str *out)
{
	const unsigned *cells = c->cells + (size_t)row * c->cols;
	struct str number = STR_INIT;
	size_t end = c->cols;

	while (end > 0 && !cells[end - 1])
		end--;
	add_number(c, row, &number);
	str_pad(out, ' ', (long)(c->s->indent + c->label - number.len));
	str_adds(out, number.p);
	str_adds(out, !c->s->braille ? " |"
		      : number.len   ? " \xe2\x94\xa4" /* U+2524 */
				     : " \xe2\x94\x82"); /* U+2502 */
	str_release(&number);
	for (size_t i = 0; i < end; i++)
		add_cell(out, cells[i], c->s->braille);
	str_addc(out, '\n');
}

void strip_add(const struct strip *s, struct str *out)
{
	struct canvas c = {.s = s};

	set_axis(&c);
	set_columns(&c);
	c.cells = mem_zalloc(ROWS * c.cols, sizeof(*c.cells));
	for (size_t i = 0; i < s->n; i++)
		add_dot(&c, s->at[i], s->values[i]);
	for (int row = 0; row < ROWS; row++)
		add_line(&c, row, out);
	free(c.cells);
	add_times(&c, out);
}
