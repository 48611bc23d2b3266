/* SPDX-License-Identifier: MIT */
/* One window in its three forms. The zone is three hours east of UTC. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "agg/report.h"

#define END_US INT64_C(1702922660000000) /* 2023-12-18T18:04:20Z */
#define STEP   INT64_C(20000000)

#define ROW(k, n, m)                                                \
	{                                                           \
		.key = (k), .key_len = sizeof(k) - 1, .count = (n), \
		.mean = (m)                                         \
	}

#define RULE70                                                         \
	"------------------------------------------------------------" \
	"----------\n"
#define RULE50 "--------------------------------------------------\n"

/* The window of the manual: three types, two sensors, 119 readings. */
static struct report sample(void)
{
	static struct report_row types[] = {
		ROW("humidity", 40, 5.714358999999999),
		ROW("pressure", 39, 5.6772970000000003),
		ROW("temperature", 40, 5.931395),
	};
	static struct report_row names[] = {
		ROW("sensor_0", 60, 1.5355),
		ROW("sensor_1", 59, 10.098983),
	};
	struct report r = {
		.start_us = END_US - STEP,
		.end_us = END_US,
		.count = 119,
		.by_type = {types, 3},
		.by_name = {names, 2},
	};

	return r;
}

/* A window of one type and one name that are the same. */
static struct report single(const char *key, size_t len, double mean)
{
	static struct report_row row;
	struct report r = {
		.start_us = END_US - STEP,
		.end_us = END_US,
		.count = 1,
		.by_type = {&row, 1},
		.by_name = {&row, 1},
	};

	row = (struct report_row){
		.key = key, .key_len = len, .count = 1, .mean = mean};
	return r;
}

#define FORM(f)                                         \
	{                                               \
		.format = (f), .stats = STATS_MEAN_ONLY \
	}
static const struct report_form table = FORM(REPORT_TABLE);
static const struct report_form csv = FORM(REPORT_CSV);
static const struct report_form json = FORM(REPORT_JSON);

static void says(const struct report *r, enum report_format format,
		 size_t max_rows, const char *text)
{
	const struct report_form form = {
		.format = format,
		.stats = STATS_MEAN_ONLY,
		.max_rows = max_rows,
	};
	struct str out = STR_INIT;

	report_add_head(&out, &form, r->group);
	report_add(&out, r, &form);
	assert_string_equal(out.p, text);
	assert_int_equal(out.len, strlen(text));
	str_release(&out);
}

static void table_is_framed(void **state)
{
	struct report r = sample();

	(void)state;
	says(&r, REPORT_TABLE, 60,
	     RULE70 "Time: 2023-12-18 21:04:20.000000, collected 119 sensor "
		    "records\n"
		    "Statistics by Sensor Type:\n"
		    "                value\n"
		    "type                 \n"
		    "humidity     5.714359\n"
		    "pressure     5.677297\n"
		    "temperature  5.931395\n" RULE50
		    "Statistics by Sensor Name:\n"
		    "              value\n"
		    "name               \n"
		    "sensor_0   1.535500\n"
		    "sensor_1  10.098983\n" RULE70);
}

static void max_rows_cuts_both_tables(void **state)
{
	struct report r = sample();

	(void)state;
	says(&r, REPORT_TABLE, 1,
	     RULE70 "Time: 2023-12-18 21:04:20.000000, collected 119 sensor "
		    "records\n"
		    "Statistics by Sensor Type:\n"
		    "             value\n"
		    "type              \n"
		    "humidity  5.714359\n"
		    "...            ...\n"
		    "\n"
		    "[3 rows x 1 columns]\n" RULE50
		    "Statistics by Sensor Name:\n"
		    "           value\n"
		    "name            \n"
		    "sensor_0  1.5355\n"
		    "...          ...\n"
		    "\n"
		    "[2 rows x 1 columns]\n" RULE70);
}

static void a_table_can_be_left_out(void **state)
{
	struct report_form form = FORM(REPORT_TABLE);
	struct report r = sample();
	struct str out = STR_INIT;

	(void)state;
	form.no_types = true;
	report_add(&out, &r, &form);
	assert_string_equal(out.p, RULE70
			    "Time: 2023-12-18 21:04:20.000000, collected 119 "
			    "sensor records\n"
			    "Statistics by Sensor Name:\n"
			    "              value\n"
			    "name               \n"
			    "sensor_0   1.535500\n"
			    "sensor_1  10.098983\n" RULE70);
	str_clear(&out);
	form.no_types = false;
	form.no_names = true;
	report_add(&out, &r, &form);
	assert_string_equal(out.p, RULE70
			    "Time: 2023-12-18 21:04:20.000000, collected 119 "
			    "sensor records\n"
			    "Statistics by Sensor Type:\n"
			    "                value\n"
			    "type                 \n"
			    "humidity     5.714359\n"
			    "pressure     5.677297\n"
			    "temperature  5.931395\n" RULE70);
	str_release(&out);
}

