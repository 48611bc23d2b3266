/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "sim/cycle.h"

#define HOUR_US (CYCLE_DAY_US / 24)

static int64_t at(const char *time)
{
	struct err e = ERR_INIT;
	int64_t us;

	if (when_parse(time, strlen(time), &us, &e) < 0)
		fail_msg("%s", e.msg);
	return us;
}

static void near(double got, double want, double size)
{
	if (fabs(got - want) > 1e-11 * fabs(size))
		fail_msg("%.17g is not near %.17g", got, want);
}

static struct cycle checked(struct cycle c, const char *points)
{
	struct err e = ERR_INIT;

	if ((points && cycle_parse_points(&c, points, &e) < 0) ||
	    cycle_check(&c, &e) < 0)
		fail_msg("%s", e.msg);
	return c;
}

/*
 * Over whole periods in n even parts, the correlations with cosine and sine
 * are amplitude cos and sin of the phase but for rounding: discrete Fourier.
 */
static void check_sine(const struct cycle *c, int64_t from_us)
{
	double a = 0, b = 0, mean = 0, turn = 2 * M_PI / 1000;
	double phase = 2 * M_PI * (double)c->peak_us / (double)c->period_us;

	for (int i = 0; i < 3000; i++) {
		int64_t part_us = c->period_us / 1000 * i;
		double y = cycle_at(c, c->origin_us + from_us + part_us);

		mean += y / 3000;
		a += y * cos(turn * i) / 1500;
		b += y * sin(turn * i) / 1500;
	}
	near(mean, 0, c->amplitude);
	near(hypot(a, b), fabs(c->amplitude), c->amplitude);
	near(a, c->amplitude * cos(phase), c->amplitude);
	near(b, c->amplitude * sin(phase), c->amplitude);
}

static void sines_have_their_amplitude_and_phase(void **state)
{
	static const struct cycle cycles[] = {
		{CYCLE_DAY_US, 0, 3, 15 * HOUR_US, NULL, 0},
		{CYCLE_WEEK_US, CYCLE_WEEK_ORIGIN_US, 1e6, 0, NULL, 0},
		{CYCLE_YEAR_US, 0, -9, CYCLE_YEAR_US / 2, NULL, 0},
		{5000, -7, 1e-3, 1234, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cycles) / sizeof(*cycles); i++) {
		const struct cycle *c = &cycles[i];

		checked(*c, NULL);
		for (int64_t n = -1000; n <= 1000; n += 500)
			check_sine(c, n * c->period_us);
	}
}

static void days_weeks_and_years_begin_where_people_say(void **state)
{
	struct cycle day = {CYCLE_DAY_US, 0, 1, 15 * HOUR_US, NULL, 0};
	struct cycle week = {
		CYCLE_WEEK_US, CYCLE_WEEK_ORIGIN_US, 1, 0, NULL, 0};
	struct cycle year = {CYCLE_YEAR_US, 0, 1, 0, NULL, 0};

	(void)state;
	assert_true(cycle_at(&day, at("2026-11-24T15:00:00Z")) == 1);
	assert_true(cycle_at(&day, at("1931-02-28T15:00:00Z")) == 1);
	near(cycle_at(&day, at("1931-02-28T03:00:00Z")), -1, 1);
	assert_true(cycle_at(&week, at("2026-11-23T00:00:00Z")) == 1);
	assert_true(cycle_at(&week, at("1969-12-29T00:00:00Z")) == 1);
	near(cycle_at(&week, at("2026-11-26T12:00:00Z")), -1, 1);
	/* The calendar is within a day of the year. */
	for (int y = 1800; y < 2200; y++) {
		char time[32];

		snprintf(time, sizeof(time), "%d-01-01T00:00:00Z", y);
		assert_true(cycle_at(&year, at(time)) >=
			    cos(2 * M_PI * 1.5 / 365.2425));
	}
}

