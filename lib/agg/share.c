/* SPDX-License-Identifier: MIT */
#include "agg/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* So many names and their sums stay in a processor's cache. */
#define MANY 4096

/*
 * Of many names each is a wait for memory, of 100 ns or so. So readings wait
 * in a queue, of so many, while the memory for them comes; all in the order
 * of their arrival, so that sums come out the same.
 */
#define QUEUE	      16
#define WAITING_BYTES 48

struct waiting {
	struct window *window;
	double x;
	uint32_t partition;
	uint32_t len;
	char name[WAITING_BYTES];
};

struct queue {
	struct waiting v[QUEUE]; /* a ring */
	size_t begin, end;	 /* counted on */
};

void keys_release(struct keys *keys)
{
	free(keys->queue);
	intern_free(keys->types);
	intern_free(keys->names);
	order_release(&keys->types_order);
	order_release(&keys->names_order);
	*keys = (struct keys){.types = NULL};
}

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

/* To n sums; `most` of them, it is likely, will be needed. */
static void sums_grow(struct sums *s, size_t n, size_t most, bool spread)
{
	size_t cap = s->cap;

	if (n > cap)
		s->v = mem_reserve(s->v, &s->cap, n > most ? n : most,
				   sizeof(*s->v));
	memset(s->v + s->n, 0, (n - s->n) * sizeof(*s->v));
	s->n = n;
	if (spread && s->cap != cap)
		s->spreads = mem_grow(s->spreads, s->cap, sizeof(*s->spreads));
}

static struct sum *sums_at(struct sums *s, uint32_t id,
			   const struct intern *keys, bool spread)
{
	if (id >= s->n)
		sums_grow(s, (size_t)id + 1, intern_count(keys), spread);
	return &s->v[id];
}

/* Apart, so that sums alone stay as fast as they are. */
__attribute__((noinline)) static void spreads_add(struct sums *s, uint32_t id,
						  double x)
{
	spread_add(&s->spreads[id], x, s->v[id].n);
}

static inline void sums_add(struct sums *s, struct intern *keys,
			    const char *key, size_t len, double x, bool spread)
{
	uint32_t id = intern_id(keys, key, len);

	sum_add(sums_at(s, id, keys, spread), x);
	if (spread)
		spreads_add(s, id, x);
}

