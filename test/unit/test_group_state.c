/* SPDX-License-Identifier: MIT */
/* What is told of a group's state, and what a reset commits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/saved.h"
#include "base/mem.h"
#include "base/when.h"
#include "run/group_state.h"

#define NOON INT64_C(1795521600000000) /* 2026-11-24T12:00:00Z */
#define N    4

/* A topic of N partitions, of which nothing is committed. */
static struct group_state none(void)
{
	struct group_state g = {.group = "means", .topic = "iot"};

	g.all.n = N;
	g.all.v = mem_zalloc(N, sizeof(*g.all.v));
	for (int i = 0; i < N; i++)
		g.all.v[i] = (struct committed){.partition = i,
						.begin = 100,
						.end = 1000,
						.offset = -1,
						.text = mem_dup("")};
	return g;
}

/* Read up to 900, with open windows from 880 on. */
static struct saved sample(void)
{
	return (struct saved){
		.interval_us = 20 * US_PER_S,
		.grace_us = US_PER_S,
		.fields = STR_INIT,
		.partitions = N,
		.mark = {.first = 880,
			 .next = 900,
			 .seen = 880,
			 .seen_us = WHEN_NONE,
			 .greatest_us = NOON + 1123456,
			 .closed_us = NOON - 20 * US_PER_S,
			 .from_us = WHEN_NONE,
			 .intent_us = WHEN_NONE,
			 .books = {.used = 780, .open = 17, .late = 3}},
	};
}

static void set_text(struct group_state *g, int partition, int64_t offset,
		     const char *text)
{
	struct committed *c = &g->all.v[partition];

	free(c->text);
	c->text = mem_dup(text);
	c->len = strlen(text);
	c->offset = offset;
}

static void set(struct group_state *g, int partition, const struct saved *s)
{
	struct str text = STR_INIT;

	assert_int_equal(saved_add(&text, s, &(struct err)ERR_INIT), 0);
	set_text(g, partition, s->mark.first, text.p);
	str_release(&text);
}

static struct group_state all(const struct saved *s)
{
	struct group_state g = none();

	for (int i = 0; i < N; i++)
		set(&g, i, s);
	return g;
}

static void assert_shown(struct group_state *g, const char *want)
{
	struct str out = STR_INIT;

	group_state_add(&out, g);
	assert_string_equal(out.p, want);
	str_release(&out);
	committed_release(&g->all);
}

/* Of all that is told behind the tables, and nothing else. */
static void assert_notes(struct group_state *g, const char *want)
{
	struct str out = STR_INIT;
	const char *last = NULL, *p;

	group_state_add(&out, g);
	for (p = out.p; (p = strstr(p, "\n\n")); p += 2)
		last = p + 2;
	assert_non_null(last);
	assert_string_equal(last, want);
	str_release(&out);
	committed_release(&g->all);
}

/* It is somewhere in the text. */
static void assert_part(struct group_state *g, const char *want)
{
	struct str out = STR_INIT;

	group_state_add(&out, g);
	if (!strstr(out.p, want))
		fail_msg("no '%s' in:\n%s", want, out.p);
	str_release(&out);
	committed_release(&g->all);
}

/* ---- the whole of it ---- */

static void it_is_told_in_full(void **state)
{
	struct saved s = sample();
	struct group_state g = all(&s);

	(void)state;
	s.mark.first = s.mark.next = 1000;
	s.mark.books = (struct books){.used = 900,
				      .late = 1,
				      .future = 2,
				      .malformed = 3,
				      .skipped = 4};
	set(&g, 1, &s);
	assert_shown(&g,
		     "group     means\n"
		     "topic     iot, 4 partitions\n"
		     "interval  20s\n"
		     "grace     1s\n"
		     "time      event\n"
		     "from      the beginning\n"
		     "lag       300 records\n"
		     "\n"
		     "partition  next   end  lag  reread-from  reread"
		     "                greatest-time          closed-until\n"
		     "        0   900  1000  100          880      20"
		     "  2026-11-24T12:00:01.123456Z  2026-11-24T11:59:40Z\n"
		     "        1  1000  1000    0         1000       0"
		     "  2026-11-24T12:00:01.123456Z  2026-11-24T11:59:40Z\n"
		     "        2   900  1000  100          880      20"
		     "  2026-11-24T12:00:01.123456Z  2026-11-24T11:59:40Z\n"
		     "        3   900  1000  100          880      20"
		     "  2026-11-24T12:00:01.123456Z  2026-11-24T11:59:40Z\n"
		     "\n"
		     "partition  read  used  open  late  future  malformed  "
		     "skipped\n"
		     "        0   800   780    17     3       0          0  "
		     "      0\n"
		     "        1   910   900     0     1       2          3  "
		     "      4\n"
		     "        2   800   780    17     3       0          0  "
		     "      0\n"
		     "        3   800   780    17     3       0          0  "
		     "      0\n"
		     "      all  3310  3240    51    10       2          3  "
		     "      4\n");
}

