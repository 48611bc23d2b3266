/* SPDX-License-Identifier: MIT */
#include "agg/agg.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agg/share.h"
#include "agg/window.h"
#include "base/mem.h"
#include "base/when.h"

/* A reading of the future that a mark may have to name. */
struct future {
	int64_t offset, time_us;
};

struct partition {
	bool held;
	bool at_end;	      /* read to its end */
	bool any;	      /* something was read from it */
	bool replaying;	      /* records below resumed.next are given again */
	bool closing;	      /* the close that goes on is about it */
	int64_t watermark_us; /* greatest event time used from it */
	int64_t first_us;     /* event time of the first one used */
	int64_t end_mono_us;  /* since when it is there */
	struct mark mark;     /* kept up to date but for first and future */
	struct mark resumed;  /* owns its future; from agg_resume */
	struct future *futures;
	size_t n_futures, cap_futures;
	int64_t *marked; /* scratch of agg_mark */
	size_t cap_marked;
};

/* The open windows stand in order of their start. */
struct agg {
	struct agg_conf conf;
	uint64_t reports, passed;
	struct partition *parts;
	struct keys *keys; /* of the partitions */
	size_t n_parts, cap_parts, cap_keys;
	struct window **open;
	size_t n_open, cap_open;
	struct window *total;	   /* accumulate: all closed windows */
	int64_t closed_us;	   /* end of the last closed window */
	int64_t asked_us;	   /* watermark up to which ends were asked */
	int64_t candidate_us;	   /* watermark that agg_next last saw */
	int64_t last_used_mono_us; /* when the last reading was used */
	int64_t until_us;	   /* the close that goes on ends there */
	int64_t before_us;	   /* windows that end by then are closed by
				      all that are closing */
	bool finished;
	struct report report;
	size_t cap_report_parts;
	struct report_maker maker;
};

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
	intern_free(k->types);
	intern_free(k->names);
	free((int64_t *)p->resumed.future);
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
	report_maker_release(&a->maker);
	free(a);
}

/* ---- partitions ---- */

static struct partition *agg_part(struct agg *a, int partition)
{
	assert(partition >= 0 && (size_t)partition < a->n_parts);
	return &a->parts[partition];
}

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

/* What is below resumed.next has been given again. */
static void end_replay(struct partition *p)
{
	p->replaying = false;
	if (p->resumed.greatest_us > p->watermark_us)
		p->watermark_us = p->resumed.greatest_us;
}

static int64_t *copy_offsets(const int64_t *v, size_t n)
{
	int64_t *copy = mem_zalloc(n + 1, sizeof(*copy));

	if (n)
		memcpy(copy, v, n * sizeof(*copy));
	return copy;
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
		.mark = *m,
		.resumed = *m,
	};
	p->mark.books.open = 0; /* they come again */
	p->resumed.future = copy_offsets(m->future, m->n_future);
	a->keys[partition] = (struct keys){intern_new(), intern_new()};
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

