/* SPDX-License-Identifier: MIT */
#include "agg/order.h"

#include <stdlib.h>
#include <string.h>

#include "agg/report.h"
#include "base/mem.h"

void order_release(struct order *o)
{
	free(o->v);
	*o = (struct order){.n = 0};
}

static int by_name(const void *va, const void *vb)
{
	const struct named *x = va, *y = vb;

	return report_compare(x->name, x->len, y->name, y->len);
}

void order_sort(struct named *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_name);
}

struct named order_named(const struct intern *names, uint32_t id)
{
	size_t len;
	const char *name = intern_name(names, id, &len);

	return (struct named){name, (uint32_t)len, id};
}

/*
 * How many of the first n are below x. Looked for from the end in steps that
 * double: few among many cost little, and so do many among few.
 */
static size_t count_below(const struct order *o, size_t n,
			  const struct named *x)
{
	size_t low = 0, step = 1;

	for (; step <= n; step *= 2) {
		if (by_name(&o->v[n - step], x) < 0) {
			low = n - step + 1;
			break;
		}
		n -= step;
	}
	while (low < n) {
		size_t mid = low + (n - low) / 2;

		if (by_name(&o->v[mid], x) < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

/* The n names from the number `first` on, sorted; to be freed. */
static struct named *sort_new(const struct intern *names, size_t first,
			      size_t n)
{
	struct named *new = mem_grow(NULL, n, sizeof(*new));

	for (size_t i = 0; i < n; i++)
		new[i] = order_named(names, (uint32_t)(first + i));
	order_sort(new, n);
	return new;
}

void order_update(struct order *o, const struct intern *names)
{
	size_t old = o->n, n = intern_count(names) - old;
	struct named *new;

	if (!n)
		return;
	new = sort_new(names, old, n);
	o->n += n;
	o->v = mem_reserve(o->v, &o->cap, o->n, sizeof(*o->v));
	/* the greatest first: what is behind it moves once, to its place */
	while (n) {
		size_t at = count_below(o, old, &new[n - 1]);

		memmove(&o->v[at + n], &o->v[at], (old - at) * sizeof(*o->v));
		o->v[at + n - 1] = new[n - 1];
		old = at;
		n--;
	}
	free(new);
}
