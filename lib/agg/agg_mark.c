/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "agg/agg_parts.h"
#include "agg/window.h"
#include "base/mem.h"
#include "base/when.h"

void agg_keep_mark(struct partition *p, const struct mark *m)
{
	size_t n = m->n_future;
	int64_t *future = mem_zalloc(n + 1, sizeof(*future));

	if (n)
		memcpy(future, m->future, n * sizeof(*future));
	free((int64_t *)p->kept.future);
	p->kept = *m;
	p->kept.future = future;
}

/* The offset of the first reading in an open window, and its timestamp. */
static int64_t first_open(const struct agg *a, size_t partition,
			  int64_t *timestamp_us)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < a->n_open; i++) {
		const struct window *w = a->open[i];
		const struct share *s = &w->shares[partition];

		if (partition >= w->n_shares || !s->count || s->first > first)
			continue;
		first = s->first;
		*timestamp_us = s->first_us;
	}
	return first;
}

/* Those below the first open reading will not be given again. */
static void forget_futures(struct partition *p, int64_t first)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_futures; i++) {
		if (p->futures[i].offset >= first)
			p->futures[n++] = p->futures[i];
	}
	p->n_futures = n;
}

void agg_note_future(struct agg *a, struct partition *p,
		     const struct agg_record *at, int64_t time_us)
{
	int64_t timestamp_us;

	if (!a->conf.marked)
		return;
	if (p->n_futures == p->cap_futures)
		forget_futures(p, first_open(a, (size_t)(p - a->parts),
					     &timestamp_us));
	p->futures = mem_reserve(p->futures, &p->cap_futures, p->n_futures + 1,
				 sizeof(*p->futures));
	p->futures[p->n_futures++] = (struct future){at->offset, time_us};
}

/* Of the futures, those which a later one's time does not tell. */
static void mark_futures(const struct agg *a, struct partition *p,
			 struct mark *m)
{
	p->marked = mem_reserve(p->marked, &p->cap_marked, p->n_futures,
				sizeof(*p->marked));
	m->future = p->marked;
	m->n_future = 0;
	for (size_t i = 0; i < p->n_futures; i++) {
		const struct future *f = &p->futures[i];
		int64_t end = window_start(f->time_us, a->conf.interval_us) +
			      a->conf.interval_us;

		if (f->time_us <= m->greatest_us && end > m->closed_us)
			p->marked[m->n_future++] = f->offset;
	}
}

void agg_mark(struct agg *a, int partition, struct mark *m)
{
	struct partition *p = agg_part(a, partition);
	int64_t timestamp_us = WHEN_NONE, first;

	if (p->replaying || p->mark.intent_us != WHEN_NONE) {
		*m = p->kept;
		return;
	}
	*m = p->mark;
	first = first_open(a, (size_t)partition, &timestamp_us);
	m->first = m->next;
	if (first != INT64_MAX) {
		m->first = first;
		m->seen = first;
		m->seen_us = timestamp_us;
	}
	m->books.read = books_sum(&m->books);
	forget_futures(p, first);
	mark_futures(a, p, m);
}
