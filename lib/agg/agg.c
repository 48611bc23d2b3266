/* SPDX-License-Identifier: MIT */
#include "agg/agg.h"

#include <stdlib.h>
#include <string.h>

#include "agg/agg_parts.h"
#include "agg/window.h"
#include "base/mem.h"
#include "base/when.h"

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

static void partition_release(struct partition *p, struct keys *k)
{
	keys_release(k);
	free((int64_t *)p->kept.future);
	free(p->futures);
	free(p->marked);
}

void agg_release(struct agg *a)
{
	for (size_t i = 0; i < a->n_open; i++)
		window_free(a->open[i]);
	for (size_t i = 0; i < a->n_parts; i++)
		partition_release(&a->parts[i], &a->keys[i]);
	a->n_open = 0;
	a->n_parts = 0;
	a->closed_us = WHEN_NONE;
}

void agg_free(struct agg *a)
{
	if (!a)
		return;
	agg_release(a);
	window_free(a->total);
	free(a->open);
	free(a->parts);
	free(a->keys);
	free(a->report.by_type.rows);
	free(a->report.by_name.rows);
	free(a->report.parts);
	free(a->report.cuts);
	report_maker_release(&a->maker);
	free(a);
}

/* ---- partitions ---- */

static void make_room(struct agg *a, size_t n)
{
	if (n <= a->n_parts)
		return;
	a->parts = mem_reserve(a->parts, &a->cap_parts, n, sizeof(*a->parts));
	a->keys = mem_reserve(a->keys, &a->cap_keys, n, sizeof(*a->keys));
	memset(a->parts + a->n_parts, 0, (n - a->n_parts) * sizeof(*a->parts));
	memset(a->keys + a->n_parts, 0, (n - a->n_parts) * sizeof(*a->keys));
	a->n_parts = n;
}

/* What is below kept.next has been given again. */
static void end_replay(struct partition *p)
{
	p->replaying = false;
	if (p->kept.books.open > p->mark.books.open)
		p->gone = p->kept.books.open - p->mark.books.open;
	if (p->kept.greatest_us > p->watermark_us)
		p->watermark_us = p->kept.greatest_us;
}

void agg_resume(struct agg *a, int partition, const struct mark *m)
{
	struct partition *p;

	make_room(a, (size_t)partition + 1);
	p = agg_part(a, partition);
	assert(!p->held);
	*p = (struct partition){
		.held = true,
		.replaying = true,
		.any = m->books.read > 0,
		.watermark_us = WHEN_NONE,
		.first_us = WHEN_NONE,
		.shut_us = WHEN_NONE,
		.mark = *m,
	};
	p->mark.books.open = 0; /* they come again */
	agg_keep_mark(p, m);
	a->keys[partition] = (struct keys){
		.types = a->conf.no_types ? NULL : intern_new(),
		.names = a->conf.no_names ? NULL : intern_new(),
		.spread = a->conf.spread,
	};
	if (m->closed_us > a->closed_us)
		a->closed_us = m->closed_us;
	a->asked_us = WHEN_NONE;
	if (m->first >= m->next)
		end_replay(p);
}

void agg_hold(struct agg *a, int partition)
{
	const struct mark m = {
		.seen = -1,
		.seen_us = WHEN_NONE,
		.greatest_us = WHEN_NONE,
		.closed_us = a->closed_us,
		.from_us = a->conf.from_us,
		.from_first = a->conf.from_first,
		.intent_us = WHEN_NONE,
	};

	agg_resume(a, partition, &m);
}

/* ---- readings ---- */

/* The window that starts there, opened if need be. */
static struct window *open_window(struct agg *a, int64_t start_us)
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

/* Readings come many to a window, one after the other. */
static int64_t start_of(const struct agg *a, const struct partition *p,
			int64_t time_us)
{
	const struct window *w = p->window;

	if (w && time_us >= w->start_us &&
	    time_us - w->start_us < a->conf.interval_us)
		return w->start_us;
	return window_start(time_us, a->conf.interval_us);
}

static struct window *window_of(struct agg *a, struct partition *p,
				int64_t start_us)
{
	if (!p->window || p->window->start_us != start_us)
		p->window = open_window(a, start_us);
	return p->window;
}

/* Rule 1. What an intent names is as good as closed. */
static bool is_late(const struct agg *a, const struct partition *p,
		    int64_t end_us)
{
	if (end_us <= p->mark.closed_us || end_us <= p->shut_us)
		return true;
	if (!p->replaying && end_us <= p->mark.intent_us)
		return true;
	return window_is_past(end_us, a->conf.grace_us, p->watermark_us);
}

static int by_offset(const void *va, const void *vb)
{
	const int64_t *x = va, *y = vb;

	return (*x > *y) - (*x < *y);
}

