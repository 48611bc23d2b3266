/* SPDX-License-Identifier: MIT */
#include "agg/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A key with its sum in one partition; borrowed. */
struct keyed_sum {
	const char *key;
	size_t len;
	int partition;
	const struct sum *sum;
	const struct spread *spread; /* or NULL */
};

struct window *window_new(int64_t start_us)
{
	struct window *w = mem_zalloc(1, sizeof(*w));

	w->start_us = start_us;
	return w;
}

static void sums_release(struct sums *s)
{
	free(s->v);
	free(s->spreads);
}

void share_release(struct share *s)
{
	sums_release(&s->types);
	sums_release(&s->names);
	*s = (struct share){.count = 0};
}

void window_free(struct window *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_shares; i++)
		share_release(&w->shares[i]);
	free(w->shares);
	free(w);
}

struct share *window_share(struct window *w, size_t partition)
{
	if (partition >= w->n_shares) {
		size_t n = partition + 1;

		w->shares = mem_grow(w->shares, n, sizeof(*w->shares));
		memset(w->shares + w->n_shares, 0,
		       (n - w->n_shares) * sizeof(*w->shares));
		w->n_shares = n;
	}
	return &w->shares[partition];
}

uint64_t window_count(const struct window *w)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->n_shares; i++)
		n += w->shares[i].count;
	return n;
}

static void sums_grow(struct sums *s, size_t n, bool spread)
{
	size_t cap = s->cap;

	s->v = mem_reserve(s->v, &s->cap, n, sizeof(*s->v));
	memset(s->v + s->n, 0, (n - s->n) * sizeof(*s->v));
	s->n = n;
	if (spread && s->cap != cap)
		s->spreads = mem_grow(s->spreads, s->cap, sizeof(*s->spreads));
}

static struct sum *sums_at(struct sums *s, uint32_t id, bool spread)
{
	if (id >= s->n)
		sums_grow(s, (size_t)id + 1, spread);
	return &s->v[id];
}

/* Apart, so that sums alone stay as fast as they are. */
__attribute__((noinline)) static void spreads_add(struct sums *s, uint32_t id,
						  double x)
{
	spread_add(&s->spreads[id], x, s->v[id].n);
}

static inline void sums_add(struct sums *s, uint32_t id, double x, bool spread)
{
	sum_add(sums_at(s, id, spread), x);
	if (spread)
		spreads_add(s, id, x);
}

static void sums_merge(struct sums *into, const struct sums *s)
{
	bool spread = s->spreads;

	for (size_t id = 0; id < s->n; id++) {
		struct sum *sum;

		if (!s->v[id].n)
			continue;
		sum = sums_at(into, (uint32_t)id, spread);
		if (spread)
			spread_merge(&into->spreads[id], sum->n,
				     &s->spreads[id], s->v[id].n);
		sum_merge(sum, &s->v[id]);
	}
}

void window_merge(struct window *into, const struct window *w)
{
	for (size_t p = 0; p < w->n_shares; p++) {
		struct share *s = window_share(into, p);

		s->count += w->shares[p].count;
		sums_merge(&s->types, &w->shares[p].types);
		sums_merge(&s->names, &w->shares[p].names);
	}
}

void share_add(struct share *s, const struct keys *keys,
	       const struct reading *r)
{
	if (keys->types)
		sums_add(&s->types,
			 intern_id(keys->types, r->type, r->type_len), r->value,
			 keys->spread);
	if (keys->names)
		sums_add(&s->names,
			 intern_id(keys->names, r->name, r->name_len), r->value,
			 keys->spread);
	s->count++;
}

static size_t sums_keys(const struct sums *s)
{
	size_t n = 0;

	for (size_t id = 0; id < s->n; id++)
		n += s->v[id].n > 0;
	return n;
}

size_t share_keys(const struct share *s)
{
	return sums_keys(&s->types) + sums_keys(&s->names);
}

static void sums_renumber(struct sums *s, const struct intern *from,
			  struct intern *to)
{
	struct sums new = {.n = 0};

