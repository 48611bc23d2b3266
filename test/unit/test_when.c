/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/when.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* date -u -d 2026-11-24T01:02:03Z +%s */
#define S  INT64_C(1795482123)
#define US (S * US_PER_S)

/* clang-format off */
static const struct {
	const char *text;
	int64_t us;
} times[] = {
	{"2026-11-24T01:02:03Z", US},
	{"2026-11-24T01:02:03.123456Z", US + 123456},
	{"2026-11-24T01:02:03.1Z", US + 100000},
	{"2026-11-24T01:02:03.1234569999999Z", US + 123456},
	{"2026-11-24t01:02:03.000001z", US + 1},
	{"2026-11-24 01:02:03", US},
	{"2026-11-24T01:02:03.5", US + 500000},
	{"2026-11-24T02:02:03+01:00", US},
	{"2026-11-24T02:02:03+0100", US},
	{"2026-11-23 19:32:03.25-05:30", US + 250000},
	{"2026-11-24T01:02:03-00:00", US},
	{"2026-11-25T01:01:03+23:59", US},
	{"1970-01-01T00:00:00Z", 0},
	{"1969-12-31T23:59:59.999999Z", -1},
	{"2024-02-29T00:00:00Z", INT64_C(1709164800) * US_PER_S},
	{"2000-02-29T00:00:00Z", INT64_C(951782400) * US_PER_S},
	{"2016-12-31T23:59:60Z", INT64_C(1483228800) * US_PER_S},
	{"2016-12-31T23:59:60.5Z", INT64_C(1483228800) * US_PER_S + 500000},
	{"0001-01-01T00:00:00Z", WHEN_MIN},
	{"9999-12-31T23:59:59.999999Z", WHEN_MAX},
	{"0000-12-31T23:00:00-01:00", WHEN_MIN},
};

static const char *const not_times[] = {
	"", "2", "now", "1795482123", "2026-11-24", "2026-11-24T",
	"2026-11-24T01:02", "2026-11-24T01:02Z", "2026-11-24T01:02:3Z",
	"2026-11-24T01:02:03.Z", "2026-11-24T01:02:03,5Z",
	"2026-11-24T01:02:03Zx", "2026-11-24T01:02:03Z ",
	" 2026-11-24T01:02:03Z", "2026-11-24  01:02:03",
	"2026-11-24_01:02:03", "2026-11-24T01:02:03 Z",
	"2026-11-24T01:02:03+1", "2026-11-24T01:02:03+01",
	"2026-11-24T01:02:03+01:", "2026-11-24T01:02:03+01:0",
	"2026-11-24T01:02:03+24:00", "2026-11-24T01:02:03+01:60",
	"2026-11-24T01:02:03+01:00x", "2026-11-24T01:02:03+01:00:00",
	"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
	"2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
	"2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z",
	"1900-02-29T00:00:00Z", "2026-11-24T24:00:00Z",
	"2026-11-24T00:60:00Z", "2026-11-24T00:00:61Z",
	"26-11-24T01:02:03Z", "+2026-11-24T01:02:03Z",
	"12026-11-24T01:02:03Z", "2026/11/24T01:02:03Z",
	"2026-1-24T01:02:03Z", "20261124T010203Z",
	"2026-11-24T-1:02:03Z", "2026-11-24T01:02:+3Z",
};

static const char *const out_of_range[] = {
	"0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01",
	"9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
};

static const struct {
	int64_t x, us;
} epochs[] = {
	{0, 0}, {-1, -US_PER_S}, {S, US}, {S * 1000 + 5, US + 5000},
	{S * US_PER_S + 7, US + 7}, {S * 1000000000 + 123456789, US + 123456},
	{INT64_C(99999999999), INT64_C(99999999999) * US_PER_S},
	{INT64_C(100000000000), INT64_C(100000000000000)},
	{INT64_C(99999999999999), INT64_C(99999999999999000)},
	{INT64_C(100000000000000), INT64_C(100000000000000)},
	{INT64_C(99999999999999999), INT64_C(99999999999999999)},
	{INT64_C(100000000000000000), INT64_C(100000000000000)},
	{-INT64_C(100000000000000001), -INT64_C(100000000000001)},
	{INT64_C(-62135596800), WHEN_MIN},
	{INT64_MAX, INT64_MAX / 1000},
	{INT64_MIN, INT64_MIN / 1000 - 1},
};

static const struct {
	double x;
	int64_t us;
} real_epochs[] = {
	{0, 0}, {-0.5, -500000}, {1700000000.123456, INT64_C(1700000000123456)},
	{1700000000123.5, INT64_C(1700000000123500)},
	{1700000000123456.0, INT64_C(1700000000123456)},
	{1.7e18, INT64_C(1700000000000000)}, {1e-7, 0},
	{1795482123.9999996, US + 1000000},
};

