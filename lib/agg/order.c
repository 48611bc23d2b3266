/* SPDX-License-Identifier: MIT */
#include "agg/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agg/report.h"
#include "base/mem.h"

/* Borrowed. */
struct named {
	const char *name;
	size_t len;
	uint32_t id;
};

void order_release(struct order *o)
{
	free(o->ids);
	*o = (struct order){.n = 0};
}

static int by_name(const void *va, const void *vb)
{
	const struct named *x = va, *y = vb;

	return report_compare(x->name, x->len, y->name, y->len);
}

static struct named named(const struct intern *names, uint32_t id)
{
	struct named x = {.id = id};

	x.name = intern_name(names, id, &x.len);
	return x;
}

static bool is_below(const struct intern *names, uint32_t id,
		     const struct named *x)
{
	struct named y = named(names, id);

	return by_name(&y, x) < 0;
}

/*
 * How many of the first n are below the name. Looked for from the end in steps
 * that double: few among many cost little, and so do many among few.
 */
static size_t count_below(const struct order *o, size_t n,
			  const struct intern *names, uint32_t id)
{
	const struct named x = named(names, id);
	size_t low = 0, step = 1;

	for (; step <= n; step *= 2) {
		if (is_below(names, o->ids[n - step], &x)) {
			low = n - step + 1;
			break;
		}
		n -= step;
	}
	while (low < n) {
		size_t mid = low + (n - low) / 2;

		if (is_below(names, o->ids[mid], &x))
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

void order_sort(uint32_t *ids, size_t n, const struct intern *names)
{
	struct named *all = mem_grow(NULL, n, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = named(names, ids[i]);
	qsort(all, n, sizeof(*all), by_name);
	for (size_t i = 0; i < n; i++)
		ids[i] = all[i].id;
	free(all);
}

/* Those from the id `first` on, sorted; to be freed. */
static uint32_t *sort_new(const struct intern *names, uint32_t first)
{
	uint32_t n = intern_count(names) - first;
	uint32_t *new = mem_grow(NULL, n, sizeof(*new));

	for (uint32_t i = 0; i < n; i++)
		new[i] = first + i;
	order_sort(new, n, names);
	return new;
}

void order_update(struct order *o, const struct intern *names)
{
	size_t old = o->n, n = intern_count(names) - old;
	uint32_t *new;

	if (!n)
		return;
	new = sort_new(names, (uint32_t)old);
	o->n += n;
	o->ids = mem_reserve(o->ids, &o->cap, o->n, sizeof(*o->ids));
	/* the greatest first: what is behind it moves once, to its place */
	while (n) {
		uint32_t id = new[n - 1];
		size_t at = count_below(o, old, names, id);

		memmove(&o->ids[at + n], &o->ids[at],
			(old - at) * sizeof(*o->ids));
		o->ids[at + n - 1] = id;
		old = at;
		n--;
	}
	free(new);
}
