/* SPDX-License-Identifier: MIT */
#include "fleets.h"

#include <stdio.h>

static struct fixture *fleet_of(const struct asked *a)
{
	return asked_fleet(a, THEORY_SEED);
}

static const struct law *value_of(const struct fixture *x, size_t sensor)
{
	return laws_of(&x->groups.v[0].value, sensor);
}

static const struct law *delay_of(const struct fixture *x, size_t sensor)
{
	return laws_of(&x->groups.v[0].delay, sensor);
}

static struct fleet_name name_of(const struct fixture *x, size_t sensor)
{
	struct fleet_name name;

	fleet_name(x->fleet, sensor, &name);
	assert_int_equal(strlen(name.name), name.len);
	assert_int_equal(strlen(name.json), name.json_len);
	return name;
}

static void defaults_are_two_sensors_a_second(void **state)
{
	struct fixture *x = fleet_of(&(struct asked){.n = 2});

	(void)state;
	assert_int_equal(fleet_size(x->fleet), 2);
	assert_string_equal(name_of(x, 0).name, "sensor_0");
	assert_string_equal(name_of(x, 1).name, "sensor_1");
	assert_string_equal(name_of(x, 1).json, "\"sensor_1\"");
	assert_int_equal(name_of(x, 1).json_len, 10);
	assert_int_equal(value_of(x, 0)->kind, LAW_NORMAL);
	assert_true(law_mean(value_of(x, 1)) == 20);
	assert_true(law_sd(value_of(x, 1)) == 2);
	assert_int_equal(delay_of(x, 0)->kind, LAW_CONSTANT);
	assert_true(law_mean(delay_of(x, 0)) == 1);
	assert_int_equal(groups_size(&x->groups), 2);
	assert_true(groups_rate(&x->groups) == 2);
	fixture_free(x);
	fleet_free(NULL);
}

static void a_list_has_one_value_or_one_each(void **state)
{
	struct fixture *x = fleet_of(&(struct asked){
		.n = 3,
		.distribution = "exponential normal constant",
		.mean = "2",
		.sd = "2 3 0",
		.delay = "100ms,0.25,1e-6",
		.delay_law = "gamma",
		.delay_sd = "0.1 1ms 0",
	});

	(void)state;
	assert_int_equal(value_of(x, 0)->kind, LAW_EXPONENTIAL);
	assert_int_equal(value_of(x, 1)->kind, LAW_NORMAL);
	assert_int_equal(value_of(x, 2)->kind, LAW_CONSTANT);
	assert_true(law_mean(value_of(x, 2)) == 2);
	assert_true(law_sd(value_of(x, 1)) == 3);
	assert_int_equal(delay_of(x, 1)->kind, LAW_GAMMA);
	assert_true(fabs(law_mean(delay_of(x, 0)) - 0.1) < 1e-15);
	assert_true(fabs(law_sd(delay_of(x, 1)) - 1e-3) < 1e-15);
	assert_int_equal(delay_of(x, 2)->kind, LAW_CONSTANT);
	assert_true(fabs(groups_rate(&x->groups) - 1000014) < 1e-6);
	fixture_free(x);
}