/* Though the report has them: where it is checked. */
static void rows_can_be_left_out(void **state)
{
	struct report_form form = FORM(REPORT_CSV);
	struct report r = single("a", 1, 1.5);
	struct str out = STR_INIT;

	(void)state;
	form.no_types = true;
	report_add(&out, &r, &form);
	assert_non_null(strstr(out.p, ",name,a,1,1.5\n"));
	assert_null(strstr(out.p, ",type,"));
	str_clear(&out);
	form = (struct report_form)FORM(REPORT_JSON);
	form.no_names = true;
	report_add(&out, &r, &form);
	assert_non_null(strstr(out.p, "\"by\":\"type\""));
	assert_null(strstr(out.p, "\"by\":\"name\""));
	str_release(&out);
}

static void table_of_an_empty_window(void **state)
{
	struct report r = {.start_us = END_US - STEP, .end_us = END_US};

	(void)state;
	says(&r, REPORT_TABLE, 60,
	     RULE70 "Time: 2023-12-18 21:04:20.000000, collected 0 sensor "
		    "records\n"
		    "Statistics by Sensor Type:\n"
		    "Empty DataFrame\n"
		    "Columns: [value]\n"
		    "Index: []\n" RULE50 "Statistics by Sensor Name:\n"
		    "Empty DataFrame\n"
		    "Columns: [value]\n"
		    "Index: []\n" RULE70);
	says(&r, REPORT_CSV, 60, "start,end,by,key,count,mean\n");
	says(&r, REPORT_JSON, 60, "");
}

#define CSV_HEAD    "start,end,by,key,count,mean\n"
#define CSV_HEAD_ID "start,end,by,key,count,mean,id\n"
#define CSV_SPAN    "2023-12-18T18:04:00Z,2023-12-18T18:04:20Z,"

static void csv_has_types_then_names(void **state)
{
	struct report r = sample();

	(void)state;
	says(&r, REPORT_CSV, 1,
	     CSV_HEAD CSV_SPAN "type,humidity,40,5.714358999999999\n" CSV_SPAN
			       "type,pressure,39,5.677297\n" CSV_SPAN
			       "type,temperature,40,5.931395\n" CSV_SPAN
			       "name,sensor_0,60,1.5355\n" CSV_SPAN
			       "name,sensor_1,59,10.098983\n");
}

static void csv_quotes_where_it_must(void **state)
{
	/* clang-format off */
	static const struct {
		const char *key, *field;
	} cases[] = {
		{"", ""},
		{" a b ", " a b "},
		{"a,b", "\"a,b\""},
		{"a\"b\"", "\"a\"\"b\"\"\""},
		{"a\nb", "\"a\nb\""},
		{"a\r", "\"a\r\""},
		{"a'b;c\\", "a'b;c\\"},
	};
	/* clang-format on */
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report r =
			single(cases[i].key, strlen(cases[i].key), 1.5);
		struct str want = STR_INIT;

		str_addf(&want,
			 CSV_HEAD CSV_SPAN "type,%s,1,1.5\n" CSV_SPAN
					   "name,%s,1,1.5\n",
			 cases[i].field, cases[i].field);
		says(&r, REPORT_CSV, 60, want.p);
		str_release(&want);
	}
}

#define JSON_SPAN                                                         \
	"{\"start\":\"2023-12-18T18:04:00Z\",\"end\":\"2023-12-18T18:04:" \
	"20Z\","

static void json_is_an_object_a_line(void **state)
{
	struct report r = sample();

	(void)state;
	r.by_type.n = 1;
	says(&r, REPORT_JSON, 1,
	     JSON_SPAN "\"by\":\"type\",\"key\":\"humidity\",\"count\":40,"
		       "\"mean\":5.714358999999999}\n" JSON_SPAN
		       "\"by\":\"name\",\"key\":\"sensor_0\",\"count\":60,"
		       "\"mean\":1.5355}\n" JSON_SPAN
		       "\"by\":\"name\",\"key\":\"sensor_1\",\"count\":59,"
		       "\"mean\":10.098983}\n");
}

