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
static void check_million(const char *const *faults)
{
	static char one[] = "1", law[] = "uniform(0,1)";
	struct sensor_lists lists = {.num_sensors = MILLION};
	struct fixture *x = fixture_new();
	struct fleet_name name;
	struct err e = ERR_INIT;
	size_t before, used;

	repeat(&lists.distribution, law, MILLION);
	repeat(&lists.delay, one, MILLION);
	before = bytes_in_use();
	assert_int_equal(lists_group(&lists, groups_add(&x->groups), &e), 0);
	for (; *faults; faults++)
		assert_int_equal(
			faults_parse(&x->groups.v[0].faults, *faults, &e), 0);
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

static void a_million_sensors_are_cheap(void **state)
{
	(void)state;
	check_million((const char *const[]){NULL});
}

static void a_million_sensors_that_fail_are_cheap(void **state)
{
	(void)state;
	check_million((const char *const[]){"stuck:1%:60s", "late:1%:2s",
					    "dropout:1%:60s", NULL});
}

static void a_million_sensors_with_layers_are_cheap(void **state)
{
	size_t before = bytes_in_use(), used;
	struct fixture *x = spec_fleet_of(
		"name=sensor_{},count=1M,walk.sd=1,ar.sd=1,ar.phi=0.9,"
		"day.amplitude=1,factor.coefficient=0.5,stuck=1%:60s,"
		"dropout=1%:60s,late=1%:2s,jitter=1s",
		THEORY_SEED);

	(void)state;
	used = bytes_in_use() - before;
	assert_int_equal(fleet_size(x->fleet), MILLION);
	fixture_free(x);
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

/* ---- slices ---- */

#define MANY                                                                 \
	"value=normal(20,2),every=exponential(1),day.amplitude=3,"           \
	"walk.sd=0.1,ar.sd=1,ar.phi=0.9,trend=1/h,factor.name=site,"         \
	"factor.coefficient=0.5,step=0.01,max=25,stuck=2%:5s,spike=1%,"      \
	"late=5%:2s,dropout=2%:3s,out-of-order=5%,duplicate=1%,jitter=10ms," \
	"malformed=1%,skew=1%:9s"

/* Faults, layers, and numbers that no slices share out evenly. */
static const char *const awkward[] = {
	"name=a,type=a b," MANY,
	"name=b{},count=2,every=1us,type=c",
	"name=c{:02},count=5,type-per-sensor=true,type=x y z," MANY,
	"name=d,every=gamma(0.01,1)",
	"name=e{},count=40,type=a b," MANY,
	NULL,
};

static const char *const alone[] = {"name=a,type=a b," MANY, NULL};

/* Those of all the slices in one order. */
static size_t first_of(struct fleet *const *parts, size_t n)
{
	int64_t least_ns = FLEET_DUE_MAX;
	uint64_t least = UINT64_MAX;
	size_t first = 0;

	for (size_t i = 0; i < n; i++) {
		size_t sensor = 0;
		int64_t due_ns = fleet_due_ns(parts[i], &sensor);
		uint64_t number = fleet_number(parts[i], sensor);

		if (due_ns > least_ns || (due_ns == least_ns && number > least))
			continue;
		least_ns = due_ns;
		least = number;
		first = i;
	}
	return first;
}

static void same_name(const struct fleet *f, size_t a, const struct fleet *part,
		      size_t b)
{
	struct fleet_name want, got;

	fleet_name(f, a, &want);
	fleet_name(part, b, &got);
	assert_string_equal(got.name, want.name);
	assert_string_equal(got.json, want.json);
}

static bool same_reading(const struct draw *a, const struct draw *b)
{
	return a->due_ns == b->due_ns && a->seq == b->seq &&
	       strcmp(a->type->text, b->type->text) == 0 &&
	       a->value == b->value && a->effect.kinds == b->effect.kinds &&
	       a->effect.skew_us == b->effect.skew_us &&
	       a->effect.hold_ns == b->effect.hold_ns &&
	       a->effect.variant == b->effect.variant;
}

static void check_slices(const char *const *texts, size_t n)
{
	struct fixture *x = specs_fleet(texts, THEORY_SEED);
	struct fleet *parts[7];
	size_t sensors = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct fleet_conf conf = {
			.groups = &x->groups,
			.seed = THEORY_SEED,
			.slice = i,
			.slices = (uint32_t)n,
		};

		parts[i] = fleet_new(&conf);
		sensors += fleet_size(parts[i]);
	}
	assert_int_equal(sensors, fleet_size(x->fleet));
	for (int i = 0; i < 20000; i++) {
		struct fleet *part = parts[first_of(parts, n)];
		struct draw want, got;

		fleet_next(x->fleet, &want);
		fleet_next(part, &got);
		assert_int_equal(fleet_number(part, got.sensor), want.sensor);
		assert_true(same_reading(&got, &want));
		assert_ptr_equal(got.group, want.group);
		same_name(x->fleet, want.sensor, part, got.sensor);
	}
	for (size_t i = 0; i < n; i++)
		fleet_free(parts[i]);
	fixture_free(x);
}

static void slices_make_the_whole(void **state)
{
	static const size_t n[] = {1, 2, 3, 7};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		check_slices(awkward, n[i]);
		check_slices(alone, n[i]);
	}
}

