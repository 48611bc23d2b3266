/* SPDX-License-Identifier: MIT */
/*
 * The six rules of "Windows, exactly": each by a small story, then all of
 * them on random inputs against a reference so plain that it can be read.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/agg.h"
#include "agg/forget.h"
#include "agg/sum.h"
#include "base/mem.h"
#include "base/when.h"
#include "reading_of.h"
#include "rng.h"

#define S   US_PER_S
#define FAR (1000000 * S) /* a present that makes nothing future */

static const struct agg_conf plain = {
	.interval_us = 20 * S,
	.grace_us = 1 * S,
	.idle_us = 5 * S,
	.max_ahead_us = 10 * S,
	.from_us = WHEN_NONE,
};

/* The record that comes next in the partition. */
static struct agg_record next_record(struct agg *a, int partition)
{
	struct mark m;

	agg_mark(a, partition, &m);
	return (struct agg_record){.partition = partition, .offset = m.next};
}

static void add_reading(struct agg *a, int partition, const struct reading *r,
			int64_t present_us, int64_t mono_us)
{
	struct agg_record at = next_record(a, partition);

	agg_add(a, &at, r, present_us, mono_us);
}

static void add(struct agg *a, int partition, double seconds, int64_t mono_us)
{
	struct reading r = reading_of((int64_t)(seconds * S), "n", seconds);

	add_reading(a, partition, &r, FAR, mono_us);
}

static struct agg *with_partitions(const struct agg_conf *conf, int n)
{
	struct agg *a = agg_new(conf);

	for (int p = 0; p < n; p++)
		agg_hold(a, p);
	return a;
}

static void assert_balanced(const struct agg *a)
{
	const struct books b = agg_books(a);

	assert_int_equal(b.read, b.used + b.open + b.late + b.future +
					 b.malformed + b.skipped);
}

static void assert_closes(struct agg *a, int64_t mono_us, double end_s,
			  uint64_t count)
{
	const struct report *r;

	assert_int_equal(agg_next(a, 1, mono_us), AGG_CLOSE);
	r = agg_close(a);
	assert_int_equal(r->end_us, (int64_t)(end_s * S));
	assert_int_equal(r->count, count);
	assert_null(agg_close(a));
	assert_balanced(a);
}

static enum agg_verdict verdict_of(struct agg *a, double seconds,
				   int64_t present_us)
{
	struct agg_record at = next_record(a, 0);
	struct reading r = reading_of((int64_t)(seconds * S), "n", 1);

	return agg_add(a, &at, &r, present_us, 0);
}

/* The one that counts it says so too. */
static void each_record_has_its_verdict(void **state)
{
	struct agg_conf conf = plain;
	struct agg_record at;
	struct agg *a;
	struct books b;

	(void)state;
	conf.max_ahead_us = 10 * S;
	conf.from_us = 20 * S;
	a = with_partitions(&conf, 1);
	assert_int_equal(verdict_of(a, 25, 50 * S), AGG_USED);
	assert_int_equal(verdict_of(a, 19, 50 * S), AGG_SKIPPED);
	assert_int_equal(verdict_of(a, 61, 50 * S), AGG_FUTURE);
	assert_int_equal(verdict_of(a, 41, 50 * S), AGG_USED);
	assert_int_equal(verdict_of(a, 39, 50 * S), AGG_LATE);
	at = next_record(a, 0);
	assert_int_equal(agg_add_malformed(a, &at), AGG_MALFORMED);
	b = agg_books(a);
	assert_true(b.open == 2 && b.skipped == 1 && b.future == 1);
	assert_true(b.late == 1 && b.malformed == 1);
	assert_false(verdict_is_left_out(AGG_USED));
	assert_false(verdict_is_left_out(AGG_KNOWN));
	assert_false(verdict_is_left_out(AGG_SKIPPED));
	assert_true(verdict_is_left_out(AGG_LATE));
	assert_true(verdict_is_left_out(AGG_FUTURE));
	assert_true(verdict_is_left_out(AGG_MALFORMED));
	agg_free(a);
}

