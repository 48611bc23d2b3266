/* SPDX-License-Identifier: MIT */
/* A day of a fleet takes as long as drawing it: no clock in here. */
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "sim/fleet.h"

#define SEED 20261124

/* A fleet's options as a person writes them; NULL is not given. */
struct asked {
	uint64_t n;
	const char *distribution, *mean, *sd, *delay, *delay_law, *delay_sd;
	const char *types;
	bool type_per_sensor;
	uint64_t seed; /* 0: SEED */
	const char *prefix;
};

static void split(struct opt_words *w, const char *text)
{
	struct err e = ERR_INIT;

	if (text && opt_words_split(w, text, &e) < 0)
		fail_msg("%s", e.msg);
}

static struct fleet *try_fleet(const struct asked *a, struct err *e)
{
	struct fleet_conf conf = {
		.num_sensors = a->n,
		.name_prefix = a->prefix,
		.type_per_sensor = a->type_per_sensor,
		.seed = a->seed ? a->seed : SEED,
	};
	struct fleet *f;

	split(&conf.distribution, a->distribution);
	split(&conf.mean, a->mean);
	split(&conf.sd, a->sd);
	split(&conf.delay, a->delay);
	split(&conf.delay_law, a->delay_law);
	split(&conf.delay_sd, a->delay_sd);
	split(&conf.types, a->types);
	f = fleet_new(&conf, e);
	opt_words_release(&conf.distribution);
	opt_words_release(&conf.mean);
	opt_words_release(&conf.sd);
	opt_words_release(&conf.delay);
	opt_words_release(&conf.delay_law);
	opt_words_release(&conf.delay_sd);
	opt_words_release(&conf.types);
	return f;
}

static struct fleet *new_fleet(const struct asked *a)
{
	struct err e = ERR_INIT;
	struct fleet *f = try_fleet(a, &e);

	if (!f)
		fail_msg("%s", e.msg);
	return f;
}

static int print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", SEED);
	return 0;
}

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

/* With a law of its own for each sensor: the dearest fleet there is. */
static void a_million_sensors_are_cheap(void **state)
{
	enum { N = 1000000 };
	static char one[] = "1", law[] = "uniform(0,1)";
	struct fleet_conf conf = {.num_sensors = N};
	struct err e = ERR_INIT;
	struct fleet *f;
	size_t before, used;

	(void)state;
	repeat(&conf.distribution, law, N);
	repeat(&conf.delay, one, N);
	before = bytes_in_use();
	f = fleet_new(&conf, &e);
	used = bytes_in_use() - before;
	assert_non_null(f);
	assert_string_equal(fleet_name(f, N - 1), "sensor_999999");
	assert_true(fabs(fleet_rate(f) - N) < 1e-3);
	fleet_free(f);
	free(conf.distribution.v);
	free(conf.delay.v);
	print_message("# %zu bytes a sensor\n", used / N);
	if (used < sizeof(struct draw) * N)
		skip(); /* a sanitizer's malloc */
	assert_in_range(used, 1, 256 * (size_t)N);
}

static void defaults_are_two_sensors_a_second(void **state)
{
	struct fleet *f = new_fleet(&(struct asked){.n = 2});

	(void)state;
	assert_int_equal(fleet_size(f), 2);
	assert_string_equal(fleet_name(f, 0), "sensor_0");
	assert_string_equal(fleet_name(f, 1), "sensor_1");
	assert_string_equal(fleet_name_json(f, 1)->p, "\"sensor_1\"");
	assert_int_equal(fleet_name_json(f, 1)->len, 10);
	assert_int_equal(fleet_value_law(f, 0)->kind, LAW_NORMAL);
	assert_true(law_mean(fleet_value_law(f, 1)) == 20);
	assert_true(law_sd(fleet_value_law(f, 1)) == 2);
	assert_int_equal(fleet_delay_law(f, 0)->kind, LAW_CONSTANT);
	assert_true(law_mean(fleet_delay_law(f, 0)) == 1);
	assert_true(fleet_rate(f) == 2);
	fleet_free(f);
	fleet_free(NULL);
}

