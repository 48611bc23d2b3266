/* SPDX-License-Identifier: MIT */
/* Windows against a truth: each kind of difference, and each broken file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agg/check.h"
#include "agg/truth.h"
#include "base/when.h"

#define S    US_PER_S
#define HEAD TRUTH_HEADER "\n"
#define W0   "1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,"
#define W1   "1970-01-01T00:00:20Z,1970-01-01T00:00:40Z,"
#define W2   "1970-01-01T00:00:40Z,1970-01-01T00:01:00Z,"

#define ROW(k, n, m)                                                \
	{                                                           \
		.key = (k), .key_len = sizeof(k) - 1, .count = (n), \
		.mean = (m)                                         \
	}

/* Two windows; the second in two goes. */
static const char sample[] =
	HEAD W0 "type,t,3,2.0,6.0,0,0\n" W0 "name,a,1,1.0,1.0,0,0\n" W0
		"name,b,2,2.5,5.0,0,0\n" W1 "type,t,1,0.1,0.1,1,0\n" W1
		"name,a,1,0.1,0.1,0,0\n" W1 "name,gone,0,,0.0,1,0\n" W1
		"type,t,2,0.1,0.2,0,1\n" W1 "name,a,2,0.1,0.2,0,1\n"
		",,end,complete,6,,,1,1\n";

static struct check *read_text(const char *text, struct err *e)
{
	return check_new("truth", text, strlen(text), 20 * S, e);
}

static struct check *new_check(const char *text)
{
	struct err e = ERR_INIT;
	struct check *c = read_text(text, &e);

	assert_string_equal(e.msg, "");
	assert_non_null(c);
	return c;
}

static void refuses(const char *text, const char *why)
{
	struct err e = ERR_INIT;

	assert_null(read_text(text, &e));
	assert_string_equal(e.msg, why);
}

static struct report window(int n, struct report_row *types, size_t n_types,
			    struct report_row *names, size_t n_names)
{
	struct report r = {
		.start_us = 20 * S * n,
		.end_us = 20 * S * (n + 1),
		.by_type = {types, n_types},
		.by_name = {names, n_names},
	};

	for (size_t i = 0; i < n_types; i++)
		r.count += types[i].count;
	return r;
}

static struct report_row types0[] = {ROW("t", 3, 2)};
static struct report_row names0[] = {ROW("a", 1, 1), ROW("b", 2, 2.5)};
static struct report_row types1[] = {ROW("t", 3, 0.1)};
static struct report_row names1[] = {ROW("a", 3, 0.1)};

static const struct check_view whole = {true, true, 1, 1};

static void report(struct check *c, struct report r, struct str *out)
{
	check_report(c, &r, out);
}

static void report_first(struct check *c, struct str *out)
{
	report(c, window(0, types0, 1, names0, 2), out);
}

static void report_second(struct check *c, struct str *out)
{
	report(c, window(1, types1, 1, names1, 1), out);
}

static void assert_ends(struct check *c, struct str *out, const char *text,
			uint64_t means, uint64_t differences)
{
	assert_string_equal(out->p, text);
	assert_int_equal(check_counts(c)->means, means);
	assert_int_equal(check_counts(c)->differences, differences);
	str_release(out);
	check_free(c);
}

static void windows_that_agree(void **state)
{
	struct check *c = new_check(sample);
	struct str out = STR_INIT;

	(void)state;
	report_first(c, &out);
	report_second(c, &out);
	report(c, window(2, NULL, 0, NULL, 0), &out); /* --empty */
	check_finish(c, &whole, &out);
	assert_int_equal(check_counts(c)->windows, 2);
	assert_ends(c, &out, "", 5, 0);
}

/* A row of no readings is passed over, whatever stands for its sum. */
static void rows_without_a_count(void **state)
{
	struct check *c =
		new_check(HEAD W0 "type,t,0,,1e300 1 1e-100 1e-200 1e-300,"
				  "1,0\n" W0 "name,a,0,,0.0,1,0\n"
				  ",,end,complete,0,,,1,0\n");
	struct str out = STR_INIT;

	(void)state;
	report(c, window(0, NULL, 0, NULL, 0), &out);
	check_finish(c, &(struct check_view){true, true, 1, 0}, &out);
	assert_ends(c, &out, "", 0, 0);
}

