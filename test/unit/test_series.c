/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "base/when.h"
#include "io/file.h"
#include "sim/series.h"

static const struct series_columns defaults;

/* "NAME/TYPE TIME=VALUE ...", a line each, then the counts. */
static void add_recording(struct str *out, const struct recording *rec)
{
	char buf[NUM_MAX];
	uint64_t points = 0;

	for (size_t i = 0; i < rec->n; i++) {
		const struct series *s = &rec->series[i];

		str_addf(out, "%s/%s", s->name, s->type);
		for (size_t k = 0; k < s->n; k++) {
			str_addc(out, ' ');
			when_add_rfc3339(out, s->points[k].time_us);
			str_addc(out, '=');
			str_add(out, buf,
				num_put_shortest(buf, s->points[k].value));
		}
		str_addc(out, '\n');
		points += s->n;
	}
	assert_int_equal(points, rec->points);
	str_addf(out, "empty %llu unordered %llu",
		 (unsigned long long)rec->empty,
		 (unsigned long long)rec->unordered);
}

static void add_file(struct recording *rec, const char *file, const char *text,
		     const struct series_columns *cols)
{
	struct err e = ERR_INIT;
	int rc = recording_add(rec, file, text, strlen(text), cols, &e);

	assert_string_equal(e.msg, "");
	assert_int_equal(rc, 0);
}

static void check(const struct recording *rec, const char *want)
{
	struct str got = STR_INIT;

	add_recording(&got, rec);
	assert_string_equal(got.p, want);
	str_release(&got);
}

static void says(const char *text, const struct series_columns *cols,
		 const char *want)
{
	struct recording rec;

	recording_init(&rec);
	add_file(&rec, "dir.csv/boiler.csv", text, cols);
	check(&rec, want);
	recording_release(&rec);
}

static void fails(const char *text, const struct series_columns *cols,
		  const char *message)
{
	struct recording rec;
	struct err e = ERR_INIT;

	recording_init(&rec);
	assert_int_equal(
		recording_add(&rec, "d/a.csv", text, strlen(text), cols, &e),
		-1);
	assert_string_equal(e.msg, message);
	recording_release(&rec);
}

static void test_columns(void **state)
{
	const struct series_columns named = {.time = "when", .value = "t"};
	const struct series_columns both = {.name_column = "device",
					    .type_column = "kind",
					    .name = "unused",
					    .type = "unused"};
	const struct series_columns same = {.name = "b-1", .type = "heat"};

	(void)state;
	says("time,value\n2026-01-02T03:04:05Z,1\n", &defaults,
	     "boiler/replay 2026-01-02T03:04:05Z=1.0\nempty 0 unordered 0");
	says("date,ts,value,time\n1,2,3,2026-01-02\n", &defaults,
	     "boiler/replay 2026-01-02T00:00:00Z=3.0\nempty 0 unordered 0");
	says("date,ts,value\n1,2,3\n", &defaults,
	     "boiler/replay 1970-01-01T00:00:02Z=3.0\nempty 0 unordered 0");
	says("when,t,time,value\n7,8,9,10\n", &named,
	     "boiler/replay 1970-01-01T00:00:07Z=8.0\nempty 0 unordered 0");
	says("device,time,value,kind\na,1,1,x\nb,2,2,x\na,3,3,x\na,4,4,y\n",
	     &both,
	     "a/x 1970-01-01T00:00:01Z=1.0 1970-01-01T00:00:03Z=3.0\n"
	     "b/x 1970-01-01T00:00:02Z=2.0\n"
	     "a/y 1970-01-01T00:00:04Z=4.0\n"
	     "empty 0 unordered 0");
	says("time,value\n1,2\n", &same,
	     "b-1/heat 1970-01-01T00:00:01Z=2.0\nempty 0 unordered 0");
}

/* "a" + "b/c" is not "a/b" + "c": the two names stay apart. */
static void test_names_and_types_stay_apart(void **state)
{
	const struct series_columns cols = {.name_column = "n",
					    .type_column = "t"};

	(void)state;
	says("time,value,n,t\n1,1,ab,c\n1,2,a,bc\n1,3,\xc3\xbc,\"c,\nd\"\n",
	     &cols,
	     "ab/c 1970-01-01T00:00:01Z=1.0\n"
	     "a/bc 1970-01-01T00:00:01Z=2.0\n"
	     "\xc3\xbc/c,\nd 1970-01-01T00:00:01Z=3.0\n"
	     "empty 0 unordered 0");
}