static void a_window_closes_at_its_end_and_grace(void **state)
{
	struct agg *a = with_partitions(&plain, 1);

	(void)state;
	add(a, 0, 1, 0);
	add(a, 0, 20.9, 0);
	assert_int_equal(agg_next(a, 1, 0), AGG_WAIT);
	add(a, 0, 21, 0);
	assert_closes(a, 0, 20, 1);
	assert_int_equal(agg_next(a, 1, 0), AGG_WAIT);
	agg_free(a);
}

static void a_reading_is_late_by_its_own_partition(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 30, 0);
	add(a, 1, 1, 0); /* partition 1 is not that far */
	add(a, 0, 1, 0); /* late although its window is open */
	add(a, 0, 20, 0);
	assert_int_equal(agg_books(a).late, 1);
	assert_int_equal(agg_books(a).open, 3);
	assert_balanced(a);
	agg_free(a);
}

static void a_window_waits_for_every_partition(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 1, 0);
	add(a, 0, 50, 0);
	assert_int_equal(agg_next(a, 1, 100 * S), AGG_WAIT);
	add(a, 1, 20.999999, 0);
	assert_int_equal(agg_next(a, 1, 100 * S), AGG_WAIT);
	add(a, 1, 21, 0);
	assert_closes(a, 0, 20, 1);
	agg_free(a);
}

static void an_idle_partition_is_not_waited_for(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 1, 1, 0);
	agg_at_end(a, 1, 0);
	add(a, 0, 30, 4 * S);
	assert_int_equal(agg_next(a, 1, 5 * S - 1), AGG_WAIT);
	assert_int_equal(agg_next(a, 1, 5 * S), AGG_ASK);
	agg_asked(a);
	assert_closes(a, 5 * S, 20, 1);
	agg_free(a);
}

static const struct report *forced_report(struct agg *a, int64_t mono_us)
{
	assert_int_equal(agg_next(a, 1, mono_us), AGG_ASK);
	agg_asked(a);
	assert_int_equal(agg_next(a, 1, mono_us), AGG_CLOSE);
	return agg_close(a);
}

static void a_forced_close_says_how_far_partitions_were(void **state)
{
	struct agg *a = with_partitions(&plain, 4);
	const struct report *r;

	(void)state;
	add(a, 0, 1, 0);
	add(a, 1, 1, 0);
	add(a, 1, 20.999999, 0);
	add(a, 2, 21, 0);
	for (int p = 0; p < 4; p++) /* the last has nothing */
		agg_at_end(a, p, 0);
	add(a, 0, 30, 4 * S);
	r = forced_report(a, 5 * S);
	assert_int_equal(r->count, 2);
	assert_int_equal(r->n_cuts, 2);
	assert_int_equal(r->cuts[0].partition, 1);
	assert_int_equal(r->cuts[0].offset, 2);
	assert_int_equal(r->cuts[1].partition, 3);
	assert_int_equal(r->cuts[1].offset, 0);
	assert_null(agg_close(a));
	add(a, 1, 2, 6 * S);
	assert_int_equal(agg_books(a).late, 1);
	agg_finish(a);
	assert_int_equal(agg_next(a, 1, 6 * S), AGG_CLOSE);
	assert_int_equal(agg_close(a)->n_cuts, 4);
	assert_null(agg_close(a));
	agg_free(a);
}

static void a_close_that_all_have_passed_has_no_cuts(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 1, 0);
	add(a, 0, 21, 0);
	add(a, 1, 21, 0);
	agg_finish(a);
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	assert_int_equal(agg_close(a)->n_cuts, 0);
	agg_free(a);
}

