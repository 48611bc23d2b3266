/* SPDX-License-Identifier: MIT */
/* The status line, what it is made of, and the rate that it shows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "base/when.h"
#include "run/status.h"
#include "run/words.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- the rate ---- */

static void assert_near(double got, double want, double within)
{
	if (fabs(got - want) > within)
		fail_msg("%g is not within %g of %g", got, within, want);
}

static void no_rate_before_the_second_look(void **state)
{
	struct meter m = {.begun = false};
	double rate = -1;

	(void)state;
	assert_false(meter_look(&m, 5000000, 1000, &rate));
	assert_false(meter_look(&m, 5000000, 2000, &rate));
	assert_true(rate == -1);
	assert_true(meter_look(&m, 5500000, 2500, &rate));
	assert_near(rate, 1000, 1e-9);
}

static void a_steady_rate_does_not_move(void **state)
{
	struct meter m = {.begun = false};
	int64_t us = 0;
	double rate = 0;

	(void)state;
	meter_look(&m, us, 0, &rate);
	for (int i = 0; i < 1000; i++) {
		us += 1000 + i * 7919 % 700000; /* however it is looked at */
		assert_true(meter_look(&m, us, (double)us * 3e-3, &rate));
		assert_near(rate, 3000, 1e-6);
	}
}

/* After the memory's length 1 - 1/e of a step is seen. */
static void a_step_is_followed_smoothly(void **state)
{
	struct meter m = {.begun = false};
	double rate = 0, n = 0, before = 1000;
	int64_t us = 0;

	(void)state;
	for (; us < 60000000; us += 250000, n += 250)
		meter_look(&m, us, n, &rate);
	for (int i = 0; i < METER_MEMORY_US / 250000; i++) {
		us += 250000;
		n += 500;
		meter_look(&m, us, n, &rate);
		assert_true(rate >= before - 1e-6);
		assert_true(rate - before < 1000 * 0.25 / 4 + 5);
		before = rate;
	}
	assert_near(rate, 1000 + 1000 * (1 - exp(-1)), 20);
}

/* ---- words ---- */

static void rates_and_times_in_words(void **state)
{
	static const struct {
		double rate;
		const char *text;
	} rates[] = {
		{0, "0/s"},	      {0.5, "0.5/s"},	 {19.98, "19.98/s"},
		{9999.4, "9999/s"},   {9999.6, "10k/s"}, {47712.3, "47.71k/s"},
		{999949, "999.9k/s"}, {999950, "1M/s"},	 {3100000, "3.1M/s"},
	};
	static const struct {
		int64_t us;
		const char *text;
	} times[] = {
		{0, "0.0s"},
		{3290000, "3.2s"},
		{9999999, "9.9s"},
		{10000000, "10s"},
		{59999999, "59s"},
		{65 * US_PER_S, "1m05s"},
		{3599 * US_PER_S, "59m59s"},
		{7500 * US_PER_S, "2h05m"},
		{273600 * US_PER_S, "3d04h"},
	};
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		str_clear(&s);
		words_add_rate(&s, rates[i].rate);
		assert_string_equal(s.p, rates[i].text);
	}
	for (size_t i = 0; i < COUNT(times); i++) {
		str_clear(&s);
		words_add_time(&s, times[i].us);
		assert_string_equal(s.p, times[i].text);
	}
	str_release(&s);
}

/* ---- the line ---- */

static const struct produce_standing half = {
	.counts = {.sent = 5000, .delivered = 4990, .failed = 0},
	.behind_us = 3 * US_PER_S,
	.share = 0.5,
};

static const struct consume_standing reading = {
	.books = {.read = 700, .used = 690, .late = 7, .malformed = 3},
	.read = 700,
	.lag = 12,
	.watermark_us = 1000 * US_PER_S,
	.present_us = 1065 * US_PER_S,
	.share = SHARE_UNKNOWN,
};

/* As it is a second after the run's beginning. */
static void produce_is(const struct produce_standing *p, int columns, bool utf8,
		       const char *want)
{
	const struct status_form form = {columns, utf8};
	const struct produce_standing none = {.share = 0};
	struct status s = {.rate = {.begun = false}};
	struct str line = STR_INIT;

	status_produce(&s, &none, 0, &form, &line);
	str_clear(&line);
	status_produce(&s, p, US_PER_S, &form, &line);
	assert_string_equal(line.p, want);
	str_release(&line);
}