static void a_slice_may_be_empty(void **state)
{
	struct fixture *x = specs_fleet(alone, THEORY_SEED);
	const struct fleet_conf conf = {
		.groups = &x->groups, .slice = 6, .slices = 7};
	struct fleet *f = fleet_new(&conf);
	size_t sensor = 0;

	(void)state;
	assert_int_equal(fleet_size(f), 0);
	assert_int_equal(fleet_due_ns(f, &sensor), FLEET_DUE_MAX);
	fleet_free(f);
	fixture_free(x);
}

/* ---- what a sensor's readings depend on ---- */

static size_t sensor_of(const struct fleet *f, const char *name)
{
	struct fleet_name is;

	for (size_t i = 0; i < fleet_size(f); i++) {
		fleet_name(f, i, &is);
		if (!strcmp(is.name, name))
			return i;
	}
	fail_msg("no '%s'", name);
	return 0;
}

static void same_sensor(const char *name, const char *const *a,
			const char *const *b)
{
	struct fixture *x = specs_fleet(a, THEORY_SEED);
	struct fixture *y = specs_fleet(b, THEORY_SEED);
	size_t i = sensor_of(x->fleet, name), k = sensor_of(y->fleet, name);

	for (int n = 0; n < 500; n++) {
		struct draw d, m;

		next_of(x->fleet, i, &d);
		next_of(y->fleet, k, &m);
		assert_true(same_reading(&d, &m));
	}
	fixture_free(x);
	fixture_free(y);
}

static void other_groups_change_nothing(void **state)
{
	static const char *const one[] = {"name=c3," MANY, NULL};
	static const char *const more[] = {"name=c{},count=5," MANY, NULL};
	static const char *const others[] = {
		"name=a{},count=3,walk.sd=1,late=1%:1h",
		"name=b,factor.name=site,factor.coefficient=0.1",
		"name=c{},count=50," MANY,
		"name=d," MANY,
		NULL,
	};

	(void)state;
	same_sensor("c3", one, more);
	same_sensor("c3", one, others);
	same_sensor("c4", more, others);
}

#define LAYERS "name=a,every=exponential(1),type=a b,walk.sd=1,ar.sd=1"

/* Beneath the faults all is as it was; each does its own, and no more. */
static void check_fault(const char *fault, double size)
{
	struct fixture *x = spec_fleet_of(LAYERS, THEORY_SEED), *y;
	struct str text = STR_INIT;
	uint64_t seq = 0;
	int hits = 0;

	str_addf(&text, "%s,%s", LAYERS, fault);
	y = spec_fleet_of(text.p, THEORY_SEED);
	for (int i = 0; i < 5000; i++) {
		struct draw d, m;
		bool hit;

		fleet_next(x->fleet, &d);
		fleet_next(y->fleet, &m);
		hit = m.effect.kinds;
		assert_int_equal(d.effect.kinds, 0);
		assert_int_equal(m.due_ns, d.due_ns);
		assert_string_equal(m.type->text, d.type->text);
		assert_int_equal(m.seq, seq);
		/* a decimal of the sixth place may round either way */
		assert_true(fabs(m.value - d.value - hit * size) < 2e-6);
		assert_true(hit || m.value == d.value);
		seq += !(m.effect.kinds & FAULT_BIT(FAULT_DROPOUT));
		hits += hit;
	}
	assert_true(hits > 20);
	str_release(&text);
	fixture_free(x);
	fixture_free(y);
}

static void faults_change_what_they_say(void **state)
{
	(void)state;
	check_fault("bias=1%:30s:7", 7);
	check_fault("dropout=1%:30s", 0);
	check_fault("skew=1%:30s", 0);
	check_fault("late=1%:30s", 0);
	check_fault("out-of-order=3%", 0);
	check_fault("duplicate=3%", 0);
	check_fault("malformed=3%", 0);
}

/* Also of a constant, whose sd is 0, and of layers, which have one. */
static void check_size(const char *law, double want)
{
	struct str text = STR_INIT;
	struct fixture *x, *y;
	struct draw d, m;

	str_addf(&text, "name=a,%s", law);
	x = spec_fleet_of(text.p, THEORY_SEED);
	str_adds(&text, ",bias=1:1h");
	y = spec_fleet_of(text.p, THEORY_SEED);
	fleet_next(x->fleet, &d);
	fleet_next(y->fleet, &m);
	assert_true(fabs(m.value - d.value - want) < 2e-6);
	str_release(&text);
	fixture_free(x);
	fixture_free(y);
}