static void an_asked_partition_with_more_votes_again(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 1, 1, 0);
	agg_at_end(a, 1, 0);
	add(a, 0, 30, 5 * S);
	assert_int_equal(agg_next(a, 1, 5 * S), AGG_ASK);
	agg_behind(a, 1);
	agg_asked(a);
	assert_int_equal(agg_next(a, 1, 6 * S), AGG_WAIT);
	add(a, 1, 2, 6 * S);
	assert_int_equal(agg_books(a).late, 0);
	agg_free(a);
}

static void silence_counts_from_the_last_time_it_was_at_its_end(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 1, 1, 0);
	agg_at_end(a, 1, 0);
	add(a, 0, 30, 0);
	agg_behind(a, 1); /* the broker has gone: who knows */
	assert_int_equal(agg_next(a, 1, 60 * S), AGG_WAIT);
	agg_at_end(a, 1, 60 * S);
	agg_at_end(a, 1, 64 * S);
	assert_int_equal(agg_next(a, 1, 65 * S - 1), AGG_WAIT);
	assert_int_equal(agg_next(a, 1, 65 * S), AGG_ASK);
	agg_free(a);
}

static void an_empty_partition_stops_voting_at_its_first_end(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 1, 0);
	add(a, 0, 21, 0);
	assert_int_equal(agg_next(a, 1, 0), AGG_WAIT);
	agg_at_end(a, 1, 0);
	assert_int_equal(agg_next(a, 1, 0), AGG_ASK);
	agg_asked(a);
	assert_closes(a, 0, 20, 1);
	agg_free(a);
}

static void one_that_is_behind_always_votes(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 1, 0);
	add(a, 0, 90, 0);
	assert_int_equal(agg_next(a, 1, 3600 * S), AGG_WAIT);
	add(a, 1, 2, 3600 * S);
	assert_int_equal(agg_books(a).late, 0);
	agg_free(a);
}

static void without_idle_all_are_waited_for(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.idle_us = AGG_OFF;
	a = with_partitions(&conf, 2);
	add(a, 1, 1, 0);
	agg_at_end(a, 1, 0);
	add(a, 0, 90, 0);
	assert_int_equal(agg_next(a, 1, 3600 * S), AGG_WAIT);
	agg_free(a);
}

static void a_silent_topic_gets_its_last_report(void **state)
{
	struct agg *a = with_partitions(&plain, 1);

	(void)state;
	add(a, 0, 15, 100 * S);
	agg_at_end(a, 0, 100 * S);
	/* the watermark is 15 and the time since: 21 after 6 s */
	assert_int_equal(agg_next(a, 1, 106 * S - 1), AGG_WAIT);
	assert_int_equal(agg_next(a, 1, 106 * S), AGG_ASK);
	agg_asked(a);
	assert_closes(a, 106 * S, 20, 1);
	agg_free(a);
}

static void a_clock_that_runs_ahead_is_left_out(void **state)
{
	struct agg *a = with_partitions(&plain, 1);
	struct reading r = reading_of(100 * S, "n", 1);

	(void)state;
	add_reading(a, 0, &r, 90 * S - 1, 0);
	assert_int_equal(agg_books(a).future, 1);
	assert_true(agg_watermark_us(a, 0) == WHEN_NONE);
	add_reading(a, 0, &r, 90 * S, 0);
	assert_int_equal(agg_books(a).open, 1);
	assert_balanced(a);
	agg_free(a);
}

/* The wall clock says what is of the future, and nothing else. */
static void a_wall_clock_that_jumps_costs_what_it_calls_future(void **state)
{
	struct agg *a = with_partitions(&plain, 1);
	struct reading r;

	(void)state;
	for (int s = 1000; s < 1100; s++) {
		bool back = s >= 1030 && s < 1035;
		int64_t off = back ? -3600 : s >= 1060 ? 3600 : 0;

		r = reading_of(s * S, "n", 1);
		add_reading(a, 0, &r, (s + off) * S, (s - 1000) * S);
		if (s % 20 == 1 && s > 1001)
			assert_closes(a, 0, s - 1, s == 1041 ? 15 : 20);
		assert_int_equal(agg_next(a, 1, (s - 1000) * S), AGG_WAIT);
	}
	assert_int_equal(agg_books(a).future, 5);
	assert_balanced(a);
	agg_free(a);
}

