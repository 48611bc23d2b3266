/* SPDX-License-Identifier: MIT */
/* Lines of what is left out, and the file that they are appended to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/when.h"
#include "io/file.h"
#include "run/late.h"
#include "scratch.h"

#define T0 INT64_C(1702922660000000) /* 2023-12-18T18:04:20Z */

static const struct record record = {
	.partition = 3,
	.offset = 17,
	.timestamp_us = T0 + 5000,
	.payload = "{\"a\":\n1}",
	.len = 8,
	.key = {"k", 1},
};

static const struct left_out late = {
	.verdict = AGG_LATE,
	.time_us = T0,
	.watermark_us = T0 + 20000000,
	.closed_us = WHEN_NONE,
};

/* ---- lines ---- */

static void line_is(const char *from, const struct record *rec,
		    const struct left_out *o, const char *want)
{
	struct str out = STR_INIT;

	late_add_line(&out, from, rec, o);
	assert_string_equal(out.p, want);
	str_release(&out);
}

#define PLACE                                              \
	"\"topic\":\"iot\",\"partition\":3,\"offset\":17," \
	"\"timestamp\":\"2023-12-18T18:04:20.005Z\""
#define BYTES "\"key\":\"k\",\"payload\":\"{\\\"a\\\":\\n1}\"}\n"

static void each_reason_has_what_explains_it(void **state)
{
	struct left_out o = late;

	(void)state;
	line_is("iot", &record, &o,
		"{\"reason\":\"late\"," PLACE
		",\"time\":\"2023-12-18T18:04:20Z\","
		"\"watermark\":\"2023-12-18T18:04:40Z\"," BYTES);
	o.closed_us = T0 + 1;
	o.watermark_us = WHEN_NONE;
	line_is("iot", &record, &o,
		"{\"reason\":\"late\"," PLACE
		",\"time\":\"2023-12-18T18:04:20Z\","
		"\"closed\":\"2023-12-18T18:04:20.000001Z\"," BYTES);
	o.verdict = AGG_FUTURE;
	o.present_us = T0 - 60000000;
	line_is("iot", &record, &o,
		"{\"reason\":\"future\"," PLACE
		",\"time\":\"2023-12-18T18:04:20Z\","
		"\"present\":\"2023-12-18T18:03:20Z\"," BYTES);
	o = (struct left_out){.verdict = AGG_MALFORMED, .why = "no 'x\"'"};
	line_is("iot", &record, &o,
		"{\"reason\":\"malformed\"," PLACE
		",\"why\":\"no 'x\\\"'\"," BYTES);
}

static void what_is_not_there_is_null_or_left_out(void **state)
{
	struct record rec = {.offset = 4, .timestamp_us = WHEN_NONE};

	(void)state;
	line_is("iot", &rec, &late,
		"{\"reason\":\"late\",\"topic\":\"iot\",\"partition\":0,"
		"\"offset\":4,\"time\":\"2023-12-18T18:04:20Z\","
		"\"watermark\":\"2023-12-18T18:04:40Z\",\"key\":null,"
		"\"payload\":null}\n");
	rec.payload = "x";
	rec.len = 1;
	line_is(NULL, &rec, &late,
		"{\"reason\":\"late\",\"line\":4,"
		"\"time\":\"2023-12-18T18:04:20Z\","
		"\"watermark\":\"2023-12-18T18:04:40Z\",\"payload\":\"x\"}\n");
}

static void bytes_that_are_no_text_are_there_too(void **state)
{
	const struct left_out o = {.verdict = AGG_MALFORMED, .why = "w"};
	struct record rec = {
		.timestamp_us = WHEN_NONE,
		.payload = "\xff\0x",
		.len = 3,
		.key = {"\xc3", 1},
	};

	(void)state;
	line_is("t", &rec, &o,
		"{\"reason\":\"malformed\",\"topic\":\"t\",\"partition\":0,"
		"\"offset\":0,\"why\":\"w\",\"key\":\"\xef\xbf\xbd\","
		"\"key_base64\":\"ww==\",\"payload\":\"\xef\xbf\xbd\\u0000x\","
		"\"payload_base64\":\"/wB4\"}\n");
}

