/* SPDX-License-Identifier: MIT */
/*
 * view.h - which rows of a table are shown, and under what names
 *
 * Of a table of more than max_rows rows the first and the last few, as
 * pandas has it; names are cut as it cuts them, and their widths are counted
 * in code points. Control characters are escaped.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_VIEW_H
#define AGG_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "agg/report.h"
#include "base/str.h"

/* The first `head` and the last `tail` of `n` rows, which are borrowed. */
struct view {
	const struct report_row *rows;
	size_t n;
	size_t head, tail;
};

struct view view_make(const struct report_table *t, size_t max_rows);

/* How many rows are shown, and the ith of them. */
size_t view_size(const struct view *v);
const struct report_row *view_row(const struct view *v, size_t i);

bool view_is_cut(const struct view *v);
/* Rows are left out behind the ith that is shown. */
bool view_is_cut_after(const struct view *v, size_t i);

/* Code points of the widest name that is shown, or of `index`, their title. */
size_t view_label_width(const struct view *v, const char *index);

/*
 * Adds the row's name, with blanks up to the width; one that is longer ends
 * in dots, within it. The width is 4 at least. Bytes that are no UTF-8 count
 * and show as a U+FFFD each.
 */
void view_add_label(struct str *out, const struct report_row *row,
		    size_t width);

#endif
