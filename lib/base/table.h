/* SPDX-License-Identifier: MIT */
/*
 * table.h - cells in rows and columns, as text
 *
 * Cells are added row by row, the heads first; each column is as wide as its
 * widest cell, in bytes, and two blanks stand between columns.
 *
 * Floor 0. Pure.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>

#include "base/str.h"

struct table {
	struct str *cells;
	size_t n, cap, columns;
};

/* One head or more, and NULL behind them. */
void table_init(struct table *t, const char *const *heads);
void table_release(struct table *t);

/* The next cell, empty, to be filled before the one after it is asked for. */
struct str *table_cell(struct table *t);

/*
 * All rows, each a line. The first `right` columns stand to the right, the
 * others to the left, with no blanks behind the last.
 */
void table_add(struct str *out, const struct table *t, size_t right);

#endif