static void a_list_has_one_value_or_one_each(void **state)
{
	struct fleet *f = new_fleet(&(struct asked){
		.n = 3,
		.distribution = "exponential normal constant",
		.mean = "2",
		.sd = "2 3 0",
		.delay = "100ms,0.25,1e-6",
		.delay_law = "gamma",
		.delay_sd = "0.1 1ms 0",
	});

	(void)state;
	assert_int_equal(fleet_value_law(f, 0)->kind, LAW_EXPONENTIAL);
	assert_int_equal(fleet_value_law(f, 1)->kind, LAW_NORMAL);
	assert_int_equal(fleet_value_law(f, 2)->kind, LAW_CONSTANT);
	assert_true(law_mean(fleet_value_law(f, 2)) == 2);
	assert_true(law_sd(fleet_value_law(f, 1)) == 3);
	assert_int_equal(fleet_delay_law(f, 1)->kind, LAW_GAMMA);
	assert_true(fabs(law_mean(fleet_delay_law(f, 0)) - 0.1) < 1e-15);
	assert_true(fabs(law_sd(fleet_delay_law(f, 1)) - 1e-3) < 1e-15);
	assert_int_equal(fleet_delay_law(f, 2)->kind, LAW_CONSTANT);
	assert_true(fabs(fleet_rate(f) - 1000014) < 1e-6);
	fleet_free(f);
}

static void written_and_named_laws_mix(void **state)
{
	struct fleet *f = new_fleet(&(struct asked){
		.n = 2,
		.distribution = "uniform(0, 10),exponential",
	});

	(void)state;
	assert_true(law_mean(fleet_value_law(f, 0)) == 5);
	assert_int_equal(fleet_value_law(f, 1)->kind, LAW_EXPONENTIAL);
	assert_true(law_sd(fleet_value_law(f, 1)) == 20);
	fleet_free(f);
}

static void names_are_json_once_and_for_all(void **state)
{
	struct fleet *f = new_fleet(
		&(struct asked){.n = 11, .prefix = "a\"\xc3\xa9\xef\xbf\xbd"});

	(void)state;
	assert_string_equal(fleet_name(f, 10), "a\"\xc3\xa9\xef\xbf\xbd"
					       "10");
	assert_string_equal(fleet_name_json(f, 10)->p,
			    "\"a\\\"\xc3\xa9\xef\xbf\xbd"
			    "10\"");
	assert_int_equal(fleet_name_json(f, 10)->len, 12);
	fleet_free(f);
	f = new_fleet(&(struct asked){.n = 1, .prefix = ""});
	assert_string_equal(fleet_name_json(f, 0)->p, "\"0\"");
	fleet_free(f);
}

static void bad(const char *message, struct asked a)
{
	struct err e = ERR_INIT;

	assert_null(try_fleet(&a, &e));
	assert_string_equal(e.msg, message);
}

static void wrong_lists_are_told(void **state)
{
	(void)state;
	bad("option '--delays': 3 values for 2 sensors (give 1 or 2)",
	    (struct asked){.n = 2, .delay = "1 2 3"});
	bad("option '--distribution': 2 values for 3 sensors (give 1 or 3)",
	    (struct asked){.n = 3, .distribution = "normal uniform"});
	bad("option '--sensors-values-mean': 2 values for 1 sensor (give 1)",
	    (struct asked){.n = 1, .mean = "1 2"});
	bad("option '--sensors-values-std': 2 values for 1 sensor (give 1)",
	    (struct asked){.n = 1, .sd = "1 2"});
	bad("option '--delay-distribution': 2 values for 1 sensor (give 1)",
	    (struct asked){.n = 1, .delay_law = "gamma gamma"});
	bad("option '--delays-std': 2 values for 1 sensor (give 1)",
	    (struct asked){.n = 1, .delay_sd = "1 2"});
	bad("option '--num-sensors': 0 is out of bounds (1 to 10000000)",
	    (struct asked){.n = 0});
	bad("option '--num-sensors': 10000001 is out of bounds (1 to "
	    "10000000)",
	    (struct asked){.n = FLEET_MAX + 1});
	bad("option '--distribution': 'normal(20,0.5)' says its parameters "
	    "itself: leave out --sensors-values-mean",
	    (struct asked){2, "normal normal(20,0.5)", "3", .sd = "1"});
	bad("option '--distribution': 'normal(20,0.5)' says its parameters "
	    "itself: leave out --sensors-values-std",
	    (struct asked){1, "normal(20,0.5)", .sd = "1"});
}

