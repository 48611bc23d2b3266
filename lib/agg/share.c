/* SPDX-License-Identifier: MIT */
#include "agg/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A key with its sum in one partition. */
struct keyed_sum {
	const char *key;
	size_t len;
	int partition;
	struct sum sum;
};

struct window *window_new(int64_t start_us)
{
	struct window *w = mem_zalloc(1, sizeof(*w));

	w->start_us = start_us;
	return w;
}

void share_release(struct share *s)
{
	free(s->types.v);
	free(s->names.v);
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

static struct sum *sums_at(struct sums *s, uint32_t id)
{
	if (id >= s->n) {
		s->v = mem_reserve(s->v, &s->cap, (size_t)id + 1,
				   sizeof(*s->v));
		memset(s->v + s->n, 0, (id + 1 - s->n) * sizeof(*s->v));
		s->n = (size_t)id + 1;
	}
	return &s->v[id];
}

static void sums_merge(struct sums *into, const struct sums *s)
{
	for (size_t id = 0; id < s->n; id++) {
		if (s->v[id].n)
			sum_merge(sums_at(into, (uint32_t)id), &s->v[id]);
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
	uint32_t type = intern_id(keys->types, r->type, r->type_len);
	uint32_t name = intern_id(keys->names, r->name, r->name_len);

	sum_add(sums_at(&s->types, type), r->value);
	sum_add(sums_at(&s->names, name), r->value);
	s->count++;
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
		row->sum = s->v[id];
		n++;
	}
	return n;
}

/* Sorts the n rows, merges equal keys in partition order. */
static void make_table(struct report_maker *m, size_t n, struct report_table *t)
{
	t->rows = mem_grow(t->rows, n, sizeof(*t->rows));
	t->n = 0;
	if (n)
		qsort(m->rows, n, sizeof(*m->rows), by_key_and_partition);
	for (size_t i = 0; i < n;) {
		struct keyed_sum *row = &m->rows[i++];
		struct sum sum = row->sum;

		while (i < n && m->rows[i].len == row->len &&
		       !memcmp(m->rows[i].key, row->key, row->len))
			sum_merge(&sum, &m->rows[i++].sum);
		t->rows[t->n++] = (struct report_row){
			.key = row->key,
			.key_len = row->len,
			.count = sum.n,
			.mean = sum_mean(&sum),
		};
	}
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