static void check_time(const char *text, const char *want)
{
	struct str csv = STR_INIT, all = STR_INIT;

	str_addf(&csv, "time,value\n%s,1\n", text);
	str_addf(&all, "boiler/replay %s=1.0\nempty 0 unordered 0", want);
	says(csv.p, &defaults, all.p);
	str_release(&csv);
	str_release(&all);
}

static void test_times(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"2013-07-04 00:00:00", "2013-07-04T00:00:00Z"},
		{"2013-07-04T01:02:03+02:00", "2013-07-03T23:02:03Z"},
		{"2013-07-04T01:02:03.123456789Z",
		 "2013-07-04T01:02:03.123456Z"},
		{"2013-07-04", "2013-07-04T00:00:00Z"},
		{"\t2013-07-04 ", "2013-07-04T00:00:00Z"},
		{"0", "1970-01-01T00:00:00Z"},
		{"-1", "1969-12-31T23:59:59Z"},
		{"1372896000", "2013-07-04T00:00:00Z"},
		{"1372896000.5", "2013-07-04T00:00:00.5Z"},
		{"1.372896e9", "2013-07-04T00:00:00Z"},
		{"1372896000123", "2013-07-04T00:00:00.123Z"},
		{"1372896000123456", "2013-07-04T00:00:00.123456Z"},
		{"1372896000123456789", "2013-07-04T00:00:00.123456Z"},
		{"\"2013-07-04 00:00:00\"", "2013-07-04T00:00:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_time(rows[i].text, rows[i].want);
}

static void test_order(void **state)
{
	(void)state;
	says("time,value\n1,1\n5,2\n3,3\n4,4\n5,5\n3,6\n6,7\n", &defaults,
	     "boiler/replay 1970-01-01T00:00:01Z=1.0 "
	     "1970-01-01T00:00:03Z=3.0 1970-01-01T00:00:03Z=6.0 "
	     "1970-01-01T00:00:04Z=4.0 1970-01-01T00:00:05Z=2.0 "
	     "1970-01-01T00:00:05Z=5.0 1970-01-01T00:00:06Z=7.0\n"
	     "empty 0 unordered 3");
}

/* Each series for itself: others between them do not make disorder. */
static void test_order_is_of_a_series(void **state)
{
	const struct series_columns cols = {.name_column = "n"};

	(void)state;
	says("time,value,n\n9,1,a\n1,2,b\n10,3,a\n2,4,b\n", &cols,
	     "a/replay 1970-01-01T00:00:09Z=1.0 1970-01-01T00:00:10Z=3.0\n"
	     "b/replay 1970-01-01T00:00:01Z=2.0 1970-01-01T00:00:02Z=4.0\n"
	     "empty 0 unordered 0");
}

static void test_files_add_up(void **state)
{
	const struct series_columns cols = {.name = "x"};
	struct recording rec;

	(void)state;
	recording_init(&rec);
	add_file(&rec, "b.csv", "time,value\n3,3\n4,4\n", &cols);
	add_file(&rec, "a.csv", "ts,value\r\n1,1\r\n3,\r\n3,33\r\n", &cols);
	add_file(&rec, "CSV", "ts,value\n1,1\n", &defaults);
	add_file(&rec, "/d/c.csv", "value,time\n1,1", &defaults);
	check(&rec, "x/replay 1970-01-01T00:00:01Z=1.0 "
		    "1970-01-01T00:00:03Z=3.0 1970-01-01T00:00:03Z=33.0 "
		    "1970-01-01T00:00:04Z=4.0\n"
		    "CSV/replay 1970-01-01T00:00:01Z=1.0\n"
		    "c/replay 1970-01-01T00:00:01Z=1.0\n"
		    "empty 1 unordered 2");
	recording_release(&rec);
	recording_release(&rec);
	recording_release(NULL);
}

static void test_empty_values_are_counted(void **state)
{
	(void)state;
	says("\xef\xbb\xbf"
	     "time,value\r\n1,\r\n2, 2.5 \r\n,\r\nx,\" \"\r\n\r\n4,4",
	     &defaults,
	     "boiler/replay 1970-01-01T00:00:02Z=2.5 "
	     "1970-01-01T00:00:04Z=4.0\nempty 3 unordered 0");
}