static const struct {
	const char *text;
	int64_t us; /* with the present at US */
} options[] = {
	{"now", US}, {"-24h", US - 86400 * US_PER_S}, {"+1h", US + 3600 * US_PER_S},
	{"-20", US - 20 * US_PER_S}, {"+0", US},
	{"2026-11-24", US - 3723 * US_PER_S},
	{"2026-11-24T01:02:03Z", US}, {"2026-11-24 02:02:03.5+01:00", US + 500000},
	{"1795482123", US}, {"1795482123000", US}, {"100000000", 100000000 * US_PER_S},
	{"0001-01-01", WHEN_MIN},
};

static const char *const not_options[] = {
	"", "Now", "24h", "20", "12345678", "-", "-24x", "2026-11-31",
	"2026-11", "yesterday", "0000-05-05", "-1000000d", "+4000000d",
	"99999999999999999999", "1795482123.5", "2026-11-24T01:02:03Z ",
};

static const struct {
	int64_t us;
	const char *text, *brief;
} written[] = {
	{0, "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00Z"},
	{-1, "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
	{US + 123456, "2026-11-24T01:02:03.123456Z", "2026-11-24T01:02:03.123456Z"},
	{US + 500000, "2026-11-24T01:02:03.500000Z", "2026-11-24T01:02:03.5Z"},
	{US + 10, "2026-11-24T01:02:03.000010Z", "2026-11-24T01:02:03.00001Z"},
	{WHEN_MIN, "0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00Z"},
	{WHEN_MAX, "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
	{INT64_C(951782400) * US_PER_S, "2000-02-29T00:00:00.000000Z", "2000-02-29T00:00:00Z"},
};
/* clang-format on */

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		struct err e = ERR_INIT;
		int64_t us;

		if (when_parse(times[i].text, strlen(times[i].text), &us, &e))
			fail_msg("%s", e.msg);
		if (us != times[i].us)
			fail_msg("'%s' is %lld", times[i].text, (long long)us);
	}
}

static void test_parse_refuses(void **state)
{
	int64_t us = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(not_times); i++) {
		const char *text = not_times[i];
		struct err e = ERR_INIT;

		if (when_parse(text, strlen(text), &us, &e) == 0)
			fail_msg("'%s' was taken", text);
		assert_non_null(strstr(e.msg, "is not a time (like 2026-"));
	}
	for (size_t i = 0; i < COUNT(out_of_range); i++) {
		const char *text = out_of_range[i];
		struct err e = ERR_INIT;

		if (when_parse(text, strlen(text), &us, &e) == 0)
			fail_msg("'%s' was taken", text);
		assert_non_null(strstr(e.msg, "out of range (year 1 to 9999)"));
	}
	assert_int_equal(us, 42);
}

/* Every byte cut off or made a NUL; the text is exactly as long as told. */
static void test_parse_minds_the_length(void **state)
{
	static const char text[] = "2026-11-24T01:02:03.123456+01:00";
	size_t len = sizeof(text) - 1;
	int64_t us;

	(void)state;
	for (size_t n = 0; n <= len; n++) {
		char *exact = malloc(n + 1); /* the sanitizer sees the end */
		struct err e = ERR_INIT;
		int rc;

		assert_non_null(exact);
		memcpy(exact, text, n);
		rc = when_parse(exact, n, &us, &e);
		/* "...03", "...03.1" to ".123456" without a zone, and all */
		assert_int_equal(rc == 0,
				 n == 19 || (n >= 21 && n <= 26) || n == len);
		free(exact);
	}
	for (size_t n = 0; n < len; n++) {
		char copy[sizeof(text)];
		struct err e = ERR_INIT;

		memcpy(copy, text, sizeof(text));
		copy[n] = '\0';
		assert_int_equal(when_parse(copy, len, &us, &e), -1);
	}
}

static void test_epoch(void **state)
{
	struct err e = ERR_INIT;
	int64_t us;

	(void)state;
	for (size_t i = 0; i < COUNT(epochs); i++) {
		assert_int_equal(when_from_epoch_int(epochs[i].x, &us, &e), 0);
		assert_true(us == epochs[i].us);
	}
	for (size_t i = 0; i < COUNT(real_epochs); i++) {
		assert_int_equal(
			when_from_epoch_double(real_epochs[i].x, &us, &e), 0);
		assert_true(us == real_epochs[i].us);
	}
}

