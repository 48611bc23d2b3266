/* SPDX-License-Identifier: MIT */
/* A day of a fleet takes as long as drawing it: no clock in here. */
#include "fleets.h"

#include <malloc.h>
#include <stdio.h>

#include "base/mem.h"

static struct fixture *fleet_of(const struct asked *a)
{
	return asked_fleet(a, THEORY_SEED);
}

/* ---- memory ---- */

/* All that malloc has given out; of a sanitizer's it knows nothing. */
static size_t bytes_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void repeat(struct opt_words *w, char *word, size_t n)
{
	w->v = mem_zalloc(n + 1, sizeof(*w->v));
	w->n = n;
	for (size_t i = 0; i < n; i++)
		w->v[i] = word;
}

#define MILLION 1000000

static void check_bytes(size_t used)
{
	print_message("# %zu bytes a sensor\n", used / MILLION);
	if (used < sizeof(struct draw) * MILLION / 2)
		skip(); /* a sanitizer's malloc */
	assert_in_range(used, 1, 256 * (size_t)MILLION);
}

/* With a law of its own for each sensor: the dearest lists there are. */
static void a_million_sensors_are_cheap(void **state)
{
	static char one[] = "1", law[] = "uniform(0,1)";
	struct sensor_lists lists = {.num_sensors = MILLION};
	struct fixture *x = fixture_new();
	struct fleet_name name;
	struct err e = ERR_INIT;
	size_t before, used;

	(void)state;
	repeat(&lists.distribution, law, MILLION);
	repeat(&lists.delay, one, MILLION);
	before = bytes_in_use();
	assert_int_equal(lists_group(&lists, groups_add(&x->groups), &e), 0);
	fixture_start(x, THEORY_SEED);
	used = bytes_in_use() - before;
	fleet_name(x->fleet, MILLION - 1, &name);
	assert_string_equal(name.name, "sensor_999999");
	assert_true(fabs(groups_rate(&x->groups) - MILLION) < 1e-3);
	fixture_free(x);
	free(lists.distribution.v);
	free(lists.delay.v);
	check_bytes(used);
}

/* ---- the schedule ---- */

/* The first readings of this seed: they stay what they are for ever. */
static void a_seed_is_a_promise(void **state)
{
	static const struct {
		size_t sensor;
		int64_t due_ns;
		const char *type;
		double value;
	} want[] = {
		{1, 26499857, "\"humidity\"", 1.87620258424431},
		{2, 32434048, "\"pressure\"", 5.94181371154264},
		{1, 66157714, "\"pressure\"", 3.44235791359097},
		{2, 81084455, "\"pressure\"", 2.7015577442944},
		{0, 81972329, "\"temperature\"", 9.60944815538824},
		{1, 173841894, "\"humidity\"", 2.88705881219357},
	};
	struct fixture *x = asked_fleet(
		&(struct asked){
			.n = 3,
			.distribution = "uniform(0,10)",
			.delay = "0.1",
			.delay_law = "uniform",
			.delay_sd = "0.05",
		},
		42);
	struct draw d;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		fleet_next(x->fleet, &d);
		assert_int_equal(d.sensor, want[i].sensor);
		assert_int_equal(d.due_ns, want[i].due_ns);
		assert_string_equal(d.type->json.p, want[i].type);
		assert_true(fabs(d.value - want[i].value) < 1e-12);
	}
	fixture_free(x);
}

static bool same_draw(const struct draw *a, const struct draw *b)
{
	return a->sensor == b->sensor && a->due_ns == b->due_ns &&
	       strcmp(a->type->json.p, b->type->json.p) == 0 &&
	       a->value == b->value;
}

static void same_seed_same_readings(void **state)
{
	struct asked a = {.n = 50, .delay_law = "gamma", .delay_sd = "2"};
	struct fixture *f = fleet_of(&a), *same = fleet_of(&a);
	struct fixture *other = asked_fleet(&a, THEORY_SEED + 1);
	int differ = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct draw d, s, o;

		fleet_next(f->fleet, &d);
		fleet_next(same->fleet, &s);
		fleet_next(other->fleet, &o);
		assert_true(same_draw(&d, &s));
		differ += d.value != o.value;
	}
	assert_in_range(differ, 9990, 10000);
	fixture_free(f);
	fixture_free(same);
	fixture_free(other);
}

