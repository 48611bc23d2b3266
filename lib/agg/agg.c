/* SPDX-License-Identifier: MIT */
#include "agg/agg.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agg/sum.h"
#include "agg/window.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/when.h"

/* The sums of one table, by a partition's own numbers of the keys. */
struct sums {
	struct sum *v; /* n == 0: the key has no reading here */
	size_t n, cap;
};

/* What one partition gives to one window. */
struct share {
	struct sums types, names;
};

struct window {
	int64_t start_us;
	uint64_t count;
	struct share *shares; /* by partition; n_shares of them */
	size_t n_shares;
};

struct partition {
	bool held;
	bool at_end;	      /* read to its end */
	bool any;	      /* something was read from it */
	int64_t watermark_us; /* greatest event time used from it */
	int64_t first_us;     /* event time of the first one used */
	int64_t end_mono_us;  /* since when it is there */
	struct intern *types, *names;
};

/* The open windows stand in order of their start. */
struct agg {
	struct agg_conf conf;
	struct books books;
	struct partition *parts;
	size_t n_parts, cap_parts;
	struct window **open;
	size_t n_open, cap_open;
	struct window *total;	   /* accumulate: all closed windows */
	int64_t closed_us;	   /* end of the last closed window */
	int64_t asked_us;	   /* watermark up to which ends were asked */
	int64_t candidate_us;	   /* watermark that agg_next last saw */
	int64_t last_used_mono_us; /* when the last reading was used */
	bool finished;
	struct report report;
	struct keyed_sum *rows; /* scratch of agg_close */
	size_t cap_rows;
};

/* A key with its sum in one partition. */
struct keyed_sum {
	const char *key;
	size_t len;
	size_t partition;
	struct sum sum;
};

static void share_release(struct share *s)
{
	free(s->types.v);
	free(s->names.v);
}

static struct window *window_new(int64_t start_us)
{
	struct window *w = mem_zalloc(1, sizeof(*w));

	w->start_us = start_us;
	return w;
}

static void window_free(struct window *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_shares; i++)
		share_release(&w->shares[i]);
	free(w->shares);
	free(w);
}

static struct share *window_share(struct window *w, size_t partition)
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

static void window_merge(struct window *into, const struct window *w)
{
	into->count += w->count;
	for (size_t p = 0; p < w->n_shares; p++) {
		struct share *s = window_share(into, p);

		sums_merge(&s->types, &w->shares[p].types);
		sums_merge(&s->names, &w->shares[p].names);
	}
}

struct agg *agg_new(const struct agg_conf *conf)
{
	struct agg *a = mem_zalloc(1, sizeof(*a));

	assert(conf->interval_us > 0 && conf->grace_us >= 0);
	a->conf = *conf;
	a->closed_us = WHEN_NONE;
	a->asked_us = WHEN_NONE;
	a->candidate_us = WHEN_NONE;
	if (conf->accumulate)
		a->total = window_new(WHEN_NONE);
	return a;
}

void agg_free(struct agg *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n_open; i++)
		window_free(a->open[i]);
	for (size_t i = 0; i < a->n_parts; i++) {
		intern_free(a->parts[i].types);
		intern_free(a->parts[i].names);
	}
	window_free(a->total);
	free(a->open);
	free(a->parts);
	free(a->rows);
	free(a->report.by_type.rows);
	free(a->report.by_name.rows);
	free(a);
}

void agg_hold(struct agg *a, int partition)
{
	size_t n = (size_t)partition + 1;
	struct partition *p;

	if (n > a->n_parts) {
		a->parts = mem_reserve(a->parts, &a->cap_parts, n,
				       sizeof(*a->parts));
		memset(a->parts + a->n_parts, 0,
		       (n - a->n_parts) * sizeof(*a->parts));
		a->n_parts = n;
	}
	p = &a->parts[partition];
	assert(!p->held);
	*p = (struct partition){
		.held = true,
		.watermark_us = WHEN_NONE,
		.first_us = WHEN_NONE,
		.types = intern_new(),
		.names = intern_new(),
	};
	a->asked_us = WHEN_NONE;
}

static struct partition *agg_part(struct agg *a, int partition)
{
	assert(partition >= 0 && (size_t)partition < a->n_parts);
	return &a->parts[partition];
}

/* The window that starts there, opened if need be. */
static struct window *agg_window(struct agg *a, int64_t start_us)
{
	size_t i = 0, end = a->n_open;

