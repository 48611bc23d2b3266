/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sim/group.h"

/* ---- names ---- */

static void check_name(const char *text, uint64_t index, const char *want)
{
	struct err e = ERR_INIT;
	struct str s = STR_INIT;
	struct group g;

	group_init(&g);
	if (group_set_name(&g, text, &e) < 0)
		fail_msg("%s", e.msg);
	group_add_name(&g, index, &s);
	assert_string_equal(s.p, want);
	str_release(&s);
	group_release(&g);
}

static void names_take_the_number(void **state)
{
	(void)state;
	check_name("line-{}", 7, "line-7");
	check_name("{}", 0, "0");
	check_name("{}-a", 12345678901, "12345678901-a");
	check_name("a-{:03}.b", 7, "a-007.b");
	check_name("a-{:03}", 1234, "a-1234");
	check_name("{:018}", 1, "000000000000000001");
	check_name("{:01}", 5, "5");
	check_name("boiler", 0, "boiler");
	check_name("a}b {}", 3, "a}b 3");
	check_name("100%d {}%s", 3, "100%d 3%s");
	check_name("\xc3\xa9\"{}", 3, "\xc3\xa9\"3");
}

static void bad_name(const char *text, const char *message)
{
	struct err e = ERR_INIT;
	struct group g;

	group_init(&g);
	assert_int_equal(group_set_name(&g, text, &e), -1);
	assert_string_equal(e.msg, message);
	assert_null(g.before);
	group_release(&g);
}

#define NO_NAME                                                             \
	" is no name: {} or {:03} (at most 18 digits) stands once for the " \
	"number"

static void wrong_names_are_told(void **state)
{
	(void)state;
	bad_name("", "the name is empty");
	bad_name("a\xff", "not valid UTF-8");
	bad_name("a{", "'a{'" NO_NAME);
	bad_name("a{0}", "'a{0}'" NO_NAME);
	bad_name("a{:3}", "'a{:3}'" NO_NAME);
	bad_name("a{:03", "'a{:03'" NO_NAME);
	bad_name("a{:03x}", "'a{:03x}'" NO_NAME);
	bad_name("a{:019}", "'a{:019}'" NO_NAME);
	bad_name("a{:099999999999999999999}",
		 "'a{:099999999999999999999}'" NO_NAME);
	bad_name("a{}{}", "'a{}{}'" NO_NAME);
	bad_name("{}{", "'{}{'" NO_NAME);
	bad_name("{n}{}", "'{n}{}'" NO_NAME);
}

static void the_last_name_counts(void **state)
{
	struct err e = ERR_INIT;
	struct str s = STR_INIT;
	struct group g;

	(void)state;
	group_init(&g);
	assert_int_equal(group_set_name(&g, "a{:09}b", &e), 0);
	assert_int_equal(group_set_name(&g, "boiler", &e), 0);
	group_add_name(&g, 3, &s);
	assert_string_equal(s.p, "boiler");
	str_release(&s);
	group_release(&g);
}

/* ---- types ---- */

static void types_are_kept_with_their_json(void **state)
{
	struct err e = ERR_INIT;
	struct group g;

	(void)state;
	group_init(&g);
	assert_int_equal(group_add_type(&g, "living \"room\"", &e), 0);
	assert_int_equal(group_add_type(&g, "x", &e), 0);
	assert_int_equal(g.num_types, 2);
	assert_string_equal(g.types[0].text, "living \"room\"");
	assert_int_equal(g.types[0].len, 13);
	assert_string_equal(g.types[0].json.p, "\"living \\\"room\\\"\"");
	assert_string_equal(g.types[1].json.p, "\"x\"");
	assert_int_equal(group_add_type(&g, "x", &e), -1);
	assert_string_equal(e.msg, "'x' stands twice");
	assert_int_equal(g.num_types, 2);
	group_release(&g);
}

/* ---- completion ---- */

