/* SPDX-License-Identifier: MIT */
/*
 * What the rules of agg/frame.h look like, one by one. The expected texts
 * are what pandas 1.5.3 prints (but for control characters and bad UTF-8,
 * which are ours); test/pandas holds thousands of frames against it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "agg/frame.h"

#define MAX_ROWS 100
#define ROW(k, m)                                                             \
	{                                                                     \
		.key = (k), .key_len = sizeof(k) - 1, .count = 1, .mean = (m) \
	}
#define PRINTS(rows, text) prints(rows, sizeof(rows) / sizeof((rows)[0]), text)
#define FIFTY		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"

static void prints(struct report_row *rows, size_t n, const char *text)
{
	static const struct report_form form = {.stats = STATS_MEAN_ONLY};
	struct report_table t = {rows, n};
	struct str out = STR_INIT;

	frame_add(&out, "type", &t, &form);
	assert_string_equal(out.p, text);
	assert_int_equal(out.len, strlen(text));
	str_release(&out);
}

/* Rows k00, k01, ... with the mean 1, but for the row `odd` that has 1234.25.
 */
static void prints_many(size_t n, size_t odd, size_t max_rows, const char *text)
{
	static char keys[MAX_ROWS][8];
	static struct report_row rows[MAX_ROWS];
	const struct report_form form = {
		.stats = STATS_MEAN_ONLY,
		.max_rows = max_rows,
	};
	struct report_table t = {rows, n};
	struct str out = STR_INIT;
	size_t i;

	for (i = 0; i < n; i++) {
		int len = snprintf(keys[i], sizeof(keys[i]), "k%02zu", i);

		rows[i].key = keys[i];
		rows[i].key_len = (size_t)len;
		rows[i].mean = i == odd ? 1234.25 : 1.0;
	}
	frame_add(&out, "name", &t, &form);
	assert_string_equal(out.p, text);
	str_release(&out);
}

static void prints_the_sample(void **state)
{
	struct report_row rows[] = {
		ROW("humidity", 5.714358999999999),
		ROW("pressure", 5.677297),
		ROW("temperature", 5.9313950001),
	};

	(void)state;
	PRINTS(rows, "                value\n"
		     "type                 \n"
		     "humidity     5.714359\n"
		     "pressure     5.677297\n"
		     "temperature  5.931395\n");
}

static void keeps_the_decimals_of_the_longest(void **state)
{
	struct report_row whole[] = {ROW("a", 1), ROW("b", 20), ROW("c", 0)};
	struct report_row some[] = {ROW("a", 1.5), ROW("b", 20), ROW("c", .25)};
	struct report_row all[] = {ROW("a", 1), ROW("b", 20.0000014)};

	(void)state;
	PRINTS(whole, "      value\n"
		      "type       \n"
		      "a       1.0\n"
		      "b      20.0\n"
		      "c       0.0\n");
	PRINTS(some, "      value\n"
		     "type       \n"
		     "a      1.50\n"
		     "b     20.00\n"
		     "c      0.25\n");
	PRINTS(all, "          value\n"
		    "type           \n"
		    "a      1.000000\n"
		    "b     20.000001\n");
}

static void a_sign_takes_the_place_of_a_blank(void **state)
{
	struct report_row rows[] = {ROW("a", -0.0), ROW("b", -1234567.5),
				    ROW("c", 1)};

	(void)state;
	PRINTS(rows, "          value\n"
		     "type           \n"
		     "a          -0.0\n"
		     "b    -1234567.5\n"
		     "c           1.0\n");
}

static void small_means_are_scientific(void **state)
{
	struct report_row border[] = {ROW("a", 1e-6), ROW("b", 0)};
	struct report_row below[] = {ROW("a", -9.999999999e-7), ROW("b", 0),
				     ROW("c", 12)};

	(void)state;
	PRINTS(border, "         value\n"
		       "type          \n"
		       "a     0.000001\n"
		       "b     0.000000\n");
	PRINTS(below, "             value\n"
		      "type              \n"
		      "a    -1.000000e-06\n"
		      "b     0.000000e+00\n"
		      "c     1.200000e+01\n");
}