/* Draws until it is that sensor's turn. */
static void next_of(struct fleet *f, size_t sensor, struct draw *d)
{
	do {
		fleet_next(f, d);
	} while (d->sensor != sensor);
}

static void other_sensors_change_nothing(void **state)
{
	struct asked a = {.n = 8, .delay_law = "exponential"};
	struct fixture *few = fleet_of(&a), *many;

	(void)state;
	a.n = 700;
	many = fleet_of(&a);
	for (int i = 0; i < 300; i++) {
		struct draw d, m;

		next_of(few->fleet, 7, &d);
		next_of(many->fleet, 7, &m);
		assert_true(same_draw(&d, &m));
	}
	fixture_free(few);
	fixture_free(many);
}

/* Phases within 1 us: most due times are those of several sensors. */
static void readings_come_in_order(void **state)
{
	struct fixture *x =
		fleet_of(&(struct asked){.n = 5003, .delay = "1us"});
	struct draw last = {.due_ns = -1}, d;
	int equal = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		size_t sensor;
		int64_t due_ns = fleet_due_ns(x->fleet, &sensor);

		fleet_next(x->fleet, &d);
		assert_int_equal(d.due_ns, due_ns);
		assert_int_equal(d.sensor, sensor);
		assert_true(
			d.due_ns > last.due_ns ||
			(d.due_ns == last.due_ns && d.sensor > last.sensor));
		equal += d.due_ns == last.due_ns;
		last = d;
	}
	assert_true(equal > 100000);
	fixture_free(x);
}

static void constant_delays_never_drift(void **state)
{
	struct fixture *x = fleet_of(&(struct asked){.n = 3, .delay = "0.1"});
	int64_t phase[3];
	struct draw d;

	(void)state;
	for (int i = 0; i < 3; i++) {
		fleet_next(x->fleet, &d);
		assert_in_range(d.due_ns, 0, 99999999);
		phase[d.sensor] = d.due_ns;
	}
	for (int i = 3; i < 3 * 10000; i++) {
		fleet_next(x->fleet, &d);
		assert_int_equal(d.due_ns,
				 phase[d.sensor] + i / 3 * INT64_C(100000000));
		assert_int_equal(d.seq, i / 3);
	}
	fixture_free(x);
}

/*
 * A renewal process: in a time t come t/m readings with the variance
 * t sd^2 / m^3 (Cox, Renewal Theory, 1962, 4.2), but for about one at the
 * ends.
 */
static void check_rate(const char *law, double mean, double sd)
{
	enum { N = 20, ROUNDS = 10000 };
	char mean_text[32], sd_text[32];
	struct fixture *x;
	struct draw d;
	double count = 0, cv = sd / mean;
	int64_t end_ns = llrint(mean * ROUNDS * 1e9);
	size_t sensor;

	snprintf(mean_text, sizeof(mean_text), "%g", mean);
	snprintf(sd_text, sizeof(sd_text), "%g", sd);
	x = fleet_of(&(struct asked){.n = N,
				     .delay = mean_text,
				     .delay_law = law,
				     .delay_sd = sd_text});
	assert_true(fabs(groups_rate(&x->groups) * mean / N - 1) < 1e-9);
	for (; fleet_due_ns(x->fleet, &sensor) < end_ns; count++)
		fleet_next(x->fleet, &d);
	assert_true(fabs(count - (double)N * ROUNDS) <=
		    5 * cv * sqrt((double)N * ROUNDS) + N * (1 + cv * cv));
	fixture_free(x);
}

static void long_run_rate_is_the_one_asked(void **state)
{
	(void)state;
	check_rate("constant", 0.1, 0);
	check_rate("exponential", 0.1, 0.1);
	check_rate("exponential", 5, 1);
	check_rate("uniform", 0.001, 0.0005);
	check_rate("normal", 3600, 1200);
	check_rate("gamma", 1, 0.2);
	check_rate("gamma", 1, 3);
}

static double cdf_0_1(double x)
{
	return law_cdf(&(struct law){LAW_UNIFORM, 0, 1}, x);
}

static double cdf_0_10(double x)
{
	return law_cdf(&(struct law){LAW_UNIFORM, 0, 10}, x);
}

