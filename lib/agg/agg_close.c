/* SPDX-License-Identifier: MIT */
#include "agg/agg_parts.h"
#include "agg/window.h"
#include "base/mem.h"
#include "base/when.h"

/* ---- what may close ---- */

bool agg_is_idle(const struct agg *a, const struct partition *p,
		 int64_t mono_us)
{
	if (!p->at_end)
		return false;
	if (!p->any)
		return true;
	return a->conf.idle_us != AGG_OFF &&
	       mono_us - p->end_mono_us >= a->conf.idle_us;
}

int64_t agg_watermark(const struct agg *a, int64_t mono_us, bool *forced)
{
	int64_t least = INT64_MAX, greatest = WHEN_NONE;

	*forced = false;
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct partition *p = &a->parts[i];

		if (!p->held)
			continue;
		if (p->watermark_us > greatest)
			greatest = p->watermark_us;
		if (agg_is_idle(a, p, mono_us))
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

	return agg_watermark(a, mono_us, &forced);
}

/* A walk over the windows that are to close, empty ones among them. */
struct walk {
	size_t i;	   /* next of the open ones */
	int64_t before_us; /* those that end by then are behind us */
	bool all;	   /* not only those that concern who is closing */
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
	while (w->i < a->n_open && !w->all && !is_concerned(a, a->open[w->i]))
		w->i++;
	if (w->i == a->n_open) {
		if (!a->conf.empty || w->before_us == WHEN_NONE ||
		    a->finished ||
		    agg_is_beyond(a, w->before_us + a->conf.interval_us))
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

bool agg_next_window(const struct agg *a, int64_t *start_us)
{
	struct walk w = {.before_us = INT64_MAX, .all = true};

	for (size_t i = 0; i < a->n_parts; i++) {
		const struct partition *p = &a->parts[i];

		if (p->held && p->mark.closed_us < w.before_us)
			w.before_us = p->mark.closed_us;
	}
	if (w.before_us == INT64_MAX || !walk_on(a, &w))
		return false;
	*start_us = w.start_us;
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
		size_t keys = share_keys(&w->shares[partition]);

		if (keys > p->used)
			p->used = keys;
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
	for (size_t i = 0; i < a->n_parts; i++)
		a->parts[i].window = NULL;
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

const struct mark *agg_intent(const struct agg *a)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct partition *p = &a->parts[i];

		if (p->held && p->mark.intent_us != WHEN_NONE)
			return &p->mark;
	}
	return NULL;
}

static bool choose_intent(struct agg *a)
{
	const struct mark *m = agg_intent(a);

	if (!m)
		return false;
	a->until_us = m->intent_us;
	choose(a, m->intent_us, m->intent_id);
	return true;
}

bool agg_is_replaying(const struct agg *a)
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

	if (agg_is_replaying(a))
		return AGG_WAIT;
	if (choose_intent(a))
		return AGG_AGAIN;
	choose(a, WHEN_NONE, 0);
	w.before_us = a->before_us;
	if (!walk_on(a, &w))
		return AGG_WAIT;
	due = w.start_us + a->conf.interval_us + a->conf.grace_us;
	wm = agg_watermark(a, mono_us, &forced);
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
		struct partition *p = &a->parts[i];
		struct mark m;

		if (!agg_is_closing(a, (int)i))
			continue;
		agg_mark(a, (int)i, &m);
		m.intent_us = p->mark.intent_us = a->until_us;
		m.intent_id = p->mark.intent_id = id;
		agg_keep_mark(p, &m);
	}
}

/* How far the partition was when it was settled what closes. */
static const struct mark *settled(const struct partition *p)
{
	return p->mark.intent_us == WHEN_NONE ? &p->mark : &p->kept;
}

/* None of its own readings settles where it ceases to count: this does. */
static void add_cut(struct agg *a, size_t partition, int64_t end_us)
{
	const struct mark *m = settled(&a->parts[partition]);
	struct report *r = &a->report;

	if (window_is_past(end_us, a->conf.grace_us, m->greatest_us))
		return;
	r->cuts[r->n_cuts++] = (struct report_cut){(int)partition, m->next};
}

/* The report is of the partitions for which the window is not closed. */
static void list_parts(struct agg *a, bool closing, int64_t end_us)
{
	struct report *r = &a->report;

	r->parts = mem_reserve(r->parts, &a->cap_report_parts, a->n_parts,
			       sizeof(*r->parts));
	r->cuts = mem_reserve(r->cuts, &a->cap_report_cuts, a->n_parts,
			      sizeof(*r->cuts));
	r->n_parts = 0;
	r->n_cuts = 0;
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct partition *p = &a->parts[i];

		if (!(closing ? p->closing : p->held) ||
		    p->mark.closed_us >= end_us)
			continue;
		r->parts[r->n_parts++].partition = (int)i;
		if (closing)
			add_cut(a, i, end_us);
	}
}

static void close_part(struct partition *p, int64_t end_us)
{
	if (end_us <= p->mark.closed_us)
		return;
	p->mark.closed_us = end_us;
	p->mark.cut = settled(p)->next;
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
	agg_forget_some(a);
}

/* What the tables of the closed window w are made of. */
static const struct window *shown(struct agg *a, const struct window *w)
{
	if (!a->total)
		return w;
	if (a->total->start_us == WHEN_NONE)
		a->total->start_us = w->start_us;
	for (size_t i = 0; i < a->n_parts; i++)
		keys_settle(&a->keys[i]);
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

const struct report *agg_peek(struct agg *a, size_t i)
{
	const struct window *w = a->open[i];

	a->report.start_us = w->start_us;
	a->report.end_us = w->start_us + a->conf.interval_us;
	list_parts(a, false, a->report.end_us);
	report_make(&a->maker, &a->report, w, a->keys);
	return &a->report;
}