/* What goes for all is there once. */
static void one_law_for_all_is_kept_once(void **state)
{
	struct fixture *x = fleet_of(
		&(struct asked){.n = 3, .mean = "5", .delay = "1 2 3"});

	(void)state;
	assert_int_equal(x->groups.v[0].value.n, 1);
	assert_int_equal(x->groups.v[0].delay.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(law_mean(value_of(x, i)) == 5);
	fixture_free(x);
}

static void written_and_named_laws_mix(void **state)
{
	struct fixture *x = fleet_of(&(struct asked){
		.n = 2,
		.distribution = "uniform(0, 10),exponential",
	});

	(void)state;
	assert_true(law_mean(value_of(x, 0)) == 5);
	assert_int_equal(value_of(x, 1)->kind, LAW_EXPONENTIAL);
	assert_true(law_sd(value_of(x, 1)) == 20);
	fixture_free(x);
}

static void names_are_json_once_and_for_all(void **state)
{
	struct fixture *x = fleet_of(
		&(struct asked){.n = 11, .prefix = "a\"\xc3\xa9\xef\xbf\xbd"});

	(void)state;
	assert_string_equal(name_of(x, 10).name, "a\"\xc3\xa9\xef\xbf\xbd"
						 "10");
	assert_string_equal(name_of(x, 10).json, "\"a\\\"\xc3\xa9\xef\xbf\xbd"
						 "10\"");
	assert_int_equal(name_of(x, 10).json_len, 12);
	fixture_free(x);
	x = fleet_of(&(struct asked){.n = 1, .prefix = ""});
	assert_string_equal(name_of(x, 0).json, "\"0\"");
	fixture_free(x);
}

/* A prefix is no template. */
static void braces_in_a_prefix_are_braces(void **state)
{
	struct fixture *x = fleet_of(&(struct asked){.n = 2, .prefix = "a{}"});

	(void)state;
	assert_string_equal(name_of(x, 1).name, "a{}1");
	fixture_free(x);
}

static int try_lists(const struct asked *a, struct err *e)
{
	struct group g;
	int rc;

	group_init(&g);
	rc = asked_group(a, &g, e);
	group_release(&g);
	return rc;
}

static void bad(const char *message, struct asked a)
{
	struct err e = ERR_INIT;

	assert_int_equal(try_lists(&a, &e), -1);
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
	struct sensor_lists lists = {.num_sensors = 1, .types = {types, 1}};
	struct err e = ERR_INIT;
	struct group g;

	(void)state;
	bad("option '--name-prefix': not valid UTF-8",
	    (struct asked){.n = 1, .prefix = "sensor\xff_"});
	bad("option '--name-prefix': not valid UTF-8",
	    (struct asked){.n = 1, .prefix = "\xef\xbf\xbd\xed\xa0\x80"});
	bad("option '--types': not valid UTF-8",
	    (struct asked){.n = 1, .types = "a \xc3"});
	bad("option '--types': 'hot' stands twice",
	    (struct asked){.n = 1, .types = "hot cold hot"});
	group_init(&g);
	assert_int_equal(lists_group(&lists, &g, &e), -1);
	assert_string_equal(e.msg, "option '--types': a type without a name");
	group_release(&g);
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
	    "'normal'?",
	    (struct asked){.n = 2, .distribution = "normal nromal"});
	bad("t1: --distribution: 'uniform(5,1)': low bound 5 is above high "
	    "bound 1: exchange them",
	    (struct asked){2, "normal(1,1) uniform(5,1)", .prefix = "t"});
	bad("sensor_0: --delay-distribution: unknown law 'poisson' (constant, "
	    "normal, exponential, uniform, gamma)",
	    (struct asked){.n = 2, .delay_law = "poisson"});
	bad("sensor_0: --delay-distribution: 'normal(60,2)': a law of delays "
	    "is "
	    "written out in --sensor alone (every=...); here give its name, "
	    "and "
	    "--delays and --delays-std",
	    (struct asked){.n = 2, .delay_law = "normal(60,2)"});
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

		assert_int_equal(try_lists(&rows[i].a, &e), -1);
		assert_memory_equal(e.msg, rows[i].start, len);
		assert_true(strlen(e.msg) > len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_two_sensors_a_second),
		cmocka_unit_test(a_list_has_one_value_or_one_each),
		cmocka_unit_test(one_law_for_all_is_kept_once),
		cmocka_unit_test(written_and_named_laws_mix),
		cmocka_unit_test(names_are_json_once_and_for_all),
		cmocka_unit_test(braces_in_a_prefix_are_braces),
		cmocka_unit_test(wrong_lists_are_told),
		cmocka_unit_test(wrong_texts_are_told),
		cmocka_unit_test(wrong_laws_name_sensor_and_option),
		cmocka_unit_test(wrong_numbers_name_sensor_and_option),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