static void wrong_texts_are_told(void **state)
{
	static char nothing[] = "";
	static char *types[] = {nothing, NULL};
	struct fleet_conf conf = {.num_sensors = 1, .types = {types, 1}};
	struct err e = ERR_INIT;

	(void)state;
	bad("option '--name-prefix': not valid UTF-8",
	    (struct asked){.n = 1, .prefix = "sensor\xff_"});
	bad("option '--name-prefix': not valid UTF-8",
	    (struct asked){.n = 1, .prefix = "\xef\xbf\xbd\xed\xa0\x80"});
	bad("option '--types': not valid UTF-8",
	    (struct asked){.n = 1, .types = "a \xc3"});
	bad("option '--types': 'hot' stands twice",
	    (struct asked){.n = 1, .types = "hot cold hot"});
	assert_null(fleet_new(&conf, &e));
	assert_string_equal(e.msg, "option '--types': a type without a name");
}

static void wrong_laws_name_sensor_and_option(void **state)
{
	(void)state;
	bad("sensor_1: --sensors-values-std: normal: sd -3 is out of bounds "
	    "(0 to 1e+300)",
	    (struct asked){.n = 2, .sd = "2 -3"});
	bad("sensor_0: --sensors-values-mean: uniform: mean 1e+301 is out of "
	    "bounds (-1e+300 to 1e+300)",
	    (struct asked){.n = 2, .distribution = "uniform", .mean = "1e301"});
	bad("sensor_1: --distribution: unknown law 'nromal', did you mean "
	    "'normal'? (constant, normal, exponential, uniform)",
	    (struct asked){.n = 2, .distribution = "normal nromal"});
	bad("t1: --distribution: 'uniform(5,1)': low bound 5 is above high "
	    "bound 1: exchange them",
	    (struct asked){2, "normal(1,1) uniform(5,1)", .prefix = "t"});
	bad("sensor_0: --delay-distribution: unknown law 'poisson' (constant, "
	    "normal, exponential, uniform, gamma)",
	    (struct asked){.n = 2, .delay_law = "poisson"});
	bad("sensor_1: --delays: constant: a mean delay of 0 is no schedule: "
	    "use --speed max for readings as fast as they go",
	    (struct asked){.n = 2, .delay = "1 0"});
	bad("sensor_0: --delays-std: constant: sd 0.1 s: a constant delay has "
	    "no deviation; name a --delay-distribution",
	    (struct asked){.n = 2, .delay_sd = "0.1"});
	bad("sensor_0: --delays-std: normal: there is no default sd: give one "
	    "(0 to 0.3333333333 s)",
	    (struct asked){.n = 2, .delay_law = "normal"});
}

/* The message behind the option is the number parser's own. */
static void wrong_numbers_name_sensor_and_option(void **state)
{
	static const struct {
		const char *start;
		struct asked a;
	} rows[] = {
		{"sensor_1: --sensors-values-mean: ", {2, .mean = "1 x"}},
		{"sensor_0: --sensors-values-std: ", {2, .sd = "nan"}},
		{"sensor_0: --delays: ", {2, .delay = "5parsec"}},
		{"sensor_1: --delays-std: ", {2, .delay_sd = "0 inf"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = ERR_INIT;
		size_t len = strlen(rows[i].start);

		assert_null(try_fleet(&rows[i].a, &e));
		assert_memory_equal(e.msg, rows[i].start, len);
		assert_true(strlen(e.msg) > len);
	}
}

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
	struct fleet *f = new_fleet(&(struct asked){
		.n = 3,
		.distribution = "uniform(0,10)",
		.delay = "0.1",
		.delay_law = "uniform",
		.delay_sd = "0.05",
		.seed = 42,
	});
	struct draw d;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		fleet_next(f, &d);
		assert_int_equal(d.sensor, want[i].sensor);
		assert_int_equal(d.due_ns, want[i].due_ns);
		assert_string_equal(d.type_json->p, want[i].type);
		assert_true(fabs(d.value - want[i].value) < 1e-12);
	}
	fleet_free(f);
}

