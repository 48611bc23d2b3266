/* SPDX-License-Identifier: MIT */
/*
 * Reports found again: what random live runs have printed, with closes by
 * force at any moment, is what a later reading of the log gives; and each
 * kind of difference.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/again.h"
#include "agg/verify.h"
#include "base/when.h"
#include "reading_of.h"
#include "rng.h"

#define S	 US_PER_S
#define PARTS	 3
#define PER_PART 200

struct record {
	int64_t time_us;
	int name;
	double value;
};

static const struct agg_conf plain = {
	.interval_us = 20 * S,
	.grace_us = 1 * S,
	.idle_us = 0,
	.max_ahead_us = AGG_OFF,
	.from_us = WHEN_NONE,
};

static void put(struct agg *a, int partition, int64_t offset,
		const struct record *r)
{
	const struct agg_record at = {partition, offset, 0};
	const char name[] = {(char)('a' + r->name), '\0'};
	const struct reading reading = reading_of(r->time_us, name, r->value);

	agg_add(a, &at, &reading, 0, 0);
}

/* ---- a log, as it is read by who verifies ---- */

struct found {
	struct verify_counts counts;
	char text[4000];
};

static struct found read_again(struct record log[PARTS][PER_PART], int n,
			       const struct agg_conf *conf, const char *rows)
{
	struct agg *a = agg_new(conf);
	struct err e = ERR_INIT;
	struct verify *v = verify_new("f", rows, strlen(rows), &e);
	struct str out = STR_INIT;
	struct found found;

	if (!v)
		fail_msg("%s", e.msg);
	assert_int_equal(verify_interval_us(v), conf->interval_us);
	for (int p = 0; p < PARTS; p++)
		agg_hold(a, p);
	for (int i = 0; i < n; i++) {
		for (int p = 0; p < PARTS; p++) {
			agg_shut(a, p, verify_shut(v, p, i));
			put(a, p, i, &log[p][i]);
		}
	}
	agg_finish(a);
	while (agg_next(a, 1, 0) == AGG_CLOSE) {
		verify_window(v, a, &out);
		while (agg_close(a))
			;
	}
	verify_finish(v, a, true, &out);
	found.counts = *verify_counts(v);
	snprintf(found.text, sizeof(found.text), "%s", out.p);
	str_release(&out);
	verify_free(v);
	agg_free(a);
	return found;
}

/* ---- random runs ---- */

static void make_log(struct record log[PARTS][PER_PART])
{
	for (int p = 0; p < PARTS; p++) {
		int64_t t = (int64_t)rng(60 * S);

		for (int i = 0; i < PER_PART; i++) {
			int64_t back = rng(4) ? 0 : (int64_t)rng(60 * S);

			t += (int64_t)rng(6 * S);
			log[p][i] = (struct record){
				.time_us = t > back ? t - back : 0,
				.name = (int)rng(3),
				.value = (double)rng(2000) / 7 - 100,
			};
		}
	}
}

/* Of a group each report comes of one member, which has some partitions. */
struct live {
	struct agg *agg;
	bool held[PARTS];
};

static void print(struct live *l, const char *group, struct str *out)
{
	static const struct report_form json = {
		.format = REPORT_JSON,
		.stats = STATS_MEAN_ONLY,
	};
	const struct report *r;
	enum agg_action todo;

	while ((todo = agg_next(l->agg, 1 + rng(3), 0)) != AGG_WAIT) {
		if (todo == AGG_ASK)
			agg_asked(l->agg);
		while (todo == AGG_CLOSE && (r = agg_close(l->agg))) {
			struct report ours = *r;

			ours.group = group;
			report_add(out, &ours, &json);
		}
	}
}

/* Partitions come in any order, and seem to be silent now and then. */
static uint64_t run_live(struct record log[PARTS][PER_PART], struct live *l,
			 const struct agg_conf *conf, const char *group,
			 struct str *out)
{
	int next[PARTS] = {0}, left = 0;
	uint64_t late;

	l->agg = agg_new(conf);
	for (int p = 0; p < PARTS; p++) {
		if (l->held[p])
			agg_hold(l->agg, p);
		left += l->held[p] * PER_PART;
	}
	while (left) {
		int p = (int)rng(PARTS);

		if (!l->held[p] || next[p] == PER_PART)
			continue;
		for (int n = (int)rng(9); n && next[p] < PER_PART;
		     n--, left--) {
			put(l->agg, p, next[p], &log[p][next[p]]);
			next[p]++;
		}
		if (rng(4) == 0)
			agg_at_end(l->agg, p, 0);
		print(l, group, out);
	}
	agg_finish(l->agg);
	print(l, group, out);
	late = agg_books(l->agg).late;
	agg_free(l->agg);
	return late;
}