/* A device that has lost its clock, before and after those that have theirs. */
static void a_clock_of_1970_holds_nothing_up(void **state)
{
	const double now = 900000;
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 3, 0);
	add(a, 0, now, 0);
	add(a, 1, now, 0);
	assert_closes(a, 0, 20, 1); /* its own window */
	add(a, 0, 4, 0);
	add(a, 1, 5, 0);
	assert_int_equal(agg_books(a).late, 2);
	add(a, 0, now + 21, 0);
	add(a, 1, now + 21, 0);
	assert_closes(a, 0, now + 20, 2);
	agg_free(a);
}

static void an_interval_need_not_divide_a_day(void **state)
{
	const double hour = 3600;
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.interval_us = (int64_t)(7 * hour) * S;
	a = with_partitions(&conf, 1);
	add(a, 0, 21 * hour, 0);
	add(a, 0, 23.9 * hour, 0);
	add(a, 0, 24 * hour, 0); /* the day after, the same window */
	add(a, 0, 28 * hour + 1, 0);
	assert_closes(a, 0, 28 * hour, 3);
	agg_free(a);
}

static void reports_begin_with_the_first_whole_window(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.from_us = 21 * S;
	a = with_partitions(&conf, 1);
	add(a, 0, 39.9, 0);
	add(a, 0, 40, 0);
	assert_int_equal(agg_books(a).skipped, 1);
	agg_finish(a);
	assert_closes(a, 0, 60, 1);
	agg_free(a);
}

static void from_first_begins_where_all_partitions_do(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.from_first = true;
	a = with_partitions(&conf, 2);
	add(a, 0, 5, 0);
	add(a, 0, 25, 0);
	add(a, 0, 61, 0);
	add(a, 1, 21, 0); /* so 20 to 40 is not whole in partition 1 */
	add(a, 1, 45, 0);
	add(a, 1, 61, 0);
	assert_closes(a, 0, 60, 1);
	assert_int_equal(agg_books(a).skipped, 3);
	agg_free(a);
}

static void accumulated_reports_are_of_all_so_far(void **state)
{
	struct agg_conf conf = plain;
	const struct report *r;
	struct agg *a;

	(void)state;
	conf.accumulate = true;
	a = with_partitions(&conf, 1);
	add(a, 0, 1, 0);
	add(a, 0, 22, 0);
	agg_finish(a);
	assert_closes(a, 0, 20, 1);
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	r = agg_close(a);
	assert_int_equal(r->start_us, 0);
	assert_int_equal(r->end_us, 40 * S);
	assert_int_equal(r->count, 2);
	assert_true(r->by_name.rows[0].mean == 11.5);
	agg_free(a);
}

/* So many that the last readings of a window may still wait to be added. */
static void accumulated_reports_are_of_many_names_too(void **state)
{
	struct agg_conf conf = plain;
	const struct report *r;
	struct agg *a;
	char name[16];

	(void)state;
	conf.accumulate = true;
	a = with_partitions(&conf, 1);
	for (int i = 0; i < 10000; i++) {
		struct reading reading =
			reading_of(i % 2 ? 20 * S : 1, name, 1);

		snprintf(name, sizeof(name), "n%04d", i / 2);
		reading.name_len = strlen(name);
		add_reading(a, 0, &reading, FAR, 0);
	}
	agg_finish(a);
	assert_closes(a, 0, 20, 5000);
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	r = agg_close(a);
	assert_int_equal(r->by_name.n, 5000);
	for (size_t i = 0; i < r->by_name.n; i++)
		assert_int_equal(r->by_name.rows[i].count, 2);
	agg_free(a);
}