static bool same_draw(const struct draw *a, const struct draw *b)
{
	return a->sensor == b->sensor && a->due_ns == b->due_ns &&
	       strcmp(a->type_json->p, b->type_json->p) == 0 &&
	       a->value == b->value;
}

static void same_seed_same_readings(void **state)
{
	struct asked a = {.n = 50, .delay_law = "gamma", .delay_sd = "2"};
	struct fleet *f = new_fleet(&a), *same = new_fleet(&a), *other;
	int differ = 0;

	(void)state;
	a.seed = SEED + 1;
	other = new_fleet(&a);
	for (int i = 0; i < 10000; i++) {
		struct draw d, s, o;

		fleet_next(f, &d);
		fleet_next(same, &s);
		fleet_next(other, &o);
		assert_true(same_draw(&d, &s));
		differ += d.value != o.value;
	}
	assert_in_range(differ, 9990, 10000);
	fleet_free(f);
	fleet_free(same);
	fleet_free(other);
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
	struct fleet *few = new_fleet(&a), *many;

	(void)state;
	a.n = 700;
	many = new_fleet(&a);
	for (int i = 0; i < 300; i++) {
		struct draw d, m;

		next_of(few, 7, &d);
		next_of(many, 7, &m);
		assert_true(same_draw(&d, &m));
	}
	fleet_free(few);
	fleet_free(many);
}

/* Phases within 1 us: most due times are those of several sensors. */
static void readings_come_in_order(void **state)
{
	struct fleet *f = new_fleet(&(struct asked){.n = 5003, .delay = "1us"});
	struct draw last = {.due_ns = -1}, d;
	int equal = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int64_t due_ns = fleet_due_ns(f);

		fleet_next(f, &d);
		assert_int_equal(d.due_ns, due_ns);
		assert_true(
			d.due_ns > last.due_ns ||
			(d.due_ns == last.due_ns && d.sensor > last.sensor));
		equal += d.due_ns == last.due_ns;
		last = d;
	}
	assert_true(equal > 100000);
	fleet_free(f);
}