static struct agg_conf random_conf(void)
{
	struct agg_conf conf = plain;

	conf.interval_us = (int64_t)(5 + rng(30)) * S;
	conf.grace_us = (int64_t)rng(10) * S;
	return conf;
}

static size_t count_rows(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

static void assert_agrees(const struct found *f, const struct str *rows)
{
	assert_string_equal(f->text, "");
	assert_int_equal(f->counts.differences, 0);
	assert_int_equal(f->counts.unknown, 0);
	assert_int_equal(f->counts.means, count_rows(rows->p));
}

static void what_a_view_has_printed_is_found_again(void **state)
{
	const int rounds = getenv("IOTSIM_LONG") ? 3000 : 200;
	static struct record log[PARTS][PER_PART];
	int forced = 0;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		struct agg_conf conf = random_conf();
		struct live l = {.held = {true, true, true}};
		struct str rows = STR_INIT;
		struct found f;

		make_log(log);
		run_live(log, &l, &conf, NULL, &rows);
		forced += strstr(rows.p, "\"cuts\"") != NULL;
		f = read_again(log, PER_PART, &conf, rows.p);
		assert_agrees(&f, &rows);
		str_release(&rows);
	}
	assert_int_equal(forced, rounds);
}

static void what_two_members_have_printed_is_found_again(void **state)
{
	const int rounds = getenv("IOTSIM_LONG") ? 3000 : 200;
	static struct record log[PARTS][PER_PART];

	(void)state;
	for (int round = 0; round < rounds; round++) {
		struct agg_conf conf = random_conf();
		struct live a = {.held = {true, false, true}};
		struct live b = {.held = {false, true, false}};
		struct str rows = STR_INIT;
		struct found f;

		make_log(log);
		run_live(log, &a, &conf, "g", &rows);
		run_live(log, &b, &conf, "g", &rows);
		f = read_again(log, PER_PART, &conf, rows.p);
		assert_agrees(&f, &rows);
		str_release(&rows);
	}
}

/* Whether it is found that rows are not what was printed. */
static bool is_found(struct record log[PARTS][PER_PART],
		     const struct agg_conf *conf, const char *rows)
{
	struct err e = ERR_INIT;
	struct verify *v = verify_new("f", rows, strlen(rows), &e);
	struct found f;

	verify_free(v);
	if (!v)
		return true;
	f = read_again(log, PER_PART, conf, rows);
	return f.counts.differences > 0;
}

/* The 17th digit of a mean may say nothing. */
static bool is_same_mean(const char *rows, size_t i, char digit)
{
	static const char name[] = "\"mean\":";
	size_t at = i;
	char text[40];
	double before;

	while (at && strchr("0123456789.e+-", rows[at - 1]))
		at--;
	if (at < strlen(name) ||
	    strncmp(rows + at - strlen(name), name, strlen(name)))
		return false;
	snprintf(text, sizeof(text), "%s", rows + at);
	before = strtod(text, NULL);
	text[i - at] = digit;
	return strtod(text, NULL) == before;
}

/* One of a number, of a time, of an id, of a list: whichever it is. */
static void each_digit_counts(void **state)
{
	const int step = getenv("IOTSIM_LONG") ? 1 : 37;
	static struct record log[PARTS][PER_PART];
	struct live a = {.held = {true, false, true}};
	struct live b = {.held = {false, true, false}};
	struct str rows = STR_INIT;
	size_t digits = 0;

	(void)state;
	make_log(log);
	run_live(log, &a, &plain, "g7", &rows);
	run_live(log, &b, &plain, "g7", &rows);
	assert_false(is_found(log, &plain, rows.p));
	for (size_t i = rng((uint64_t)step); i < rows.len; i++) {
		char digit = rows.p[i], other;

		if (!isdigit((unsigned char)digit) || digits++ % (size_t)step)
			continue;
		other = digit == '9' ? '1' : (char)(digit + 1);
		if (is_same_mean(rows.p, i, other))
			continue;
		rows.p[i] = other;
		if (!is_found(log, &plain, rows.p))
			fail_msg("%.*s", 200, rows.p + (i < 100 ? 0 : i - 100));
		rows.p[i] = digit;
	}
	assert_true(digits > 1000);
	str_release(&rows);
}