static void empty_windows_are_closed_on_request(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.empty = true;
	a = with_partitions(&conf, 1);
	add(a, 0, 1, 0);
	add(a, 0, 65, 0);
	assert_closes(a, 0, 20, 1);
	assert_closes(a, 0, 40, 0);
	assert_closes(a, 0, 60, 0);
	assert_int_equal(agg_next(a, 1, 0), AGG_WAIT);
	agg_finish(a);
	assert_closes(a, 0, 80, 1);
	assert_int_equal(agg_next(a, 1, 0), AGG_WAIT);
	agg_free(a);
}

static void a_long_gap_is_passed_over(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.empty = true;
	a = with_partitions(&conf, 1);
	add(a, 0, 1, 0);
	add(a, 0, 20.0 * (AGG_EMPTY_MAX + 3), 0);
	assert_closes(a, 0, 20, 1);
	agg_finish(a);
	assert_closes(a, 0, 20.0 * (AGG_EMPTY_MAX + 4), 1);
	assert_int_equal(agg_books(a).passed, AGG_EMPTY_MAX + 2);
	agg_free(a);
}

static void windows_before_1970_are_multiples_too(void **state)
{
	struct agg *a = with_partitions(&plain, 1);

	(void)state;
	add(a, 0, -20.000001, 0);
	add(a, 0, -20, 0);
	add(a, 0, -0.5, 0);
	agg_finish(a);
	assert_closes(a, 0, -20, 1);
	assert_closes(a, 0, 0, 2);
	agg_free(a);
}

static void add_value(struct agg *a, int partition, double seconds,
		      const char *name, double value)
{
	struct reading r = reading_of((int64_t)(seconds * S), name, value);

	add_reading(a, partition, &r, FAR, 0);
}

static void assert_row(const struct report_row *row, const char *key,
		       const struct report_row *want)
{
	assert_int_equal(row->key_len, strlen(key));
	assert_memory_equal(row->key, key, row->key_len);
	assert_int_equal(row->count, want->count);
	assert_true(row->mean == want->mean);
	assert_int_equal(isnan(row->sd), isnan(want->sd));
	assert_false(fabs(row->sd - want->sd) > 1e-15 * want->sd);
	assert_true(row->min == want->min && row->max == want->max);
}

/* Those of several partitions are put together, and those of windows. */
static void spreads_are_kept_on_request(void **state)
{
	struct agg_conf conf = plain;
	const struct report *r;
	struct agg *a;

	(void)state;
	conf.spread = true;
	conf.accumulate = true;
	a = with_partitions(&conf, 3);
	add_value(a, 0, 1, "x", 2);
	add_value(a, 1, 2, "alone", -1);
	add_value(a, 1, 3, "x", 4);
	add_value(a, 2, 21, "alone", 3);
	add_value(a, 2, 22, "new", 7);
	agg_finish(a);
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	r = agg_close(a);
	assert_int_equal(r->by_name.n, 2);
	assert_row(&r->by_name.rows[0], "alone",
		   &(struct report_row){NULL, 0, 1, -1, NAN, -1, -1});
	assert_row(&r->by_name.rows[1], "x",
		   &(struct report_row){NULL, 0, 2, 3, sqrt(2), 2, 4});
	assert_null(agg_close(a));
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	r = agg_close(a);
	assert_int_equal(r->by_name.n, 3);
	assert_row(&r->by_name.rows[0], "alone",
		   &(struct report_row){NULL, 0, 2, 1, sqrt(8), -1, 3});
	assert_row(&r->by_type.rows[0], "t",
		   &(struct report_row){NULL, 0, 5, 3, sqrt(8.5), -1, 7});
	agg_free(a);
}