static void json_escapes_keys(void **state)
{
	struct report r = single("\"\\\xd0\xb4", 4, 2);

	(void)state;
	r.by_name.n = 0;
	says(&r, REPORT_JSON, 60,
	     JSON_SPAN "\"by\":\"type\",\"key\":\"\\\"\\\\\xd0\xb4\","
		       "\"count\":1,\"mean\":2.0}\n");
}

static void json_has_no_infinite_mean(void **state)
{
	static const double means[] = {INFINITY, -INFINITY, NAN};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct report r = single("a", 1, means[i]);

		r.by_name.n = 0;
		says(&r, REPORT_JSON, 60,
		     JSON_SPAN "\"by\":\"type\",\"key\":\"a\",\"count\":1,"
			       "\"mean\":null}\n");
	}
}

static void prints(const struct report *r, enum report_format format,
		   const struct stats *stats, const char *text)
{
	const struct report_form form = {.format = format, .stats = *stats};
	struct str out = STR_INIT;

	report_add_head(&out, &form, r->group);
	report_add(&out, r, &form);
	assert_string_equal(out.p, text);
	str_release(&out);
}

/* CSV and JSON have the count in any case, in its place. */
static void stats_are_columns_and_members(void **state)
{
	static const struct stats some = {{STAT_MAX, STAT_COUNT, STAT_SD}, 3};
	static const struct stats count = {{STAT_COUNT}, 1};
	struct report r = single("a", 1, 1.5);

	(void)state;
	r.by_name.n = 0;
	r.by_type.rows[0].max = 2;
	r.by_type.rows[0].sd = 0.5;
	prints(&r, REPORT_CSV, &some,
	       "start,end,by,key,count,max,sd\n" CSV_SPAN "type,a,1,2.0,0.5\n");
	prints(&r, REPORT_JSON, &some,
	       JSON_SPAN "\"by\":\"type\",\"key\":\"a\",\"count\":1,"
			 "\"max\":2.0,\"sd\":0.5}\n");
	prints(&r, REPORT_CSV, &count,
	       "start,end,by,key,count\n" CSV_SPAN "type,a,1\n");
	prints(&r, REPORT_JSON, &count,
	       JSON_SPAN "\"by\":\"type\",\"key\":\"a\",\"count\":1}\n");
}

static void what_is_no_number_is_empty_or_null(void **state)
{
	static const struct stats all = {
		{STAT_MEAN, STAT_SD, STAT_MIN, STAT_MAX}, 4};
	struct report_part parts[] = {{0, 0}, {2, 0}};
	struct report r = single("a", 1, 1.5);

	(void)state;
	r.by_name.n = 0;
	r.by_type.rows[0].sd = NAN;
	r.by_type.rows[0].max = INFINITY;
	r.group = "g";
	r.parts = parts;
	r.n_parts = 2;
	prints(&r, REPORT_CSV, &all,
	       "start,end,by,key,count,mean,sd,min,max,id\n" CSV_SPAN
	       "type,a,1,1.5,,0.0,inf,g_2023-12-18T18:04:00Z_0+2\n");
	r.group = NULL;
	prints(&r, REPORT_JSON, &all,
	       JSON_SPAN "\"by\":\"type\",\"key\":\"a\",\"count\":1,"
			 "\"mean\":1.5,\"sd\":null,\"min\":0.0,"
			 "\"max\":null}\n");
}

static void only_csv_has_a_head(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	report_add_head(&out, &table, false);
	report_add_head(&out, &json, false);
	report_add_head(&out, &table, true);
	report_add_head(&out, &json, true);
	assert_int_equal(out.len, 0);
	report_add_head(&out, &csv, false);
	assert_string_equal(out.p, CSV_HEAD);
	str_clear(&out);
	report_add_head(&out, &csv, true);
	assert_string_equal(out.p, CSV_HEAD_ID);
	str_release(&out);
}

/* A member's report; partition 2 gave 20 readings, and so on. */
static struct report of_group(const char *group, struct report_part *parts,
			      size_t n, int total)
{
	struct report r = sample();

	for (size_t i = 0; i < n; i++)
		parts[i].count = 10 * (uint64_t)parts[i].partition;
	r.by_type.n = r.by_name.n = 1;
	r.parts = parts;
	r.n_parts = n;
	r.group = group;
	r.total = total;
	return r;
}

#define PARTS_MAX 8

