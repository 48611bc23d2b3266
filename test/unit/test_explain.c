/* SPDX-License-Identifier: MIT */
/*
 * What is said of an aggregator, by a story for each of its sentences. And
 * on random ones: what look.h foresees is what agg_next does.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/explain.h"
#include "base/when.h"
#include "draw.h"
#include "reading_of.h"

#define S	US_PER_S
#define NOW	(1700000000 * S) /* 2023-11-14T22:13:20Z, a window's start */
#define AT	"2023-11-14T"
#define WINDOW	"window " AT "22:13:20Z to 22:13:40Z"
#define PRESENT (NOW + 100 * S)

#define MOST_PARTS 8

/* Where the logs end. */
static int64_t ends[MOST_PARTS];

static const struct agg_conf plain = {
	.interval_us = 20 * S,
	.grace_us = 1 * S,
	.idle_us = 5 * S,
	.max_ahead_us = 1000 * S,
	.from_us = WHEN_NONE,
};

static struct agg *with_partitions(const struct agg_conf *conf, int n)
{
	struct agg *a = agg_new(conf);

	for (int p = 0; p < n; p++)
		agg_hold(a, p);
	for (int p = 0; p < MOST_PARTS; p++)
		ends[p] = -1;
	return a;
}

static struct agg_record next_record(const struct agg *a, int partition)
{
	struct agg_look l;

	agg_look(a, partition, 0, &l);
	return (struct agg_record){.partition = partition, .offset = l.next};
}

/* A reading of the second after NOW. */
static void add(struct agg *a, int partition, double second, int64_t mono_us)
{
	const struct agg_record at = next_record(a, partition);
	const struct reading r =
		reading_of(NOW + (int64_t)(second * S), "n", second);

	agg_add(a, &at, &r, PRESENT, mono_us);
}

static void add_malformed(struct agg *a, int partition)
{
	const struct agg_record at = next_record(a, partition);

	agg_add_malformed(a, &at);
}

static void explain(const struct agg *a, const struct agg_conf *conf,
		    int64_t mono_us, struct str *out)
{
	struct explain_part parts[MOST_PARTS];
	struct explain x = {.conf = conf, .parts = parts, .open = agg_open(a)};

	for (int p = 0; p < agg_partitions(a); p++) {
		struct explain_part *part = &parts[x.n_parts];

		part->partition = p;
		agg_look(a, p, mono_us, &part->look);
		part->position = part->look.next;
		if (part->look.replaying)
			part->position--;
		part->end = ends[p];
		x.n_parts += part->look.held;
	}
	agg_look_due(a, mono_us, &x.due);
	str_clear(out);
	explain_add(out, &x);
}

/* The last line is this sentence. */
static void assert_says(const struct agg *a, const struct agg_conf *conf,
			int64_t mono_us, const char *sentence)
{
	struct str out = STR_INIT;
	const char *line;

	explain(a, conf, mono_us, &out);
	assert_true(out.len && out.p[out.len - 1] == '\n');
	str_cut(&out, out.len - 1);
	line = strrchr(out.p, '\n');
	assert_string_equal(line ? line + 1 : out.p, sentence);
	str_release(&out);
}

static void nothing_is_open(void **state)
{
	struct agg *a = with_partitions(&plain, 0);

	(void)state;
	assert_says(a, &plain, 0, "no partition is read");
	agg_hold(a, 0);
	assert_says(a, &plain, 0, "no window is open");
	agg_free(a);
}

static void the_least_far_is_waited_for(void **state)
{
	struct agg *a = with_partitions(&plain, 3);

	(void)state;
	add(a, 0, 30, 0);
	add(a, 1, 12.5, 0);
	add(a, 2, 21, 0);
	assert_says(a, &plain, 0,
		    WINDOW " waits for partition 1: its last event time is "
			   "22:13:32.5Z, 8.5s before 22:13:41Z (end and "
			   "grace); 2 windows are open");
	agg_free(a);
}

static void others_are_counted(void **state)
{
	struct agg *a = with_partitions(&plain, 4);

	(void)state;
	for (int p = 0; p < 4; p++)
		add(a, p, 12 + (p + 2) % 4, 0);
	assert_says(a, &plain, 0,
		    WINDOW " waits for partition 2 (and 3 others): its last "
			   "event time is 22:13:32Z, 9s before 22:13:41Z (end "
			   "and grace)");
	add(a, 0, 21, 0);
	add(a, 3, 21, 0);
	assert_says(a, &plain, 0,
		    WINDOW " waits for partition 2 (and 1 other): its last "
			   "event time is 22:13:32Z, 9s before 22:13:41Z (end "
			   "and grace); 2 windows are open");
	agg_free(a);
}