static void of_one_table_alone(bool no_types, bool no_names)
{
	struct agg_conf conf = plain;
	const struct report *r;
	struct agg *a;

	conf.accumulate = true;
	conf.no_types = no_types;
	conf.no_names = no_names;
	a = with_partitions(&conf, 2);
	add_value(a, 0, 1, "x", 2);
	add_value(a, 1, 2, "y", 4);
	add_value(a, 1, 21, "y", 6);
	agg_finish(a);
	assert_closes(a, 0, 20, 2);
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	r = agg_close(a);
	assert_int_equal(r->count, 3);
	assert_int_equal(r->by_type.n, no_types ? 0 : 1);
	assert_int_equal(r->by_name.n, no_names ? 0 : 2);
	if (no_types)
		assert_true(r->by_name.rows[1].mean == 5);
	else
		assert_true(r->by_type.rows[0].mean == 4);
	agg_free(a);
}

static void a_table_is_not_kept(void **state)
{
	(void)state;
	of_one_table_alone(true, false);
	of_one_table_alone(false, true);
}

static void a_huge_sum_has_a_mean(void **state)
{
	struct agg *a = with_partitions(&plain, 1);
	const double huge = 0x1p1023;
	const struct report *r;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct reading x = reading_of(S, "n", huge);

		add_reading(a, 0, &x, FAR, 0);
	}
	agg_finish(a);
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	r = agg_close(a);
	assert_true(r->by_name.rows[0].mean == huge);
	agg_free(a);
}

static void a_sum_is_rounded_once(void **state)
{
	const double v[] = {1e300, 1e100, 1e-10, -1e300, -1e100};
	struct sum all = {.n = 0}, a = {.n = 0}, b = {.n = 0};

	(void)state;
	for (int i = 0; i < 5; i++) {
		sum_add(&all, v[i]);
		sum_add(i < 3 ? &a : &b, v[i]);
	}
	sum_merge(&a, &b);
	assert_true(sum_mean(&all) == 1e-10 / 5);
	assert_true(sum_mean(&a) == 1e-10 / 5);
	assert_int_equal(a.n, 5);
}

/* --- random inputs ------------------------------------------------- */

#define PARTS	 4
#define PER_PART 300
#define WINDOWS	 64
#define NAMES	 5

struct input {
	int64_t time_us;
	int name;
	double value;
};

/* By window, name: what must come out. */
struct truth {
	uint64_t count[WINDOWS][NAMES];
	long double sum[WINDOWS][NAMES];
	uint64_t late;
};

static void make_inputs(struct input in[PARTS][PER_PART])
{
	for (int p = 0; p < PARTS; p++) {
		int64_t t = (int64_t)rng(20) * S;

		for (int i = 0; i < PER_PART; i++) {
			int64_t back = rng(4) ? 0 : (int64_t)rng(40 * S);

			t += (int64_t)rng(4 * S);
			in[p][i] = (struct input){
				.time_us = t > back ? t - back : 0,
				.name = (int)rng(NAMES),
				.value = (double)rng(2000) / 7 - 100,
			};
		}
	}
}

/* Rule 1 in so many words. */
static void reference(const struct agg_conf *conf,
		      struct input in[PARTS][PER_PART], struct truth *truth)
{
	memset(truth, 0, sizeof(*truth));
	for (int p = 0; p < PARTS; p++) {
		int64_t watermark = INT64_MIN;

		for (int i = 0; i < PER_PART; i++) {
			const struct input *x = &in[p][i];
			int64_t w = x->time_us / conf->interval_us;
			int64_t end = (w + 1) * conf->interval_us;

			if (end + conf->grace_us <= watermark) {
				truth->late++;
				continue;
			}
			truth->count[w][x->name]++;
			truth->sum[w][x->name] += x->value;
			if (x->time_us > watermark)
				watermark = x->time_us;
		}
	}
}