/* Rule 1. What an intent names is as good as closed. */
static bool is_late(const struct agg *a, const struct partition *p,
		    int64_t end_us)
{
	if (end_us <= p->mark.closed_us)
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
	const struct mark *m = &p->resumed;

	if (a->conf.max_ahead_us == AGG_OFF)
		return false;
	if (!p->replaying)
		return time_us > present_us + a->conf.max_ahead_us;
	return time_us > m->greatest_us ||
	       (m->n_future && bsearch(&at->offset, m->future, m->n_future,
				       sizeof(*m->future), by_offset));
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
static void forget_futures(struct agg *a, struct partition *p)
{
	int64_t timestamp_us;
	int64_t first = first_open(a, (size_t)(p - a->parts), &timestamp_us);
	size_t n = 0;

	for (size_t i = 0; i < p->n_futures; i++) {
		if (p->futures[i].offset >= first)
			p->futures[n++] = p->futures[i];
	}
	p->n_futures = n;
}

static void note_future(struct agg *a, struct partition *p,
			const struct agg_record *at, int64_t time_us)
{
	if (!a->conf.marked)
		return;
	if (p->n_futures == p->cap_futures)
		forget_futures(a, p);
	p->futures = mem_reserve(p->futures, &p->cap_futures, p->n_futures + 1,
				 sizeof(*p->futures));
	p->futures[p->n_futures++] = (struct future){at->offset, time_us};
}

static void take(struct agg *a, const struct agg_record *at,
		 const struct reading *r, int64_t start_us)
{
	struct partition *p = agg_part(a, at->partition);
	struct share *s =
		window_share(agg_window(a, start_us), (size_t)at->partition);

	if (!s->count) {
		s->first = at->offset;
		s->first_us = at->timestamp_us;
	}
	share_add(s, &a->keys[at->partition], r);
	if (p->first_us == WHEN_NONE)
		p->first_us = r->time_us;
	if (r->time_us > p->watermark_us)
		p->watermark_us = r->time_us;
	if (r->time_us > p->mark.greatest_us)
		p->mark.greatest_us = r->time_us;
	p->mark.books.open++;
}

/* A record has come: counted in *count, if for the first time. */
static void count_in(struct partition *p, uint64_t *count)
{
	if (!p->replaying)
		++*count;
}

/* Records may be gone by now: the last one, even. */
static void begin_record(struct partition *p, const struct agg_record *at)
{
	p->at_end = false;
	if (p->replaying && at->offset >= p->resumed.next)
		end_replay(p);
}

static void end_record(struct partition *p, const struct agg_record *at)
{
	if (p->replaying) {
		if (at->offset + 1 >= p->resumed.next)
			end_replay(p);
		return;
	}
	p->any = true;
	p->mark.next = at->offset + 1;
	p->mark.seen = at->offset;
	p->mark.seen_us = at->timestamp_us;
}

void agg_add(struct agg *a, const struct agg_record *at,
	     const struct reading *r, int64_t present_us, int64_t mono_us)
{
	struct partition *p = agg_part(a, at->partition);
	struct books *b = &p->mark.books;
	int64_t start = window_start(r->time_us, a->conf.interval_us);

	begin_record(p, at);
	if (is_future(a, p, at, r->time_us, present_us)) {
		count_in(p, &b->future);
		note_future(a, p, at, r->time_us);
	} else if (p->mark.from_us != WHEN_NONE && start < p->mark.from_us) {
		count_in(p, &b->skipped);
	} else if (is_late(a, p, start + a->conf.interval_us)) {
		count_in(p, &b->late);
	} else {
		take(a, at, r, start);
		a->last_used_mono_us = mono_us;
	}
	end_record(p, at);
}

void agg_add_malformed(struct agg *a, const struct agg_record *at)
{
	struct partition *p = agg_part(a, at->partition);

	begin_record(p, at);
	count_in(p, &p->mark.books.malformed);
	end_record(p, at);
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

void agg_behind(struct agg *a, int partition)
{
	agg_part(a, partition)->at_end = false;
}

void agg_finish(struct agg *a)
{
	a->finished = true;
}

/* ---- what may close ---- */

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

/* A walk over the windows that are to close, empty ones among them. */
struct walk {
	size_t i;	   /* next of the open ones */
	int64_t before_us; /* those that end by then are behind us */
	int64_t start_us;
	struct window *window; /* NULL: an empty one */
	uint64_t passed;       /* empty ones left out before it */
};

/* Somebody who is closing has readings in it. */
static bool is_concerned(const struct agg *a, const struct window *w)
{
	for (size_t p = 0; p < w->n_shares; p++) {
		if (a->parts[p].closing && w->shares[p].count)
			return true;
	}
	return false;
}

/* How many windows without readings stand before the next open one. */
static int64_t empty_windows(const struct agg *a, const struct walk *w)
{
	int64_t start = a->open[w->i]->start_us;

	if (!a->conf.empty || w->before_us == WHEN_NONE ||
	    start <= w->before_us)
		return 0;
	return (start - w->before_us) / a->conf.interval_us;
}

static bool walk_on(const struct agg *a, struct walk *w)
{
	int64_t empty;

	w->passed = 0;
	w->window = NULL;
	w->start_us = w->before_us;
	while (w->i < a->n_open && !is_concerned(a, a->open[w->i]))
		w->i++;
	if (w->i == a->n_open) {
		if (!a->conf.empty || w->before_us == WHEN_NONE || a->finished)
			return false;
	} else {
		empty = empty_windows(a, w);
		if (empty > AGG_EMPTY_MAX)
			w->passed = (uint64_t)empty;
		if (empty == 0 || w->passed) {
			w->window = a->open[w->i++];
			w->start_us = w->window->start_us;
		}
	}
	if (w->start_us + a->conf.interval_us > w->before_us)
		w->before_us = w->start_us + a->conf.interval_us;
	return true;
}

/* The next close is about the held ones of that intent; NONE: about all. */
static void choose(struct agg *a, int64_t intent_us, uint64_t intent_id)
{
	int64_t before = INT64_MAX;

	for (size_t i = 0; i < a->n_parts; i++) {
		struct partition *p = &a->parts[i];

		p->closing = p->held && p->mark.intent_us == intent_us &&
			     (intent_us == WHEN_NONE ||
			      p->mark.intent_id == intent_id);
		if (p->closing && p->mark.closed_us < before)
			before = p->mark.closed_us;
	}
	a->before_us = before == INT64_MAX ? WHEN_NONE : before;
}

/* Takes the share out of its window. Returns how many readings it had. */
static uint64_t drop_share(struct partition *p, struct window *w,
			   size_t partition)
{
	uint64_t count = 0;

	if (partition < w->n_shares) {
		count = w->shares[partition].count;
		share_release(&w->shares[partition]);
	}
	p->mark.books.open -= count;
	return count;
}

/* Takes the windows without readings out of the open ones. */
static void drop_empty(struct agg *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_open; i++) {
		if (window_count(a->open[i]))
			a->open[n++] = a->open[i];
		else
			window_free(a->open[i]);
	}
	a->n_open = n;
}

static bool is_from_first(const struct agg *a)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		if (a->parts[i].closing && a->parts[i].mark.from_first)
			return true;
	}
	return false;
}

