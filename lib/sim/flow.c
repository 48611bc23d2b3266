/* SPDX-License-Identifier: MIT */
#include "sim/flow.h"

#include <stdlib.h>

#include "base/mem.h"

#define PATIENCE 65536 /* readings of which none is sent */

/* Held back, in a binary heap. */
struct held {
	struct send send;
	uint64_t serial; /* in the order of drawing */
};

/* A reading that is to go behind the sensor's next one. */
struct swap {
	uint64_t serial; /* of the held one */
	int64_t next_ns; /* when the next one is sent; NOT_YET */
};

#define NOT_YET INT64_MIN

struct flow {
	struct fleet *fleet;
	int64_t end_ns;
	struct held *heap;
	size_t n, cap;
	uint64_t serial;
	struct swap *swaps; /* by sensor, the last; NULL: there was none */
	struct send again;  /* the second copy of what was sent last */
	bool is_again;
};

struct flow *flow_new(struct fleet *f, int64_t end_ns)
{
	struct flow *flow = mem_zalloc(1, sizeof(*flow));

	flow->fleet = f;
	flow->end_ns = end_ns < FLEET_DUE_MAX ? end_ns : FLEET_DUE_MAX;
	return flow;
}

void flow_free(struct flow *flow)
{
	if (!flow)
		return;
	free(flow->heap);
	free(flow->swaps);
	free(flow);
}

static bool is_before(const struct held *a, const struct held *b)
{
	if (a->send.send_ns != b->send.send_ns)
		return a->send.send_ns < b->send.send_ns;
	if (a->send.draw.sensor != b->send.draw.sensor)
		return a->send.draw.sensor < b->send.draw.sensor;
	return a->serial < b->serial;
}

static void hold(struct flow *flow, const struct send *s, uint64_t serial)
{
	struct held it = {*s, serial};
	size_t i = flow->n++;

	flow->heap = mem_reserve(flow->heap, &flow->cap, flow->n,
				 sizeof(*flow->heap));
	for (; i > 0 && is_before(&it, &flow->heap[(i - 1) / 2]);
	     i = (i - 1) / 2)
		flow->heap[i] = flow->heap[(i - 1) / 2];
	flow->heap[i] = it;
}

static uint64_t release_first(struct flow *flow, struct send *s)
{
	struct held it = flow->heap[--flow->n];
	uint64_t serial = flow->heap[0].serial;
	size_t i = 0, child;

	*s = flow->heap[0].send;
	while ((child = 2 * i + 1) < flow->n) {
		child += child + 1 < flow->n &&
			 is_before(&flow->heap[child + 1], &flow->heap[child]);
		if (!is_before(&flow->heap[child], &it))
			break;
		flow->heap[i] = flow->heap[child];
		i = child;
	}
	flow->heap[i] = it;
	return serial;
}

/* The earliest that is held back goes before what the fleet draws next. */
static bool held_is_next(const struct flow *flow, int64_t due_ns, size_t sensor)
{
	const struct send *s;

	if (flow->n == 0)
		return false;
	s = &flow->heap[0].send;
	return s->send_ns < due_ns ||
	       (s->send_ns == due_ns && s->draw.sensor <= sensor);
}

static bool has(const struct send *s, enum fault_kind kind)
{
	return s->draw.effect.kinds & FAULT_BIT(kind);
}

/* Keeps for one that waits for this when this is sent. */
static void note_next(struct flow *flow, const struct send *s)
{
	struct swap *w = flow->swaps ? &flow->swaps[s->draw.sensor] : NULL;

	if (w && w->next_ns == NOT_YET)
		w->next_ns = s->send_ns;
}

static void wait_for_next(struct flow *flow, const struct send *s)
{
	if (!flow->swaps)
		flow->swaps = mem_zalloc(fleet_size(flow->fleet),
					 sizeof(*flow->swaps));
	flow->swaps[s->draw.sensor] = (struct swap){flow->serial, NOT_YET};
}

/* Draws a reading; true if it is sent right away. */
static bool draw(struct flow *flow, struct send *s)
{
	fleet_next(flow->fleet, &s->draw);
	s->send_ns = s->draw.due_ns + s->draw.effect.hold_ns;
	if (has(s, FAULT_DROPOUT))
		return false;
	note_next(flow, s);
	if (s->draw.effect.hold_ns == 0)
		return true;
	if (has(s, FAULT_OUT_OF_ORDER))
		wait_for_next(flow, s);
	hold(flow, s, flow->serial++);
	return false;
}

/*
 * One that is to go behind the next is held until that was due; but then it
 * may be held itself. True if this one goes on waiting. Where no next came,
 * it is an ordinary one.
 */
static bool waits_on(struct flow *flow, struct send *s, uint64_t serial)
{
	struct swap *w = flow->swaps ? &flow->swaps[s->draw.sensor] : NULL;

	if (!w || !has(s, FAULT_OUT_OF_ORDER) || w->serial != serial)
		return false;
	if (w->next_ns == NOT_YET) {
		s->draw.effect.kinds &= ~FAULT_BIT(FAULT_OUT_OF_ORDER);
		return false;
	}
	if (w->next_ns < s->send_ns)
		return false;
	s->send_ns = w->next_ns + 1;
	hold(flow, s, serial);
	return true;
}

/* The first copy is an ordinary reading, the second bears the label. */
static void keep_copy(struct flow *flow, struct send *s)
{
	flow->again = *s;
	flow->is_again = true;
	s->draw.effect.kinds &= ~FAULT_BIT(FAULT_DUPLICATE);
}

bool flow_is_over(const struct flow *flow)
{
	size_t sensor;

	return !flow->is_again && flow->n == 0 &&
	       fleet_due_ns(flow->fleet, &sensor) >= flow->end_ns;
}

bool flow_next(struct flow *flow, struct send *s)
{
	size_t sensor = 0;
	int left = PATIENCE;

	if (flow->is_again) {
		*s = flow->again;
		flow->is_again = false;
		return true;
	}
	for (;;) {
		int64_t due_ns = fleet_due_ns(flow->fleet, &sensor);
		bool over = due_ns >= flow->end_ns;

		if (held_is_next(flow, over ? INT64_MAX : due_ns, sensor)) {
			if (waits_on(flow, s, release_first(flow, s)))
				continue;
			break;
		}
		if (over || left-- == 0)
			return false;
		if (draw(flow, s))
			break;
	}
	if (s->draw.effect.kinds & FAULT_BIT(FAULT_DUPLICATE))
		keep_copy(flow, s);
	return true;
}