static void check_report(const struct agg_conf *conf, const struct report *r,
			 const struct truth *truth, double *bits)
{
	int64_t w = r->start_us / conf->interval_us;

	for (size_t i = 0; i < r->by_name.n; i++) {
		const struct report_row *row = &r->by_name.rows[i];
		int name = row->key[0] - 'a';
		long double mean = truth->sum[w][name] / truth->count[w][name];

		assert_int_equal(row->count, truth->count[w][name]);
		assert_true(fabsl(mean - row->mean) < 1e-12L);
		bits[w * NAMES + name] = row->mean;
	}
}

/* One random interleaving of the partitions; the means go to bits. */
static void play(const struct agg_conf *conf, struct input in[PARTS][PER_PART],
		 const struct truth *truth, double *bits)
{
	struct agg *a = with_partitions(conf, PARTS);
	int next[PARTS] = {0};
	int left = PARTS * PER_PART;
	int64_t last_end = INT64_MIN;
	uint64_t windows = 0;

	while (left >= 0) {
		int p = (int)rng(PARTS);
		const struct report *r;

		if (left && next[p] < PER_PART) {
			const struct input *x = &in[p][next[p]++];
			char name[2] = {(char)('a' + x->name), 0};
			struct reading rd =
				reading_of(x->time_us, name, x->value);

			add_reading(a, p, &rd, FAR, 0);
			left--;
		}
		if (!left) {
			agg_finish(a);
			left--;
		}
		while (agg_next(a, 1, 0) == AGG_CLOSE) {
			r = agg_close(a);
			assert_true(r->end_us > last_end);
			last_end = r->end_us;
			check_report(conf, r, truth, bits);
			assert_null(agg_close(a));
			windows++;
		}
	}
	assert_int_equal(agg_books(a).late, truth->late);
	assert_int_equal(agg_books(a).open, 0);
	assert_int_equal(agg_books(a).reports, windows);
	assert_int_equal(agg_books(a).read, PARTS * PER_PART);
	assert_balanced(a);
	agg_free(a);
}

static void any_interleaving_gives_the_same_bits(void **state)
{
	static struct input in[PARTS][PER_PART];
	static struct truth truth;
	static double first[WINDOWS * NAMES], other[WINDOWS * NAMES];
	const int rounds = getenv("IOTSIM_LONG") ? 10000 : 200;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		struct agg_conf conf = plain;

		conf.interval_us = (int64_t)(20 + rng(60)) * S;
		conf.grace_us = (int64_t)rng(30) * S;
		conf.idle_us = AGG_OFF;
		make_inputs(in);
		reference(&conf, in, &truth);
		memset(first, 0, sizeof(first));
		memset(other, 0, sizeof(other));
		play(&conf, in, &truth, first);
		play(&conf, in, &truth, other);
		assert_memory_equal(first, other, sizeof(first));
	}
}

#define COMERS 15000

/* Sensors come and go: new ones in each window, and one that stays. */
static void add_comers(struct agg *a, int window)
{
	struct reading r;
	char name[32];

	for (int i = 0; i < COMERS; i++) {
		snprintf(name, sizeof(name), "comer_%d_%d", window, i);
		r = reading_of((20 * window + 1) * S + i, name, i);
		add_reading(a, 0, &r, FAR, 0);
	}
	r = reading_of((20 * window + 2) * S, "stays", window);
	add_reading(a, 0, &r, FAR, 0);
}

static void assert_comers(struct agg *a, int window)
{
	const struct report_row *rows;
	const struct report *r;
	char name[32];

	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	r = agg_close(a);
	rows = r->by_name.rows;
	snprintf(name, sizeof(name), "comer_%d_0", window);
	assert_int_equal(r->count, COMERS + 1);
	assert_int_equal(r->by_name.n, COMERS + 1);
	assert_memory_equal(rows[0].key, name, strlen(name));
	assert_memory_equal(rows[COMERS].key, "stays", 5);
	assert_true(rows[COMERS].mean == window && rows[COMERS].max == window);
	assert_null(agg_close(a));
}

