/* SPDX-License-Identifier: MIT */
/* What comes of a fleet, beside a model that draws all and sorts it. */
#include "fleets.h"

#include "base/mem.h"
#include "sim/flow.h"

#define SECOND INT64_C(1000000000)

/* ---- the model ---- */

struct sent {
	struct send send;
	size_t serial;
};

struct model {
	struct sent *v;
	size_t n, cap;
};

static void model_add(struct model *m, const struct send *s, uint32_t without)
{
	m->v = mem_reserve(m->v, &m->cap, m->n + 1, sizeof(*m->v));
	m->v[m->n] = (struct sent){.send = *s, .serial = m->n};
	m->v[m->n].send.draw.effect.kinds &= ~without;
	m->n++;
}

static int compare(const void *a, const void *b)
{
	const struct sent *x = a, *y = b;

	if (x->send.send_ns != y->send.send_ns)
		return x->send.send_ns < y->send.send_ns ? -1 : 1;
	if (x->send.draw.sensor != y->send.draw.sensor)
		return x->send.draw.sensor < y->send.draw.sensor ? -1 : 1;
	return (x->serial > y->serial) - (x->serial < y->serial);
}

#define SWAP FAULT_BIT(FAULT_OUT_OF_ORDER)

/*
 * One that is out of order goes behind the next that is drawn while it waits;
 * where none is, it is in order. A second one that begins to wait before the
 * first has gone takes its place.
 */
static void model_swap(const struct model *all, size_t i)
{
	struct send *s = &all->v[i].send, *next = NULL;

	for (size_t k = i + 1; k < all->n; k++) {
		struct send *other = &all->v[k].send;

		if (other->draw.due_ns >= s->send_ns)
			break;
		if (other->draw.sensor != s->draw.sensor)
			continue;
		if (next && (other->draw.effect.kinds & SWAP))
			return;
		next = next ? next : other;
	}
	if (!next)
		s->draw.effect.kinds &= ~SWAP;
	else if (next->send_ns >= s->send_ns)
		s->send_ns = next->send_ns + 1;
}

/* All that is not silent, in the order of drawing. */
static void model_draw(struct model *all, struct fleet *f, int64_t end_ns)
{
	size_t sensor;
	struct send s;

	while (fleet_due_ns(f, &sensor) < end_ns) {
		fleet_next(f, &s.draw);
		s.send_ns = s.draw.due_ns + s.draw.effect.hold_ns;
		if (!(s.draw.effect.kinds & FAULT_BIT(FAULT_DROPOUT)))
			model_add(all, &s, 0);
	}
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].send.draw.effect.kinds & SWAP)
			model_swap(all, i);
}

/* Twice is one behind the other, and only the second is a duplicate. */
static void model_run(struct model *m, struct fleet *f, int64_t end_ns)
{
	uint32_t twice = FAULT_BIT(FAULT_DUPLICATE);
	struct model all = {NULL, 0, 0};

	model_draw(&all, f, end_ns);
	for (size_t i = 0; i < all.n; i++) {
		model_add(m, &all.v[i].send, twice);
		if (all.v[i].send.draw.effect.kinds & twice)
			model_add(m, &all.v[i].send, 0);
	}
	free(all.v);
	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), compare);
}

static void same_send(const struct send *got, const struct send *want)
{
	assert_int_equal(got->send_ns, want->send_ns);
	assert_int_equal(got->draw.sensor, want->draw.sensor);
	assert_int_equal(got->draw.due_ns, want->draw.due_ns);
	assert_int_equal(got->draw.seq, want->draw.seq);
	assert_int_equal(got->draw.effect.kinds, want->draw.effect.kinds);
	assert_true(got->draw.value == want->draw.value);
	assert_string_equal(got->draw.group->place, want->draw.group->place);
}

static void check_flow(const char *const *texts, int64_t end_ns)
{
	struct fixture *x = specs_fleet(texts, THEORY_SEED);
	struct fixture *y = specs_fleet(texts, THEORY_SEED);
	struct flow *flow = flow_new(y->fleet, end_ns);
	struct model m = {NULL, 0, 0};
	struct send s;

	model_run(&m, x->fleet, end_ns);
	for (size_t i = 0; i < m.n; i++) {
		assert_true(flow_next(flow, &s));
		same_send(&s, &m.v[i].send);
	}
	assert_false(flow_next(flow, &s));
	assert_false(flow_next(flow, &s));
	flow_free(flow);
	free(m.v);
	fixture_free(x);
	fixture_free(y);
}