static void test_wrong_cells(void **state)
{
#define LIKE                                                        \
	" is not a time (like 2026-11-24T01:02:03Z, 2026-11-24 or " \
	"epoch seconds)"
	static const struct {
		const char *rows, *message;
	} rows[] = {
		{"2,2\n,3\n", "d/a.csv:3: time: empty"},
		{"2,2\n\n\n \t,3\n", "d/a.csv:5: time: empty"},
		{"noon,1", "d/a.csv:2: time: 'noon'" LIKE},
		{"-,1", "d/a.csv:2: time: '-'" LIKE},
		{"0x10,1", "d/a.csv:2: time: '0x10'" LIKE},
		{"nan,1", "d/a.csv:2: time: 'nan'" LIKE},
		{"5k,1", "d/a.csv:2: time: '5k'" LIKE},
		{"2013-02-29,1", "d/a.csv:2: time: '2013-02-29'" LIKE},
		{"2013-7-4,1", "d/a.csv:2: time: '2013-7-4' is not a time "
			       "(like 2026-11-24T01:02:03Z)"},
		{"2013-07-04 24:00:00,1",
		 "d/a.csv:2: time: '2013-07-04 24:00:00' is not a time "
		 "(like 2026-11-24T01:02:03Z)"},
		{"1e300,1", "d/a.csv:2: time: '1e300': out of range "
			    "(year 1 to 9999)"},
		{"-99999999999,1", "d/a.csv:2: time: '-99999999999': out of "
				   "range (year 1 to 9999)"},
		{"1,x", "d/a.csv:2: value: 'x' is not a number"},
		{"1,NaN", "d/a.csv:2: value: 'NaN' is not a finite number"},
		{"1,-inf", "d/a.csv:2: value: '-inf' is not a finite number"},
		{"1,1e999",
		 "d/a.csv:2: value: '1e999' is too large for a number"},
		{"1,1 2", "d/a.csv:2: value: '1 2' is not a number"},
		{"1\n", "d/a.csv:2: 1 field, where the header has 2"},
		{"1,2\n1,2,5\n",
		 "d/a.csv:3: 3 fields, where the header has 2 (one with a "
		 "comma in it needs quotes)"},
		{"1,\"2\n", "d/a.csv:2:3: a quote that is not closed"},
		{"", "d/a.csv: no row has a value"},
		{"1,\n2,\n", "d/a.csv: no row has a value"},
	};
	struct str text = STR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		str_clear(&text);
		str_addf(&text, "time,value\n%s", rows[i].rows);
		fails(text.p, &defaults, rows[i].message);
	}
	str_release(&text);
}

static void test_wrong_headers(void **state)
{
	const struct series_columns named = {.time = "when"};
	const struct series_columns valued = {.value = "temprature"};
	const struct series_columns name = {.name_column = "device"};
	const struct series_columns type = {.type_column = "kind"};

	(void)state;
	fails("", &defaults, "d/a.csv: empty, a header is needed");
	fails("\n\n", &defaults, "d/a.csv: empty, a header is needed");
	fails("a,value\n1,2\n", &defaults,
	      "d/a.csv:1: no column 'time' (a, value): --time-column names "
	      "another");
	fails("time,val\n1,2\n", &defaults,
	      "d/a.csv:1: no column 'value' (time, val): --value-column names "
	      "another");
	fails("time,value\n1,2\n", &named,
	      "d/a.csv:1: no column 'when' (time, value)");
	fails("\ntime,temperature\n1,2\n", &valued,
	      "d/a.csv:2: no column 'temprature', did you mean "
	      "'temperature'?");
	fails("time,value\n1,2\n", &name,
	      "d/a.csv:1: no column 'device' (time, value)");
	fails("time,value\n1,2\n", &type,
	      "d/a.csv:1: no column 'kind' (time, value)");
	fails("a,\"b", &defaults, "d/a.csv:1:3: a quote that is not closed");
}

