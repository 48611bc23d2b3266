/* SPDX-License-Identifier: MIT */
#include "agg/again.h"

#include "agg/agg_parts.h"
#include "agg/window.h"
#include "base/mem.h"

bool agg_is_done(const struct agg *a, int64_t mono_us)
{
	int64_t start, last_end;

	if (!a->conf.bounded || agg_next_window(a, &start))
		return false;
	last_end = window_start(a->conf.to_us, a->conf.interval_us);
	return window_is_past(last_end, a->conf.grace_us,
			      agg_watermark_us(a, mono_us));
}

void agg_shut(struct agg *a, int partition, int64_t end_us)
{
	struct partition *p = agg_part(a, partition);

	if (end_us > p->shut_us)
		p->shut_us = end_us;
}

int64_t agg_over_us(const struct agg *a, int64_t time_us)
{
	return window_start(time_us, a->conf.interval_us) +
	       a->conf.interval_us + a->conf.grace_us;
}

const struct report *agg_peek_of(struct agg *a, size_t i, const int *partitions,
				 size_t n)
{
	const struct window *w = a->open[i];
	struct report *r = &a->report;

	r->start_us = w->start_us;
	r->end_us = w->start_us + a->conf.interval_us;
	r->parts = mem_reserve(r->parts, &a->cap_report_parts, n,
			       sizeof(*r->parts));
	for (size_t k = 0; k < n; k++)
		r->parts[k].partition = partitions[k];
	r->n_parts = n;
	r->n_cuts = 0;
	report_make(&a->maker, r, w, a->keys);
	return r;
}