static void constant_delays_never_drift(void **state)
{
	struct fleet *f = new_fleet(&(struct asked){.n = 3, .delay = "0.1"});
	int64_t phase[3];
	struct draw d;

	(void)state;
	for (int i = 0; i < 3; i++) {
		fleet_next(f, &d);
		assert_in_range(d.due_ns, 0, 99999999);
		phase[d.sensor] = d.due_ns;
	}
	for (int i = 3; i < 3 * 10000; i++) {
		fleet_next(f, &d);
		assert_int_equal(d.due_ns,
				 phase[d.sensor] + i / 3 * INT64_C(100000000));
	}
	fleet_free(f);
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
	struct fleet *f;
	struct draw d;
	double count = 0, cv = sd / mean;
	int64_t end_ns = llrint(mean * ROUNDS * 1e9);

	snprintf(mean_text, sizeof(mean_text), "%g", mean);
	snprintf(sd_text, sizeof(sd_text), "%g", sd);
	f = new_fleet(&(struct asked){.n = N,
				      .delay = mean_text,
				      .delay_law = law,
				      .delay_sd = sd_text});
	assert_true(fabs(fleet_rate(f) * mean / N - 1) < 1e-9);
	for (; fleet_due_ns(f) < end_ns; count++)
		fleet_next(f, &d);
	assert_true(fabs(count - (double)N * ROUNDS) <=
		    5 * cv * sqrt((double)N * ROUNDS) + N * (1 + cv * cv));
	fleet_free(f);
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

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Kolmogorov's test at a significance of 1e-6; sorts x. */
static void follows(const struct law *l, double *x, size_t n)
{
	double most = sqrt(log(2e6) / 2 / (double)n);

	qsort(x, n, sizeof(*x), compare_doubles);
	for (size_t i = 0; i < n; i++) {
		double p = law_cdf(l, x[i]);

		assert_true(fabs(p - ((double)i + 0.5) / (double)n) <= most);
	}
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
	struct law value = {LAW_UNIFORM, 0, 10}, phase = {LAW_UNIFORM, 0, 1};
	struct fleet *f = new_fleet(&(struct asked){
		.n = N, .distribution = "uniform(0,10)", .types = "t"});
	struct draw *first = mem_zalloc(N, sizeof(*first));
	double *x = mem_zalloc(N, sizeof(*x));

	(void)state;
	assert_int_equal(gsl_rng_taus2->size, 3 * sizeof(unsigned long));
	for (size_t i = 0; i < N; i++)
		fleet_next(f, &first[i]);
	assert_true(first[N - 1].due_ns < 1000000000);
	for (size_t i = 0; i < N; i++)
		x[i] = (double)first[i].due_ns * 1e-9;
	follows(&phase, x, N);
	for (size_t i = 0; i < N; i++)
		x[i] = first[i].value;
	follows(&value, x, N);
	qsort(first, N, sizeof(*first), compare_firsts);
	for (size_t i = 1; i < N; i++)
		assert_true(compare_firsts(&first[i - 1], &first[i]) != 0);
	free(x);
	free(first);
	fleet_free(f);
}

static void types_are_drawn_evenly(void **state)
{
	enum { N = 90000 };
	struct fleet *f = new_fleet(&(struct asked){.n = 2});
	static const char *const names[] = {"\"temperature\"", "\"humidity\"",
					    "\"pressure\""};
	int count[2][3] = {{0}};
	struct draw d;

	(void)state;
	for (int i = 0; i < 2 * N; i++) {
		fleet_next(f, &d);
		for (int t = 0; t < 3; t++)
			count[d.sensor][t] +=
				strcmp(d.type_json->p, names[t]) == 0;
	}
	for (int s = 0; s < 2; s++)
		for (int t = 0; t < 3; t++)
			assert_true(fabs(count[s][t] - N / 3.0) <=
				    5 * sqrt(N * 2 / 9.0));
	fleet_free(f);
}

/* Neither dealt types nor a single one cost a draw, several do. */
static void types_are_dealt_in_turn(void **state)
{
	struct asked a = {.n = 5, .types = "a b", .type_per_sensor = true};
	struct fleet *dealt = new_fleet(&a), *one, *drawn;
	int differ = 0;

	(void)state;
	a.type_per_sensor = false;
	drawn = new_fleet(&a);
	a.types = "c";
	one = new_fleet(&a);
	for (int i = 0; i < 1000; i++) {
		struct draw d, o, r;

		fleet_next(dealt, &d);
		fleet_next(one, &o);
		fleet_next(drawn, &r);
		assert_string_equal(d.type_json->p,
				    d.sensor % 2 ? "\"b\"" : "\"a\"");
		assert_string_equal(o.type_json->p, "\"c\"");
		assert_true(d.value == o.value);
		differ += r.value != d.value;
	}
	assert_in_range(differ, 990, 1000);
	fleet_free(dealt);
	fleet_free(one);
	fleet_free(drawn);
}

/* 31 years between readings: the sixth would be past the end of time. */
static void due_times_end_at_their_bound(void **state)
{
	struct fleet *f = new_fleet(&(struct asked){.n = 2, .delay = "1e9"});
	struct draw d = {0};
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		fleet_next(f, &d);
		assert_in_range(d.due_ns, last, FLEET_DUE_MAX);
		last = d.due_ns;
	}
	assert_int_equal(fleet_due_ns(f), FLEET_DUE_MAX);
	fleet_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_sensors_are_cheap),
		cmocka_unit_test(defaults_are_two_sensors_a_second),
		cmocka_unit_test(a_list_has_one_value_or_one_each),
		cmocka_unit_test(written_and_named_laws_mix),
		cmocka_unit_test(names_are_json_once_and_for_all),
		cmocka_unit_test(wrong_lists_are_told),
		cmocka_unit_test(wrong_texts_are_told),
		cmocka_unit_test(wrong_laws_name_sensor_and_option),
		cmocka_unit_test(wrong_numbers_name_sensor_and_option),
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

	return cmocka_run_group_tests(tests, print_seed, NULL);
}