static void test_wrong_names(void **state)
{
	const struct series_columns cols = {.name_column = "n",
					    .type_column = "t"};
	const struct series_columns empty = {.name = ""};

	(void)state;
	fails("time,value,n,t\n1,1,a,b\n1,1, ,b\n", &cols,
	      "d/a.csv:3: name: empty");
	fails("time,value,n,t\n1,1,a,\n", &cols, "d/a.csv:2: type: empty");
	fails("time,value,n,t\n1,1,a\n", &cols,
	      "d/a.csv:2: 3 fields, where the header has 4");
	fails("time,value,n,t\n1,1,\xff,b\n", &cols,
	      "d/a.csv:2: name: '\xef\xbf\xbd' is not UTF-8");
	fails("time,value,n,t\n1,1,a,b\xc3\n", &cols,
	      "d/a.csv:2: type: 'b\xef\xbf\xbd' is not UTF-8");
	fails("time,value\n1,1\n", &empty, "d/a.csv:2: name: empty");
}

/* Rows may lack what nobody asks for. */
static void test_short_rows(void **state)
{
	(void)state;
	says("time,value,note\n1,1\n2,2,x\n", &defaults,
	     "boiler/replay 1970-01-01T00:00:01Z=1.0 "
	     "1970-01-01T00:00:02Z=2.0\nempty 0 unordered 0");
}

#define MANY 100003
#define STEP 7919 /* a prime that does not divide MANY */

/* Shuffled rows, several of each time: sorted, and stable. */
static void test_many_rows(void **state)
{
	struct str text = STR_INIT;
	struct recording rec;
	const struct series *s;

	(void)state;
	str_adds(&text, "time,value\n");
	for (size_t i = 0; i < MANY; i++)
		str_addf(&text, "%zu,%zu\n", i * STEP % MANY / 10, i);
	recording_init(&rec);
	add_file(&rec, "a.csv", text.p, &defaults);
	s = &rec.series[0];
	assert_int_equal(rec.n, 1);
	assert_int_equal(s->n, MANY);
	assert_int_equal(s->cap, MANY);
	assert_true(rec.unordered > MANY / 2);
	for (size_t i = 0; i < MANY; i++) {
		size_t row = (size_t)s->points[i].value;

		assert_int_equal(s->points[i].time_us, i / 10 * US_PER_S);
		assert_int_equal(row * STEP % MANY / 10, i / 10);
		if (i % 10)
			assert_true(s->points[i - 1].value < (double)row);
	}
	recording_release(&rec);
	str_release(&text);
}

static void add_real(struct recording *rec, const char *name)
{
	const char *root = getenv("IOTSIM_ROOT");
	struct str path = STR_INIT, text = STR_INIT;
	struct err e = ERR_INIT;

	str_addf(&path, "%s/test/data/%s", root ? root : ".", name);
	if (file_read(path.p, &text, &e) < 0)
		fail_msg("%s", e.msg);
	add_file(rec, path.p, text.p, &defaults);
	str_release(&path);
	str_release(&text);
}

static void test_real_recordings(void **state)
{
	struct recording rec;
	const struct series *s;

	(void)state;
	recording_init(&rec);
	add_real(&rec, "ambient_temperature.csv");
	add_real(&rec, "machine_temperature.csv");
	assert_int_equal(rec.n, 2);
	assert_int_equal(rec.empty + rec.unordered, 0);
	s = rec.series;
	assert_string_equal(s[0].name, "ambient_temperature");
	assert_string_equal(s[0].type, "replay");
	assert_string_equal(s[1].name, "machine_temperature");
	assert_int_equal(s[0].n, 40);
	assert_int_equal(s[1].n, 40);
	/* 2013-07-04 00:00:00 and 2013-12-02 21:15:00, as date(1) has them */
	assert_true(s[0].points[0].time_us == INT64_C(1372896000000000));
	assert_true(s[0].points[0].value == 69.88083514);
	assert_true(s[1].points[0].time_us == INT64_C(1386018900000000));
	for (size_t i = 1; i < 40; i++)
		assert_int_equal(s[1].points[i].time_us -
					 s[1].points[i - 1].time_us,
				 300 * US_PER_S);
	recording_release(&rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_names_and_types_stay_apart),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_order_is_of_a_series),
		cmocka_unit_test(test_files_add_up),
		cmocka_unit_test(test_empty_values_are_counted),
		cmocka_unit_test(test_wrong_cells),
		cmocka_unit_test(test_wrong_headers),
		cmocka_unit_test(test_wrong_names),
		cmocka_unit_test(test_short_rows),
		cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_real_recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
