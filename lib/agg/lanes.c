/* SPDX-License-Identifier: MIT */
#include "agg/lanes.h"

#include <stdlib.h>

#include "agg/again.h"
#include "agg/look.h"
#include "base/mem.h"
#include "base/when.h"

struct lane *lanes_at(struct lanes *l, int64_t partition)
{
	size_t need = (size_t)partition + 1;

	l->v = mem_reserve(l->v, &l->cap, need, sizeof(*l->v));
	for (; l->n < need; l->n++)
		l->v[l->n] = (struct lane){
			.shut_us = WHEN_NONE,
			.first_us = WHEN_NONE,
			.whole_us = WHEN_NONE,
		};
	return &l->v[partition];
}

static int by_partition_and_offset(const void *va, const void *vb)
{
	const struct cut *a = va, *b = vb;

	if (a->partition != b->partition)
		return a->partition < b->partition ? -1 : 1;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

static void add_cuts(struct lanes *l, const struct printed *p,
		     const struct printed_report *r)
{
	const struct printed_list *cuts = &p->lists[p->rows[r->first].cuts];

	l->cuts = mem_reserve(l->cuts, &l->cap_cuts, l->n_cuts + cuts->n,
			      sizeof(*l->cuts));
	for (size_t i = 0; i < cuts->n; i++)
		l->cuts[l->n_cuts++] = (struct cut){
			cuts->v[i].partition,
			cuts->v[i].value,
			r->start_us + p->interval_us,
		};
}

/* The reports come in the order of their windows. */
static void add_span(struct lanes *l, const struct printed *p,
		     const struct printed_report *r)
{
	const struct printed_list *parts = &p->lists[r->parts];

	for (size_t i = 0; i < parts->n; i++) {
		struct lane *lane = lanes_at(l, parts->v[i].partition);

		if (lane->first_us == WHEN_NONE)
			lane->first_us = r->start_us;
		lane->last_us = r->start_us;
	}
}

void lanes_make(struct lanes *l, const struct printed *p)
{
	for (size_t i = 0; i < p->n_reports; i++) {
		add_cuts(l, p, &p->reports[i]);
		add_span(l, p, &p->reports[i]);
	}
	if (l->n_cuts)
		qsort(l->cuts, l->n_cuts, sizeof(*l->cuts),
		      by_partition_and_offset);
	for (size_t i = 0; i < l->n_cuts; i++) {
		struct lane *lane = lanes_at(l, l->cuts[i].partition);

		if (!lane->end_cut)
			lane->next_cut = i;
		lane->end_cut = i + 1;
	}
}

void lanes_release(struct lanes *l)
{
	free(l->v);
	free(l->cuts);
}

int64_t lanes_shut(struct lanes *l, int partition, int64_t offset)
{
	struct lane *lane;

	if ((size_t)partition >= l->n)
		return WHEN_NONE;
	lane = &l->v[partition];
	for (; lane->next_cut < lane->end_cut; lane->next_cut++) {
		const struct cut *cut = &l->cuts[lane->next_cut];

		if (cut->offset > offset)
			break;
		if (cut->end_us > lane->shut_us)
			lane->shut_us = cut->end_us;
	}
	return lane->shut_us;
}

/*
 * The first reading that is left was not late, most probably; then what came
 * before it was not so far that its window was over.
 */
void lanes_look(struct lanes *l, const struct agg *a)
{
	struct agg_look look;

	for (size_t p = 0; p < l->n; p++) {
		struct lane *lane = &l->v[p];

		if (!lane->gone || (int)p >= agg_partitions(a))
			continue;
		agg_look(a, (int)p, 0, &look);
		lane->whole_us = INT64_MAX;
		if (look.held && look.first_us != WHEN_NONE)
			lane->whole_us = agg_over_us(a, look.first_us);
	}
}

static bool is_gone(const struct lane *lane, int64_t start_us)
{
	return lane->gone && start_us < lane->whole_us;
}

bool lanes_is_gone(const struct lanes *l, const struct printed *p,
		   const struct printed_report *r)
{
	const struct printed_list *parts = &p->lists[r->parts];

	for (size_t i = 0; i < parts->n; i++) {
		if (is_gone(&l->v[parts->v[i].partition], r->start_us))
			return true;
	}
	for (size_t i = 0; !p->grouped && i < l->n; i++) {
		if (is_gone(&l->v[i], r->start_us))
			return true;
	}
	return false;
}