/* from_first: the point is fixed now; what lies before it is skipped. */
static void resolve_from(struct agg *a)
{
	int64_t from = WHEN_NONE;

	for (size_t i = 0; i < a->n_parts; i++) {
		if (a->parts[i].closing && a->parts[i].first_us > from)
			from = a->parts[i].first_us;
	}
	a->conf.from_first = false;
	a->conf.from_us = from;
	for (size_t i = 0; i < a->n_parts; i++) {
		struct partition *p = &a->parts[i];

		if (!p->closing || !p->mark.from_first)
			continue;
		p->mark.from_first = false;
		p->mark.from_us = from;
		for (size_t w = 0; w < a->n_open; w++) {
			if (a->open[w]->start_us < from)
				p->mark.books.skipped +=
					drop_share(p, a->open[w], i);
		}
	}
	drop_empty(a);
}

/* An intent that was taken up has to be carried out first. */
static bool choose_intent(struct agg *a)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct mark *m = &a->parts[i].mark;

		if (!a->parts[i].held || m->intent_us == WHEN_NONE)
			continue;
		a->until_us = m->intent_us;
		choose(a, m->intent_us, m->intent_id);
		return true;
	}
	return false;
}

static bool is_replaying(const struct agg *a)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		if (a->parts[i].held && a->parts[i].replaying)
			return true;
	}
	return false;
}

/* How far the walk's next `most` windows go that are due by limit_us. */
static int64_t due_until(const struct agg *a, struct walk *w, uint64_t most,
			 int64_t limit_us)
{
	int64_t until;

	do
		until = w->before_us;
	while (--most && walk_on(a, w) &&
	       w->start_us + a->conf.interval_us + a->conf.grace_us <=
		       limit_us);
	return until;
}

enum agg_action agg_next(struct agg *a, uint64_t most, int64_t mono_us)
{
	int64_t due, wm, limit = INT64_MAX;
	struct walk w = {.i = 0};
	bool forced;

	if (is_replaying(a))
		return AGG_WAIT;
	if (choose_intent(a))
		return AGG_AGAIN;
	choose(a, WHEN_NONE, 0);
	w.before_us = a->before_us;
	if (!walk_on(a, &w))
		return AGG_WAIT;
	due = w.start_us + a->conf.interval_us + a->conf.grace_us;
	wm = watermark(a, mono_us, &forced);
	if (!a->finished) {
		if (wm < due)
			return AGG_WAIT;
		a->candidate_us = wm;
		if (forced && a->asked_us < due)
			return AGG_ASK;
		limit = forced && a->asked_us < wm ? a->asked_us : wm;
	}
	if (is_from_first(a)) {
		resolve_from(a);
		return agg_next(a, most, mono_us);
	}
	a->until_us = due_until(a, &w, most, limit);
	return AGG_CLOSE;
}

