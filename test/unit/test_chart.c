/* SPDX-License-Identifier: MIT */
/* What a chart looks like, and what it remembers. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agg/chart.h"

#define STEP	INT64_C(20000000)
#define NONE	NAN /* the row is not in that report */
#define MAX_ROW 64
#define HEAD(n) "\nChart of the mean, last " n " of 20s:\n"

#define TAKES(c, window, ...)                                      \
	takes(c, window, (const struct report_row[]){__VA_ARGS__}, \
	      sizeof((struct report_row[]){__VA_ARGS__}) /         \
		      sizeof(struct report_row))
#define ROW(k, m)                                                             \
	{                                                                     \
		.key = (k), .key_len = sizeof(k) - 1, .count = 1, .mean = (m) \
	}

/* The table of names of the last report that was taken. */
static struct report_row rows[MAX_ROW];
static struct report_table names = {rows, 0};

static struct chart *chart(bool utf8)
{
	return chart_new(&(struct chart_conf){
		.interval_us = STEP,
		.stats = STATS_MEAN_ONLY,
		.utf8 = utf8,
		.most_bytes = CHART_BYTES,
	});
}

static void takes(struct chart *c, int64_t window, const struct report_row *v,
		  size_t n)
{
	assert_in_range(n, 1, MAX_ROW);
	memcpy(rows, v, n * sizeof(*v));
	names.n = n;
	chart_take(c, &(struct report){
			      .start_us = (window - 1) * STEP,
			      .end_us = window * STEP,
			      .by_name = names,
		      });
}

static void draws(const struct chart *c, const char *text)
{
	struct str out = STR_INIT;

	chart_add(&out, c, CHART_NAMES, &names);
	assert_string_equal(out.p, text);
	str_release(&out);
}

/* The values of one row, in windows that follow each other. */
static void draws_values(bool utf8, const double *v, size_t n, const char *text)
{
	struct chart *c = chart(utf8);

	for (size_t i = 0; i < n; i++) {
		if (isnan(v[i]))
			TAKES(c, (int64_t)i, ROW("other", 0));
		else
			TAKES(c, (int64_t)i, ROW("a", v[i]));
	}
	draws(c, text);
	chart_free(c);
}

#define DRAWS(utf8, text, ...)                            \
	draws_values(utf8, (const double[]){__VA_ARGS__}, \
		     sizeof((double[]){__VA_ARGS__}) / sizeof(double), text)

static void one_window_is_half_high(void **state)
{
	(void)state;
	DRAWS(true, "\nChart of the mean, last window of 20s:\na     ▄  1.5\n",
	      1.5);
}

static void what_is_the_same_is_flat(void **state)
{
	(void)state;
	DRAWS(true, HEAD("3 windows") "a     ▄▄▄  21\n", 21, 21, 21);
	DRAWS(false, HEAD("3 windows") "a     ===  0\n", 0, -0.0, 0);
	DRAWS(false, HEAD("2 windows") "a     ==  0\n", -0.0, -0.0);
}

static void values_go_to_eight_levels(void **state)
{
	(void)state;
	DRAWS(true, HEAD("9 windows") "a     ▁▂▃▄▅▆▇██  0 to 8\n", 0, 1, 2, 3,
	      4, 5, 6, 7, 8);
	DRAWS(false, HEAD("9 windows") "a     @@#*+=-:.  0 to 8\n", 8, 7, 6, 5,
	      4, 3, 2, 1, 0);
	DRAWS(true, HEAD("3 windows") "a     ▁▅█  -2 to -1\n", -2, -1.5, -1);
}

static void a_window_without_the_row_is_blank(void **state)
{
	(void)state;
	DRAWS(true, HEAD("5 windows") "a     ▁  ██  1 to 2\n", 1, NONE, NONE, 2,
	      2);
	DRAWS(true, HEAD("4 windows") "a       ▁█  1 to 2\n", NONE, NONE, 1, 2);
}

static void time_runs_evenly(void **state)
{
	struct chart *c = chart(true);

	(void)state;
	TAKES(c, 100, ROW("a", 1));
	TAKES(c, 104, ROW("a", 2), ROW("b", 7));
	draws(c, HEAD("5 windows") "a     ▁   █  1 to 2\n"
				   "b         ▄  7\n");
	/* Nothing for longer than is remembered. */
	TAKES(c, INT64_C(1000000000), ROW("a", 3));
	chart_set_width(c, 40);
	draws(c,
	      HEAD("31 windows") "a                                   ▄  3\n");
	chart_free(c);
}

static void before_1970_too(void **state)
{
	struct chart *c = chart(false);

	(void)state;
	TAKES(c, -1, ROW("a", 1));
	TAKES(c, 0, ROW("a", 2));
	TAKES(c, 1, ROW("a", 3));
	draws(c, HEAD("3 windows") "a     .+@  1 to 3\n");
	chart_free(c);
}