	while (i < end) {
		size_t mid = i + (end - i) / 2;

		if (a->open[mid]->start_us < start_us)
			i = mid + 1;
		else
			end = mid;
	}
	if (i < a->n_open && a->open[i]->start_us == start_us)
		return a->open[i];
	a->open = mem_reserve(a->open, &a->cap_open, a->n_open + 1,
			      sizeof(struct window *));
	memmove(&a->open[i + 1], &a->open[i],
		(a->n_open - i) * sizeof(struct window *));
	a->n_open++;
	return a->open[i] = window_new(start_us);
}

/* Rule 1. */
static bool is_late(const struct agg *a, const struct partition *p,
		    int64_t end_us)
{
	if (end_us <= a->closed_us)
		return true;
	return window_is_past(end_us, a->conf.grace_us, p->watermark_us);
}

static void window_add(struct window *w, int partition,
		       const struct partition *p, const struct reading *r)
{
	struct share *s = window_share(w, (size_t)partition);
	uint32_t type = intern_id(p->types, r->type, r->type_len);
	uint32_t name = intern_id(p->names, r->name, r->name_len);

	sum_add(sums_at(&s->types, type), r->value);
	sum_add(sums_at(&s->names, name), r->value);
	w->count++;
}

static void touch(struct agg *a, struct partition *p)
{
	a->books.read++;
	p->any = true;
	p->at_end = false;
}

void agg_add(struct agg *a, int partition, const struct reading *r,
	     int64_t present_us, int64_t mono_us)
{
	const struct agg_conf *conf = &a->conf;
	struct partition *p = agg_part(a, partition);
	int64_t start = window_start(r->time_us, conf->interval_us);

	touch(a, p);
	if (conf->max_ahead_us != AGG_OFF &&
	    r->time_us > present_us + conf->max_ahead_us) {
		a->books.future++;
	} else if (conf->from_us != WHEN_NONE && start < conf->from_us) {
		a->books.skipped++;
	} else if (is_late(a, p, start + conf->interval_us)) {
		a->books.late++;
	} else {
		window_add(agg_window(a, start), partition, p, r);
		a->books.open++;
		a->last_used_mono_us = mono_us;
		if (p->first_us == WHEN_NONE)
			p->first_us = r->time_us;
		if (r->time_us > p->watermark_us)
			p->watermark_us = r->time_us;
	}
}

void agg_add_malformed(struct agg *a, int partition)
{
	touch(a, agg_part(a, partition));
	a->books.malformed++;
}

void agg_at_end(struct agg *a, int partition, int64_t mono_us)
{
	struct partition *p = agg_part(a, partition);

	if (p->at_end)
		return;
	p->at_end = true;
	p->end_mono_us = mono_us;
}

void agg_behind(struct agg *a, int partition)
{
	agg_part(a, partition)->at_end = false;
}

void agg_finish(struct agg *a)
{
	a->finished = true;
}

/* Rule 2: an empty partition at its first end, one long silent there. */
static bool is_idle(const struct agg *a, const struct partition *p,
		    int64_t mono_us)
{
	if (!p->at_end)
		return false;
	if (!p->any)
		return true;
	return a->conf.idle_us != AGG_OFF &&
	       mono_us - p->end_mono_us >= a->conf.idle_us;
}

/*
 * Rules 2 and 3: the least watermark of those that vote, else the greatest
 * of all and the time since the last reading. *forced says that somebody
 * does not vote.
 */
static int64_t watermark(const struct agg *a, int64_t mono_us, bool *forced)
{
	int64_t least = INT64_MAX, greatest = WHEN_NONE;

	*forced = false;
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct partition *p = &a->parts[i];

		if (!p->held)
			continue;
		if (p->watermark_us > greatest)
			greatest = p->watermark_us;
		if (is_idle(a, p, mono_us))
			*forced = true;
		else if (p->watermark_us < least)
			least = p->watermark_us;
	}
	if (least != INT64_MAX)
		return least;
	if (greatest == WHEN_NONE)
		return WHEN_NONE;
	return greatest + (mono_us - a->last_used_mono_us);
}

int64_t agg_watermark_us(const struct agg *a, int64_t mono_us)
{
	bool forced;

	return watermark(a, mono_us, &forced);
}

/* How many windows without readings stand before the first open one. */
static int64_t empty_windows(const struct agg *a)
{
	if (!a->conf.empty || a->closed_us == WHEN_NONE || !a->n_open)
		return 0;
	return (a->open[0]->start_us - a->closed_us) / a->conf.interval_us;
}

/* The start of the window that closes next, if there is one. */
static bool next_start(const struct agg *a, int64_t *start_us)
{
	int64_t empty = empty_windows(a);

	if (a->n_open && (empty == 0 || empty > AGG_EMPTY_MAX))
		*start_us = a->open[0]->start_us;
	else if (a->n_open ||
		 (a->conf.empty && a->closed_us != WHEN_NONE && !a->finished))
		*start_us = a->closed_us;
	else
		return false;
	return true;
}

