/* SPDX-License-Identifier: MIT */
#include "base/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

void table_init(struct table *t, const char *const *heads)
{
	*t = (struct table){NULL, 0, 0, 0};
	for (; heads[t->columns]; t->columns++)
		str_adds(table_cell(t), heads[t->columns]);
}

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		str_release(&t->cells[i]);
	free(t->cells);
	*t = (struct table){NULL, 0, 0, 0};
}

struct str *table_cell(struct table *t)
{
	t->cells = mem_reserve(t->cells, &t->cap, t->n + 1, sizeof(*t->cells));
	str_init(&t->cells[t->n]);
	return &t->cells[t->n++];
}

static size_t width(const struct table *t, size_t column)
{
	size_t most = 0;

	for (size_t i = column; i < t->n; i += t->columns) {
		if (t->cells[i].len > most)
			most = t->cells[i].len;
	}
	return most;
}

void table_add(struct str *out, const struct table *t, size_t right)
{
	size_t *widths = mem_zalloc(t->columns, sizeof(*widths));

	assert(t->columns > 0);
	for (size_t c = 0; c < t->columns; c++)
		widths[c] = width(t, c);
	for (size_t i = 0; i < t->n; i++) {
		const struct str *cell = &t->cells[i];
		size_t c = i % t->columns;
		long gap = (long)(widths[c] - cell->len);
		bool last = c == t->columns - 1;

		str_adds(out, c ? "  " : "");
		str_pad(out, ' ', c < right ? gap : 0);
		str_add(out, cell->p, cell->len);
		str_pad(out, ' ', c < right || last ? 0 : gap);
		str_adds(out, last ? "\n" : "");
	}
	free(widths);
}