static void large_means_are_scientific_when_the_text_is_long(void **state)
{
	struct report_row border[] = {ROW("a", 1e6), ROW("b", 0.000001)};
	struct report_row alone[] = {ROW("a", 123456789), ROW("b", 1)};
	struct report_row with_long[] = {ROW("a", 1000001), ROW("b", 0.000001)};
	struct report_row infinite[] = {ROW("a", INFINITY),
					ROW("b", 12345.123456)};

	(void)state;
	PRINTS(border, "               value\n"
		       "type                \n"
		       "a     1000000.000000\n"
		       "b           0.000001\n");
	PRINTS(alone, "            value\n"
		      "type             \n"
		      "a     123456789.0\n"
		      "b             1.0\n");
	PRINTS(with_long, "             value\n"
			  "type              \n"
			  "a     1.000001e+06\n"
			  "b     1.000000e-06\n");
	PRINTS(infinite, "             value\n"
			 "type              \n"
			 "a              inf\n"
			 "b     1.234512e+04\n");
}

static void not_finite_means_have_no_decimals(void **state)
{
	struct report_row rows[] = {ROW("a", NAN), ROW("b", INFINITY),
				    ROW("c", -INFINITY), ROW("d", 1.5)};
	struct report_row only[] = {ROW("a", NAN)};

	(void)state;
	PRINTS(rows, "      value\n"
		     "type       \n"
		     "a       NaN\n"
		     "b       inf\n"
		     "c      -inf\n"
		     "d       1.5\n");
	PRINTS(only, "      value\n"
		     "type       \n"
		     "a       NaN\n");
}

static void the_largest_double_fits(void **state)
{
	struct report_row rows[] = {ROW("a", -1.7976931348623157e308)};

	(void)state;
	PRINTS(rows, "              value\n"
		     "type               \n"
		     "a    -1.797693e+308\n");
}

static void labels_longer_than_50_are_cut(void **state)
{
	struct report_row fifty[] = {ROW(FIFTY, 1)};
	struct report_row longer[] = {ROW(FIFTY "y", 1), ROW("b", 2)};
	struct report_row escape[] = {
		ROW("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst\n....", 1)};

	(void)state;
	PRINTS(fifty, "                                                    "
		      "value\n"
		      "type                                                "
		      "     \n" FIFTY "    1.0\n");
	PRINTS(longer, "                                                    "
		       "value\n"
		       "type                                                "
		       "     \n"
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu...  "
		       "  1.0\n"
		       "b                                                   "
		       "  2.0\n");
	PRINTS(escape, "                                                    "
		       "value\n"
		       "type                                                "
		       "     \n"
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst\\...  "
		       "  1.0\n");
}

static void labels_are_measured_in_code_points(void **state)
{
	struct report_row rows[] = {
		ROW("", 1), ROW("e\xcc\x81", 2),
		ROW("\xd0\xb4\xd0\xb0\xd1\x82\xd1\x87\xd0\xb8\xd0\xba", 3),
		ROW("\xe6\xb8\xa9\xe5\xba\xa6", 4), ROW("\xf0\x9f\x8c\xa1", 5)};

	(void)state;
	PRINTS(rows, "        value\n"
		     "type         \n"
		     "          1.0\n"
		     "e\xcc\x81        2.0\n"
		     "\xd0\xb4\xd0\xb0\xd1\x82\xd1\x87\xd0\xb8\xd0\xba    3.0\n"
		     "\xe6\xb8\xa9\xe5\xba\xa6        4.0\n"
		     "\xf0\x9f\x8c\xa1         5.0\n");
}

static void control_characters_are_escaped(void **state)
{
	struct report_row rows[] = {
		ROW("\0", 1),	       ROW("\t\n\r\\t", 2),
		ROW("\x1b[2J\x7f", 3), ROW("\xc2\x80\xc2\x9b\xc2\x9f", 4),
		ROW("\xc2\xa0", 5),
	};

	(void)state;
	PRINTS(rows, "              value\n"
		     "type               \n"
		     "\\x00            1.0\n"
		     "\\t\\n\\r\\t        2.0\n"
		     "\\x1b[2J\\x7f     3.0\n"
		     "\\x80\\x9b\\x9f    4.0\n"
		     "\xc2\xa0               5.0\n");
}