static void rows_have_scales_of_their_own(void **state)
{
	struct chart *c = chart(true);

	(void)state;
	TAKES(c, 1, ROW("pressure", 1013.25), ROW("temperature", -1));
	TAKES(c, 2, ROW("pressure", 1012), ROW("temperature", 21.5));
	draws(c, HEAD("2 windows") "pressure     █▁  1012 to 1013.25\n"
				   "temperature  ▁█    -1 to 21.5\n");
	chart_free(c);
}

static void numbers_are_told_apart(void **state)
{
	(void)state;
	DRAWS(true, HEAD("2 windows") "a     ▁█  1000000.1 to 1000000.2\n",
	      1000000.1, 1000000.2);
	DRAWS(true, HEAD("2 windows") "a     █▁  1 to 1.0000000000000002\n",
	      1 + DBL_EPSILON, 1);
}

static void huge_and_tiny_ones(void **state)
{
	(void)state;
	DRAWS(true, HEAD("3 windows") "a     ▁▅█  -1e+308 to 1.5e+308\n",
	      -1e308, 0.3e308, 1.5e308);
	DRAWS(true,
	      HEAD("3 windows") "a     ▁▅█  -1.79769e+308 to 1.79769e+308\n",
	      -DBL_MAX, 0, DBL_MAX);
	DRAWS(true, HEAD("3 windows") "a     ▁▅█  0 to 9.88131e-324\n", 0,
	      DBL_TRUE_MIN, 2 * DBL_TRUE_MIN);
}

static void the_first_that_is_no_count_is_charted(void **state)
{
	static const struct stats lists[] = {
		{{STAT_COUNT, STAT_MAX, STAT_MEAN}, 3},
		{{STAT_SD}, 1},
		{{STAT_COUNT}, 1},
	};
	static const char *const texts[] = {
		"\nChart of the max, last 3 windows of 20s:\n"
		"a     ▁▅█  8 to 10\n",
		/* One reading has no sd; one can be too large. */
		"\nChart of the sd, last 3 windows of 20s:\n"
		"a      ▁█  0.5 to 1.79769e+308\n",
		"\nChart of the count, last 3 windows of 20s:\n"
		"a     ▁▅█  1 to 3\n",
	};
	static const double sd[] = {NAN, 0.5, INFINITY};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct chart *c = chart_new(&(struct chart_conf){
			.interval_us = STEP,
			.stats = lists[i],
			.utf8 = true,
			.most_bytes = CHART_BYTES,
		});

		for (int w = 1; w <= 3; w++)
			TAKES(c, w,
			      {.key = "a",
			       .key_len = 1,
			       .count = (uint64_t)w,
			       .sd = sd[w - 1],
			       .max = 7 + w});
		draws(c, texts[i]);
		chart_free(c);
	}
}

static void a_row_without_values_has_its_name_only(void **state)
{
	struct chart *c = chart_new(&(struct chart_conf){
		.interval_us = STEP,
		.stats = {{STAT_SD}, 1},
		.most_bytes = CHART_BYTES,
	});

	(void)state;
	TAKES(c, 1, {.key = "a", .key_len = 1, .sd = NAN});
	draws(c, "\nChart of the sd, last window of 20s:\na\n");
	names.n = 0;
	draws(c, "");
	chart_free(c);
}

/* As in the table: sorted, escaped, cut, and the same are left out. */
static void rows_are_those_of_the_table(void **state)
{
	struct chart *c = chart_new(&(struct chart_conf){
		.interval_us = STEP,
		.stats = STATS_MEAN_ONLY,
		.max_rows = 4,
		.utf8 = true,
		.most_bytes = CHART_BYTES,
	});

	(void)state;
	TAKES(c, 1, ROW("\033[31m", 1), ROW("a\0b", 1), ROW("b", 1),
	      ROW("b\xc3\xbcro", 1), ROW("\xf0\x9f\x98\x80", 1));
	draws(c, "\nChart of the mean, last window of 20s:\n"
		 "\\x1b[31m  ▄  1\n"
		 "a\\x00b    ▄  1\n"
		 "...\n"
		 "b\xc3\xbcro      ▄  1\n"
		 "\xf0\x9f\x98\x80         ▄  1\n");
	chart_free(c);
}

static void ascii_alone(void **state)
{
	struct chart *c = chart(false);

	(void)state;
	TAKES(c, 1, ROW("b\xc3\xbcro \xe2\x82\xac", 1), ROW("z\xff", 2));
	draws(c, "\nChart of the mean, last window of 20s:\n"
		 "b?ro ?  =  1\n"
		 "z?      =  2\n");
	chart_free(c);
}

static size_t widest(const char *text)
{
	size_t most = 0, n;

	for (; *text; text += n + 1) {
		n = strcspn(text, "\n");
		if (n > most)
			most = n;
	}
	return most;
}

static void no_line_is_wider_than_asked(void **state)
{
	struct chart *c = chart(false);

	(void)state;
	for (int w = 0; w < 2 * CHART_WINDOWS; w++)
		TAKES(c, w, ROW("a name of twenty-two.", 1e9 + w / 7.0),
		      ROW("b", sin(w) * 1e-5));
	for (size_t width = 58; width <= 400; width++) {
		struct str out = STR_INIT;

		chart_set_width(c, width);
		chart_add(&out, c, CHART_NAMES, &names);
		/* All of the width is used, as long as there are windows. */
		assert_in_range(widest(out.p), width < 350 ? width - 9 : 341,
				width);
		str_release(&out);
	}
	chart_free(c);
}