static void counts_keys_and_means_that_differ(void **state)
{
	struct check *c = new_check(sample);
	struct str out = STR_INIT;
	struct report_row types[] = {ROW("t", 2, 2)};
	struct report_row names[] = {ROW("a", 1, 1.5), ROW("bb\n", 1, 1)};

	(void)state;
	report(c, window(0, types, 1, names, 2), &out);
	report_second(c, &out);
	check_finish(c, &whole, &out);
	assert_ends(
		c, &out,
		"window 1970-01-01T00:00:00Z type t: count 2, truth 3\n"
		"window 1970-01-01T00:00:00Z name a: mean 1.5, truth 1.0\n"
		"window 1970-01-01T00:00:00Z name b: missing, truth count 2\n"
		"window 1970-01-01T00:00:00Z name bb\\n: count 1, not in the "
		"truth\n",
		2, 4);
}

static void a_mean_may_be_an_ulp_off(void **state)
{
	double up = nextafter(0.1, 1), down = nextafter(0.1, 0);
	struct report_row types[] = {ROW("t", 3, up)};
	struct report_row names[] = {ROW("a", 3, down)};
	struct check *c = new_check(sample);
	struct str out = STR_INIT;

	(void)state;
	report(c, window(1, types, 1, names, 1), &out);
	assert_int_equal(check_counts(c)->differences, 0);
	types[0].mean = nextafter(up, 1);
	names[0].mean = nextafter(down, 0);
	report(c, window(1, types, 1, names, 1), &out);
	assert_ends(c, &out,
		    "window 1970-01-01T00:00:20Z type t: mean "
		    "0.10000000000000003, truth 0.1\n"
		    "window 1970-01-01T00:00:20Z name a: mean "
		    "0.09999999999999998, truth 0.1\n",
		    2, 2);
}

static void windows_of_one_side_alone(void **state)
{
	struct check *c = new_check(sample);
	struct str out = STR_INIT;

	(void)state;
	report_second(c, &out);
	report(c, window(5, types0, 1, names0, 2), &out);
	check_finish(c, &whole, &out);
	assert_ends(
		c, &out,
		"window 1970-01-01T00:01:40Z: count 3, not in the truth\n"
		"window 1970-01-01T00:00:00Z: not reported, truth count 3\n",
		2, 2);
}

/* Three windows of the truth; the middle one is reported, or none. */
static void a_view_of_a_part_misses_no_more_than_it_saw(void **state)
{
	static const char three[] =
		HEAD W0 "type,t,3,2.0,6.0,0,0\n" W0 "name,t,3,2.0,6.0,0,0\n" W1
			"type,t,3,0.1,0.3,0,0\n" W1 "name,a,3,0.1,0.3,0,0\n" W2
			"type,t,3,2.0,6.0,0,0\n" W2 "name,t,3,2.0,6.0,0,0\n"
			",,end,complete,9,,,0,0\n";
	static const uint64_t seen[2][2] = {{0, 1}, {1, 2}};

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct check_view v = {i & 1, i >> 1 & 1, 0, 0};
		struct check *c = new_check(three);
		struct str out = STR_INIT;
		uint64_t expected = v.from_start && v.to_end ? 3 : 0;

		if (i & 4) {
			report_second(c, &out);
			expected = seen[v.from_start][v.to_end];
		}
		check_finish(c, &v, &out);
		assert_int_equal(check_counts(c)->differences, expected);
		str_release(&out);
		check_free(c);
	}
}

static void late_and_malformed_of_a_whole_view(void **state)
{
	struct check_view part = {true, false, 7, 7};
	struct check_view other = {true, true, 0, 2};
	struct check *c = new_check(sample);
	struct str out = STR_INIT;

	(void)state;
	report_first(c, &out);
	report_second(c, &out);
	check_finish(c, &part, &out);
	assert_int_equal(check_counts(c)->differences, 0);
	check_finish(c, &other, &out);
	assert_ends(c, &out,
		    "late 0, truth 1; is --grace what --truth-grace was?\n"
		    "malformed 2, truth 1\n",
		    5, 2);
}