static void settings_are_told(void **state)
{
	struct saved s = sample();
	struct group_state g;

	(void)state;
	s.interval_us = 500000;
	s.grace_us = 0;
	s.clock = 1;
	s.partitions = 2;
	s.fields = (struct str){(char *)"time=ts,name=a\033b", 16, 0};
	s.mark.from_us = NOON;
	g = none();
	set(&g, 0, &s);
	s.mark.from_us = WHEN_NONE; /* one that came later */
	set(&g, 3, &s);
	assert_part(&g, "topic     iot, 4 partitions (2 when the group began)\n"
			"interval  500ms\n"
			"grace     0s\n"
			"time      kafka\n"
			"fields    time=ts,name=a\\x1bb\n"
			"from      2026-11-24T12:00:00Z\n");
}

static void a_start_that_is_open_is_told(void **state)
{
	struct saved s = sample();
	struct group_state g = all(&s);

	(void)state;
	assert_part(&g, "\nfrom      the beginning\n");
	s.mark.from_first = true;
	g = all(&s);
	assert_part(&g, "\nfrom      the first readings (not decided yet)\n");
}

/* ---- what is special ---- */

static void nothing_special_is_no_note(void **state)
{
	struct saved s = sample();
	struct group_state g = all(&s);
	struct str out = STR_INIT;

	(void)state;
	group_state_add(&out, &g);
	assert_null(strstr(out.p, "partitions 0"));
	assert_null(strstr(out.p, "partition 0"));
	assert_int_equal(out.p[out.len - 1], '\n');
	str_release(&out);
	committed_release(&g.all);
}

static void an_intent_is_told_once(void **state)
{
	struct saved s = sample();
	struct group_state g;

	(void)state;
	s.mark.intent_us = NOON;
	s.mark.intent_id = 7;
	g = all(&s);
	s.mark.intent_us = WHEN_NONE;
	set(&g, 2, &s);
	assert_notes(&g, "partitions 0-1, 3: about to print the windows to "
			 "2026-11-24T12:00:00Z; who comes next prints them "
			 "again\n");
}

static void who_has_no_state_begins_somewhere(void **state)
{
	struct saved s = sample();
	struct group_state g = none();
	struct str text = STR_INIT;

	(void)state;
	s.partitions = 3;
	saved_add_reset(&text);
	set_text(&g, 0, 5, text.p);
	set(&g, 1, &s);
	assert_notes(&g, "partition 0: reset; read as --from says\n"
			 "partition 2: nothing is stored; read as --from says\n"
			 "partition 3: nothing is stored; newer than the "
			 "group, so read from the beginning\n");
	str_release(&text);
}

/* An offset of another program is a place like any other. */
static void a_strange_offset_is_told(void **state)
{
	struct group_state g = none();

	(void)state;
	set_text(&g, 1, 400, "");
	assert_shown(
		&g,
		"group     means\n"
		"topic     iot, 4 partitions\n"
		"lag       600 records\n"
		"\n"
		"partition  next   end  lag  reread-from  reread  "
		"greatest-time  closed-until\n"
		"        0     -  1000    -            -       -  "
		"            -             -\n"
		"        1   400  1000  600            -       -  "
		"            -             -\n"
		"        2     -  1000    -            -       -  "
		"            -             -\n"
		"        3     -  1000    -            -       -  "
		"            -             -\n"
		"\n"
		"partitions 0, 2-3: nothing is stored; read as --from says\n"
		"partition 1: the offset was not committed by iotsim; read "
		"from there on\n");
}