static void test_epoch_out_of_range(void **state)
{
	static const double reals[] = {-62135596801.0, 1e300,	 -1e300,
				       1e21,	       INFINITY, NAN,
				       -99999999999.0};
	int64_t us = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(reals); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(when_from_epoch_double(reals[i], &us, &e), -1);
		assert_string_equal(e.msg, "out of range (year 1 to 9999)");
	}
	for (int64_t x = -62135596801; x > -99999999999; x -= 9999999999) {
		struct err e = ERR_INIT;

		assert_int_equal(when_from_epoch_int(x, &us, &e), -1);
		assert_string_equal(e.msg, "out of range (year 1 to 9999)");
	}
	assert_int_equal(us, 42);
}

static void test_option(void **state)
{
	int64_t us;

	(void)state;
	for (size_t i = 0; i < COUNT(options); i++) {
		struct err e = ERR_INIT;

		if (when_parse_option(options[i].text, US, &us, &e))
			fail_msg("%s", e.msg);
		if (us != options[i].us)
			fail_msg("'%s' is %lld", options[i].text,
				 (long long)us);
	}
	us = 42;
	for (size_t i = 0; i < COUNT(not_options); i++) {
		struct err e = ERR_INIT;

		if (when_parse_option(not_options[i], US, &us, &e) == 0)
			fail_msg("'%s' was taken", not_options[i]);
		assert_true(us == 42 && e.msg[0]);
	}
}

static void test_write(void **state)
{
	struct str s = STR_INIT;
	char buf[WHEN_RFC3339_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(written); i++) {
		when_put_rfc3339(buf, written[i].us);
		assert_memory_equal(buf, written[i].text, sizeof(buf));
		str_clear(&s);
		when_add_rfc3339(&s, written[i].us);
		assert_string_equal(s.p, written[i].brief);
	}
	str_release(&s);
}

/* Many to a second, and back again, on both sides of 1970. */
static void times_of_one_second(void **state)
{
	char buf[WHEN_RFC3339_LEN];
	struct err e = ERR_INIT;
	int64_t back;

	(void)state;
	for (int64_t us = -3 * US_PER_S; us < 3 * US_PER_S; us += 99999) {
		const int64_t near[] = {us, us + 1, us - US_PER_S, us};

		for (size_t i = 0; i < COUNT(near); i++) {
			when_put_rfc3339(buf, near[i]);
			assert_int_equal(
				when_parse(buf, sizeof(buf), &back, &e), 0);
			assert_true(back == near[i]);
		}
	}
}

/* Every day of 9999 years: as the C library has it, and it reads back. */
static void test_every_day(void **state)
{
	const int64_t day = 86400 * US_PER_S;
	char buf[WHEN_RFC3339_LEN], want[96];
	struct err e = ERR_INIT;
	int64_t us, back;
	int days = 0;

	(void)state;
	for (us = WHEN_MIN; us < WHEN_MAX; us += day, days++) {
		int64_t t = us + days % 86400 * US_PER_S;
		time_t sec = (time_t)(t / US_PER_S);
		struct tm tm;

		when_put_rfc3339(buf, t);
		assert_int_equal(when_parse(buf, sizeof(buf), &back, &e), 0);
		assert_true(back == t);
		if (days % 7)
			continue; /* the C library is slow */
		gmtime_r(&sec, &tm);
		tm.tm_year += 1900;
		snprintf(want, sizeof(want),
			 "%04d-%02d-%02dT%02d:%02d:%02d.000000Z", tm.tm_year,
			 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			 tm.tm_sec);
		assert_memory_equal(buf, want, sizeof(buf));
	}
	assert_int_equal(days, 3652059);
}

static void assert_local(const char *tz, int64_t us, const char *want)
{
	struct str s = STR_INIT;

	setenv("TZ", tz, 1);
	when_add_local(&s, us);
	assert_string_equal(s.p, want);
	str_release(&s);
}

static void test_local(void **state)
{
	(void)state;
	assert_local("UTC0", US + 5, "2026-11-24 01:02:03.000005");
	assert_local("XYZ-5:30", US, "2026-11-24 06:32:03.000000");
	assert_local("UTC0", -1, "1969-12-31 23:59:59.999999");
	assert_local("CET-1CEST,M3.5.0,M10.5.0/3", US,
		     "2026-11-24 02:02:03.000000");
	unsetenv("TZ");
}

static void test_clocks(void **state)
{
	int64_t wall = when_wall_us(), mono = when_mono_us();

	(void)state;
	assert_true(llabs(wall / US_PER_S - (int64_t)time(NULL)) <= 1);
	assert_true(when_mono_us() >= mono);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_parse_minds_the_length),
		cmocka_unit_test(test_epoch),
		cmocka_unit_test(test_epoch_out_of_range),
		cmocka_unit_test(test_option),
		cmocka_unit_test(test_write),
		cmocka_unit_test(times_of_one_second),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