static void no_grace_is_not_spoken_of(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.grace_us = 0;
	a = with_partitions(&conf, 1);
	add(a, 0, 19, 0);
	assert_says(a, &conf, 0,
		    WINDOW " waits for partition 0: its last event time is "
			   "22:13:39Z, 1s before 22:13:40Z (its end)");
	agg_free(a);
}

static void another_day_is_written_out(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.interval_us = 86400 * S;
	a = with_partitions(&conf, 1);
	add(a, 0, 0, 0);
	assert_says(a, &conf, 0,
		    "window " AT "00:00:00Z to 2023-11-15T00:00:00Z waits for "
		    "partition 0: its last event time is 22:13:20Z, 6400s "
		    "before 2023-11-15T00:00:01Z (end and grace)");
	agg_free(a);
}

static void one_that_was_not_read_is_waited_for(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 30, 0);
	add(a, 0, 1, 0);
	assert_says(a, &plain, 100 * S,
		    "window " AT "22:13:40Z to 22:14:00Z waits for partition 1 "
		    "(and 1 other): it has given no record, and was not yet "
		    "read to its end");
	ends[1] = 7;
	add(a, 0, 41, 0);
	assert_says(a, &plain, 100 * S,
		    "window " AT "22:13:40Z to 22:14:00Z waits for partition "
		    "1: it has given no record, and was not yet read to its "
		    "end; 7 records are still to be read; 2 windows are open");
	ends[1] = 1;
	assert_says(a, &plain, 100 * S,
		    "window " AT "22:13:40Z to 22:14:00Z waits for partition "
		    "1: it has given no record, and was not yet read to its "
		    "end; 1 record is still to be read; 2 windows are open");
	agg_free(a);
}

static void one_of_which_nothing_was_used_is_waited_for(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 30, 0);
	add_malformed(a, 1);
	add_malformed(a, 1);
	assert_says(a, &plain, 0,
		    "window " AT "22:13:40Z to 22:14:00Z waits for partition 1 "
		    "(and 1 other): none of its records was used (malformed "
		    "2)");
	add(a, 1, 5000, 0);
	assert_says(a, &plain, 0,
		    "window " AT "22:13:40Z to 22:14:00Z waits for partition 1 "
		    "(and 1 other): none of its records was used (malformed 2, "
		    "future 1); --max-ahead off takes readings of the future");
	agg_free(a);
}

static void a_silent_one_is_let_go_of(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 30, 0);
	add(a, 1, 12, 0);
	agg_at_end(a, 1, 0);
	assert_says(a, &plain, 2 * S,
		    WINDOW " waits for partition 1: its last event time is "
			   "22:13:32Z, 9s before 22:13:41Z (end and grace); it "
			   "has been silent for 2s and is let go of in 3s; 2 "
			   "windows are open");
	ends[1] = 3;
	assert_says(a, &plain, 2 * S,
		    WINDOW " waits for partition 1: its last event time is "
			   "22:13:32Z, 9s before 22:13:41Z (end and grace); 2 "
			   "records are still to be read; 2 windows are open");
	agg_free(a);
}

static void idle_off_has_a_way_out(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.idle_us = AGG_OFF;
	a = with_partitions(&conf, 2);
	add(a, 0, 30, 0);
	add(a, 1, 12, 0);
	agg_at_end(a, 1, 0);
	assert_says(a, &conf, 72123 * S / 1000,
		    WINDOW " waits for partition 1: its last event time is "
			   "22:13:32Z, 9s before 22:13:41Z (end and grace); it "
			   "has been silent for 72.1s, for which --idle off "
			   "waits without end; --idle 5s would let go of it "
			   "after 5s; 2 windows are open");
	agg_free(a);
}

static void the_clock_counts_when_all_are_silent(void **state)
{
	struct agg *a = with_partitions(&plain, 2);

	(void)state;
	add(a, 0, 12, 0);
	add(a, 1, 2, 0);
	agg_at_end(a, 0, 0);
	agg_at_end(a, 1, 0);
	assert_says(a, &plain, 5800 * S / 1000,
		    WINDOW " closes in 3.2s: all partitions are silent, so the "
			   "clock counts");
	assert_int_equal(agg_next(a, 1, 9 * S - 1), AGG_WAIT);
	assert_int_equal(agg_next(a, 1, 9 * S), AGG_ASK);
	assert_says(a, &plain, 9 * S,
		    WINDOW " closes without a vote, as all partitions are "
			   "silent, when it is known afresh where they all "
			   "end");
	agg_asked(a);
	assert_says(a, &plain, 9 * S, WINDOW " may close now");
	agg_free(a);
}

