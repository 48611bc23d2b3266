/* SPDX-License-Identifier: MIT */
#include "agg/look.h"

#include "agg/agg_parts.h"
#include "base/when.h"

int agg_partitions(const struct agg *a)
{
	return (int)a->n_parts;
}

void agg_look(const struct agg *a, int partition, int64_t mono_us,
	      struct agg_look *l)
{
	const struct partition *p;

	assert(partition >= 0 && (size_t)partition < a->n_parts);
	p = &a->parts[partition];
	*l = (struct agg_look){.held = p->held};
	if (!p->held)
		return;
	l->at_end = p->at_end;
	l->any = p->any;
	l->replaying = p->replaying;
	l->idle = agg_is_idle(a, p, mono_us);
	l->watermark_us = p->watermark_us;
	l->first_us = p->first_us;
	l->closed_us = p->mark.closed_us;
	l->next = p->mark.next;
	l->silent_us = p->at_end ? mono_us - p->end_mono_us : 0;
	l->books = p->mark.books;
	l->books.read = books_sum(&l->books);
}

static bool is_silent(const struct agg *a, int64_t mono_us)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		if (a->parts[i].held && !agg_is_idle(a, &a->parts[i], mono_us))
			return false;
	}
	return true;
}

/* from_first: what a close would make of it now. More can only raise it. */
static bool is_skipped(const struct agg *a, int64_t start_us)
{
	int64_t from = WHEN_NONE;

	for (size_t i = 0; i < a->n_parts; i++) {
		const struct partition *p = &a->parts[i];

		if (!p->held)
			continue;
		if (!p->mark.from_first)
			return false;
		if (p->first_us > from)
			from = p->first_us;
	}
	return start_us < from;
}

static enum agg_prospect prospect(const struct agg *a, const struct agg_due *d)
{
	if (a->finished)
		return AGG_READY;
	if (d->watermark_us < d->due_us)
		return AGG_TOO_EARLY;
	return d->forced && a->asked_us < d->due_us ? AGG_UNASKED : AGG_READY;
}

void agg_look_due(const struct agg *a, int64_t mono_us, struct agg_due *d)
{
	*d = (struct agg_due){.prospect = AGG_NO_WINDOW};
	d->watermark_us = agg_watermark(a, mono_us, &d->forced);
	d->silent = is_silent(a, mono_us);
	if (agg_is_replaying(a)) {
		d->prospect = AGG_REPLAYS;
	} else if (agg_intent(a)) {
		d->prospect = AGG_INTENDED;
		d->end_us = agg_intent(a)->intent_us;
	} else if (agg_next_window(a, &d->start_us)) {
		d->end_us = d->start_us + a->conf.interval_us;
		d->due_us = d->end_us + a->conf.grace_us;
		d->skipped = is_skipped(a, d->start_us);
		d->prospect = prospect(a, d);
	}
}