/* Without its cuts a forced report is another, at least once in a while. */
static void the_cuts_are_needed(void **state)
{
	static struct record log[PARTS][PER_PART];
	struct live l = {.held = {true, true, true}};
	struct str rows = STR_INIT, bare = STR_INIT;
	struct found f;

	(void)state;
	make_log(log);
	run_live(log, &l, &plain, NULL, &rows);
	for (const char *p = rows.p; *p; p++) {
		if (!strncmp(p, ",\"cuts\"", 7))
			p = strstr(p, "}}") + 1;
		str_addc(&bare, *p);
	}
	f = read_again(log, PER_PART, &plain, bare.p);
	assert_true(f.counts.differences > 0);
	str_release(&rows);
	str_release(&bare);
}

/* ---- each kind of difference ---- */

#define W(from, to)                                                            \
	"{\"start\":\"1970-01-01T00:0" from "Z\",\"end\":\"1970-01-01T00:0" to \
	"Z\","
#define W0	       W("0:00", "0:20")
#define W1	       W("0:20", "0:40")
#define W2	       W("0:40", "1:00")
#define WINDOW0	       "window 1970-01-01T00:00:00Z..1970-01-01T00:00:20Z"
#define WINDOW1	       "window 1970-01-01T00:00:20Z..1970-01-01T00:00:40Z"
#define T	       "\"by\":\"type\",\"key\":\"t\","
#define A	       "\"by\":\"name\",\"key\":\"a\","
#define B	       "\"by\":\"name\",\"key\":\"b\","
#define N(count, mean) "\"count\":" count ",\"mean\":" mean
#define P(list)	       ",\"partitions\":{" list "}"

/* In each window a reading of each partition, 1, 2 and 4; 30 s after: none. */
static struct found against(const char *rows)
{
	static struct record log[PARTS][PER_PART];

	for (int p = 0; p < PARTS; p++) {
		for (int i = 0; i < 3; i++)
			log[p][i] = (struct record){i * 20 * S, p > 0, 1 << p};
	}
	return read_again(log, 3, &plain, rows);
}

#define GOOD0                                           \
	W0 T N("3", "2.3333333333333335") "}\n" W0 A N( \
		"1", "1.0") "}\n" W0 B N("2", "3.0") "}\n"
#define GOOD2                                           \
	W2 T N("3", "2.3333333333333335") "}\n" W2 A N( \
		"1", "1.0") "}\n" W2 B N("2", "3.0") "}\n"

static void finds(const char *rows, const char *text, uint64_t differences)
{
	struct found f = against(rows);

	assert_string_equal(f.text, text);
	assert_int_equal(f.counts.differences, differences);
	assert_int_equal(f.counts.unknown, 0);
}

static void each_row_is_compared_to_the_last_bit(void **state)
{
	(void)state;
	finds(GOOD0, "", 0);
	finds(W0 T N("3", "2.333333333333333") "}\n" W0 A N(
		      "2", "1.0") "}\n" W0
				  "\"by\":\"name\",\"key\":\"\\u001bc\\n\"," N(
					  "2", "3.0") "}\n",
	      WINDOW0
	      ", by type, key t: f:1 says mean 2.333333333333333 "
	      "(count 3), the log gives mean 2.3333333333333335 (count "
	      "3)\n" WINDOW0
	      ", by name, key \\x1bc\\n: f:3 says mean 3.0 (count 2), the "
	      "log has none\n" WINDOW0
	      ", by name, key a: f:2 says mean 1.0 (count 2), the log "
	      "gives mean 1.0 (count 1)\n" WINDOW0
	      ", by name, key b: not in the file, the log gives mean "
	      "3.0 (count 2)\n",
	      4);
}

static void windows_that_are_missing(void **state)
{
	(void)state;
	finds(GOOD0 GOOD2,
	      WINDOW1 ": not in the file, the log gives 3 readings\n", 1);
	finds(GOOD2 W("9:00", "9:20") T N("1", "1.0") "}\n",
	      "window 1970-01-01T00:09:00Z..1970-01-01T00:09:20Z: f:4 says 1 "
	      "reading, the log has none\n",
	      1);
}