static void a_forced_close_names_who_is_idle(void **state)
{
	struct agg *a = with_partitions(&plain, 3);

	(void)state;
	for (int p = 0; p < 3; p++)
		add(a, p, p == 1 ? 12 : 30, 0);
	agg_at_end(a, 1, 0);
	assert_says(a, &plain, 5 * S,
		    WINDOW " closes without partition 1, which is idle, when "
			   "it is known afresh where they all end; 2 windows "
			   "are open");
	agg_free(a);
}

static void what_is_due_may_close(void **state)
{
	struct agg *a = with_partitions(&plain, 1);

	(void)state;
	add(a, 0, 12, 0);
	agg_finish(a);
	assert_says(a, &plain, 0, WINDOW " may close now");
	while (agg_next(a, 1, 0) == AGG_CLOSE) {
		while (agg_close(a))
			;
	}
	assert_says(a, &plain, 0, "no window is open");
	agg_free(a);
}

static void an_unwhole_window_will_be_skipped(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;

	(void)state;
	conf.from_first = true;
	a = with_partitions(&conf, 1);
	add(a, 0, 0, 0);
	assert_says(a, &conf, 0,
		    WINDOW " waits for partition 0: its last event time is "
			   "22:13:20Z, 21s before 22:13:41Z (end and grace)");
	agg_release(a);
	agg_hold(a, 0);
	add(a, 0, 12, 0);
	assert_says(a, &conf, 0,
		    WINDOW " waits for partition 0: its last event time is "
			   "22:13:32Z, 9s before 22:13:41Z (end and grace); it "
			   "is not whole, so it will be skipped (--from)");
	add(a, 0, 21, 0);
	assert_int_equal(agg_next(a, 1, 0), AGG_WAIT);
	assert_int_equal(agg_books(a).skipped, 1);
	agg_free(a);
}

/* As one that has read up to 5 and has its records from 3 on open. */
static const struct mark left = {
	.first = 3,
	.next = 5,
	.seen = 3,
	.seen_us = WHEN_NONE,
	.greatest_us = NOW + 12 * S,
	.closed_us = NOW,
	.from_us = WHEN_NONE,
	.intent_us = WHEN_NONE,
	.books = {.read = 5, .used = 3, .open = 2},
};

static void what_was_open_is_read_again_first(void **state)
{
	struct agg *a = with_partitions(&plain, 1);

	(void)state;
	add(a, 0, 30, 0);
	agg_resume(a, 1, &left);
	agg_resume(a, 2, &left);
	assert_says(a, &plain, 0,
		    "no window closes before partition 1 (and 1 other) has "
		    "given again what was open: it is at offset 4 of 5");
	agg_at_end(a, 2, 0);
	assert_says(a, &plain, 0,
		    "no window closes before partition 1 has given again what "
		    "was open: it is at offset 4 of 5");
	agg_free(a);
}

static void a_close_that_had_begun_goes_on(void **state)
{
	struct agg *a = with_partitions(&plain, 0);
	struct mark m = left;

	(void)state;
	m.intent_us = NOW + 20 * S;
	agg_resume(a, 1, &m);
	agg_at_end(a, 1, 0);
	assert_says(a, &plain, 0,
		    "the windows that end by " AT "22:13:40Z close now: their "
		    "close had begun");
	agg_free(a);
}

static void an_empty_window_waits_for_a_reading(void **state)
{
	struct agg_conf conf = plain;
	struct agg *a;
	struct mark m = left;

	(void)state;
	conf.empty = true;
	a = with_partitions(&conf, 0);
	m.first = m.next = 0;
	m.greatest_us = WHEN_NONE;
	m.books = (struct books){0};
	agg_resume(a, 0, &m);
	agg_at_end(a, 0, 0);
	assert_says(a, &conf, 0,
		    WINDOW " waits for a reading: none was used yet");
	agg_free(a);
}

static void the_table_stands_in_columns(void **state)
{
	struct agg *a = with_partitions(&plain, 5);
	struct str out = STR_INIT;

	(void)state;
	for (int i = 0; i < 12; i++)
		add(a, 0, 30, 0);
	add(a, 1, 12.25, 0);
	agg_at_end(a, 1, 0);
	agg_at_end(a, 2, 0);
	add(a, 4, 8, 5 * S);
	agg_at_end(a, 4, 5 * S);
	agg_resume(a, 5, &left);
	ends[0] = 1000;
	ends[1] = 1;
	ends[2] = 0;
	explain(a, &plain, 8 * S, &out);
	assert_string_equal(
		out.p,
		"partition  position   end  lag  last event time          "
		"state\n"
		"        0        12  1000  988  2023-11-14T22:13:50Z     "
		"behind, votes\n"
		"        1         1     1    0  2023-11-14T22:13:32.25Z  "
		"silent for 8s: idle, does not vote\n"
		"        2         0     0    0  -                        "
		"empty, does not vote\n"
		"        3         0     -    -  -                        "
		"not read yet, votes\n"
		"        4         1     -    -  2023-11-14T22:13:28Z     "
		"silent for 3s, votes; idle in 2s\n"
		"        5         4     -    -  -                        "
		"reads again what was open, up to 5\n"
		"no window closes before partition 5 has given again what was "
		"open: it is at offset 4 of 5; 2 windows are open\n");
	str_release(&out);
	agg_free(a);
}