static int compare_firsts(const void *a, const void *b)
{
	const struct draw *x = a, *y = b;

	if (x->due_ns != y->due_ns)
		return x->due_ns < y->due_ns ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

/*
 * Phase and first value of each sensor are the first 64 bits of its stream:
 * no two alike, each spread as its law says.
 */
static void streams_differ_between_sensors(void **state)
{
	enum { N = 100000 };
	struct fixture *f = fleet_of(&(struct asked){
		.n = N, .distribution = "uniform(0,10)", .types = "t"});
	struct draw *first = mem_zalloc(N, sizeof(*first));
	double *x = theory_numbers(N);

	(void)state;
	assert_int_equal(gsl_rng_taus2->size, 3 * sizeof(unsigned long));
	for (size_t i = 0; i < N; i++)
		fleet_next(f->fleet, &first[i]);
	assert_true(first[N - 1].due_ns < 1000000000);
	for (size_t i = 0; i < N; i++)
		x[i] = (double)first[i].due_ns * 1e-9;
	theory_law(x, N, cdf_0_1);
	for (size_t i = 0; i < N; i++)
		x[i] = first[i].value;
	theory_law(x, N, cdf_0_10);
	qsort(first, N, sizeof(*first), compare_firsts);
	for (size_t i = 1; i < N; i++)
		assert_true(compare_firsts(&first[i - 1], &first[i]) != 0);
	free(x);
	free(first);
	fixture_free(f);
}

static void types_are_drawn_evenly(void **state)
{
	enum { N = 90000 };
	struct fixture *x = fleet_of(&(struct asked){.n = 2});
	static const char *const names[] = {"\"temperature\"", "\"humidity\"",
					    "\"pressure\""};
	int count[2][3] = {{0}};
	struct draw d;

	(void)state;
	for (int i = 0; i < 2 * N; i++) {
		fleet_next(x->fleet, &d);
		for (int t = 0; t < 3; t++)
			count[d.sensor][t] +=
				strcmp(d.type->json.p, names[t]) == 0;
	}
	for (int s = 0; s < 2; s++)
		for (int t = 0; t < 3; t++)
			assert_true(fabs(count[s][t] - N / 3.0) <=
				    5 * sqrt(N * 2 / 9.0));
	fixture_free(x);
}

/* Neither dealt types nor a single one cost a draw, several do. */
static void types_are_dealt_in_turn(void **state)
{
	struct asked a = {.n = 5, .types = "a b", .type_per_sensor = true};
	struct fixture *dealt = fleet_of(&a), *one, *drawn;
	int differ = 0;

	(void)state;
	a.type_per_sensor = false;
	drawn = fleet_of(&a);
	a.types = "c";
	one = fleet_of(&a);
	for (int i = 0; i < 1000; i++) {
		struct draw d, o, r;

		fleet_next(dealt->fleet, &d);
		fleet_next(one->fleet, &o);
		fleet_next(drawn->fleet, &r);
		assert_string_equal(d.type->json.p,
				    d.sensor % 2 ? "\"b\"" : "\"a\"");
		assert_string_equal(o.type->json.p, "\"c\"");
		assert_true(d.value == o.value);
		differ += r.value != d.value;
	}
	assert_in_range(differ, 990, 1000);
	fixture_free(dealt);
	fixture_free(one);
	fixture_free(drawn);
}

/* 31 years between readings: the sixth would be past the end of time. */
static void due_times_end_at_their_bound(void **state)
{
	struct fixture *x = fleet_of(&(struct asked){.n = 2, .delay = "1e9"});
	struct draw d = {0};
	int64_t last = 0;
	size_t sensor;

	(void)state;
	for (int i = 0; i < 100; i++) {
		fleet_next(x->fleet, &d);
		assert_in_range(d.due_ns, last, FLEET_DUE_MAX);
		last = d.due_ns;
	}
	assert_int_equal(fleet_due_ns(x->fleet, &sensor), FLEET_DUE_MAX);
	fixture_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_sensors_are_cheap),
		cmocka_unit_test(a_seed_is_a_promise),
		cmocka_unit_test(same_seed_same_readings),
		cmocka_unit_test(other_sensors_change_nothing),
		cmocka_unit_test(readings_come_in_order),
		cmocka_unit_test(constant_delays_never_drift),
		cmocka_unit_test(long_run_rate_is_the_one_asked),
		cmocka_unit_test(streams_differ_between_sensors),
		cmocka_unit_test(types_are_drawn_evenly),
		cmocka_unit_test(types_are_dealt_in_turn),
		cmocka_unit_test(due_times_end_at_their_bound),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