static void what_was_not_said_is_put_in(void **state)
{
	struct err e = ERR_INIT;
	struct str s = STR_INIT;
	struct group g;

	(void)state;
	group_init(&g);
	assert_int_equal(g.count, 1);
	assert_int_equal(group_complete(&g, &e), 0);
	assert_int_equal(g.value.n, 1);
	assert_int_equal(g.value.v[0].kind, LAW_NORMAL);
	assert_true(law_mean(&g.value.v[0]) == 20);
	assert_true(law_sd(&g.value.v[0]) == 2);
	assert_int_equal(g.delay.v[0].kind, LAW_CONSTANT);
	assert_true(law_mean(&g.delay.v[0]) == 1);
	assert_true(group_mean_delay(&g, 0) == 1);
	assert_int_equal(g.num_types, 3);
	assert_string_equal(g.types[0].text, "temperature");
	assert_string_equal(g.types[1].text, "humidity");
	assert_string_equal(g.types[2].text, "pressure");
	assert_true(g.layers.plain);
	assert_int_equal(g.layers.range.decimals, 6);
	assert_int_equal(g.faults.kinds, 0);
	group_add_name(&g, 4, &s);
	assert_string_equal(s.p, "sensor_4");
	str_release(&s);
	group_release(&g);
}

static void what_was_said_stays(void **state)
{
	static const struct law value = {LAW_UNIFORM, 0, 10};
	static const struct law delay = {LAW_EXPONENTIAL, 0, 5};
	struct err e = ERR_INIT;
	struct group g;

	(void)state;
	group_init(&g);
	g.count = 40;
	assert_int_equal(group_set_name(&g, "a{}", &e), 0);
	assert_int_equal(group_add_type(&g, "t", &e), 0);
	group_set_law(&g.value, &delay);
	group_set_law(&g.value, &value);
	group_set_law(&g.delay, &delay);
	assert_int_equal(group_complete(&g, &e), 0);
	assert_int_equal(g.value.n, 1);
	assert_memory_equal(laws_of(&g.value, 39), &value, sizeof(value));
	assert_true(group_mean_delay(&g, 39) == 5);
	assert_int_equal(g.num_types, 1);
	group_release(&g);
}

static void bad_group(struct group *g, const char *message)
{
	struct err e = ERR_INIT;

	assert_int_equal(group_complete(g, &e), -1);
	assert_string_equal(e.msg, message);
	group_release(g);
}

static void wrong_groups_are_told(void **state)
{
	struct err e = ERR_INIT;
	struct group g;

	(void)state;
	group_init(&g);
	g.count = 0;
	bad_group(&g, "count 0 is out of bounds (1 to 10000000)");
	group_init(&g);
	g.count = UINT64_MAX;
	bad_group(&g, "count 18446744073709551615 is out of bounds (1 to "
		      "10000000)");
	group_init(&g);
	g.count = 2;
	assert_int_equal(group_set_name(&g, "boiler", &e), 0);
	bad_group(&g, "2 sensors cannot all be called 'boiler': put {} where "
		      "their number goes");
	group_init(&g);
	g.layers.range.decimals = 10;
	bad_group(&g, "decimals 10 is out of bounds (0 to 9)");
}

/* ---- recordings ---- */

static void recordings_have_moments(void **state)
{
	struct series_point points[] = {
		{0, 1}, {1000000, 2}, {3000000, 3}, {6000000, 6}};
	struct series r = {.name = "r", .points = points, .n = 4};
	double mean, sd;
	struct group g;

	(void)state;
	group_init(&g);
	g.series = &r;
	assert_true(group_mean_delay(&g, 0) == 2);
	group_moments(&g, 0, &mean, &sd);
	assert_true(fabs(mean - 3) < 1e-15);
	assert_true(fabs(sd - sqrt(14 / 4.0)) < 1e-15);
	r.n = 1;
	assert_true(group_mean_delay(&g, 0) == 1);
	group_moments(&g, 0, &mean, &sd);
	assert_true(mean == 1 && sd == 0);
	points[1] = (struct series_point){0, -1.7e308};
	points[2] = (struct series_point){0, 1.7e308};
	r.n = 3;
	assert_true(group_mean_delay(&g, 0) == 1);
	group_moments(&g, 0, &mean, &sd);
	assert_true(isfinite(sd));
	group_release(&g);
}

/* Nanoseconds from their start have to fit. */
static void recordings_may_last_146_years(void **state)
{
	struct series_point points[] = {{0, 1}, {FLEET_DUE_MAX / 1000 - 1, 2}};
	struct series r = {.name = "oxford", .points = points, .n = 2};
	struct err e = ERR_INIT;
	struct group g;

	(void)state;
	group_init(&g);
	g.series = &r;
	assert_int_equal(group_complete(&g, &e), 0);
	g.series_start_us = -1;
	bad_group(&g, "'oxford' goes on for over 146 years after the first "
		      "reading of the recordings");
}

/* ---- all together ---- */

