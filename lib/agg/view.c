/* SPDX-License-Identifier: MIT */
#include "agg/view.h"

#include <string.h>

#include "base/utf8.h"

#define MIN_ROWS  10 /* display.min_rows */
#define COL_WIDTH 50 /* display.max_colwidth */

/* As many bytes of a key have a code point more than is ever shown. */
#define KEY_MOST (4 * (COL_WIDTH + 2))

/*
 * A table of more than max_rows rows shrinks to min_rows, not to max_rows:
 * pandas thinks that who cannot see all wants to see little. An odd number
 * loses one row, for head and tail are of one size; but one row is shown.
 */
struct view view_make(const struct report_table *t, size_t max_rows)
{
	struct view v = {t->rows, t->n, t->n, 0};

	if (max_rows == REPORT_ALL_ROWS || t->n <= max_rows)
		return v;
	v.head = v.tail = (max_rows < MIN_ROWS ? max_rows : MIN_ROWS) / 2;
	if (v.head == 0)
		v.head = 1;
	return v;
}

size_t view_size(const struct view *v)
{
	return v->head + v->tail;
}

const struct report_row *view_row(const struct view *v, size_t i)
{
	return &v->rows[i < v->head ? i : v->n - view_size(v) + i];
}

bool view_is_cut(const struct view *v)
{
	return view_size(v) < v->n;
}

bool view_is_cut_after(const struct view *v, size_t i)
{
	return view_is_cut(v) && i + 1 == v->head;
}

/* The key as it is shown, but not yet cut. */
static void add_printable(struct str *out, const struct report_row *row)
{
	size_t len = row->key_len;

	utf8_add_printable(out, row->key, len < KEY_MOST ? len : KEY_MOST);
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

size_t view_label_width(const struct view *v, const char *index)
{
	struct str label = STR_INIT;
	size_t i, points, width = strlen(index);

	for (i = 0; i < view_size(v); i++) {
		str_clear(&label);
		add_printable(&label, view_row(v, i));
		label_prefix(&label, COL_WIDTH, &points);
		if (points > width)
			width = points;
	}
	str_release(&label);
	return width;
}

/* Escapes are text by then: one may be cut through, in pandas too. */
static void add_label(struct str *out, const struct str *label, size_t width)
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

void view_add_label(struct str *out, const struct report_row *row, size_t width)
{
	struct str label = STR_INIT;

	add_printable(&label, row);
	add_label(out, &label, width);
	str_release(&label);
}