static void consume_is(const struct consume_standing *c, int columns,
		       const char *want)
{
	const struct status_form form = {columns, false};
	const struct consume_standing none = {.watermark_us = WHEN_NONE};
	struct status s = {.rate = {.begun = false}};
	struct str line = STR_INIT;

	status_consume(&s, &none, 0, &form, &line);
	str_clear(&line);
	status_consume(&s, c, US_PER_S, &form, &line);
	assert_string_equal(line.p, want);
	str_release(&line);
}

/* What is least important goes first, and the bar takes what is left. */
static void it_fits(void **state)
{
	(void)state;
	produce_is(&half, 200, false,
		   " 50% [###############               ] 1.0s left, sent "
		   "5000, 5000/s, failed 0, on their way 10, behind 3.0s");
	produce_is(&half, 104, false,
		   " 50% [#############             ] 1.0s left, sent 5000, "
		   "5000/s, failed 0, on their way 10, behind 3.0s");
	produce_is(&half, 97, false,
		   " 50% [############            ] 1.0s left, sent 5000, "
		   "5000/s, failed 0, behind 3.0s");
	produce_is(&half, 76, false,
		   " 50% [#########          ] 1.0s left, sent 5000, 5000/s, "
		   "behind 3.0s");
	produce_is(&half, 60, false,
		   " 50% [#######        ] 1.0s left, sent 5000, 5000/s");
	produce_is(&half, 40, false, " 50% 1.0s left, sent 5000, 5000/s");
	produce_is(&half, 25, false, " 50% sent 5000, 5000/s");
	produce_is(&half, 20, false, " 50% sent 5000");
	produce_is(&half, 12, false, " 50% ");
	produce_is(&half, 4, false, "");
	produce_is(&half, 0, false, "");
	produce_is(&half, -9, false, "");
}

static void nothing_is_wider_than_there_is_room(void **state)
{
	struct produce_standing p = half;
	const struct status_form unbound = {1000, true};
	struct status s = {.rate = {.begun = false}};
	struct str line = STR_INIT;

	(void)state;
	p.counts.failed = 12345;
	p.trouble = "why";
	for (int i = 0; i < 400; i++) {
		const struct status_form form = {i % 130, i % 2};

		p.share = (double)i / 399;
		p.counts.sent += (uint64_t)i * 1000000000;
		str_clear(&line);
		status_produce(&s, &p, i * US_PER_S, &form, &line);
		assert_true(utf8_is_valid(line.p, line.len));
		assert_true(utf8_count(line.p, line.len) <= (size_t)(i % 130));
	}
	str_clear(&line);
	status_produce(&s, &p, 500 * US_PER_S, &unbound, &line);
	assert_true(utf8_count(line.p, line.len) < 150);
	str_release(&line);
}

static void the_bar_is_of_eighths_where_there_are_blocks(void **state)
{
	struct produce_standing p = {.share = 3 / 64.0};

	(void)state;
	produce_is(&p, 45, true,
		   "  4% [\xe2\x96\x8c          ] 20s left, sent 0, "
		   "0/s");
	p.share = 1;
	produce_is(&p, 34, true,
		   "100% "
		   "[\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96"
		   "\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88] sent 0, 0/s");
	p.share = 0.999;
	produce_is(&p, 14, true, " 99% sent 0");
}

static void without_an_end_there_is_no_bar(void **state)
{
	struct produce_standing p = half;

	(void)state;
	p.share = SHARE_UNKNOWN;
	p.behind_us = US_PER_S - 1; /* of a run in good time nothing is said */
	produce_is(&p, 200, true,
		   "sent 5000, 5000/s, failed 0, on their way 10");
}

static void what_is_wrong_is_what_stays(void **state)
{
	struct produce_standing p = half;

	(void)state;
	p.share = SHARE_UNKNOWN;
	p.trouble = "Connection refused";
	p.counts.failed = 3;
	produce_is(&p, 29, true, "no broker answers, failed 3");
}