static void only_the_first_differences_are_told(void **state)
{
	struct check *c = new_check(sample);
	struct str out = STR_INIT;
	int lines = 0;

	(void)state;
	for (int i = 2; i < 40; i++)
		report(c, window(i, types0, 1, names0, 2), &out);
	for (size_t i = 0; i < out.len; i++)
		lines += out.p[i] == '\n';
	assert_int_equal(lines, CHECK_TOLD + 1);
	assert_non_null(strstr(out.p, "further differences are counted only"));
	assert_int_equal(check_counts(c)->differences, 38);
	str_release(&out);
	check_free(c);
}

static void files_of_slices_add_up(void **state)
{
	static const char slices[] =
		HEAD W0 "type,t,1,1.0,1.0,0,0\n" W0 "name,a,1,1.0,1.0,0,0\n"
			",,end,complete,1,,,0,0\n" HEAD W1
			"type,t,3,0.1,0.3,1,1\n" W1 "name,a,3,0.1,0.3,1,1\n" W0
			"type,t,2,2.5,5.0,0,0\n" W0 "name,b,2,2.5,5.0,0,0\n"
			",,end,complete,5,,,1,1\n";
	struct check *c = new_check(slices);
	struct str out = STR_INIT;

	(void)state;
	report_first(c, &out);
	report_second(c, &out);
	check_finish(c, &whole, &out);
	assert_ends(c, &out, "", 5, 0);
}

/* As truth.c writes it: quotes and newlines in keys, CR LF after. */
static void keys_of_any_kind(void **state)
{
	static const char *const keys[] = {"a,b", "\"",	  "x\ny",
					   "",	  "\r\n", "nl"};
	struct truth *t = truth_new(&(struct truth_conf){20 * S, S});
	struct str text = STR_INIT, out = STR_INIT;
	struct err e = ERR_INIT;
	struct report_row names[6], type = ROW("t", 6, 1);
	struct check *c;

	(void)state;
	truth_add_head(&text);
	for (int i = 0; i < 6; i++) {
		const char *key = keys[i];
		size_t len = strlen(key);
		struct reading r = {S, "t", 1, key, len, 1};

		truth_add(t, 0, &r, false);
		names[i] = (struct report_row){
			.key = key, .key_len = len, .count = 1, .mean = 1};
	}
	truth_finish(t, &text);
	c = check_new("truth", text.p, text.len, 20 * S, &e);
	assert_string_equal(e.msg, "");
	for (int i = 0; i < 6; i++) /* few enough to sort by exchange */
		for (int j = i; j > 0; j--)
			if (report_compare(names[j].key, names[j].key_len,
					   names[j - 1].key,
					   names[j - 1].key_len) < 0) {
				struct report_row other = names[j];

				names[j] = names[j - 1];
				names[j - 1] = other;
			}
	report(c, window(0, &type, 1, names, 6), &out);
	check_finish(c, &(struct check_view){true, true, 0, 0}, &out);
	assert_ends(c, &out, "", 7, 0);
	str_release(&text);
	truth_free(t);
}

static void lines_may_end_in_cr_lf(void **state)
{
	struct check *c = new_check(
		"start,end,by,key,count,mean,sum,late,malformed\r\n" W0
		"type,t,1,1.0,1.0,0,0\r\n" W0 "name,\"n\",1,1.0,1.0,0,0\r\n"
		",,end,complete,1,,,0,0\r\n");

	(void)state;
	check_free(c);
}

static void a_file_that_was_cut_short(void **state)
{
	struct err e = ERR_INIT;
	size_t len;

	(void)state;
	refuses("", "truth: it is empty: cut short");
	refuses(HEAD, "truth:2: no closing row before this line: the file was "
		      "cut short");
	refuses(HEAD W0 "type,t,1,1.0,1.0,0,0\n" HEAD,
		"truth:3: no closing row before this line: the file was cut "
		"short");
	/* Wherever it is cut, but for the last newline. */
	for (len = 0; len < strlen(sample) - 1; len++) {
		assert_null(check_new("truth", sample, len, 20 * S, &e));
		assert_string_not_equal(e.msg, "");
		if (len > strlen(HEAD) && len < strlen(sample) - 4)
			assert_non_null(strstr(e.msg, "cut short"));
		e.msg[0] = '\0';
	}
	check_free(check_new("truth", sample, len, 20 * S, &e));
	assert_string_equal(e.msg, "");
}

