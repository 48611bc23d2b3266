/* SPDX-License-Identifier: MIT */
/*
 * Logs that are read again: a span of a random log, read from where a Kafka
 * timestamp says and up to where nothing more can come, has the windows that
 * the whole has there, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/again.h"
#include "base/str.h"
#include "base/when.h"
#include "reading_of.h"
#include "rng.h"

#define S	 US_PER_S
#define PARTS	 3
#define PER_PART 300
#define AHEAD	 (10 * S)

static const struct agg_conf plain = {
	.interval_us = 20 * S,
	.grace_us = 1 * S,
	.idle_us = AGG_OFF,
	.max_ahead_us = AGG_OFF,
	.from_us = WHEN_NONE,
};

struct record {
	int64_t time_us, timestamp_us;
	int name;
	double value;
};

static void put(struct agg *a, int partition, int64_t offset,
		const struct record *r)
{
	const struct agg_record at = {partition, offset, r->timestamp_us};
	const char name[] = {(char)('a' + r->name), '\0'};
	const struct reading reading = reading_of(r->time_us, name, r->value);

	agg_add(a, &at, &reading, 0, 0);
}

/* The reports that are due; of those that lie in a span, or of all. */
static void print(struct agg *a, int64_t from_us, int64_t to_us,
		  struct str *out)
{
	static const struct report_form csv = {
		.format = REPORT_CSV,
		.stats = STATS_MEAN_ONLY,
	};
	const struct report *r;
	enum agg_action todo;

	while ((todo = agg_next(a, 1, 0)) != AGG_WAIT) {
		if (todo == AGG_ASK)
			agg_asked(a);
		while (todo == AGG_CLOSE && (r = agg_close(a))) {
			if (r->start_us >= from_us && r->end_us <= to_us)
				report_add(out, r, &csv);
		}
	}
}

/* ---- a story ---- */

static void at_second(struct agg *a, int64_t offset, int64_t s)
{
	const struct record r = {s * S, s * S, 0, 1};

	put(a, 0, offset, &r);
}

static void what_lies_beyond_is_skipped_and_moves_the_watermark(void **state)
{
	struct agg_conf conf = plain;
	struct books b;
	struct agg *a;

	(void)state;
	conf.bounded = true;
	conf.to_us = 45 * S; /* the last whole window ends at 40 */
	a = agg_new(&conf);
	agg_hold(a, 0);
	assert_false(agg_is_done(a, 0)); /* nothing is known yet */
	at_second(a, 0, 1);
	at_second(a, 1, 20);
	at_second(a, 2, 2);
	assert_false(agg_is_done(a, 0));
	at_second(a, 3, 41);
	at_second(a, 4, 3); /* late: 41 is past 20 */
	assert_false(agg_is_done(a, 0));
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	assert_int_equal(agg_close(a)->count, 2);
	assert_null(agg_close(a));
	assert_false(agg_is_done(a, 0));
	assert_int_equal(agg_next(a, 1, 0), AGG_CLOSE);
	assert_int_equal(agg_close(a)->end_us, 40 * S);
	assert_null(agg_close(a));
	assert_int_equal(agg_next(a, 1, 0), AGG_WAIT);
	assert_true(agg_is_done(a, 0));
	b = agg_books(a);
	assert_int_equal(b.read, 5);
	assert_int_equal(b.used, 3);
	assert_int_equal(b.skipped, 1);
	assert_int_equal(b.late, 1);
	agg_free(a);
}

static void all_partitions_have_to_have_come_there(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.bounded = true;
	conf.to_us = 20 * S;
	a = agg_new(&conf);
	agg_hold(a, 0);
	agg_hold(a, 1);
	at_second(a, 0, 21);
	assert_false(agg_is_done(a, 0));
	agg_at_end(a, 1, 0); /* it is empty */
	assert_true(agg_is_done(a, 0));
	agg_free(a);
}

static void empty_windows_end_there_too(void **state)
{
	struct agg_conf conf = plain;
	struct str out = STR_INIT;
	struct agg *a;

	(void)state;
	conf.bounded = true;
	conf.empty = true;
	conf.to_us = 90 * S;
	a = agg_new(&conf);
	agg_hold(a, 0);
	at_second(a, 0, 1);
	at_second(a, 1, 1000);
	assert_false(agg_is_done(a, 0));
	print(a, 0, INT64_MAX, &out);
	assert_int_equal(agg_books(a).reports, 4);
	assert_true(agg_is_done(a, 0));
	str_release(&out);
	agg_free(a);
}