static void a_consumer_tells_how_far_behind_it_is(void **state)
{
	struct consume_standing c = reading;

	(void)state;
	consume_is(&c, 200,
		   "read 700, 700/s, lag 12, behind 1m05s, watermark "
		   "1970-01-01 00:16:40, left out 10");
	consume_is(&c, 60,
		   "read 700, 700/s, lag 12, behind 1m05s, left out 10");
	c.books = (struct books){.read = 700, .used = 700};
	consume_is(&c, 47, "read 700, 700/s, lag 12, behind 1m05s");
	c.present_us = 900 * US_PER_S;
	consume_is(&c, 47, "read 700, 700/s, lag 12, ahead 1m40s");
	c.present_us = 1000 * US_PER_S - 1000; /* clocks need not agree */
	consume_is(&c, 47, "read 700, 700/s, lag 12, behind 0.0s");
	c.watermark_us = WHEN_NONE;
	consume_is(&c, 60, "read 700, 700/s, lag 12, left out 0");
	c.share = 0.25;
	consume_is(&c, 60,
		   " 25% [###            ] 3.0s left, read 700, 700/s, lag 12");
}

/* ---- lines for a log ---- */

static void a_standing_is_told_to_a_log(void **state)
{
	struct produce_standing p = half;
	struct consume_standing c = reading;
	struct str s = STR_INIT;

	(void)state;
	words_add_produce(&s, &p, 999.96);
	assert_string_equal(s.p, "sent 5000: delivered 4990, failed 0, on "
				 "their way 10; 1000.0/s, behind by 3.000s");
	str_clear(&s);
	p.trouble = "Connection refused";
	words_add_produce(&s, &p, 0);
	assert_string_equal(s.p, "sent 5000: delivered 4990, failed 0, on "
				 "their way 10; 0.0/s, behind by 3.000s; no "
				 "broker answers: Connection refused");
	str_clear(&s);
	words_add_consume(&s, &c, 70);
	assert_string_equal(s.p, "read 700: used 690, open 0, late 7, future "
				 "0, malformed 3, skipped 0; 0 reports; "
				 "70.0/s, lag 12, behind by 65.000s");
	str_clear(&s);
	c.watermark_us = WHEN_NONE;
	c.books.reports = 1;
	words_add_consume(&s, &c, 70);
	assert_string_equal(s.p, "read 700: used 690, open 0, late 7, future "
				 "0, malformed 3, skipped 0; 1 report; "
				 "70.0/s, lag 12");
	str_release(&s);
}

static void and_to_programs(void **state)
{
	struct produce_standing p = half;
	struct consume_standing c = reading;
	struct str s = STR_INIT;

	(void)state;
	p.trouble = "a \"b\"";
	members_add_produce(&s, &p, 0.5);
	assert_string_equal(s.p, ",\"sent\":5000,\"delivered\":4990,\"failed\":"
				 "0,\"on_their_way\":10,\"behind_seconds\":3.0,"
				 "\"per_second\":0.5,\"share\":0.5,"
				 "\"trouble\":\"a \\\"b\\\"\"");
	str_clear(&s);
	members_add_consume(&s, &c, INFINITY);
	assert_string_equal(s.p, ",\"read\":700,\"used\":690,\"open\":0,"
				 "\"late\":7,\"future\":0,\"malformed\":3,"
				 "\"skipped\":0,\"reports\":0,\"lag\":12,"
				 "\"behind_seconds\":65.0,\"per_second\":null");
	str_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_rate_before_the_second_look),
		cmocka_unit_test(a_steady_rate_does_not_move),
		cmocka_unit_test(a_step_is_followed_smoothly),
		cmocka_unit_test(rates_and_times_in_words),
		cmocka_unit_test(it_fits),
		cmocka_unit_test(nothing_is_wider_than_there_is_room),
		cmocka_unit_test(the_bar_is_of_eighths_where_there_are_blocks),
		cmocka_unit_test(without_an_end_there_is_no_bar),
		cmocka_unit_test(what_is_wrong_is_what_stays),
		cmocka_unit_test(a_consumer_tells_how_far_behind_it_is),
		cmocka_unit_test(a_standing_is_told_to_a_log),
		cmocka_unit_test(and_to_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