	for (size_t id = 0; id < s->n; id++) {
		const char *key;
		uint32_t now;
		size_t len;

		if (!s->v[id].n)
			continue;
		key = intern_name(from, (uint32_t)id, &len);
		now = intern_id(to, key, len);
		*sums_at(&new, now, s->spreads) = s->v[id];
		if (s->spreads)
			new.spreads[now] = s->spreads[id];
	}
	sums_release(s);
	*s = new;
}

void share_renumber(struct share *s, const struct keys *from,
		    const struct keys *to)
{
	sums_renumber(&s->types, from->types, to->types);
	sums_renumber(&s->names, from->names, to->names);
}

void report_maker_release(struct report_maker *m)
{
	free(m->rows);
}

static int by_key_and_partition(const void *va, const void *vb)
{
	const struct keyed_sum *x = va, *y = vb;
	int d = report_compare(x->key, x->len, y->key, y->len);

	if (!d)
		d = (x->partition > y->partition) -
		    (x->partition < y->partition);
	return d;
}

/* One partition's sums of one table, behind the n rows that are there. */
static size_t add_rows(struct report_maker *m, size_t n, int partition,
		       const struct sums *s, const struct intern *keys)
{
	m->rows = mem_reserve(m->rows, &m->cap, n + s->n, sizeof(*m->rows));
	for (size_t id = 0; id < s->n; id++) {
		struct keyed_sum *row = &m->rows[n];

		if (!s->v[id].n)
			continue;
		row->key = intern_name(keys, (uint32_t)id, &row->len);
		row->partition = partition;
		row->sum = &s->v[id];
		row->spread = s->spreads ? &s->spreads[id] : NULL;
		n++;
	}
	return n;
}

static bool has_key(const struct keyed_sum *row, const char *key, size_t len)
{
	return row->len == len && !memcmp(row->key, key, len);
}

/* The row of the first one's key; *n of them have it, in partition order. */
static struct report_row make_row(const struct keyed_sum *first, size_t max,
				  size_t *n)
{
	struct report_row row = {.key = first->key, .key_len = first->len};
	struct sum sum = *first->sum;
	struct spread spread = {.mean = 0};
	size_t i;

	if (first->spread)
		spread = *first->spread;
	for (i = 1; i < max && has_key(&first[i], row.key, row.key_len); i++) {
		if (first[i].spread)
			spread_merge(&spread, sum.n, first[i].spread,
				     first[i].sum->n);
		sum_merge(&sum, first[i].sum);
	}
	*n = i;
	row.count = sum.n;
	row.mean = sum_mean(&sum);
	if (first->spread) {
		row.sd = spread_sd(&spread, sum.n);
		row.min = spread.min;
		row.max = spread.max;
	}
	return row;
}

/* Sorts the n rows, merges equal keys. */
static void make_table(struct report_maker *m, size_t n, struct report_table *t)
{
	size_t same;

	t->rows = mem_grow(t->rows, n, sizeof(*t->rows));
	t->n = 0;
	if (n)
		qsort(m->rows, n, sizeof(*m->rows), by_key_and_partition);
	for (size_t i = 0; i < n; i += same)
		t->rows[t->n++] = make_row(&m->rows[i], n - i, &same);
}

void report_make(struct report_maker *m, struct report *r,
		 const struct window *w, const struct keys *keys)
{
	size_t types = 0, names = 0;

	r->count = 0;
	for (size_t i = 0; i < r->n_parts; i++) {
		struct report_part *part = &r->parts[i];
		size_t p = (size_t)part->partition;

		part->count = 0;
		if (p >= w->n_shares)
			continue;
		part->count = w->shares[p].count;
		r->count += part->count;
		types = add_rows(m, types, part->partition, &w->shares[p].types,
				 keys[p].types);
	}
	make_table(m, types, &r->by_type);
	for (size_t i = 0; i < r->n_parts; i++) {
		size_t p = (size_t)r->parts[i].partition;

		if (p < w->n_shares)
			names = add_rows(m, names, (int)p, &w->shares[p].names,
					 keys[p].names);
	}
	make_table(m, names, &r->by_name);
}