static void rows_that_cannot_be(void **state)
{
	(void)state;
	refuses("start,end,by,key,count,mean\n",
		"truth:1: not the header '" TRUTH_HEADER "'");
	refuses(HEAD W0 "type,t,1,1.0,1.0,0\n",
		"truth:2: 8 columns instead of 9");
	refuses(HEAD W0 "type,\"x\ny\",1,1.0,1.0,0,0\n" W0 "type,t\n",
		"truth:4: 4 columns instead of 9");
	refuses(HEAD W0 "type,t,x,1.0,1.0,0,0\n",
		"truth:2: column 'count': 'x' is not a whole number of 0 or "
		"more "
		"(like 100, 10k, 1M)");
	refuses(HEAD W0 "type,t,1,,1.0,0,0\n",
		"truth:2: column 'mean': '' is not a number");
	refuses(HEAD W0 "type,t,1,1.5,1.0,0,0\n",
		"truth:2: column 'mean': '1.5' is not the sum divided by the "
		"count");
	refuses(HEAD W0 "type,t,1,1.0,1.0 x,0,0\n",
		"truth:2: column 'sum': 'x' is not a number");
	refuses(HEAD W0 "type,t,1,1.0,1.0,0,-1\n",
		"truth:2: column 'malformed': '-1' is not a whole number of 0 "
		"or "
		"more "
		"(like 100, 10k, 1M)");
	refuses(HEAD W0 "sort,t,1,1.0,1.0,0,0\n",
		"truth:2: column 'by': 'sort' is not type, name or end");
	refuses(HEAD "soon,,type,t,1,1.0,1.0,0,0\n",
		"truth:2: column 'start': 'soon' is not a time (like "
		"2026-11-24T01:02:03Z)");
	refuses(HEAD ",,type,t,1,1.0,1.0,0,0\n",
		"truth:2: column 'start': it is empty");
	refuses(HEAD ",,end,done,0,,,0,0\n",
		"truth:2: column 'key': 'done' is not complete or invalid");
}

static void other_intervals_and_invalid_ones(void **state)
{
	struct err e = ERR_INIT;
	const char *first = HEAD "0001-01-01T00:00:00Z,0001-01-01T00:00:07Z,"
				 "type,t,0,,0.0,1,0\n",
		   *last = HEAD "9999-12-31T23:59:50Z,"
				"9999-12-31T23:59:59.999999Z,"
				"type,t,0,,0.0,1,0\n";

	(void)state;
	assert_null(check_new("truth", sample, strlen(sample), 30 * S, &e));
	assert_string_equal(e.msg,
			    "truth:2: a window of 20s, but --interval is 30s");
	refuses(first, "truth:3: no closing row before this line: the file was "
		       "cut short");
	refuses(last, "truth:3: no closing row before this line: the file was "
		      "cut short");
	refuses(HEAD ",,end,\"invalid: 3 messages failed, say\",0,,,0,0\n",
		"truth:2: the truth is invalid: 3 messages failed, say");
}

static void a_line_that_was_taken_out(void **state)
{
	(void)state;
	refuses(HEAD W0 "type,t,1,1.0,1.0,0,0\n,,end,complete,1,,,0,0\n",
		"truth:3: the closing row counts 1 used, 0 late, 0 malformed, "
		"the rows by name 0, 0, 0: rows are missing or changed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_that_agree),
		cmocka_unit_test(rows_without_a_count),
		cmocka_unit_test(counts_keys_and_means_that_differ),
		cmocka_unit_test(a_mean_may_be_an_ulp_off),
		cmocka_unit_test(windows_of_one_side_alone),
		cmocka_unit_test(a_view_of_a_part_misses_no_more_than_it_saw),
		cmocka_unit_test(late_and_malformed_of_a_whole_view),
		cmocka_unit_test(only_the_first_differences_are_told),
		cmocka_unit_test(files_of_slices_add_up),
		cmocka_unit_test(keys_of_any_kind),
		cmocka_unit_test(lines_may_end_in_cr_lf),
		cmocka_unit_test(a_file_that_was_cut_short),
		cmocka_unit_test(rows_that_cannot_be),
		cmocka_unit_test(other_intervals_and_invalid_ones),
		cmocka_unit_test(a_line_that_was_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