static struct group *add(struct groups *all, const char *name, uint64_t count,
			 const char *place)
{
	struct group *g = groups_add(all);
	struct err e = ERR_INIT;

	g->count = count;
	g->place = mem_dup(place);
	if (group_set_name(g, name, &e) < 0 || group_complete(g, &e) < 0)
		fail_msg("%s", e.msg);
	return g;
}

static void bad_groups(struct groups *all, const char *message)
{
	struct err e = ERR_INIT;

	assert_int_equal(groups_check(all, &e), -1);
	assert_string_equal(e.msg, message);
	groups_release(all);
}

static void names_are_there_once(void **state)
{
	struct groups all = {NULL, 0, 0};

	(void)state;
	add(&all, "a{}", 12, "--sensor 1");
	add(&all, "b", 1, "--sensor 2");
	add(&all, "a11", 1, "f.json:3:5: groups[0]");
	bad_groups(&all, "two sensors are called 'a11': --sensor 1 and "
			 "f.json:3:5: groups[0]");
	add(&all, "a1{}", 5, "--sensor 1");
	add(&all, "a{}", 15, "--sensor 2");
	bad_groups(&all, "two sensors are called 'a10': --sensor 1 and "
			 "--sensor 2");
	add(&all, "boiler", 1, "--sensor 1");
	add(&all, "boiler", 1, "--sensor 2");
	bad_groups(&all, "two sensors are called 'boiler': --sensor 1 and "
			 "--sensor 2");
}

static void names_that_differ_are_good(void **state)
{
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(groups_check(&all, &e), 0);
	add(&all, "a{}", 11, "1");
	assert_int_equal(groups_check(&all, &e), 0);
	add(&all, "a{:02}", 10, "2");
	add(&all, "a", 1, "3");
	add(&all, "A1", 1, "4");
	assert_int_equal(groups_check(&all, &e), 0);
	groups_release(&all);
}

/* Recordings of one name differ by type; a sensor may not have it too. */
static void recordings_may_share_a_name(void **state)
{
	struct series_point point = {0, 1};
	struct series r = {.name = "hall", .points = &point, .n = 1};
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	(void)state;
	add(&all, "hall", 1, "--replay")->series = &r;
	add(&all, "hall", 1, "--replay")->series = &r;
	assert_int_equal(groups_check(&all, &e), 0);
	add(&all, "hall", 1, "--sensor 1");
	bad_groups(&all, "two sensors are called 'hall': --replay and "
			 "--sensor 1");
}

static void too_many_are_told(void **state)
{
	struct groups all = {NULL, 0, 0};

	(void)state;
	add(&all, "a{}", FLEET_MAX, "1");
	add(&all, "b{}", 1, "2");
	assert_int_equal(groups_size(&all), FLEET_MAX + 1);
	bad_groups(&all, "10000001 sensors are too many (at most 10000000)");
}

static void rates_add_up(void **state)
{
	static const struct law slow = {LAW_CONSTANT, 10, 0};
	struct series_point points[] = {{0, 1}, {4000000, 2}};
	struct series r = {.name = "r", .points = points, .n = 2};
	struct groups all = {NULL, 0, 0};
	struct group *g;

	(void)state;
	add(&all, "a{}", 30, "1");
	g = add(&all, "b{}", 50, "2");
	group_set_law(&g->delay, &slow);
	add(&all, "r", 1, "3")->series = &r;
	g = add(&all, "c{}", 2, "4");
	g->delay.v = mem_grow(g->delay.v, 2, sizeof(*g->delay.v));
	g->delay.v[1] = slow;
	g->delay.n = 2;
	assert_int_equal(groups_size(&all), 83);
	assert_true(fabs(groups_rate(&all) - (30 + 5 + 0.25 + 1.1)) < 1e-12);
	groups_release(&all);
	groups_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_take_the_number),
		cmocka_unit_test(wrong_names_are_told),
		cmocka_unit_test(the_last_name_counts),
		cmocka_unit_test(types_are_kept_with_their_json),
		cmocka_unit_test(what_was_not_said_is_put_in),
		cmocka_unit_test(what_was_said_stays),
		cmocka_unit_test(wrong_groups_are_told),
		cmocka_unit_test(recordings_have_moments),
		cmocka_unit_test(recordings_may_last_146_years),
		cmocka_unit_test(names_are_there_once),
		cmocka_unit_test(names_that_differ_are_good),
		cmocka_unit_test(recordings_may_share_a_name),
		cmocka_unit_test(too_many_are_told),
		cmocka_unit_test(rates_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
