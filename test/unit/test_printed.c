/* SPDX-License-Identifier: MIT */
/* Rows that are read back: what they become, and each that is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/printed.h"
#include "base/when.h"

#define W0                                                                \
	"{\"start\":\"1970-01-01T00:00:00Z\",\"end\":\"1970-01-01T00:00:" \
	"20Z\","
#define W1                                                                \
	"{\"start\":\"1970-01-01T00:00:20Z\",\"end\":\"1970-01-01T00:00:" \
	"40Z\","
#define ROW(by, key, count, mean)                                \
	"\"by\":\"" by "\",\"key\":\"" key "\",\"count\":" count \
	",\"mean\":" mean

static void reads(struct printed *p, const char *text)
{
	struct err e = ERR_INIT;

	if (printed_read(p, "f", text, strlen(text), &e))
		fail_msg("%s", e.msg);
}

static void refuses(const char *text, const char *why)
{
	struct err e = ERR_INIT;
	struct printed p;

	assert_int_equal(printed_read(&p, "f", text, strlen(text), &e), -1);
	assert_string_equal(e.msg, why);
	printed_release(&p);
}

static void rows_become_reports(void **state)
{
	struct printed p;

	(void)state;
	/* Anywhere, members in any order, blank lines, no newline at the end.
	 */
	reads(&p,
	      W1 ROW("name", "b", "2",
		     "0.5") ",\"cuts\":{\"10\":7,\"2\":0}}\n" W0
		      ROW("name", "a", "1", "1e300") "}\n\n" W0 ROW(
			      "type", "t", "1",
			      "null") "}\n"
				      "{\"mean\":-5,\"count\":3,\"key\":\"t\","
				      "\"by\":\"type\","
				      "\"end\":\"1970-01-01T00:00:40Z\","
				      "\"cuts\":{\"2\":0,\"10\":7},"
				      "\"start\":\"1970-01-01T00:00:20Z\"}");
	assert_int_equal(p.interval_us, 20 * US_PER_S);
	assert_false(p.grouped);
	assert_int_equal(p.n_reports, 2);
	assert_int_equal(p.n_rows, 4);
	assert_int_equal(p.reports[0].start_us, 0);
	assert_int_equal(p.reports[0].names - p.reports[0].first, 1);
	assert_int_equal(p.reports[1].end, 4);
	assert_true(isnan(p.rows[0].v[STAT_MEAN]));
	assert_true(p.rows[1].v[STAT_MEAN] == 1e300);
	assert_int_equal(p.rows[1].line, 2);
	assert_true(p.rows[2].v[STAT_MEAN] == -5);
	assert_true(p.rows[2].cuts == p.rows[3].cuts && p.rows[2].cuts);
	assert_int_equal(p.lists[p.rows[2].cuts].n, 2);
	assert_int_equal(p.lists[p.rows[2].cuts].v[1].partition, 10);
	assert_int_equal(p.lists[p.rows[2].cuts].v[1].value, 7);
	assert_int_equal(p.n_conflicts, 0);
	assert_int_equal(printed_find(&p, 0), 0);
	assert_int_equal(printed_find(&p, 1), 1);
	assert_int_equal(printed_find(&p, 20 * US_PER_S), 1);
	assert_int_equal(printed_find(&p, 20 * US_PER_S + 1), 2);
	printed_release(&p);
}

static void reports_of_a_group_are_told_apart(void **state)
{
	struct printed p;

	(void)state;
	reads(&p, W0 ROW("type", "t", "1",
			 "1.0") ",\"id\":\"g_1970-01-01T00:00:00Z_0\","
				"\"partitions\":{\"0\":1}}\n" W0 ROW(
					"type", "t", "1",
					"2.0") ",\"id\":\"g_1970-01-01T00:"
					       "00:00Z_1\",\"partitions\":{"
					       "\"1\":1}}"
					       "\n");
	assert_true(p.grouped);
	assert_int_equal(p.n_reports, 2);
	assert_int_equal(p.n_conflicts, 0);
	printed_release(&p);
}

static void a_key_may_hold_a_zero_byte(void **state)
{
	struct printed p;

	(void)state;
	reads(&p, W0 ROW("type", "a\\u0000b", "1", "1.0") "}\n");
	assert_int_equal(p.rows[0].key_len, 3);
	assert_memory_equal(p.rows[0].key, "a\0b", 3);
	printed_release(&p);
}

static void what_is_there_again_must_be_the_same(void **state)
{
	static const char *const others[] = {
		W0 ROW("type", "t", "1", "1.5") "}\n",
		W0 ROW("type", "t", "2", "1.0") "}\n",
		W0 ROW("type", "t", "1", "1.0") ",\"cuts\":{\"0\":1}}\n",
		W0 ROW("name", "t", "1", "1.0") ",\"cuts\":{\"0\":1}}\n",
	};
	const char first[] = W0 ROW("type", "t", "1", "1.0") "}\n";
	struct printed p;
	char text[1000];

	(void)state;
	snprintf(text, sizeof(text), "%s%s", first, first);
	reads(&p, text);
	assert_int_equal(p.n_rows, 1);
	assert_int_equal(p.n_conflicts, 0);
	printed_release(&p);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		snprintf(text, sizeof(text), "%s%s%s", first, others[i], first);
		reads(&p, text);
		assert_int_equal(p.n_conflicts, 1);
		assert_int_equal(p.conflict.line, 2);
		assert_int_equal(p.conflict_line, 1);
		printed_release(&p);
	}
}