static void the_table_knows_idle_off(void **state)
{
	struct agg_conf conf = plain;
	struct str out = STR_INIT;
	struct agg *a;

	(void)state;
	conf.idle_us = AGG_OFF;
	a = with_partitions(&conf, 2);
	add(a, 0, 1, 0);
	add(a, 1, 1, 0);
	agg_at_end(a, 1, 0);
	explain(a, &conf, 8 * S, &out);
	assert_non_null(strstr(out.p, "13:21Z  votes\n"));
	assert_non_null(
		strstr(out.p, "13:21Z  silent for 8s, votes (--idle off)\n"));
	str_release(&out);
	agg_free(a);
}

/* ---- at random ---- */

static const enum agg_action does[] = {
	[AGG_NO_WINDOW] = AGG_WAIT, [AGG_REPLAYS] = AGG_WAIT,
	[AGG_INTENDED] = AGG_AGAIN, [AGG_TOO_EARLY] = AGG_WAIT,
	[AGG_UNASKED] = AGG_ASK,    [AGG_READY] = AGG_CLOSE,
};

static void step(struct agg *a, int64_t mono_us)
{
	int p = (int)draw(4);
	uint32_t what = draw(10);

	if (what == 0)
		add_malformed(a, p);
	else if (what < 4)
		agg_at_end(a, p, mono_us);
	else
		add(a, p, (double)mono_us / S + draw(5) * 3.0, mono_us);
}

/* Looks, then lets it do. Returns what was foreseen. */
static enum agg_prospect look_and_do(struct agg *a, int64_t mono_us)
{
	const struct report *r;
	struct agg_due d;
	enum agg_action action;

	agg_look_due(a, mono_us, &d);
	action = agg_next(a, 1, mono_us);
	if (d.skipped && d.prospect == AGG_READY)
		return d.prospect;
	assert_int_equal(action, does[d.prospect]);
	if (action == AGG_ASK)
		agg_asked(a);
	if (action == AGG_CLOSE) {
		r = agg_close(a);
		assert_true(r->start_us == d.start_us);
		assert_true(r->end_us == d.end_us);
		assert_null(agg_close(a));
	}
	return d.prospect;
}

static void the_foreseen_is_done(void **state)
{
	size_t seen[AGG_READY + 1] = {0};

	(void)state;
	for (int i = 0; i < 80; i++) {
		struct agg_conf conf = plain;
		int64_t mono = 0;
		struct agg *a;

		conf.empty = i & 1;
		conf.from_first = i & 2;
		conf.idle_us = i & 4 ? AGG_OFF : 5 * S;
		a = with_partitions(&conf, 4);
		for (int n = 0; n < 500; n++) {
			seen[look_and_do(a, mono)]++;
			mono += draw(1000000);
			step(a, mono);
			if (draw(50) == 0) /* all fall silent */
				mono += 40 * S;
		}
		agg_free(a);
	}
	assert_true(seen[AGG_NO_WINDOW] && seen[AGG_TOO_EARLY]);
	assert_true(seen[AGG_UNASKED] && seen[AGG_READY]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_open),
		cmocka_unit_test(the_least_far_is_waited_for),
		cmocka_unit_test(others_are_counted),
		cmocka_unit_test(no_grace_is_not_spoken_of),
		cmocka_unit_test(another_day_is_written_out),
		cmocka_unit_test(one_that_was_not_read_is_waited_for),
		cmocka_unit_test(one_of_which_nothing_was_used_is_waited_for),
		cmocka_unit_test(a_silent_one_is_let_go_of),
		cmocka_unit_test(idle_off_has_a_way_out),
		cmocka_unit_test(the_clock_counts_when_all_are_silent),
		cmocka_unit_test(a_forced_close_names_who_is_idle),
		cmocka_unit_test(what_is_due_may_close),
		cmocka_unit_test(an_unwhole_window_will_be_skipped),
		cmocka_unit_test(what_was_open_is_read_again_first),
		cmocka_unit_test(a_close_that_had_begun_goes_on),
		cmocka_unit_test(an_empty_window_waits_for_a_reading),
		cmocka_unit_test(the_table_stands_in_columns),
		cmocka_unit_test(the_table_knows_idle_off),
		cmocka_unit_test(the_foreseen_is_done),
	};

	return cmocka_run_group_tests(tests, draw_print_seed, NULL);
}