/* ---- spans of a random log ---- */

/*
 * Times go up, and back now and then. Timestamps are whole ms, rounded down,
 * as far before the event time as max_ahead allows, or any time behind it.
 */
static void make_log(struct record log[PARTS][PER_PART])
{
	for (int p = 0; p < PARTS; p++) {
		int64_t t = 1000 * S + (int64_t)rng(20 * S);

		for (int i = 0; i < PER_PART; i++) {
			struct record *r = &log[p][i];
			int64_t at;

			t += (int64_t)rng(3 * S);
			r->time_us = t;
			if (rng(4) == 0)
				r->time_us -= (int64_t)rng(60 * S);
			else if (rng(6) == 0)
				r->time_us += (int64_t)rng(60 * S);
			at = r->time_us - AHEAD + (int64_t)rng(2) * AHEAD +
			     (int64_t)(rng(2) ? rng(40 * S) : 0);
			r->timestamp_us = at / 1000 * 1000;
			r->name = (int)rng(3);
			r->value = (double)rng(2000) / 7 - 100;
		}
	}
}

/* As offsets are looked up by time: the first record of that or later. */
static int first_at(const struct record log[PER_PART], int64_t time_us)
{
	int i = 0;

	while (i < PER_PART && log[i].timestamp_us < time_us / 1000 * 1000)
		i++;
	return i;
}

/* Returns how many records were read. */
static int read_span(struct record log[PARTS][PER_PART],
		     const struct agg_conf *conf, struct str *out)
{
	struct agg *a = agg_new(conf);
	int next[PARTS], read = 0;

	for (int p = 0; p < PARTS; p++) {
		agg_hold(a, p);
		next[p] = conf->from_us == WHEN_NONE
				  ? 0
				  : first_at(log[p], conf->from_us - AHEAD);
	}
	while (!agg_is_done(a, 0)) {
		int p = (int)rng(PARTS), tried = 0;

		while (tried < PARTS && next[p] == PER_PART) {
			p = (p + 1) % PARTS;
			tried++;
		}
		if (tried == PARTS)
			break;
		put(a, p, next[p], &log[p][next[p]]);
		next[p]++;
		read++;
		print(a, INT64_MIN, INT64_MAX, out);
	}
	agg_finish(a);
	print(a, INT64_MIN, INT64_MAX, out);
	assert_int_equal(agg_books(a).open, 0);
	agg_free(a);
	return read;
}

/* All is read; printed is what lies in the span. */
static void read_whole(struct record log[PARTS][PER_PART],
		       const struct agg_conf *conf, int64_t from_us,
		       int64_t to_us, struct str *out)
{
	struct agg *a = agg_new(conf);

	for (int p = 0; p < PARTS; p++) {
		agg_hold(a, p);
		for (int i = 0; i < PER_PART; i++)
			put(a, p, i, &log[p][i]);
	}
	agg_finish(a);
	print(a, from_us, to_us, out);
	agg_free(a);
}

static int64_t edge(const struct agg_conf *conf)
{
	int64_t at = 950 * S + (int64_t)rng(600 * S);

	return rng(2) ? at : at / conf->interval_us * conf->interval_us;
}

static void a_span_has_the_windows_of_the_whole(void **state)
{
	const int rounds = getenv("IOTSIM_LONG") ? 5000 : 300;
	static struct record log[PARTS][PER_PART];
	int fewer = 0, windows = 0;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		struct agg_conf conf = plain, span;
		struct str want = STR_INIT, got = STR_INIT;

		make_log(log);
		conf.interval_us = (int64_t)(1 + rng(30)) * S;
		conf.grace_us = (int64_t)rng(10) * S;
		span = conf;
		span.from_us = edge(&conf);
		span.to_us = edge(&conf);
		span.bounded = true;
		read_whole(log, &conf, span.from_us, span.to_us, &want);
		fewer += read_span(log, &span, &got) < PARTS * PER_PART;
		assert_string_equal(got.p, want.p);
		windows += want.len > 0;
		str_release(&want);
		str_release(&got);
	}
	assert_true(windows > rounds / 3);
	assert_true(fewer > rounds / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_lies_beyond_is_skipped_and_moves_the_watermark),
		cmocka_unit_test(all_partitions_have_to_have_come_there),
		cmocka_unit_test(empty_windows_end_there_too),
		cmocka_unit_test(a_span_has_the_windows_of_the_whole),
	};

	rng_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