static void sums_merge(struct sums *into, const struct sums *s)
{
	bool spread = s->spreads;

	if (s->n > into->n)
		sums_grow(into, s->n, s->n, spread);
	for (size_t id = 0; id < s->n; id++) {
		struct sum *sum = &into->v[id];

		if (!s->v[id].n)
			continue;
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

static void add_name(struct share *s, const struct keys *keys, const char *name,
		     size_t len, double x)
{
	sums_add(&s->names, keys->names, name, len, x, keys->spread);
}

static void settle_one(const struct keys *keys)
{
	struct queue *q = keys->queue;
	const struct waiting *r = &q->v[q->begin++ % QUEUE];

	add_name(&r->window->shares[r->partition], keys, r->name, r->len, r->x);
}

void keys_settle(struct keys *keys)
{
	const struct queue *q = keys->queue;

	while (q && q->begin != q->end)
		settle_one(keys);
}

static void put_off(struct window *w, size_t partition, struct keys *keys,
		    const struct reading *r)
{
	struct queue *q = keys->queue;
	struct waiting *last;

	if (!q)
		q = keys->queue = mem_zalloc(1, sizeof(*q));
	if (q->end - q->begin == QUEUE)
		settle_one(keys);
	last = &q->v[q->end++ % QUEUE];
	last->window = w;
	last->partition = (uint32_t)partition;
	last->x = r->value;
	last->len = (uint32_t)r->name_len;
	memcpy(last->name, r->name, r->name_len);
	intern_prefetch(keys->names, r->name, r->name_len);
}

static void add_names(struct share *s, struct window *w, size_t partition,
		      struct keys *keys, const struct reading *r)
{
	if (intern_count(keys->names) >= MANY && r->name_len <= WAITING_BYTES) {
		put_off(w, partition, keys, r);
		return;
	}
	keys_settle(keys);
	add_name(s, keys, r->name, r->name_len, r->value);
}

struct share *window_add(struct window *w, size_t partition, struct keys *keys,
			 const struct reading *r)
{
	struct share *s = window_share(w, partition);

	s->count++;
	if (keys->types)
		sums_add(&s->types, keys->types, r->type, r->type_len, r->value,
			 keys->spread);
	if (keys->names)
		add_names(s, w, partition, keys, r);
	return s;
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
		*sums_at(&new, now, to, s->spreads) = s->v[id];
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

/* ---- reports ---- */

/* Less than one in so many keys: they are sorted, and the order is not kept. */
#define FEW 8
/* So many keys ahead: about what a wait for memory takes. */
#define SOON 8

/* The sums of one partition, in the order of their keys. */
struct run {
	const struct sums *sums;
	const struct named *next, *end; /* keys that are still to come */
	struct named *few; /* where they are, if not in the kept order */
	const char *key;   /* the one at hand, borrowed; NULL: all were */
	size_t len;
	uint32_t id;
};

void report_maker_release(struct report_maker *m)
{
	free(m->runs);
	free(m->losers);
}

/* Of many keys each lies elsewhere: it is on its way when it is needed. */
static void look_ahead(const struct run *run)
{
	const struct named *soon;

	if (run->end - run->next <= SOON)
		return;
	soon = &run->next[SOON];
	__builtin_prefetch(soon->name);
	if (soon->id < run->sums->n)
		__builtin_prefetch(&run->sums->v[soon->id]);
}

/* To the next key that has readings here. */
static void run_on(struct run *run)
{
	const struct sums *s = run->sums;

	while (run->next < run->end) {
		const struct named *at = run->next++;

		look_ahead(run);
		if (at->id >= s->n || !s->v[at->id].n)
			continue;
		run->key = at->name;
		run->len = at->len;
		run->id = at->id;
		return;
	}
	run->key = NULL;
}

/* The n keys that have readings here, in their order. */
static struct named *sort_few(const struct sums *s, size_t n,
			      const struct intern *keys)
{
	struct named *few = mem_grow(NULL, n, sizeof(*few));
	size_t i = 0;

	for (size_t id = 0; id < s->n; id++) {
		if (s->v[id].n)
			few[i++] = order_named(keys, (uint32_t)id);
	}
	order_sort(few, n);
	return few;
}

/* Returns how many keys it has. */
static size_t add_run(struct report_maker *m, const struct sums *s,
		      const struct intern *keys, struct order *order)
{
	size_t n = sums_keys(s);
	struct run *run;

	if (!n)
		return 0;
	m->runs =
		mem_reserve(m->runs, &m->cap_runs, m->n + 1, sizeof(*m->runs));
	run = &m->runs[m->n++];
	*run = (struct run){.sums = s};
	if (n < intern_count(keys) / FEW) {
		run->next = run->few = sort_few(s, n, keys);
		run->end = run->next + n;
	} else {
		order_update(order, keys);
		run->next = order->v;
		run->end = run->next + order->n;
	}
	run_on(run);
	return n;
}

/* Equal keys go in the order of the partitions, which is that of the runs. */
static bool is_before(const struct run *x, const struct run *y)
{
	int d;

	if (!x->key || !y->key)
		return x->key;
	d = report_compare(x->key, x->len, y->key, y->len);
	return d ? d < 0 : x < y;
}

/*
 * The runs are merged by a tree of losers (Knuth, TAOCP vol. 3, 5.4.1): run i
 * stands at n + i, the parent of a place is half of it. A place has the run
 * that lost there, losers[0] the one that won all, and the next key with it.
 *
 * Plays out what is below the place. Returns the winner.
 */
static size_t play(struct report_maker *m, size_t place)
{
	size_t x, y;

	if (place >= m->n)
		return place - m->n;
	x = play(m, 2 * place);
	y = play(m, 2 * place + 1);
	if (is_before(&m->runs[x], &m->runs[y])) {
		m->losers[place] = y;
		return x;
	}
	m->losers[place] = x;
	return y;
}

/* The winner goes on; only its own way to the root is played again. */
static void play_on(struct report_maker *m)
{
	size_t winner = m->losers[0];

	run_on(&m->runs[winner]);
	for (size_t at = (winner + m->n) / 2; at; at /= 2) {
		size_t loser = m->losers[at];

		if (!is_before(&m->runs[loser], &m->runs[winner]))
			continue;
		m->losers[at] = winner;
		winner = loser;
	}
	m->losers[0] = winner;
}

static const struct sum *sum_of(const struct run *run)
{
	return &run->sums->v[run->id];
}

static const struct spread *spread_of(const struct run *run)
{
	return run->sums->spreads ? &run->sums->spreads[run->id] : NULL;
}

static bool has_key(const struct run *run, const char *key, size_t len)
{
	return run->key && run->len == len && !memcmp(run->key, key, len);
}

/* The row of the winner's key, and on to the next key. */
static struct report_row make_row(struct report_maker *m)
{
	const struct run *run = &m->runs[m->losers[0]];
	struct report_row row = {.key = run->key, .key_len = run->len};
	struct sum sum = *sum_of(run);
	struct spread spread = {.mean = 0};
	bool spreads = spread_of(run);

	if (spreads)
		spread = *spread_of(run);
	for (;;) {
		play_on(m);
		run = &m->runs[m->losers[0]];
		if (!has_key(run, row.key, row.key_len))
			break;
		if (spreads)
			spread_merge(&spread, sum.n, spread_of(run),
				     sum_of(run)->n);
		sum_merge(&sum, sum_of(run));
	}
	row.count = sum.n;
	row.mean = sum_mean(&sum);
	if (spreads) {
		row.sd = spread_sd(&spread, sum.n);
		row.min = spread.min;
		row.max = spread.max;
	}
	return row;
}

/* Merges the runs, which have n keys, equal ones counted as often. */
static void make_table(struct report_maker *m, size_t n, struct report_table *t)
{
	t->rows = mem_grow(t->rows, n, sizeof(*t->rows));
	t->n = 0;
	if (n) {
		m->losers = mem_reserve(m->losers, &m->cap_losers, m->n,
					sizeof(*m->losers));
		m->losers[0] = play(m, 1);
		while (m->runs[m->losers[0]].key)
			t->rows[t->n++] = make_row(m);
	}
	while (m->n)
		free(m->runs[--m->n].few);
}

void report_make(struct report_maker *m, struct report *r,
		 const struct window *w, struct keys *keys)
{
	size_t types = 0, names = 0;

	r->count = 0;
	for (size_t i = 0; i < r->n_parts; i++) {
		struct report_part *part = &r->parts[i];
		size_t p = (size_t)part->partition;

		part->count = 0;
		if (p >= w->n_shares)
			continue;
		keys_settle(&keys[p]);
		part->count = w->shares[p].count;
		r->count += part->count;
		types += add_run(m, &w->shares[p].types, keys[p].types,
				 &keys[p].types_order);
	}
	make_table(m, types, &r->by_type);
	for (size_t i = 0; i < r->n_parts; i++) {
		size_t p = (size_t)r->parts[i].partition;

		if (p < w->n_shares)
			names += add_run(m, &w->shares[p].names, keys[p].names,
					 &keys[p].names_order);
	}
	make_table(m, names, &r->by_name);
}
