/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/pace.h"
#include "base/when.h"

#define NS_PER_MS INT64_C(1000000)

static void assert_refused(const char *stages, const char *message)
{
	struct pace p = {.n_stages = 0};
	struct err e = ERR_INIT;

	assert_int_equal(pace_parse_stages(&p, stages, &e), -1);
	assert_string_equal(e.msg, message);
	assert_null(p.stages);
	assert_int_equal(p.n_stages, 0);
}

static struct pace pace_of(const char *stages)
{
	struct pace p = {.n_stages = 0};
	struct err e = ERR_INIT;

	assert_int_equal(pace_parse_stages(&p, stages, &e), 0);
	return p;
}

static void the_schedule_is_played_at_a_speed(void **state)
{
	struct pace real = {.speed = 1}, quick = {.speed = 10},
		    slow = {.speed = 0.5};

	(void)state;
	assert_int_equal(pace_next_us(&real, 0), 0);
	assert_int_equal(pace_next_us(&real, 1999), 1);
	assert_int_equal(pace_next_us(&real, 3 * NS_PER_S), 3000000);
	assert_int_equal(pace_next_us(&quick, 3 * NS_PER_S), 300000);
	assert_int_equal(pace_next_us(&slow, 3 * NS_PER_S), 6000000);
}

static void without_a_pace_all_may_go_at_once(void **state)
{
	struct pace max = {.speed = 0};
	struct pace stages = pace_of("1s:1");

	(void)state;
	assert_false(pace_is_paced(&max));
	assert_int_equal(pace_next_us(&max, INT64_MAX / 2), 0);
	assert_true(pace_is_paced(&(struct pace){.speed = 1}));
	assert_true(pace_is_paced(&(struct pace){.rate = 1}));
	assert_true(pace_is_paced(&(struct pace){.then_live = true}));
	assert_true(pace_is_paced(&stages));
	pace_release(&stages);
}

/*
 * 20 s of history; the wall clock says 20 s as the run begins. What is behind
 * that goes when the wall clock is there: start + send = wall + at.
 */
static void then_live_goes_on_with_the_wall_clock(void **state)
{
	const int64_t wall_us = INT64_C(1800000000000000);
	struct pace p = {
		.then_live = true,
		.start_us = wall_us - 20000000,
		.wall_us = wall_us,
	};
	int64_t last = INT64_MIN;

	(void)state;
	for (int64_t ms = 0; ms < 40000; ms++) {
		int64_t at = pace_next_us(&p, ms * NS_PER_MS);

		if (ms <= 20000)
			assert_int_equal(at, 0);
		else
			assert_int_equal(wall_us + at, p.start_us + ms * 1000);
		assert_true(at >= last);
		last = at;
	}
}

/* 100 s of history at ten times real time: both clocks meet at 111.1 s. */
static void then_live_from_a_speed(void **state)
{
	struct pace p = {
		.speed = 10,
		.then_live = true,
		.start_us = 0,
		.wall_us = 100000000,
	};

	(void)state;
	assert_int_equal(pace_next_us(&p, 100 * NS_PER_S), 10000000);
	assert_int_equal(pace_next_us(&p, 111 * NS_PER_S), 11100000);
	assert_int_equal(pace_next_us(&p, 112 * NS_PER_S), 12000000);
	assert_int_equal(pace_next_us(&p, 200 * NS_PER_S), 100000000);
}

/* A history that lies ahead is waited for. */
static void then_live_from_a_start_to_come(void **state)
{
	struct pace p = {.then_live = true, .start_us = 5000000};

	(void)state;
	assert_int_equal(pace_next_us(&p, NS_PER_S), 6000000);
}

static void a_rate_holds_the_schedule_up(void **state)
{
	struct pace max = {.rate = 4}, real = {.speed = 1, .rate = 4},
		    rare = {.rate = 0.001};

	(void)state;
	for (int64_t i = 0; i < 100000; i++)
		assert_int_equal(pace_next_us(&max, 0), i * 250000);
	for (int64_t i = 0; i < 3; i++)
		assert_int_equal(pace_next_us(&rare, 0), i * 1000000000);
	for (int64_t i = 0; i < 8; i++)
		assert_int_equal(pace_next_us(&real, NS_PER_S),
				 1000000 + i * 250000);
}

/* A schedule that was quiet is not made up for. */
static void a_rate_is_not_saved_up(void **state)
{
	struct pace p = {.speed = 1, .rate = 10};

	(void)state;
	assert_int_equal(pace_next_us(&p, 0), 0);
	for (int64_t i = 0; i < 50; i++)
		assert_int_equal(pace_next_us(&p, 8 * NS_PER_S),
				 8000000 + i * 100000);
}

/* 30 messages, none, 5 at one in two seconds, 3 at 2.5 a second. */
static void stages_follow_one_another(void **state)
{
	struct pace p = pace_of("3s:10,1m:0 10s:0.5,1s:2.5");

	(void)state;
	assert_int_equal(p.n_stages, 4);
	for (int64_t i = 0; i < 30; i++)
		assert_int_equal(pace_next_us(&p, 0), i * 100000);
	for (int64_t i = 0; i < 5; i++)
		assert_int_equal(pace_next_us(&p, 0), 63000000 + i * 2000000);
	assert_int_equal(pace_next_us(&p, 0), 73000000);
	assert_int_equal(pace_next_us(&p, 0), 73400000);
	/* There is half a message left when the last stage is over. */
	assert_int_equal(pace_next_us(&p, 0), 73800000);
	assert_int_equal(pace_next_us(&p, 0), PACE_END);
	assert_int_equal(pace_next_us(&p, 100 * NS_PER_S), PACE_END);
	pace_release(&p);
}