/* Rule 4; of one that is given again, what was found then. */
static bool is_future(const struct agg *a, const struct partition *p,
		      const struct agg_record *at, int64_t time_us,
		      int64_t present_us)
{
	const struct mark *m = &p->kept;

	if (!p->replaying)
		return a->conf.max_ahead_us != AGG_OFF &&
		       time_us > present_us + a->conf.max_ahead_us;
	return time_us > m->greatest_us ||
	       (m->n_future && bsearch(&at->offset, m->future, m->n_future,
				       sizeof(*m->future), by_offset));
}

static void take(struct agg *a, const struct agg_record *at,
		 const struct reading *r, int64_t start_us)
{
	struct partition *p = agg_part(a, at->partition);
	struct share *s =
		window_add(window_of(a, p, start_us), (size_t)at->partition,
			   &a->keys[at->partition], r);

	if (s->count == 1) {
		s->first = at->offset;
		s->first_us = at->timestamp_us;
	}
	p->mark.books.open++;
}

/* Whether its window is of those that are asked for or not. */
static void come_to(struct agg *a, struct partition *p, int64_t time_us,
		    int64_t mono_us)
{
	if (p->first_us == WHEN_NONE)
		p->first_us = time_us;
	if (time_us > p->watermark_us)
		p->watermark_us = time_us;
	if (time_us > p->mark.greatest_us)
		p->mark.greatest_us = time_us;
	a->last_used_mono_us = mono_us;
}

/* A record is not used: counted in *count, if it is here the first time. */
static enum agg_verdict count_in(const struct partition *p, uint64_t *count,
				 enum agg_verdict verdict)
{
	if (p->replaying)
		return AGG_KNOWN;
	++*count;
	return verdict;
}

/* Records may be gone by now: the last one, even. */
static void begin_record(struct partition *p, const struct agg_record *at)
{
	p->at_end = false;
	if (p->replaying && at->offset >= p->kept.next)
		end_replay(p);
}

static void end_record(struct partition *p, const struct agg_record *at)
{
	if (p->replaying) {
		if (at->offset + 1 >= p->kept.next)
			end_replay(p);
		return;
	}
	p->any = true;
	p->mark.next = at->offset + 1;
	p->mark.seen = at->offset;
	p->mark.seen_us = at->timestamp_us;
}

enum agg_verdict agg_add(struct agg *a, const struct agg_record *at,
			 const struct reading *r, int64_t present_us,
			 int64_t mono_us)
{
	struct partition *p = agg_part(a, at->partition);
	struct books *b = &p->mark.books;
	int64_t start = start_of(a, p, r->time_us);
	int64_t end = start + a->conf.interval_us;
	enum agg_verdict verdict = AGG_USED;

	begin_record(p, at);
	if (is_future(a, p, at, r->time_us, present_us)) {
		verdict = count_in(p, &b->future, AGG_FUTURE);
		agg_note_future(a, p, at, r->time_us);
	} else if (p->mark.from_us != WHEN_NONE && start < p->mark.from_us) {
		verdict = count_in(p, &b->skipped, AGG_SKIPPED);
	} else if (is_late(a, p, end)) {
		verdict = count_in(p, &b->late, AGG_LATE);
	} else {
		if (agg_is_beyond(a, end))
			verdict = count_in(p, &b->skipped, AGG_SKIPPED);
		else
			take(a, at, r, start);
		come_to(a, p, r->time_us, mono_us);
	}
	end_record(p, at);
	return verdict;
}

enum agg_verdict agg_add_malformed(struct agg *a, const struct agg_record *at)
{
	struct partition *p = agg_part(a, at->partition);
	enum agg_verdict verdict;

	begin_record(p, at);
	verdict = count_in(p, &p->mark.books.malformed, AGG_MALFORMED);
	end_record(p, at);
	return verdict;
}

void agg_at_end(struct agg *a, int partition, int64_t mono_us)
{
	struct partition *p = agg_part(a, partition);

	if (p->at_end)
		return;
	if (p->replaying)
		end_replay(p);
	p->at_end = true;
	p->end_mono_us = mono_us;
}

uint64_t agg_take_gone(struct agg *a, int partition)
{
	struct partition *p = agg_part(a, partition);
	uint64_t n = p->gone;

	p->gone = 0;
	return n;
}

void agg_behind(struct agg *a, int partition)
{
	agg_part(a, partition)->at_end = false;
}

void agg_finish(struct agg *a)
{
	a->finished = true;
}

/* ---- looking ---- */

size_t agg_open(const struct agg *a)
{
	return a->n_open;
}

int64_t agg_rank(const struct agg *a, int partition, bool *behind)
{
	const struct partition *p = &a->parts[partition];

	*behind = !p->at_end;
	return p->watermark_us;
}

struct books agg_books(const struct agg *a)
{
	struct books b = {.reports = a->reports, .passed = a->passed};

	for (size_t i = 0; i < a->n_parts; i++) {
		const struct books *p = &a->parts[i].mark.books;

		b.used += p->used;
		b.open += p->open;
		b.late += p->late;
		b.future += p->future;
		b.malformed += p->malformed;
		b.skipped += p->skipped;
	}
	b.read = books_sum(&b);
	return b;
}