#define STUCK                                                             \
	"consume does not go on from this; 'iotsim group reset means -t " \
	"iot' forgets it\n"

static void what_cannot_be_read_is_told(void **state)
{
	struct saved s = sample();
	struct group_state g = all(&s);

	(void)state;
	set_text(&g, 0, 5, "AAAB\033[0m");
	set_text(&g, 1, 5, "iotsim 2 new=1");
	set_text(&g, 3, 5, "iotsim 2 new=2");
	assert_notes(&g, "partition 0: 'AAAB?[0m' is not what iotsim keeps "
			 "with an offset\n"
			 "partitions 1, 3: it was written by a newer iotsim "
			 "(form 2; this one knows 1)\n" STUCK);
}

static void records_that_are_gone_are_told(void **state)
{
	struct saved s = sample();
	struct group_state g = all(&s);

	(void)state;
	g.all.v[0].begin = 880; /* just there */
	g.all.v[1].begin = 892;
	g.all.v[2].begin = 881;
	s.mark.first = 900;
	set(&g, 3, &s);
	g.all.v[3].begin = 902;
	assert_notes(&g, "partition 1: 12 records are gone that the open "
			 "windows need\n"
			 "partition 2: 1 record is gone that the open windows "
			 "need\n"
			 "partition 3: 2 records are gone that were not "
			 "read\n" STUCK);
}

static void a_topic_made_anew_is_told(void **state)
{
	struct saved s = sample();
	struct group_state g = all(&s);

	(void)state;
	g.all.v[0].begin = 0;
	g.all.v[0].end = 899;
	g.all.v[1].end = 900; /* all was read */
	assert_notes(&g, "partition 0: the log ends at 899, and was read up "
			 "to 900: the topic was made anew\n" STUCK);
}

static void partitions_that_disagree_are_told(void **state)
{
	struct saved s = sample();
	struct group_state g = all(&s);

	(void)state;
	s.grace_us++;
	set(&g, 2, &s);
	s = sample();
	s.fields = (struct str){(char *)"time=ts", 7, 0};
	set(&g, 3, &s);
	assert_notes(&g, "partitions 2-3: the interval, grace, time or fields "
			 "are others than those of partition 0\n" STUCK);
}

/* ---- reset ---- */

static void a_reset_keeps_the_offsets(void **state)
{
	struct saved s = sample(), back;
	struct group_state g = none();
	struct committed_list some;
	struct str told = STR_INIT;

	(void)state;
	assert_false(group_state_is_any(&g));
	set(&g, 1, &s);
	assert_true(group_state_is_any(&g));
	set_text(&g, 3, 0, "whatever");
	some = group_state_reset(&g, &told);
	assert_int_equal(some.n, 2);
	assert_int_equal(some.v[0].partition, 1);
	assert_int_equal(some.v[0].offset, 880);
	assert_int_equal(some.v[1].partition, 3);
	assert_int_equal(some.v[1].offset, 0);
	for (size_t i = 0; i < some.n; i++) {
		assert_int_equal(saved_parse(&back, some.v[i].offset,
					     some.v[i].text, some.v[i].len,
					     &(struct err)ERR_INIT),
				 SAVED_RESET);
		saved_release(&back);
	}
	assert_string_equal(told.p,
			    "group 'means' has forgotten topic 'iot', "
			    "partitions 1, 3: it begins as --from says");
	str_release(&told);
	committed_release(&some);
	committed_release(&g.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_in_full),
		cmocka_unit_test(settings_are_told),
		cmocka_unit_test(a_start_that_is_open_is_told),
		cmocka_unit_test(nothing_special_is_no_note),
		cmocka_unit_test(an_intent_is_told_once),
		cmocka_unit_test(who_has_no_state_begins_somewhere),
		cmocka_unit_test(a_strange_offset_is_told),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(records_that_are_gone_are_told),
		cmocka_unit_test(a_topic_made_anew_is_told),
		cmocka_unit_test(partitions_that_disagree_are_told),
		cmocka_unit_test(a_reset_keeps_the_offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