/* Each has its time, also where the schedule is slower than its rate. */
static void stages_end_when_their_time_is_over(void **state)
{
	struct pace p = pace_of("1s:100,1s:50,1s:0,1s:1");

	(void)state;
	p.speed = 1;
	for (int64_t ms = 0; ms < 2000; ms += 100)
		assert_int_equal(pace_next_us(&p, ms * NS_PER_MS), ms * 1000);
	/* the pause, and then one a second */
	assert_int_equal(pace_next_us(&p, 2000 * NS_PER_MS), 3000000);
	assert_int_equal(pace_next_us(&p, 2100 * NS_PER_MS), PACE_END);
	pace_release(&p);
}

static void stages_hold_the_schedule_up(void **state)
{
	struct pace p = pace_of("10s:10");

	(void)state;
	p.speed = 1;
	for (int64_t i = 0; i < 80; i++)
		assert_int_equal(pace_next_us(&p, 2 * NS_PER_S),
				 2000000 + i * 100000);
	assert_int_equal(pace_next_us(&p, 2 * NS_PER_S), PACE_END);
	pace_release(&p);
}

/* Before a time t there are as many as the stages' area up to it, and one. */
static void stages_are_never_exceeded(void **state)
{
	struct pace p = pace_of("700ms:3.3,50ms:1k,20s:0.7,1us:1,2s:1k");
	uint64_t n = 0;

	(void)state;
	for (int64_t at, last = 0; (at = pace_next_us(&p, 0)) != PACE_END;
	     n++, last = at) {
		double area = 0;
		int64_t from = 0;

		assert_true(at >= last);
		for (size_t i = 0; i < p.n_stages && from < at; i++) {
			int64_t us = at - from < p.stages[i].us
					     ? at - from
					     : p.stages[i].us;

			area += p.stages[i].rate * (double)us / 1e6;
			from += us;
		}
		/* the time was cut to a microsecond, of 1/1000 message */
		assert_true((double)n <= area + 0.0011);
	}
	assert_int_equal(n, 2067); /* 2.31 + 50 + 14 + 0.000001 + 2000, and 1 */
	pace_release(&p);
}

/* It would wrap to a time long ago. */
static void a_time_beyond_all_clocks_stays_in_the_future(void **state)
{
	struct pace p = {.speed = 1e-6};

	(void)state;
	assert_int_equal(pace_next_us(&p, INT64_MAX / 2), PACE_NEVER);
}

static void wrong_stages_are_refused(void **state)
{
	(void)state;
	assert_refused("", "'' has an empty word");
	assert_refused("10s", "'10s' is no stage (like 10s:5k)");
	assert_refused("10s:1,,5s:1", "'10s:1,,5s:1' has an empty word");
	assert_refused("0s:5", "a stage of '0s' is out of bounds (above 0, to "
			       "36525d)");
	assert_refused("-1s:5", "a stage of '-1s' is out of bounds (above 0, "
				"to 36525d)");
	assert_refused("36526d:5", "a stage of '36526d' is out of bounds "
				   "(above 0, to 36525d)");
	assert_refused("1s:-1",
		       "rate '-1' is out of bounds (0, or 1e-06 to 1e+09)");
	assert_refused("1s:1e-7",
		       "rate '1e-7' is out of bounds (0, or 1e-06 to 1e+09)");
	assert_refused("1s:2G",
		       "rate '2G' is out of bounds (0, or 1e-06 to 1e+09)");
	assert_refused("30000d:1,30000d:1",
		       "the stages are too long together (36525d at most)");
}

static void numbers_in_stages_are_named(void **state)
{
	static const char *const wrong[] = {"soon:1", "1s:often", "1s:", ":1",
					    "1s:nan"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct pace p = {.n_stages = 0};
		struct err e = ERR_INIT;

		assert_int_equal(pace_parse_stages(&p, wrong[i], &e), -1);
		assert_string_not_equal(e.msg, "");
		assert_null(p.stages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schedule_is_played_at_a_speed),
		cmocka_unit_test(without_a_pace_all_may_go_at_once),
		cmocka_unit_test(then_live_goes_on_with_the_wall_clock),
		cmocka_unit_test(then_live_from_a_speed),
		cmocka_unit_test(then_live_from_a_start_to_come),
		cmocka_unit_test(a_rate_holds_the_schedule_up),
		cmocka_unit_test(a_rate_is_not_saved_up),
		cmocka_unit_test(stages_follow_one_another),
		cmocka_unit_test(stages_end_when_their_time_is_over),
		cmocka_unit_test(stages_hold_the_schedule_up),
		cmocka_unit_test(stages_are_never_exceeded),
		cmocka_unit_test(a_time_beyond_all_clocks_stays_in_the_future),
		cmocka_unit_test(wrong_stages_are_refused),
		cmocka_unit_test(numbers_in_stages_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