static void bad_utf8_is_replaced(void **state)
{
#define BAD "\xef\xbf\xbd"
	struct report_row rows[] = {
		ROW("\xff", 1),
		ROW("\xe6\xb8", 2),	    /* its end is missing */
		ROW("\xd0x", 3),	    /* no continuation */
		ROW("\xc0\x80", 4),	    /* overlong */
		ROW("\xed\xa0\x80", 5),	    /* a surrogate */
		ROW("\xf4\x90\x80\x80", 6), /* beyond U+10FFFF */
	};

	(void)state;
	PRINTS(rows,
	       "      value\n"
	       "type       \n" BAD "       1.0\n" BAD BAD "      2.0\n" BAD
	       "x      3.0\n" BAD BAD "      4.0\n" BAD BAD BAD
	       "     5.0\n" BAD BAD BAD BAD "    6.0\n");
}

static void many_rows_shrink_to_ten(void **state)
{
	(void)state;
	prints_many(61, 4, 60,
		    "        value\n"
		    "name         \n"
		    "k00      1.00\n"
		    "k01      1.00\n"
		    "k02      1.00\n"
		    "k03      1.00\n"
		    "k04   1234.25\n"
		    "...       ...\n"
		    "k56      1.00\n"
		    "k57      1.00\n"
		    "k58      1.00\n"
		    "k59      1.00\n"
		    "k60      1.00\n"
		    "\n"
		    "[61 rows x 1 columns]\n");
}

static void hidden_rows_do_not_shape_the_rest(void **state)
{
	(void)state;
	prints_many(100, 5, 11,
		    "      value\n"
		    "name       \n"
		    "k00     1.0\n"
		    "k01     1.0\n"
		    "k02     1.0\n"
		    "k03     1.0\n"
		    "k04     1.0\n"
		    "...     ...\n"
		    "k95     1.0\n"
		    "k96     1.0\n"
		    "k97     1.0\n"
		    "k98     1.0\n"
		    "k99     1.0\n"
		    "\n"
		    "[100 rows x 1 columns]\n");
}

static void max_rows_of_a_few(void **state)
{
	(void)state;
	prints_many(3, 3, 3,
		    "      value\n"
		    "name       \n"
		    "k00     1.0\n"
		    "k01     1.0\n"
		    "k02     1.0\n");
	prints_many(6, 6, 5,
		    "      value\n"
		    "name       \n"
		    "k00     1.0\n"
		    "k01     1.0\n"
		    "...     ...\n"
		    "k04     1.0\n"
		    "k05     1.0\n"
		    "\n"
		    "[6 rows x 1 columns]\n");
	prints_many(3, 1, 1,
		    "      value\n"
		    "name       \n"
		    "k00     1.0\n"
		    "...     ...\n"
		    "\n"
		    "[3 rows x 1 columns]\n");
}

static void prints_columns(const struct stats *stats, struct report_row *rows,
			   size_t n, size_t max_rows, const char *text)
{
	const struct report_form form = {.stats = *stats, .max_rows = max_rows};
	struct report_table t = {rows, n};
	struct str out = STR_INIT;

	frame_add(&out, "type", &t, &form);
	assert_string_equal(out.p, text);
	str_release(&out);
}

/* Count is a whole number; each of the others is written for itself. */
static void columns_are_written_each_for_itself(void **state)
{
	static const struct stats all = {
		{STAT_COUNT, STAT_MEAN, STAT_SD, STAT_MIN, STAT_MAX}, 5};
	static const struct stats some = {{STAT_MAX, STAT_SD, STAT_COUNT}, 3};
	struct report_row rows[] = {
		{"humidity", 8, 1, 5.5, NAN, -1e-9, INFINITY},
		{"p", 1, 1234567, 2, 0.25, 3, 1},
	};

	(void)state;
	prints_columns(&all, rows, 2, 60,
		       "            count  mean    sd           min  max\n"
		       "type                                            \n"
		       "humidity        1   5.5   NaN -1.000000e-09  inf\n"
		       "p         1234567   2.0  0.25  3.000000e+00  1.0\n");
	prints_columns(&some, rows, 2, 60,
		       "          max    sd    count\n"
		       "type                        \n"
		       "humidity  inf   NaN        1\n"
		       "p         1.0  0.25  1234567\n");
}