static void default_sizes_go_by_the_signal(void **state)
{
	(void)state;
	check_size("value=normal(20,3)", 15);
	check_size("value=constant(20)", 5);
	check_size("value=normal(20,3),ar.sd=4", 25);
	check_size("value=constant(0),day.amplitude=2", 5 * sqrt(2));
}

/* Where each sensor has a law of its own, its size is its own too. */
static void sizes_are_the_sensors_own(void **state)
{
	struct fixture *x = fleet_of(
		&(struct asked){.n = 2, .sd = "1 10", .delay = "1 3600"});
	struct fixture *y = fixture_new();
	struct err e = ERR_INIT;
	struct draw d, m;
	double hits = 0;

	(void)state;
	asked_group(&(struct asked){.n = 2, .sd = "1 10", .delay = "1 3600"},
		    groups_add(&y->groups), &e);
	faults_parse(&y->groups.v[0].faults, "bias:1/h:0", &e);
	assert_string_equal(e.msg, "");
	fixture_start(y, THEORY_SEED);
	for (int i = 0; i < 200000; i++) {
		fleet_next(x->fleet, &d);
		fleet_next(y->fleet, &m);
		assert_true(d.sensor == 0 || m.effect.kinds);
		assert_true(fabs(m.value - d.value -
				 (m.effect.kinds ? d.sensor ? 50 : 5 : 0)) <
			    1e-12);
		hits += d.sensor == 0 && m.effect.kinds;
	}
	theory_within(hits, 200000 / 3600.0, sqrt(200000 / 3600.0));
	fixture_free(x);
	fixture_free(y);
}

/* ---- recordings ---- */

static void recordings_come_as_they_are(void **state)
{
	struct series_point points[] = {
		{5000000, 1.123456789}, {5000000, 2}, {9000001, -3}};
	struct series r = {.name = "r", .type = "t", .points = points, .n = 3};
	struct fixture *x = fixture_new();
	struct err e = ERR_INIT;
	struct group *g = groups_add(&x->groups);
	struct draw d;
	size_t sensor;

	(void)state;
	g->series = &r;
	g->series_start_us = 4000000;
	group_name_parts(g, "r", NULL, 0);
	faults_parse(&g->faults, "bias:1:1h", &e);
	faults_parse(&g->faults, "out-of-order:0.5", &e);
	assert_int_equal(group_complete(g, &e), 0);
	fixture_start(x, THEORY_SEED);
	for (size_t i = 0; i < 3; i++) {
		double mean, sd;

		fleet_next(x->fleet, &d);
		group_moments(g, 0, &mean, &sd);
		assert_int_equal(d.due_ns,
				 (points[i].time_us - 4000000) * 1000);
		assert_true(fabs(d.value - points[i].value - 5 * sd) < 1e-12);
		assert_int_equal(d.seq, i);
		/* the last has none to come behind */
		assert_int_equal(d.effect.kinds,
				 FAULT_BIT(FAULT_BIAS) |
					 (i == 0) *
						 FAULT_BIT(FAULT_OUT_OF_ORDER));
		assert_int_equal(d.effect.hold_ns, i == 0);
	}
	assert_int_equal(fleet_due_ns(x->fleet, &sensor), FLEET_DUE_MAX);
	fixture_free(x);
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
		cmocka_unit_test(a_million_sensors_that_fail_are_cheap),
		cmocka_unit_test(a_million_sensors_with_layers_are_cheap),
		cmocka_unit_test(a_seed_is_a_promise),
		cmocka_unit_test(same_seed_same_readings),
		cmocka_unit_test(other_sensors_change_nothing),
		cmocka_unit_test(readings_come_in_order),
		cmocka_unit_test(constant_delays_never_drift),
		cmocka_unit_test(long_run_rate_is_the_one_asked),
		cmocka_unit_test(streams_differ_between_sensors),
		cmocka_unit_test(types_are_drawn_evenly),
		cmocka_unit_test(types_are_dealt_in_turn),
		cmocka_unit_test(slices_make_the_whole),
		cmocka_unit_test(a_slice_may_be_empty),
		cmocka_unit_test(other_groups_change_nothing),
		cmocka_unit_test(faults_change_what_they_say),
		cmocka_unit_test(default_sizes_go_by_the_signal),
		cmocka_unit_test(sizes_are_the_sensors_own),
		cmocka_unit_test(recordings_come_as_they_are),
		cmocka_unit_test(due_times_end_at_their_bound),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
