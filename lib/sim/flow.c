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

struct flow {
	struct fleet *fleet;
	int64_t end_ns;
	struct held *heap;
	size_t n, cap;
	uint64_t serial;
	struct send again; /* the second copy of what was sent last */
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

static void hold(struct flow *flow, const struct send *s)
{
	struct held it = {*s, flow->serial++};
	size_t i = flow->n++;

	flow->heap = mem_reserve(flow->heap, &flow->cap, flow->n,
				 sizeof(*flow->heap));
	for (; i > 0 && is_before(&it, &flow->heap[(i - 1) / 2]);
	     i = (i - 1) / 2)
		flow->heap[i] = flow->heap[(i - 1) / 2];
	flow->heap[i] = it;
}

static void release_first(struct flow *flow, struct send *s)
{
	struct held it = flow->heap[--flow->n];
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

/* Draws a reading; true if it is sent right away. */
static bool draw(struct flow *flow, struct send *s)
{
	fleet_next(flow->fleet, &s->draw);
	s->send_ns = s->draw.due_ns + s->draw.effect.hold_ns;
	if (s->draw.effect.kinds & FAULT_BIT(FAULT_DROPOUT))
		return false;
	if (s->draw.effect.hold_ns == 0)
		return true;
	hold(flow, s);
	return false;
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
			release_first(flow, s);
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