static void torn_lines_are_counted(void **state)
{
	struct printed p;

	(void)state;
	reads(&p, "{\"sta\n" W0 ROW("type", "t", "1",
				    "1.0") "}\n" W0 "\"by\":\"}\\\"\n" W0
			  ROW("type", "u", "1", "1.0") ",\"cuts\":{\"0\":1}");
	assert_int_equal(p.torn, 3);
	assert_int_equal(p.n_rows, 1);
	printed_release(&p);
}

static void what_is_no_row_is_refused(void **state)
{
	(void)state;
	refuses("", "f: it has no row of a report");
	refuses("{\"start\":", "f: it has no row of a report");
	refuses("start,end,by,key,count,mean\n",
		"f:1:5: '[' or '{' expected near 'start'");
	refuses("\n[]\n", "f:2: no row of a report: an array");
	refuses(W0 "\"by\":\"type\"}\n",
		"f:1: no row of a report: it has no 'key'");
	refuses(W0 ROW("type", "t", "1", "1.0") ",\"x\":1}\n",
		"f:1: 'x' is no member of a report");
	refuses(W0 ROW("sort", "t", "1", "1.0") "}\n",
		"f:1: 'by' is 'sort', not type or name");
	refuses(W0 ROW("type", "t", "\"1\"", "1.0") "}\n",
		"f:1: 'count' is text, not a number");
	refuses(W0 ROW("type", "t", "1", "true") "}\n",
		"f:1: 'mean' is true or false, not a number");
	refuses(W0 ROW("type", "t", "1", "1.0") ",\"cuts\":[]}\n",
		"f:1: 'cuts' is not an object");
	refuses(W0 ROW("type", "t", "1", "1.0") ",\"cuts\":{\"1000000\":1}}\n",
		"f:1: 'cuts': '1000000' is no partition with a whole number");
	refuses(W0 ROW("type", "t", "1", "1.0") ",\"cuts\":{\"\":1}}\n",
		"f:1: 'cuts': '' is no partition with a whole number");
	refuses(W0 ROW("type", "t", "1", "1.0") ",\"partitions\":{\"1\":-1}}\n",
		"f:1: 'partitions': '1' is no partition with a whole number");
	refuses("{\"start\":\"1970-01-01T00:00:01Z\",\"end\":\"1970-01-01T00:"
		"00:21Z\"," ROW("type", "t", "1", "1.0") "}\n",
		"f:1: 'start' and 'end' are those of no window");
}

static void rows_have_to_agree(void **state)
{
	(void)state;
	refuses(W0 ROW("type", "t", "1",
		       "1.0") "}\n"
			      "{\"start\":\"1970-01-01T00:00:00Z\",\"end\":"
			      "\"1970-01-01T00:00:40Z\"," ROW("type", "t", "1",
							      "1.0") "}\n",
		"f:2: its window is not as long as that of the rows before: of "
		"--accumulate, or of two intervals");
	refuses(W0 ROW("type", "t", "1", "1.0") "}\n" W0 ROW(
			"type", "t", "1", "1.0") ",\"partitions\":{\"1\":1}}\n",
		"f:2: rows of a group, and of a private view");
	refuses(W0 ROW("type", "t", "1",
		       "1.0") ",\"id\":\"g_1970-01-01T00:00:00Z_0\","
			      "\"partitions\":{\"1\":1}}\n",
		"f:1: 'id' is not that of its window and its partitions, which "
		"ends in '_1970-01-01T00:00:00Z_1'");
	refuses(W0 ROW("type", "t", "1",
		       "1.0") ",\"id\":\"g_1970-01-01T00:00:00Z_1\","
			      "\"partitions\":{\"1\":1}}\n" W0 ROW(
				      "name", "t", "1",
				      "1.0") ",\"id\":\"h_1970-01-01T00:00:00Z_"
					     "1\","
					     "\"partitions\":{\"1\":1}}\n",
		"f:2: rows of two groups, 'g' and 'h'");
}

/* A window may reach beyond the years that can be written. */
static void a_window_that_is_cut_off_tells_no_interval(void **state)
{
	struct printed p;

	(void)state;
	reads(&p, "{\"start\":\"0001-01-01T00:00:00Z\",\"end\":\"0001-01-01T00:"
		  "00:05Z\"," ROW("type", "t", "1", "1.0") "}\n" W0 ROW(
			  "type", "t", "1", "1.0") "}\n");
	assert_int_equal(p.interval_us, 20 * US_PER_S);
	printed_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_become_reports),
		cmocka_unit_test(reports_of_a_group_are_told_apart),
		cmocka_unit_test(a_key_may_hold_a_zero_byte),
		cmocka_unit_test(what_is_there_again_must_be_the_same),
		cmocka_unit_test(torn_lines_are_counted),
		cmocka_unit_test(what_is_no_row_is_refused),
		cmocka_unit_test(rows_have_to_agree),
		cmocka_unit_test(a_window_that_is_cut_off_tells_no_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