void agg_asked(struct agg *a)
{
	a->asked_us = a->candidate_us;
}

/* ---- closing ---- */

bool agg_is_closing(const struct agg *a, int partition)
{
	const struct partition *p = &a->parts[partition];

	return p->closing && p->mark.closed_us < a->until_us;
}

void agg_intend(struct agg *a, uint64_t id)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		if (!agg_is_closing(a, (int)i))
			continue;
		a->parts[i].mark.intent_us = a->until_us;
		a->parts[i].mark.intent_id = id;
	}
}

/* The report is of the partitions for which the window is not closed. */
static void list_parts(struct agg *a, bool closing, int64_t end_us)
{
	struct report *r = &a->report;

	r->parts = mem_reserve(r->parts, &a->cap_report_parts, a->n_parts,
			       sizeof(*r->parts));
	r->n_parts = 0;
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct partition *p = &a->parts[i];

		if ((closing ? p->closing : p->held) &&
		    p->mark.closed_us < end_us)
			r->parts[r->n_parts++].partition = (int)i;
	}
}

static void close_part(struct partition *p, int64_t end_us)
{
	if (end_us <= p->mark.closed_us)
		return;
	p->mark.closed_us = end_us;
	p->mark.cut = p->mark.next;
}

/* Those of the report have closed the window, if there is one. */
static void close_shares(struct agg *a, struct window *w, int64_t end_us)
{
	for (size_t i = 0; i < a->report.n_parts; i++) {
		size_t at = (size_t)a->report.parts[i].partition;
		struct partition *p = &a->parts[at];

		if (w)
			p->mark.books.used += drop_share(p, w, at);
		close_part(p, end_us);
	}
	if (end_us > a->closed_us)
		a->closed_us = end_us;
}

static void finish_close(struct agg *a)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		struct partition *p = &a->parts[i];

		if (!p->closing)
			continue;
		close_part(p, a->until_us);
		p->mark.intent_us = WHEN_NONE;
		p->closing = false;
	}
	a->until_us = WHEN_NONE;
}

/* What the tables of the closed window w are made of. */
static const struct window *shown(struct agg *a, const struct window *w)
{
	if (!a->total)
		return w;
	if (a->total->start_us == WHEN_NONE)
		a->total->start_us = w->start_us;
	window_merge(a->total, w);
	return a->total;
}

const struct report *agg_close(struct agg *a)
{
	struct walk at = {.before_us = a->before_us};
	struct window empty = {.n_shares = 0};
	const struct window *w;
	int64_t end;

	if (!walk_on(a, &at) || at.before_us > a->until_us) {
		finish_close(a);
		return NULL;
	}
	end = at.start_us + a->conf.interval_us;
	empty.start_us = at.start_us;
	list_parts(a, true, end);
	w = shown(a, at.window ? at.window : &empty);
	a->report.start_us = w->start_us;
	a->report.end_us = end;
	report_make(&a->maker, &a->report, w, a->keys);
	close_shares(a, at.window, end);
	if (at.window)
		drop_empty(a);
	a->before_us = at.before_us;
	a->passed += at.passed;
	a->reports++;
	return &a->report;
}

/* ---- looking ---- */

size_t agg_open(const struct agg *a)
{
	return a->n_open;
}

const struct report *agg_peek(struct agg *a, size_t i)
{
	const struct window *w = a->open[i];

	a->report.start_us = w->start_us;
	a->report.end_us = w->start_us + a->conf.interval_us;
	list_parts(a, false, a->report.end_us);
	report_make(&a->maker, &a->report, w, a->keys);
	return &a->report;
}

int64_t agg_rank(const struct agg *a, int partition, bool *behind)
{
	const struct partition *p = &a->parts[partition];

	*behind = !p->at_end;
	return p->watermark_us;
}

/* Of the futures, those which a later one's time does not tell. */
static void mark_futures(struct agg *a, struct partition *p, struct mark *m)
{
	forget_futures(a, p);
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

	if (p->replaying) {
		*m = p->resumed;
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
	m->books.read = m->books.used + m->books.open + m->books.late +
			m->books.future + m->books.malformed + m->books.skipped;
	mark_futures(a, p, m);
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
	b.read = b.used + b.open + b.late + b.future + b.malformed + b.skipped;
	return b;
}