/* Each point to the bit, and half way between, in many periods. */
static void check_points(const struct cycle *c)
{
	for (int64_t n = -3000; n <= 3000; n += 7)
		for (size_t i = 0; i < c->n_points; i++) {
			const struct cycle_point *a = &c->points[i];
			const struct cycle_point *b =
				&c->points[(i + 1) % c->n_points];
			int64_t from = c->origin_us + n * c->period_us;
			int64_t span = b->at_us - a->at_us;

			span += span < 0 ? c->period_us : 0;
			from += a->at_us;
			assert_true(cycle_at(c, from) == a->value);
			assert_true(cycle_at(c, from + span) == b->value);
			near(cycle_at(c, from + span / 2),
			     (a->value + b->value) / 2, fabs(a->value) + 1);
			near(cycle_at(c, from + span / 4),
			     0.75 * a->value + 0.25 * b->value,
			     fabs(a->value) + 1);
		}
}

static void points_are_hit_and_joined_by_lines(void **state)
{
	static const struct {
		int64_t period_us, origin_us;
		const char *points;
	} rows[] = {
		{CYCLE_DAY_US, 0, "0h:18 7h:21 22h:18.5"},
		{CYCLE_DAY_US, 0, "6h:-1, 440.5m:2.5k,7.5h:-3 ,8h:2,"},
		{CYCLE_DAY_US, 0, "0:1 86399s:2"},
		{CYCLE_WEEK_US, CYCLE_WEEK_ORIGIN_US, "9h:1 1.5d:5 6d:0.1"},
		{CYCLE_YEAR_US, 0, "15d:-2 200d:19"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cycle c = {
			rows[i].period_us, rows[i].origin_us, 0, 0, NULL, 0};

		c = checked(c, rows[i].points);
		check_points(&c);
		cycle_release(&c);
	}
}

static void check_order(const struct cycle *c)
{
	double x[1000];

	for (int i = 0; i < 1000; i++)
		x[i] = cycle_at(c, i * INT64_C(123456789));
	for (int i = 0; i < 1000; i++) {
		int k = i * 387 % 1000;
		double y = cycle_at(c, k * INT64_C(123456789));

		assert_memory_equal(&x[k], &y, sizeof(y));
	}
}

static void order_does_not_matter(void **state)
{
	struct cycle sine = {CYCLE_DAY_US, 0, 3, 15 * HOUR_US, NULL, 0};
	struct cycle points = {CYCLE_DAY_US, 0, 0, 0, NULL, 0};

	(void)state;
	points = checked(points, "0h:18 7h:21 22h:18.5");
	check_order(&sine);
	check_order(&points);
	cycle_release(&points);
}

static void times_and_periods_have_no_edge(void **state)
{
	static const int64_t v[] = {WHEN_MIN, -1, 0, 1, WHEN_MAX};
	static const int64_t periods[] = {1, 7, CYCLE_YEAR_US, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < 5 * 5 * 4; i++) {
		struct cycle c = {periods[i % 4], v[i / 4 % 5], 1, 0, NULL, 0};
		struct cycle_point p[] = {{0, 1}, {c.period_us - 1, 2}};
		int64_t t = v[i / 20];

		assert_true(fabs(cycle_at(&c, t)) <= 1);
		c.peak_us = c.period_us - 1;
		assert_true(fabs(cycle_at(&c, t)) <= 1);
		if (c.period_us == 1)
			continue;
		c.points = p;
		c.n_points = 2;
		assert_true(cycle_at(&c, t) >= 1 && cycle_at(&c, t) <= 2);
	}
}

static void new_points_replace_and_bad_ones_do_not(void **state)
{
	struct cycle c = {CYCLE_DAY_US, 0, 0, 0, NULL, 0};
	struct err e = ERR_INIT;

	(void)state;
	c = checked(c, "0h:1 1h:2 2h:3");
	c = checked(c, "5h:1 6h:2");
	assert_int_equal(c.n_points, 2);
	assert_int_equal(cycle_parse_points(&c, "0h:1 1h", &e), -1);
	assert_int_equal(c.n_points, 2);
	assert_true(c.points[1].at_us == 6 * HOUR_US && c.points[1].value == 2);
	cycle_release(&c);
	assert_true(!c.points && c.n_points == 0);
	cycle_release(&c);
	cycle_release(NULL);
}

static void bad_points(const char *text, const char *message)
{
	struct cycle c = {CYCLE_DAY_US, 0, 0, 0, NULL, 0};
	struct err e = ERR_INIT;

	if (cycle_parse_points(&c, text, &e) == 0)
		assert_int_equal(cycle_check(&c, &e), -1);
	assert_string_equal(e.msg, message);
	cycle_release(&c);
}

static void wrong_points_are_told(void **state)
{
	(void)state;
	bad_points("", "'' has an empty word");
	bad_points(" ", "' ' has an empty word");
	bad_points("5h:1", "a cycle takes 2 points or more, not 1");
	bad_points("5h:1 7", "point '7': no TIME:VALUE (like 7.5h:21)");
	bad_points("5h:1 7:21", "point '7:21': time '7' has no unit (like "
				"7.5h, 440m, 1.5d)");
	bad_points("7:30=21", "point '7:30=21': time '7' has no unit (like "
			      "7.5h, 440m, 1.5d)");
	bad_points("5h:1 7h30m:2",
		   "point '7h30m:2': '7h30m' is not a span of time (like 20, "
		   "500ms, 20s, 5m, 24h)");
	bad_points(":2", "point ':2': '' is not a span of time (like 20, "
			 "500ms, 20s, 5m, 24h)");
	bad_points("5h:", "point '5h:': '' is not a number");
	bad_points("5h:1:2", "point '5h:1:2': '1:2' is not a number");
	bad_points("5h:nan", "point '5h:nan': 'nan' is not a finite number");
	bad_points("5h:1 6h:2 6h:3", "point 6h must come after 6h");
	bad_points("5h:1 90m:2", "point 90m must come after 5h");
	bad_points("-5h:1 6h:2", "point -5h must not be before 0s");
	bad_points("5h:1 24h:2", "point 1d must be below the period of 1d");
	bad_points("5h:1 6h:1e301",
		   "value 1e+301 is out of bounds (-1e+300 to 1e+300)");
}

static void bad(struct cycle c, const char *message)
{
	struct err e = ERR_INIT;

	assert_int_equal(cycle_check(&c, &e), -1);
	assert_string_equal(e.msg, message);
}

static void bounds_are_told(void **state)
{
	static struct cycle_point p[] = {{0, 1}, {1, 2}};

	(void)state;
	checked((struct cycle){1, WHEN_MAX, 0, 0, NULL, 0}, NULL);
	bad((struct cycle){0, 0, 1, 0, NULL, 0}, "period 0s must be above 0s");
	bad((struct cycle){-CYCLE_DAY_US, 0, 1, 0, NULL, 0},
	    "period -1d must be above 0s");
	bad((struct cycle){CYCLE_DAY_US, 0, 1, CYCLE_DAY_US, NULL, 0},
	    "peak 1d must be below the period of 1d");
	bad((struct cycle){CYCLE_DAY_US, 0, 1, -1, NULL, 0},
	    "peak -1us must not be before 0s");
	bad((struct cycle){CYCLE_DAY_US, WHEN_NONE, 1, 0, NULL, 0},
	    "origin is out of bounds (years 1 to 9999)");
	bad((struct cycle){CYCLE_DAY_US, 0, NAN, 0, NULL, 0},
	    "amplitude nan is out of bounds (-1e+300 to 1e+300)");
	bad((struct cycle){CYCLE_DAY_US, 0, 3, 0, p, 2},
	    "amplitude 3 and points: a cycle takes one of the two");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sines_have_their_amplitude_and_phase),
		cmocka_unit_test(days_weeks_and_years_begin_where_people_say),
		cmocka_unit_test(points_are_hit_and_joined_by_lines),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(times_and_periods_have_no_edge),
		cmocka_unit_test(new_points_replace_and_bad_ones_do_not),
		cmocka_unit_test(wrong_points_are_told),
		cmocka_unit_test(bounds_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