static void a_mean_alone_is_called_value(void **state)
{
	static const struct stats mean = STATS_MEAN_ONLY;
	static const struct stats count = {{STAT_COUNT}, 1};
	static const struct stats both = {{STAT_MEAN, STAT_COUNT}, 2};
	struct report_row rows[] = {{"t", 1, 3, 5.5, 0, 0, 0}};

	(void)state;
	prints_columns(&mean, rows, 1, 60,
		       "      value\n"
		       "type       \n"
		       "t       5.5\n");
	prints_columns(&count, rows, 1, 60,
		       "      count\n"
		       "type       \n"
		       "t         3\n");
	prints_columns(&both, rows, 1, 60,
		       "      mean  count\n"
		       "type             \n"
		       "t      5.5      3\n");
}

/* A column of three letters has room for two dots. */
static void columns_that_are_cut(void **state)
{
	static const struct stats stats = {{STAT_SD, STAT_MIN, STAT_COUNT}, 3};
	struct report_row rows[] = {
		{"a", 1, 1, 1, NAN, 1, 1},
		{"b", 1, 1, 1e-9, 1, 1e-9, 1e-9},
		{"c", 1, 1, 22.5, NAN, 22.5, 22.5},
	};

	(void)state;
	prints_columns(&stats, rows, 3, 2,
		       "      sd   min  count\n"
		       "type                 \n"
		       "a    NaN   1.0      1\n"
		       "...   ..   ...    ...\n"
		       "c    NaN  22.5      1\n"
		       "\n"
		       "[3 rows x 3 columns]\n");
}

static void columns_are_never_wrapped(void **state)
{
	static const struct stats all = {
		{STAT_COUNT, STAT_MEAN, STAT_SD, STAT_MIN, STAT_MAX}, 5};
	struct report_row rows[] = {{FIFTY, 50, 2, 0.0, 1e300, -1e300, 1e300}};

	(void)state;
	prints_columns(&all, rows, 1, 60,
		       "                                                    "
		       "count  mean             sd            min            "
		       "max\n"
		       "type                                                "
		       "                                                     "
		       "   \n" FIFTY
		       "      2   0.0  1.000000e+300 -1.000000e+300  "
		       "1.000000e+300\n");
}

static void prints_the_empty_frame(void **state)
{
	static const struct report_form value = {.stats = STATS_MEAN_ONLY};
	static const struct report_form two = {
		.stats = {{STAT_SD, STAT_COUNT}, 2},
	};
	struct report_table none = {NULL, 0};
	struct str out = STR_INIT;

	(void)state;
	frame_add(&out, "type", &none, &value);
	assert_string_equal(out.p, "Empty DataFrame\n"
				   "Columns: [value]\n"
				   "Index: []\n");
	str_clear(&out);
	frame_add(&out, "type", &none, &two);
	assert_string_equal(out.p, "Empty DataFrame\n"
				   "Columns: [sd, count]\n"
				   "Index: []\n");
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_the_sample),
		cmocka_unit_test(keeps_the_decimals_of_the_longest),
		cmocka_unit_test(a_sign_takes_the_place_of_a_blank),
		cmocka_unit_test(small_means_are_scientific),
		cmocka_unit_test(
			large_means_are_scientific_when_the_text_is_long),
		cmocka_unit_test(not_finite_means_have_no_decimals),
		cmocka_unit_test(the_largest_double_fits),
		cmocka_unit_test(labels_longer_than_50_are_cut),
		cmocka_unit_test(labels_are_measured_in_code_points),
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(bad_utf8_is_replaced),
		cmocka_unit_test(many_rows_shrink_to_ten),
		cmocka_unit_test(hidden_rows_do_not_shape_the_rest),
		cmocka_unit_test(max_rows_of_a_few),
		cmocka_unit_test(columns_are_written_each_for_itself),
		cmocka_unit_test(a_mean_alone_is_called_value),
		cmocka_unit_test(columns_that_are_cut),
		cmocka_unit_test(columns_are_never_wrapped),
		cmocka_unit_test(prints_the_empty_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