static void ids_name_the_partitions(void **state)
{
	/* clang-format off */
	static const struct {
		struct report_part parts[PARTS_MAX];
		size_t n;
		const char *ranges;
	} cases[] = {
		{{{0, 0}}, 0, ""},
		{{{0, 0}}, 1, "0"},
		{{{7, 0}}, 1, "7"},
		{{{0, 0}, {1, 0}}, 2, "0-1"},
		{{{0, 0}, {2, 0}}, 2, "0+2"},
		{{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {5, 0}}, 5, "0-3+5"},
		{{{1, 0}, {3, 0}, {4, 0}, {9, 0}, {10, 0}, {11, 0}}, 6,
		 "1+3-4+9-11"},
		{{{2147483646, 0}, {2147483647, 0}}, 2,
		 "2147483646-2147483647"},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report_part parts[PARTS_MAX];
		struct str id = STR_INIT, want = STR_INIT;
		struct report r;

		memcpy(parts, cases[i].parts, sizeof(parts));
		r = of_group("a_b", parts, cases[i].n, 0);
		report_add_id(&id, &r);
		str_addf(&want, "a_b_2023-12-18T18:04:00Z_%s", cases[i].ranges);
		assert_string_equal(id.p, want.p);
		str_release(&id);
		str_release(&want);
	}
}

/* A start beyond the years that can be written is cut, as its column is. */
static void ids_have_the_start_of_the_column(void **state)
{
	struct report_part parts[] = {{0, 0}};
	struct report r = of_group("g", parts, 1, 1);
	struct str id = STR_INIT;

	(void)state;
	r.start_us += 250000;
	report_add_id(&id, &r);
	assert_string_equal(id.p, "g_2023-12-18T18:04:00.25Z_0");
	str_clear(&id);
	r.start_us = INT64_MIN + 1;
	report_add_id(&id, &r);
	assert_string_equal(id.p, "g_0001-01-01T00:00:00Z_0");
	str_release(&id);
}

static void csv_of_a_group(void **state)
{
	struct report_part parts[] = {{0, 0}, {2, 0}};
	struct report r = of_group("g", parts, 2, 4);

	(void)state;
	says(&r, REPORT_CSV, 60,
	     CSV_HEAD_ID CSV_SPAN "type,humidity,40,5.714358999999999,"
				  "g_2023-12-18T18:04:00Z_0+2\n" CSV_SPAN
				  "name,sensor_0,60,1.5355,"
				  "g_2023-12-18T18:04:00Z_0+2\n");
	r.group = "a,\"b\"\n";
	r.by_name.n = 0;
	says(&r, REPORT_CSV, 60,
	     CSV_HEAD_ID CSV_SPAN
	     "type,humidity,40,5.714358999999999,"
	     "\"a,\"\"b\"\"\n_2023-12-18T18:04:00Z_0+2\"\n");
}

#define JSON_HUMIDITY                                                  \
	JSON_SPAN "\"by\":\"type\",\"key\":\"humidity\",\"count\":40," \
		  "\"mean\":5.714358999999999"

static void json_of_a_group(void **state)
{
	struct report_part parts[] = {{0, 0}, {2, 0}};
	struct report r = of_group("g", parts, 2, 4);

	(void)state;
	says(&r, REPORT_JSON, 60,
	     JSON_HUMIDITY ",\"id\":\"g_2023-12-18T18:04:00Z_0+2\","
			   "\"partitions\":{\"0\":0,\"2\":20}}\n" JSON_SPAN
			   "\"by\":\"name\",\"key\":\"sensor_0\",\"count\":60,"
			   "\"mean\":1.5355,"
			   "\"id\":\"g_2023-12-18T18:04:00Z_0+2\","
			   "\"partitions\":{\"0\":0,\"2\":20}}\n");
	r.group = "\"\x01\xff";
	r.by_name.n = 0;
	r.n_parts = 0;
	says(&r, REPORT_JSON, 60,
	     JSON_HUMIDITY ",\"id\":\"\\\"\\u0001\xef\xbf\xbd"
			   "_2023-12-18T18:04:00Z_\",\"partitions\":{}}\n");
}