static void names_that_come_no_more_are_forgotten(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.spread = true;
	a = with_partitions(&conf, 1);
	add_comers(a, 0);
	for (int w = 1; w < 40; w++) {
		add_comers(a, w);
		assert_comers(a, w - 1);
		assert_in_range(agg_keys(a), COMERS, 100000 + 4 * COMERS);
		if (w % 20)
			continue;
		agg_forget(a); /* all but those of this window */
		assert_int_equal(agg_keys(a), COMERS + 1);
	}
	agg_free(a);
}

/* Ten names of each window, which have 256 times as many bytes as those. */
static void long_names_count_by_their_memory(void **state)
{
	enum { LEN = 256 * AGG_KEY_BYTES, EACH = 10 * 256 };
	struct agg *a = with_partitions(&plain, 1);
	char *name = mem_zalloc(LEN + 1, 1);
	struct reading r;

	(void)state;
	memset(name, 'x', LEN);
	for (int w = 0; w < 100; w++) {
		for (int i = 0; i < 10; i++) {
			name[snprintf(name, 32, "%d-%d", w, i)] = 'x';
			r = reading_of((20 * w + 1) * S, name, i);
			add_reading(a, 0, &r, FAR, 0);
		}
		if (w == 0) {
			assert_int_equal(agg_keys(a), EACH);
			continue;
		}
		assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
		assert_int_equal(agg_close(a)->by_name.n, 10);
		assert_null(agg_close(a));
		assert_in_range(agg_keys(a), EACH, 100000 + 4 * EACH);
	}
	agg_forget(a);
	assert_int_equal(agg_keys(a), EACH);
	free(name);
	agg_free(a);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_has_its_verdict),
		cmocka_unit_test(a_window_closes_at_its_end_and_grace),
		cmocka_unit_test(a_reading_is_late_by_its_own_partition),
		cmocka_unit_test(a_window_waits_for_every_partition),
		cmocka_unit_test(an_idle_partition_is_not_waited_for),
		cmocka_unit_test(a_forced_close_says_how_far_partitions_were),
		cmocka_unit_test(a_close_that_all_have_passed_has_no_cuts),
		cmocka_unit_test(an_asked_partition_with_more_votes_again),
		cmocka_unit_test(silence_counts_from_the_last_time_it_was_at_its_end),
		cmocka_unit_test(an_empty_partition_stops_voting_at_its_first_end),
		cmocka_unit_test(one_that_is_behind_always_votes),
		cmocka_unit_test(without_idle_all_are_waited_for),
		cmocka_unit_test(a_silent_topic_gets_its_last_report),
		cmocka_unit_test(a_clock_that_runs_ahead_is_left_out),
		cmocka_unit_test(
			a_wall_clock_that_jumps_costs_what_it_calls_future),
		cmocka_unit_test(a_clock_of_1970_holds_nothing_up),
		cmocka_unit_test(an_interval_need_not_divide_a_day),
		cmocka_unit_test(reports_begin_with_the_first_whole_window),
		cmocka_unit_test(from_first_begins_where_all_partitions_do),
		cmocka_unit_test(accumulated_reports_are_of_all_so_far),
		cmocka_unit_test(accumulated_reports_are_of_many_names_too),
		cmocka_unit_test(empty_windows_are_closed_on_request),
		cmocka_unit_test(a_long_gap_is_passed_over),
		cmocka_unit_test(windows_before_1970_are_multiples_too),
		cmocka_unit_test(spreads_are_kept_on_request),
		cmocka_unit_test(a_table_is_not_kept),
		cmocka_unit_test(a_huge_sum_has_a_mean),
		cmocka_unit_test(a_sum_is_rounded_once),
		cmocka_unit_test(any_interleaving_gives_the_same_bits),
		cmocka_unit_test(long_names_count_by_their_memory),
		cmocka_unit_test(names_that_come_no_more_are_forgotten),
	};
	/* clang-format on */

	rng_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