/* Takes the earliest window out of the open ones, and of their count. */
static struct window *take_first(struct agg *a)
{
	struct window *w = a->open[0];

	a->n_open--;
	memmove(a->open, a->open + 1, a->n_open * sizeof(struct window *));
	a->books.open -= w->count;
	return w;
}

/* from_first: the point is fixed now; what lies before it is skipped. */
static void resolve_from(struct agg *a)
{
	int64_t from = WHEN_NONE;

	a->conf.from_first = false;
	for (size_t i = 0; i < a->n_parts; i++) {
		if (a->parts[i].first_us > from)
			from = a->parts[i].first_us;
	}
	a->conf.from_us = from;
	while (a->n_open && a->open[0]->start_us < from) {
		struct window *w = take_first(a);

		a->books.skipped += w->count;
		window_free(w);
	}
}

enum agg_action agg_next(struct agg *a, int64_t mono_us)
{
	int64_t start, due, wm;
	bool forced;

	if (!next_start(a, &start))
		return AGG_WAIT;
	due = start + a->conf.interval_us + a->conf.grace_us;
	wm = watermark(a, mono_us, &forced);
	if (!a->finished) {
		if (wm < due)
			return AGG_WAIT;
		a->candidate_us = wm;
		if (forced && a->asked_us < due)
			return AGG_ASK;
	}
	if (a->conf.from_first) {
		resolve_from(a);
		return agg_next(a, mono_us);
	}
	return AGG_CLOSE;
}

void agg_asked(struct agg *a)
{
	a->asked_us = a->candidate_us;
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

/* One partition's sums of one table, at the end of a->rows. */
static size_t add_rows(struct agg *a, size_t n, size_t partition,
		       const struct sums *s, const struct intern *names)
{
	a->rows =
		mem_reserve(a->rows, &a->cap_rows, n + s->n, sizeof(*a->rows));
	for (size_t id = 0; id < s->n; id++) {
		struct keyed_sum *row = &a->rows[n];

		if (!s->v[id].n)
			continue;
		row->key = intern_name(names, (uint32_t)id, &row->len);
		row->partition = partition;
		row->sum = s->v[id];
		n++;
	}
	return n;
}

/* Sorts the n rows, merges equal keys in partition order. */
static void make_table(struct agg *a, size_t n, struct report_table *t)
{
	t->rows = mem_grow(t->rows, n, sizeof(*t->rows));
	t->n = 0;
	if (n)
		qsort(a->rows, n, sizeof(*a->rows), by_key_and_partition);
	for (size_t i = 0; i < n;) {
		struct keyed_sum *row = &a->rows[i++];
		struct sum sum = row->sum;

		while (i < n && a->rows[i].len == row->len &&
		       !memcmp(a->rows[i].key, row->key, row->len))
			sum_merge(&sum, &a->rows[i++].sum);
		t->rows[t->n++] = (struct report_row){
			.key = row->key,
			.key_len = row->len,
			.count = sum.n,
			.mean = sum_mean(&sum),
		};
	}
}

static void make_report(struct agg *a, const struct window *w)
{
	size_t types = 0, names = 0;

	for (size_t p = 0; p < w->n_shares; p++)
		types = add_rows(a, types, p, &w->shares[p].types,
				 a->parts[p].types);
	make_table(a, types, &a->report.by_type);
	for (size_t p = 0; p < w->n_shares; p++)
		names = add_rows(a, names, p, &w->shares[p].names,
				 a->parts[p].names);
	make_table(a, names, &a->report.by_name);
	a->report.count = w->count;
}

const struct report *agg_close(struct agg *a)
{
	struct window *w, *shown;
	int64_t start, empty = empty_windows(a);

	if (!next_start(a, &start))
		assert(!"agg_close without AGG_CLOSE");
	if (empty > AGG_EMPTY_MAX)
		a->books.passed += (uint64_t)empty;
	if (a->n_open && a->open[0]->start_us == start)
		w = take_first(a);
	else
		w = window_new(start);
	shown = w;
	a->books.used += w->count;
	a->books.reports++;
	a->closed_us = start + a->conf.interval_us;
	a->report.start_us = start;
	a->report.end_us = a->closed_us;
	if (a->total) {
		if (a->total->start_us == WHEN_NONE)
			a->total->start_us = start;
		window_merge(a->total, w);
		a->report.start_us = a->total->start_us;
		shown = a->total;
	}
	make_report(a, shown);
	window_free(w);
	return &a->report;
}

const struct books *agg_books(const struct agg *a)
{
	return &a->books;
}