static void a_name_gives_way_before_the_last_blocks(void **state)
{
	struct chart *c = chart(false);

	(void)state;
	for (int w = 0; w < 20; w++)
		TAKES(c, w, ROW("a name of twenty-two.", w));
	chart_set_width(c, 33);
	draws(c, HEAD("8 windows") "a name of ...  .:-=+*#@  12 to 19\n");
	chart_set_width(c, 1);
	draws(c, HEAD("8 windows") "a nam...  .:-=+*#@  12 to 19\n");
	chart_free(c);
}

/* A member that takes over a partition reports its windows again. */
static void a_later_report_replaces(void **state)
{
	struct chart *c = chart(false);

	(void)state;
	TAKES(c, 5, ROW("a", 0));
	TAKES(c, 7, ROW("a", 8));
	TAKES(c, 6, ROW("a", 4));
	draws(c, HEAD("3 windows") "a     .+@  0 to 8\n");
	TAKES(c, 5, ROW("a", 8));
	draws(c, HEAD("3 windows") "a     @.@  4 to 8\n");
	TAKES(c, 3, ROW("a", 0), ROW("b", 1));
	draws(c, HEAD("5 windows") "a     . @+@  0 to 8\n"
				   "b     =      1\n");
	chart_free(c);
}

/* So many names, new ones in each window, and one that stays. */
static void take_new_ones(struct chart *c, int window, size_t len)
{
	static char key[8][1 << 20];

	for (size_t i = 0; i < 8; i++) {
		memset(key[i], 'x', len);
		snprintf(key[i], 16, "%zu-%d", i, window);
		rows[i] = (struct report_row){
			.key = key[i], .key_len = len, .mean = 1};
	}
	rows[8] = (struct report_row){.key = "z", .key_len = 1, .mean = window};
	names.n = 9;
	chart_take(c,
		   &(struct report){.end_us = window * STEP, .by_name = names});
	/* The stranger ones are gone from the picture. */
	rows[0] = rows[8];
	names.n = 1;
}

static size_t windows_of(const struct chart *c)
{
	struct str out = STR_INIT;
	unsigned long n;

	chart_add(&out, c, CHART_NAMES, &names);
	n = strtoul(strstr(out.p, "last ") + 5, NULL, 10);
	str_release(&out);
	return n;
}

static void memory_is_bounded(void **state)
{
	struct chart *c = chart_new(&(struct chart_conf){
		.interval_us = STEP,
		.stats = STATS_MEAN_ONLY,
		.most_bytes = 10 << 20,
	});
	int w;

	(void)state;
	chart_set_width(c, 1000);
	for (w = 0; w < 1000; w++)
		take_new_ones(c, w, 100);
	assert_int_equal(windows_of(c), CHART_WINDOWS);
	assert_in_range(chart_bytes(c), 300 * 9 * 100, 1 << 20);
	for (; w < 1010; w++) {
		take_new_ones(c, w, 1 << 20);
		assert_in_range(chart_bytes(c), 8 << 20, 10 << 20);
	}
	assert_int_equal(windows_of(c), 0); /* "last window of" */
	for (; w < 1330; w++)
		take_new_ones(c, w, 100);
	assert_int_equal(windows_of(c), CHART_WINDOWS);
	chart_free(c);
}

static void what_was_not_seen_is_forgotten(void **state)
{
	struct chart *c = chart(false);
	size_t before;

	(void)state;
	TAKES(c, 0, ROW("b", 1));
	before = chart_bytes(c);
	TAKES(c, 1, ROW("a", 1), ROW("c", 2));
	assert_true(chart_bytes(c) > before);
	TAKES(c, CHART_WINDOWS + 1, ROW("b", 1));
	assert_int_equal(chart_bytes(c), before);
	chart_set_width(c, 20);
	draws(c, HEAD("11 windows") "b               =  1\n");
	chart_free(c);
	chart_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_window_is_half_high),
		cmocka_unit_test(what_is_the_same_is_flat),
		cmocka_unit_test(values_go_to_eight_levels),
		cmocka_unit_test(a_window_without_the_row_is_blank),
		cmocka_unit_test(time_runs_evenly),
		cmocka_unit_test(before_1970_too),
		cmocka_unit_test(rows_have_scales_of_their_own),
		cmocka_unit_test(numbers_are_told_apart),
		cmocka_unit_test(huge_and_tiny_ones),
		cmocka_unit_test(the_first_that_is_no_count_is_charted),
		cmocka_unit_test(a_row_without_values_has_its_name_only),
		cmocka_unit_test(rows_are_those_of_the_table),
		cmocka_unit_test(ascii_alone),
		cmocka_unit_test(no_line_is_wider_than_asked),
		cmocka_unit_test(a_name_gives_way_before_the_last_blocks),
		cmocka_unit_test(a_later_report_replaces),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(what_was_not_seen_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