/* In each row, behind all else; of a private view too. */
static void json_says_where_a_forced_close_has_cut(void **state)
{
	struct report_part parts[] = {{0, 0}, {2, 0}};
	struct report_cut cuts[] = {{0, 0}, {2, INT64_C(1234567890123)}};
	struct report r = of_group("g", parts, 2, 4);

	(void)state;
	r.cuts = cuts;
	r.n_cuts = 2;
	r.by_name.n = 0;
	says(&r, REPORT_JSON, 60,
	     JSON_HUMIDITY ",\"id\":\"g_2023-12-18T18:04:00Z_0+2\","
			   "\"partitions\":{\"0\":0,\"2\":20},"
			   "\"cuts\":{\"0\":0,\"2\":1234567890123}}\n");
	r.group = NULL;
	r.n_cuts = 1;
	says(&r, REPORT_JSON, 60, JSON_HUMIDITY ",\"cuts\":{\"0\":0}}\n");
	says(&r, REPORT_CSV, 60,
	     CSV_HEAD CSV_SPAN "type,humidity,40,5.714358999999999\n");
}

static void table_says_of_which_partitions(const struct report *r,
					   const char *line)
{
	struct str out = STR_INIT, want = STR_INIT;

	str_addf(&want,
		 RULE70 "Time: 2023-12-18 21:04:20.000000, collected 119 "
			"sensor records%s\n"
			"Statistics by Sensor Type:\n",
		 line);
	report_add(&out, r, &table);
	assert_true(out.len > want.len);
	str_cut(&out, want.len);
	assert_string_equal(out.p, want.p);
	str_release(&out);
	str_release(&want);
}

static void table_of_a_group(void **state)
{
	struct report_part parts[] = {{0, 0}, {2, 0}};
	struct report r = of_group("g", parts, 2, 4);

	(void)state;
	table_says_of_which_partitions(&r, ", partitions 0 2 of 4");
	r.total = 3;
	table_says_of_which_partitions(&r, ", partitions 0 2 of 3");
	r.total = 2;
	table_says_of_which_partitions(&r, "");
	r.total = 0;
	table_says_of_which_partitions(&r, "");
	r.total = 4;
	r.group = NULL;
	table_says_of_which_partitions(&r, "");
}

/* What else a private view's report knows of partitions stays out of it. */
static void private_views_have_no_id(void **state)
{
	struct report_part parts[] = {{0, 0}, {2, 0}};
	struct report r = of_group(NULL, parts, 2, 4);

	(void)state;
	r.by_name.n = 0;
	says(&r, REPORT_CSV, 60,
	     CSV_HEAD CSV_SPAN "type,humidity,40,5.714358999999999\n");
	says(&r, REPORT_JSON, 60, JSON_HUMIDITY "}\n");
}

/* What the rows of a report have in common in a topic. */
static void keys_are_the_id_or_the_start(void **state)
{
	struct report_part parts[] = {{0, 0}, {2, 0}};
	struct report r = of_group(NULL, parts, 2, 4);
	struct str out = STR_INIT, id = STR_INIT;

	(void)state;
	report_add_key(&out, &r);
	assert_string_equal(out.p, "2023-12-18T18:04:00Z");
	r.start_us = INT64_MIN / 2; /* as in the row */
	str_clear(&out);
	report_add_key(&out, &r);
	assert_string_equal(out.p, "0001-01-01T00:00:00Z");
	r.group = "g";
	str_clear(&out);
	report_add_key(&out, &r);
	report_add_id(&id, &r);
	assert_string_equal(out.p, id.p);
	str_release(&out);
	str_release(&id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_framed),
		cmocka_unit_test(max_rows_cuts_both_tables),
		cmocka_unit_test(a_table_can_be_left_out),
		cmocka_unit_test(rows_can_be_left_out),
		cmocka_unit_test(table_of_an_empty_window),
		cmocka_unit_test(csv_has_types_then_names),
		cmocka_unit_test(csv_quotes_where_it_must),
		cmocka_unit_test(json_is_an_object_a_line),
		cmocka_unit_test(json_escapes_keys),
		cmocka_unit_test(json_has_no_infinite_mean),
		cmocka_unit_test(stats_are_columns_and_members),
		cmocka_unit_test(what_is_no_number_is_empty_or_null),
		cmocka_unit_test(only_csv_has_a_head),
		cmocka_unit_test(ids_name_the_partitions),
		cmocka_unit_test(ids_have_the_start_of_the_column),
		cmocka_unit_test(csv_of_a_group),
		cmocka_unit_test(json_of_a_group),
		cmocka_unit_test(json_says_where_a_forced_close_has_cut),
		cmocka_unit_test(table_of_a_group),
		cmocka_unit_test(private_views_have_no_id),
		cmocka_unit_test(keys_are_the_id_or_the_start),
	};

	setenv("TZ", "AAA-3", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