/* ---- the file ---- */

static int remove_file(void **state)
{
	(void)state;
	unlink("f");
	return 0;
}

static struct late *make(const char *path)
{
	const struct late_conf conf = {.path = path};
	struct err e = ERR_INIT;
	struct late *l = late_new(&conf, &e);

	assert_string_equal(e.msg, "");
	assert_non_null(l);
	return l;
}

/* The file has so many lines of `late` behind what it had before. */
static void holds(const char *before, int lines)
{
	struct str want = STR_INIT, got = STR_INIT;
	struct err e = ERR_INIT;

	str_adds(&want, before);
	for (int i = 0; i < lines; i++)
		late_add_line(&want, NULL, &record, &late);
	assert_int_equal(file_read("f", &got, &e), 0);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, got.len);
	str_release(&want);
	str_release(&got);
}

static void a_file_is_appended_to(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct late *l = make("f");

		late_add(l, &record, &late);
		assert_int_equal(late_serve(l, &e), 0);
		holds("", 2 * i + 1);
		late_add(l, &record, &late);
		assert_int_equal(late_flush(l, &e), 0);
		assert_int_equal(late_flush(l, &e), 0);
		holds("", 2 * i + 2);
		late_free(l);
	}
}

static void a_line_that_was_torn_is_ended(void **state)
{
	FILE *f = fopen("f", "w");
	struct err e = ERR_INIT;
	struct late *l;

	(void)state;
	assert_non_null(f);
	fputs("{\"reas", f);
	fclose(f);
	l = make("f");
	late_add(l, &record, &late);
	assert_int_equal(late_flush(l, &e), 0);
	late_free(l);
	holds("{\"reas\n", 1);
}

/* More than is kept here goes by itself, and the rest on a failure too. */
static void what_was_added_is_written(void **state)
{
	struct late *l = make("f");
	struct str got = STR_INIT;
	struct err e = ERR_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		late_add(l, &record, &late);
	assert_int_equal(file_read("f", &got, &e), 0);
	assert_true(got.len > 0);
	late_free(l);
	holds("", 1000);
	str_release(&got);
}

static void what_cannot_be_written_is_told(void **state)
{
	static const char why[] =
		"cannot write to '/dev/full': No space left on device";
	struct late *l = make("/dev/full");
	struct err e = ERR_INIT;

	(void)state;
	late_add(l, &record, &late);
	assert_int_equal(late_serve(l, &e), -1);
	assert_string_equal(e.msg, why);
	late_free(l);
	l = make("/dev/full");
	for (int i = 0; i < 1000; i++) /* within one of these it fails */
		late_add(l, &record, &late);
	for (int i = 0; i < 2; i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(late_flush(l, &e), -1);
		assert_string_equal(e.msg, why);
	}
	late_free(l);
}

static void a_file_that_cannot_be_opened_is_told(void **state)
{
	const struct late_conf conf = {.path = "none/f"};
	struct err e = ERR_INIT;

	(void)state;
	assert_null(late_new(&conf, &e));
	assert_string_equal(e.msg, "option '--late-to': cannot open 'none/f': "
				   "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason_has_what_explains_it),
		cmocka_unit_test(what_is_not_there_is_null_or_left_out),
		cmocka_unit_test(bytes_that_are_no_text_are_there_too),
		cmocka_unit_test_teardown(a_file_is_appended_to, remove_file),
		cmocka_unit_test_teardown(a_line_that_was_torn_is_ended,
					  remove_file),
		cmocka_unit_test_teardown(what_was_added_is_written,
					  remove_file),
		cmocka_unit_test(what_cannot_be_written_is_told),
		cmocka_unit_test(a_file_that_cannot_be_opened_is_told),
	};

	return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