static void nothing_is_lost_doubled_or_out_of_place(void **state)
{
	static const char *const mixed[] = {
		"name=a{},count=20,late=5%:2s,duplicate=5%",
		"name=b{},count=7,every=exponential(0.3),out-of-order=20%,"
		"dropout=2%:5s,jitter=100ms",
		"name=c{},count=3,late=10%:exponential(60),malformed=3%,"
		"duplicate=50%,jitter=2s,skew=1%:10s,stuck=1%:5s",
		"name=d{},count=5",
		NULL,
	};
	static const char *const late[] = {"name=a{},count=30,late=100%:1h",
					   NULL};
	static const char *const silent[] = {"name=a{},count=3,dropout=100%:1h",
					     NULL};
	static const char *const plain[] = {"name=a{},count=50", NULL};

	(void)state;
	check_flow(mixed, 600 * SECOND);
	check_flow(late, 100 * SECOND);
	check_flow(silent, 100 * SECOND);
	check_flow(plain, 100 * SECOND);
	check_flow(plain, 0);
}

/* A step is a nanosecond here: many are sent, and due, at the same time. */
static void equal_times_have_an_order(void **state)
{
	static const char *const texts[] = {
		"name=a{},count=40,every=1us,late=20%:1us,jitter=1us,"
		"duplicate=10%",
		"name=b{},count=40,every=gamma(0.01,0.0001),late=20%:1us,"
		"out-of-order=10%",
		NULL,
	};

	(void)state;
	check_flow(texts, 2000000);
}

/* ---- in words ---- */

static void what_is_due_before_the_end_comes(void **state)
{
	struct fixture *x = spec_fleet_of("name=a,late=100%:10s", THEORY_SEED);
	size_t sensor;
	int64_t phase_ns = fleet_due_ns(x->fleet, &sensor);
	/* to the nanosecond: the tenth is due at the end, and not before */
	struct flow *flow = flow_new(x->fleet, phase_ns + 9 * SECOND);
	struct send s;

	(void)state;
	for (int i = 0; i < 9; i++) {
		assert_true(flow_next(flow, &s));
		assert_int_equal(s.draw.due_ns, phase_ns + i * SECOND);
		assert_int_equal(s.send_ns, s.draw.due_ns + 10 * SECOND);
	}
	assert_false(flow_next(flow, &s));
	assert_int_equal(fleet_due_ns(x->fleet, &sensor),
			 phase_ns + 9 * SECOND);
	flow_free(flow);
	flow_free(NULL);
	fixture_free(x);
}

static void a_duplicate_follows_at_once(void **state)
{
	struct fixture *x = spec_fleet_of(
		"name=a{},count=3,duplicate=100%,late=30%:1500ms", THEORY_SEED);
	struct flow *flow = flow_new(x->fleet, 200 * SECOND);
	struct send first, second;
	int late = 0, n = 0;

	(void)state;
	for (; flow_next(flow, &first); n++) {
		uint32_t kinds = first.draw.effect.kinds;

		assert_true(flow_next(flow, &second));
		assert_int_equal(kinds & ~FAULT_BIT(FAULT_LATE), 0);
		assert_int_equal(second.draw.effect.kinds,
				 kinds | FAULT_BIT(FAULT_DUPLICATE));
		second.draw.effect.kinds = kinds;
		same_send(&second, &first);
		late += kinds != 0;
	}
	assert_int_equal(n, 600);
	assert_in_range(late, 120, 240);
	flow_free(flow);
	fixture_free(x);
}

/* Right behind the next one of its sensor: never two, never in order. */
static void out_of_order_comes_right_behind(void **state)
{
	struct fixture *x = spec_fleet_of(
		"name=a{},count=3,every=exponential(1),out-of-order=30%",
		THEORY_SEED);
	struct flow *flow = flow_new(x->fleet, 1000 * SECOND);
	uint64_t seen[3] = {0}; /* so many of the sensor's */
	bool missing[3] = {false};
	struct send s;
	int n = 0;

	(void)state;
	/* the last one's next is due behind the end */
	while (flow_next(flow, &s) && s.draw.due_ns < 990 * SECOND) {
		size_t i = s.draw.sensor;
		bool late = s.draw.effect.kinds, early = s.draw.seq > seen[i];

		assert_int_equal(late, missing[i]);
		assert_int_equal(s.draw.seq, seen[i] + early - late);
		missing[i] = early;
		seen[i]++;
		n += late;
	}
	assert_in_range(n, 600, 1200);
	flow_free(flow);
	fixture_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_doubled_or_out_of_place),
		cmocka_unit_test(equal_times_have_an_order),
		cmocka_unit_test(what_is_due_before_the_end_comes),
		cmocka_unit_test(a_duplicate_follows_at_once),
		cmocka_unit_test(out_of_order_comes_right_behind),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
