/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "run/outline.h"
#include "sim/spec.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct str outline_of(const char *const *specs, size_t n)
{
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;
	struct str out = STR_INIT;

	for (size_t i = 0; i < n; i++)
		if (spec_sensor(&all, specs[i], "test", &e))
			fail_msg("%s: %s", specs[i], e.msg);
	outline_add(&out, &all);
	groups_release(&all);
	return out;
}

static void assert_outline(const char *const *specs, size_t n, const char *want)
{
	struct str out = outline_of(specs, n);

	assert_string_equal(out.p, want);
	str_release(&out);
}

/* {"time":"2026-11-24T01:02:03.123456Z","type":"","name":"","value":5.0} */
#define FRAME_BYTES 70

static void a_constant_is_as_long_as_it_is(void **state)
{
	static const char *const specs[] = {
		"name=ab,type=wind,value=constant(5),every=0.1"};

	(void)state;
	/* and 2 for the name, 4 for the type: 76, 10 times a second */
	assert_outline(specs, COUNT(specs),
		       "1 group, 1 sensor, 10 readings/s, 760 B/s\n\n"
		       "type    sensors    readings/s       bytes/s\n"
		       "wind          1            10           760\n");
}

static void types_that_are_drawn_share_the_readings(void **state)
{
	static const char *const specs[] = {
		"name=s{},count=4,type=b c,value=constant(5),every=0.5",
		"name=x0,type=c,value=constant(5),every=1"};

	(void)state;
	assert_outline(specs, COUNT(specs),
		       "2 groups, 5 sensors, 9 readings/s, 657 B/s\n\n"
		       "type    sensors    readings/s       bytes/s\n"
		       "b             4             4           292\n"
		       "c             5             5           365\n");
}

/* Five sensors and two types: three of the first, two of the second. */
static void types_that_are_dealt_share_the_sensors(void **state)
{
	static const char *const specs[] = {
		"name=s{},count=5,type=b c,type-per-sensor=true,"
		"value=constant(5),every=0.5"};

	(void)state;
	assert_outline(specs, COUNT(specs),
		       "1 group, 5 sensors, 10 readings/s, 730 B/s\n\n"
		       "type    sensors    readings/s       bytes/s\n"
		       "b             3             6           438\n"
		       "c             2             4           292\n");
}

static void columns_are_aligned_in_any_script(void **state)
{
	static const char *const specs[] = {
		"name=a,type=temp\xc3\xa9rature,value=constant(5)",
		"name=b,type=x,value=constant(5)"};

	(void)state;
	assert_outline(
		specs, COUNT(specs),
		"2 groups, 2 sensors, 2 readings/s, 155 B/s\n\n"
		"type           sensors    readings/s       bytes/s\n"
		"temp\xc3\xa9rature          1             1            83\n"
		"x                    1             1            72\n");
}

/* A few of a million say how long names are: six digits, nearly all. */
static void a_million_sensors_are_sampled(void **state)
{
	static const char *const specs[] = {
		"name={},count=1M,type=t,value=constant(5)"};
	struct str out = outline_of(specs, 1);
	double rate, bytes;

	(void)state;
	assert_int_equal(sscanf(out.p,
				"1 group, 1000000 sensors, %lf "
				"readings/s, %lf MB/s\n",
				&rate, &bytes),
			 2);
	assert_true(rate == 1e6);
	assert_true(bytes > FRAME_BYTES + 1 + 5.8);
	assert_true(bytes < FRAME_BYTES + 1 + 6);
	str_release(&out);
}

/* Rates are in mean delays, also those that are not even. */
static void a_rate_is_that_of_the_mean_delay(void **state)
{
	static const char *const specs[] = {
		"name=a,type=t,value=constant(5),every=exponential(0.25)",
		"name=b,type=t,value=constant(5),every=1h"};

	(void)state;
	assert_outline(specs, COUNT(specs),
		       "2 groups, 2 sensors, 4.00028 readings/s, 288 B/s\n\n"
		       "type    sensors    readings/s       bytes/s\n"
		       "t             2       4.00028           288\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_is_as_long_as_it_is),
		cmocka_unit_test(types_that_are_drawn_share_the_readings),
		cmocka_unit_test(types_that_are_dealt_share_the_sensors),
		cmocka_unit_test(columns_are_aligned_in_any_script),
		cmocka_unit_test(a_million_sensors_are_sampled),
		cmocka_unit_test(a_rate_is_that_of_the_mean_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