static void partitions_of_a_group(void **state)
{
#define G0                                                               \
	W0 T N("2", "1.5") P("\"0\":1,\"1\":1") "}\n" W0 A N("1", "1.0") \
		P("\"0\":1,\"1\":1") "}\n" W0 B N("1", "2.0")            \
			P("\"0\":1,\"1\":1") "}\n"
#define G2                                                               \
	W2 T N("1", "1.0") P("\"0\":1,\"7\":0") "}\n" W2 A N("1", "1.0") \
		P("\"0\":1,\"7\":0") "}\n"
	(void)state;
	/* Of partition 1 nothing is told later, of 2 never. */
	finds(G0 G2,
	      WINDOW1 ", partition 0: not in the file, the log gives 1 "
		      "reading\n",
	      1);
	finds(W0 T N("1", "4.0") P("\"2\":3") "}\n" W0 B N("1", "4.0")
		      P("\"2\":3") "}\n",
	      WINDOW0 ", partition 2: f:1 says 3 readings, the log gives 1\n",
	      1);
}

static void what_is_there_again_and_another(void **state)
{
	(void)state;
	finds(GOOD0 W0 A N("1", "1.5") "}\n",
	      WINDOW0 ", by name, key a: f:4 is not the same as f:2\n", 1);
}

static void differences_are_told_up_to_a_number(void **state)
{
	struct str rows = STR_INIT;
	struct found f;
	size_t lines;

	(void)state;
	for (int i = 0; i < VERIFY_TOLD + 10; i++)
		str_addf(&rows,
			 W0
			 "\"by\":\"name\",\"key\":\"x%d\"," N("1", "1.0") "}\n",
			 i);
	f = against(rows.p);
	lines = count_rows(f.text);
	assert_int_equal(f.counts.differences, VERIFY_TOLD + 12);
	assert_int_equal(lines, VERIFY_TOLD + 1);
	str_release(&rows);
}

/* The log has lost what was before 45 s, and is read from there. */
static void what_is_gone_is_not_a_difference(void **state)
{
	static const char rows[] =
		GOOD0 GOOD2 W("1:20", "1:40") T N("1", "1.0") "}\n";
	const struct record left[] = {{45 * S, 0, 1}, {85 * S, 0, 1}};
	struct agg *a = agg_new(&plain);
	struct err e = ERR_INIT;
	struct verify *v = verify_new("f", rows, strlen(rows), &e);
	struct str out = STR_INIT;

	(void)state;
	agg_hold(a, 0);
	verify_gone(v, 0, 100);
	for (int i = 0; i < 2; i++)
		put(a, 0, 100 + i, &left[i]);
	agg_finish(a);
	while (agg_next(a, 1, 0) == AGG_CLOSE) {
		verify_window(v, a, &out);
		while (agg_close(a))
			;
	}
	verify_finish(v, a, true, &out);
	assert_int_equal(verify_counts(v)->unknown, 2);
	assert_int_equal(verify_counts(v)->reports, 1);
	assert_int_equal(verify_counts(v)->means, 2);
	assert_string_equal(
		out.p,
		"window 1970-01-01T00:01:20Z..1970-01-01T00:01:40Z, by name, "
		"key a: not in the file, the log gives mean 1.0 (count 1)\n"
		"partition 0: the log begins at offset 100, what was before it "
		"is gone; it is whole from 1970-01-01T00:01:01Z on\n");
	str_release(&out);
	verify_free(v);
	agg_free(a);
}

static void what_was_not_read_is_not_verified(void **state)
{
	struct agg *a = agg_new(&plain);
	struct err e = ERR_INIT;
	struct verify *v = verify_new("f", GOOD0, strlen(GOOD0), &e);
	struct str out = STR_INIT;

	(void)state;
	verify_finish(v, a, false, &out);
	assert_int_equal(verify_counts(v)->unknown, 1);
	assert_int_equal(verify_counts(v)->differences, 0);
	str_release(&out);
	verify_free(v);
	agg_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_view_has_printed_is_found_again),
		cmocka_unit_test(what_two_members_have_printed_is_found_again),
		cmocka_unit_test(each_digit_counts),
		cmocka_unit_test(the_cuts_are_needed),
		cmocka_unit_test(each_row_is_compared_to_the_last_bit),
		cmocka_unit_test(windows_that_are_missing),
		cmocka_unit_test(partitions_of_a_group),
		cmocka_unit_test(what_is_there_again_and_another),
		cmocka_unit_test(differences_are_told_up_to_a_number),
		cmocka_unit_test(what_is_gone_is_not_a_difference),
		cmocka_unit_test(what_was_not_read_is_not_verified),
	};

	rng_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
